"""Tables in CSV, its relatives and JSON: what is used, left out, filled, and what is said."""

from pathlib import Path

import numpy as np
import pytest

from gru_core.errors import InputError
from gru_core.sequences import Table, read_sequence, read_table, sequence_from_table, table_from_frame
from tests.support.files import sequence_in

WEATHER = b"date,temp,city,wind\n2020-01,1.5,X,3\n2020-02,,Y,4\n2020-03,3.5,Z,8\n"


def bad(content: str | bytes, name: str = "a.csv", **options: object) -> str:
    """The sentence that reading ends in."""
    with pytest.raises(InputError) as caught:
        sequence_in(content, name, **options)
    return str(caught.value)


def test_a_table_with_a_header_a_date_and_a_text() -> None:
    sequence = sequence_in(WEATHER, missing="fill")
    assert sequence.names == ("temp", "wind")
    assert sequence.labels == ("2020-01", "2020-02", "2020-03")
    np.testing.assert_allclose(sequence.values, [[1.5, 3], [2.5, 4], [3.5, 8]])
    assert sequence.source == "a.csv"
    assert sequence.notes == (
        "Header in the first row (found): 'date', 'temp', 'city', 'wind'.",
        "Delimiter: comma.",
        "Columns used: 'temp', 'wind'.",
        "Column 'date' left out: it is text.",
        "Column 'city' left out: it is text.",
        "Filled 1 missing value by straight lines between neighbours (first in row 3, column 'temp').",
        "Labels of the steps from column 'date'.",
        "Numbers are as in the file, not standardised.",
    )


def test_missing_values_are_refused_unless_one_chooses() -> None:
    assert bad(WEATHER) == (
        "'a.csv' has 1 missing value (first in row 3, column 'temp'), and a GRU needs a number at "
        "every step: "
        "choose to fill or to drop them, or correct the file."
    )
    dropped = sequence_in(WEATHER, missing="drop")
    assert dropped.labels == ("2020-01", "2020-03")
    assert "Dropped 1 of 3 steps, for 1 missing value (first in row 3, column 'temp')." in dropped.notes
    ends = sequence_in("v\nNA\n2\n\ninf\n4\nnan\n", missing="fill")
    np.testing.assert_allclose(ends.values[:, 0], [2, 2, 3, 4, 4])
    assert "has 3 missing or infinite values (first in row 2, column 'v')" in bad("v\nNA\n2\n\ninf\n4\nnan\n")
    assert "leaves no step" in bad("a,b\n1,\n,2\n", missing="drop")
    assert "'refuse', 'fill' or 'drop', got 'guess'" in bad(WEATHER, missing="guess")


@pytest.mark.parametrize("between", [" ", ",", "\t", ";"])
def test_a_missing_number_is_found_whatever_parts_the_columns(between: str) -> None:
    rows = ("1 2 3 4 5", "2 3 4 5 6", "0 0 0 0 nan")
    text = "\n".join(row.replace(" ", between) for row in rows)
    assert "has 1 missing value (first in row 3, column 'column 5')" in bad(text)
    assert sequence_in(text, missing="drop").values.tolist() == [[1, 2, 3, 4, 5], [2, 3, 4, 5, 6]]


def test_words_that_may_stand_for_missing_numbers_are_words_among_words() -> None:
    assert sequence_in("none - none\nna nil", "a.txt").symbolic


def test_columns_by_name_and_by_position() -> None:
    assert sequence_in(WEATHER, columns=["wind"]).values[:, 0].tolist() == [3, 4, 8]
    assert sequence_in(WEATHER, columns=[3, 1], missing="drop").names == ("wind", "temp")
    assert sequence_in(WEATHER, columns=["city"]).labels == ("X", "Y", "Z")
    assert sequence_in(WEATHER, columns=["wind"], label_column="city").labels == ("X", "Y", "Z")
    assert sequence_in(WEATHER, columns=["wind"], label_column=None).labels == ("", "", "")
    assert "There is no column 'rain': the table has 'date', 'temp', 'city', 'wind'." in bad(
        WEATHER, columns=["rain"]
    )
    assert "There is no column 7: the table has 4" in bad(WEATHER, columns=[7])
    assert "Column 'city' is text, not numbers: choose among 'temp', 'wind'." in bad(
        WEATHER, columns=["city", "wind"]
    )
    assert "chosen twice" in bad(WEATHER, columns=["wind", 3])
    assert "at least one column" in bad(WEATHER, columns=[])


def test_standardised_columns_say_by_what() -> None:
    sequence = sequence_in("a,b\n1,5\n2,5\n3,5\n", standardise=True)
    np.testing.assert_allclose(sequence.values[:, 0], [-1.2247449, 0, 1.2247449], rtol=1e-6)
    np.testing.assert_allclose(sequence.values[:, 1], 0)
    assert sequence.notes[-2:] == (
        "Standardised over these steps: 'a' mean 2, std 0.816497; 'b' mean 5, std 0.",
        "Constant, so only centred: 'b'.",
    )


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize("header", [True, False])
def test_every_delimiter_with_and_without_header(separator: str, header: bool) -> None:
    rows = [["x", "y", "z"]] * header + [["1", "2.5", "-3"], ["4", "5e1", "6"], ["0", "0", "0"]]
    sequence = sequence_in("\n".join(separator.join(row) for row in rows))
    np.testing.assert_allclose(sequence.values, [[1, 2.5, -3], [4, 50, 6], [0, 0, 0]])
    assert sequence.names == (("x", "y", "z") if header else ("column 1", "column 2", "column 3"))


def test_decimal_commas_and_thousands() -> None:
    sequence = sequence_in("Tag;Wert\nMo;1.234,5\nDi;-0,25\n", name="werte.csv")
    assert sequence.values[:, 0].tolist() == [1234.5, -0.25]
    assert "The decimal sign is a comma." in sequence.notes
    assert sequence_in('a,b\n"1,234.5",2\n"12,000",3\n').values[:, 0].tolist() == [1234.5, 12000]


def test_a_single_column_with_decimal_commas() -> None:
    sequence = sequence_in("Wert\n20,5\n1.021,5\n-3,25\n")
    assert sequence.values[:, 0].tolist() == [20.5, 1021.5, -3.25]
    assert "The decimal sign is a comma." in sequence.notes
    # Without a name over it nobody can tell one number from two: it is said how to.
    two = sequence_in("20,5\n21,5\n")
    assert two.values.tolist() == [[20, 5], [21, 5]]
    assert any(note.startswith("If the comma is a decimal sign") for note in two.notes)
    assert not any("decimal sign" in note for note in sequence_in("a,b\n20,5\n21,5\n").notes)


def test_rows_that_are_all_of_another_length_are_not_taken_for_words() -> None:
    assert "Row 3 has 2 fields and the first row has 3" in bad("a,b,c\n1,2,3\n4,5\n6,7,8,9\n")


def test_a_header_can_be_set_by_hand() -> None:
    assert sequence_in("1,2\n3,4\n", header=True).names == ("1", "2")
    assert sequence_in("a,b\n1,2\n3,4\n", columns=None).names == ("a", "b")
    assert "row 1 has 'a'" in bad("a,b\n1,2\n3,4\n", header=False)


def test_names_are_made_unique_and_never_empty() -> None:
    assert sequence_in("a,a,\n1,2,3\n").names == ("a", "a (2)", "column 3")


@pytest.mark.parametrize(
    ("text", "names", "labels"),
    [
        ("year,v\n2000,5\n2001,6\n", ("v",), ("2000", "2001")),
        (",v\n0,5\n1,6\n", ("v",), ("0", "1")),
        ("year,v\n2001,5\n2000,6\n", ("year", "v"), ("", "")),
        ("height,v\n1,5\n2,6\n", ("height", "v"), ("", "")),
        (",v\n0.5,5\n0.7,6\n", ("column 1", "v"), ("", "")),
        ("t\n1\n2\n", ("t",), ("", "")),
    ],
)
def test_a_first_column_that_only_counts_gives_labels(
    text: str, names: tuple[str, ...], labels: tuple[str, ...]
) -> None:
    sequence = sequence_in(text)
    assert (sequence.names, sequence.labels) == (names, labels)
    if "v" in names and len(names) == 1:
        assert any(
            "counts or dates the rows, so it is no input unless you choose it" in n for n in sequence.notes
        )


def test_symbols_in_a_table() -> None:
    sequence = sequence_in("symbol\na\nb\na\n")
    assert sequence.symbolic
    assert sequence.labels == ("a", "b", "a")
    assert sequence_in("a\nb\na\n").labels == ("a", "b", "a")
    gap = "s,v\na,1\n,2\nb,3\n"
    assert "has 1 empty cells (first in row 3), and a symbol cannot be made up" in bad(gap, columns=["s"])
    assert sequence_in(gap, columns=["s"], missing="drop").labels == ("a", "b")


def test_blank_rows_are_dropped_and_said() -> None:
    sequence = sequence_in("a,b\n1,2\n\n3,4\n,\n5,6\n")
    assert sequence.values[:, 0].tolist() == [1, 3, 5]
    assert "Dropped 2 blank rows." in sequence.notes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "A sequence's file 'a.csv' is empty (0 bytes): choose another one."),
        ("\n\n", "'a.csv' holds no rows"),
        ("a,b\n", "'a.csv' has no rows below its header: a sequence needs at least 1 step."),
        (bytes(range(256)) * 8, "'a.csv' is not text: it holds bytes that no table or text has."),
        (b"\x00\x01\x02" * 50, "'a.csv' is not text"),
        (b"\xff\xfea", "'a.csv' says it is UTF-16, and is not"),
        ("a,b\n1,2\n3\n", "Row 3 has 1 field and the first row has 2: every row needs the same number."),
        ("a,b\n1,2\n3,4,5\n", "Row 3 has 3 fields and the first row has 2"),
        ('a,b\n"x\ny",2\n3,4,5\n', "Row 3 has 3 fields and the first row has 2"),
        (
            "a,b\n1,2\n\n5,zz\n6,7\n",
            "Column 'b' is numbers, but row 4 has 'zz': correct it, or leave the column out.",
        ),
        ("a,b\n1,2\nx,y\n6,7\n1,2\nz,2", "Column 'a' is numbers, but row 3 has 'x' (and 1 more such cells)"),
        ('a,b\n1,"2\n', "is a quotation mark left open?"),
        ("a,b\nx,y\nz,w\n", "has no column of numbers: its columns are 'a' (text), 'b' (text)."),
        ("a,b\n1,1e300\n", "Column 'b' has 1e+300 in row 2: numbers must be below 3.4e38."),
    ],
)
def test_bad_tables_get_their_sentence(text: str | bytes, says: str) -> None:
    assert says in bad(text)


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"\x1f\x8b\x08" + bytes(30), "a.csv.gz", "is compressed (gzip), which is not unpacked here"),
        (b"a,b\n1,2\n", "a.npy", "'a.npy' is not a .npy file by its content"),
        (b"PK\x03\x04" + bytes(40), "a.xlsx", "is a spreadsheet: save the sheet as CSV"),
        (b"PK\x03\x04" + bytes(40), "a.npz", "is damaged: its list of contents cannot be read"),
        (b"PAR1" + bytes(40), "a.parquet", "is damaged or not Parquet"),
    ],
)
def test_files_that_are_not_what_they_say(content: bytes, name: str, says: str) -> None:
    assert says in bad(content, name)


@pytest.mark.parametrize(
    "text",
    [
        '{"t": [1, 2], "v": [3, null]}',
        '[{"t": 1, "v": 3}, {"t": 2}]',
        '{"columns": ["t", "v"], "data": [[1, 3], [2, null]]}',
    ],
)
def test_json_tables(text: str) -> None:
    sequence = sequence_in(text, "a.json", missing="fill", columns=["t", "v"])
    assert sequence.names == ("t", "v")
    np.testing.assert_allclose(sequence.values, [[1, 3], [2, 3]])
    assert sequence.notes[0].startswith("JSON: ")


def test_json_symbols() -> None:
    assert sequence_in('["a", "<b>", "a"]', "a.json").labels == ("a", "<b>", "a")


def test_a_table_can_be_looked_at_edited_and_read_again() -> None:
    table = read_table(WEATHER, name="a.csv")
    assert isinstance(table, Table)
    assert [(column.name, column.kind) for column in table.columns] == [
        ("date", "text"),
        ("temp", "numbers"),
        ("city", "text"),
        ("wind", "numbers"),
    ]
    frame = table.to_frame()
    frame.loc[1, "temp"] = 9.0
    edited = table_from_frame(frame, "a.csv, edited", table.notes)
    sequence = sequence_from_table(edited, columns=["temp"], label_column="city")
    assert sequence.values[:, 0].tolist() == [1.5, 9.0, 3.5]
    assert sequence.labels == ("X", "Y", "Z")
    assert sequence.source == "a.csv, edited"
    assert sequence.notes[0] == table.notes[0]


def test_a_cell_with_text_can_be_corrected_in_the_frame() -> None:
    table = read_table(b"a,b\n1,2\n3,oops\n5,6\n", name="a.csv")
    assert isinstance(table, Table)
    frame = table.to_frame()
    assert list(frame["b"]) == ["2", "oops", "6"]
    frame.loc[1, "b"] = "4"
    assert sequence_from_table(table_from_frame(frame, "x")).values[:, 1].tolist() == [2, 4, 6]


def test_paths_files_and_bytes_are_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(WEATHER)
    with path.open("rb") as file:
        file.read(7)
        found = {read_sequence(source, missing="drop").fingerprint() for source in (path, str(path), file)}
        assert not file.closed
    assert found == {sequence_in(WEATHER, missing="drop").fingerprint()}
    with pytest.raises(InputError, match="there is no such file"):
        read_sequence(tmp_path / "b.csv")
    with path.open() as text, pytest.raises(InputError, match="binary mode"):
        read_sequence(text)
    with pytest.raises(InputError, match="a path, an open binary file or bytes, got int"):
        read_sequence(3)
    with pytest.raises(InputError, match="Files are read as csv, tsv"):
        read_sequence(path, kind="xml")
