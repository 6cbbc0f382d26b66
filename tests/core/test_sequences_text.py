"""Pasted and plain text: numbers, symbols, tables or JSON, told apart and said."""

import json

import numpy as np
import pytest

from gru_core.errors import InputError, LimitError
from gru_core.limits import MAX_CELLS, MAX_STEPS
from gru_core.sequences import SymbolEncoder, read_pasted, read_sequence


def column(text: str, **options: object) -> list[float]:
    sequence = read_pasted(text, **options)
    assert not sequence.symbolic
    assert sequence.values.shape[1] == 1
    return sequence.values[:, 0].tolist()


@pytest.mark.parametrize(
    "text",
    [
        "1 2 3",
        "1,2,3",
        "1, 2, 3\n",
        "1;2;3",
        "1\t2\t3",
        "1\n2\n3",
        "[1, 2, 3]",
        "1\r\n2\r\n3\r\n",
        '{"v": [1, 2, 3]}',
    ],
)
def test_numbers_in_a_row(text: str) -> None:
    assert column(text) == [1, 2, 3]


def test_numbers_with_signs_points_and_exponents() -> None:
    assert column("-1.5 +2 3e2 .25") == [-1.5, 2, 300, 0.25]
    assert column("0,5; -1,25; 2") == [0.5, -1.25, 2]


@pytest.mark.parametrize(
    "text", ["1 2\n3 4\n5 6", "1,2\n3,4\n5,6", "a,b\n1,2\n3,4\n5,6", "[[1,2],[3,4],[5,6]]"]
)
def test_rows_of_numbers(text: str) -> None:
    np.testing.assert_array_equal(read_pasted(text).values, [[1, 2], [3, 4], [5, 6]])


def test_symbols_and_characters() -> None:
    spaced, joined = read_pasted("a b b a"), read_pasted("abba")
    for sequence in (spaced, joined):
        assert sequence.symbolic
        assert sequence.labels == ("a", "b", "b", "a")
        assert sequence.names == ("a", "b")
        np.testing.assert_array_equal(sequence.values, [[1, 0], [0, 1], [0, 1], [1, 0]])
    assert spaced.notes == ("Read as 4 symbols separated by spaces or commas: 2 different.",)
    assert joined.notes == ("Read as 4 characters, spaces and line ends included: 2 different.",)


def test_words_on_request() -> None:
    assert read_pasted("to be or  not to\nbe", text_unit="words").labels == (
        "to",
        "be",
        "or",
        "not",
        "to",
        "be",
    )
    assert "".join(read_pasted("to be", text_unit="characters").labels) == "to be"
    assert "choose words" in read_pasted("to be").notes[0]


def test_digits_are_what_the_model_reads() -> None:
    assert read_pasted("0110").labels == ("0", "1", "1", "0")
    assert column("0 1 1 0") == [0, 1, 1, 0]
    for text in ("0110", "0 1 1 0", "0,1,1,0", "01 10", "[0,1]"[1:-1] + ",1,0"):
        assert read_pasted(text, vocabulary=("0", "1")).labels == ("0", "1", "1", "0")
    assert read_pasted("[[]]", vocabulary=("[", "]")).labels == ("[", "[", "]", "]")
    assert read_pasted("yes no yes", vocabulary=("yes", "no")).labels == ("yes", "no", "yes")


def test_line_ends_and_accents_are_normalised_and_said() -> None:
    sequence = read_pasted("e\u0301a\r\nb")
    assert sequence.labels == ("é", "a", "\n", "b")
    assert "Line ends were made \\n." in sequence.notes
    assert any(note.startswith("Letters written in parts") for note in sequence.notes)


def test_labels_are_plain_text_of_bounded_length() -> None:
    script = "<script>alert(1)</script>"
    sequence = read_sequence(f"{script}\n{script}\nb".encode(), name="a.csv", header=False)
    assert sequence.labels == (script, script, "b")
    long = read_pasted(json.dumps(["x" * 10_000, "y", "\ud800\u0000"]))
    assert [len(label) for label in long.labels] == [200, 1, 2]
    assert long.labels[2] == "\ufffd\ufffd"
    assert "\n".join(long.labels).encode("utf-8")
    assert any("were cut or replaced" in note for note in long.notes)


def test_files_of_text() -> None:
    assert read_sequence(b"abba", name="a.txt").labels == ("a", "b", "b", "a")
    assert read_sequence(b"1 2\n3 4", name="a.txt").values.tolist() == [[1, 2], [3, 4]]
    assert read_sequence(b"1 2\n3 4", name="a.txt", kind="text").symbolic
    latin = read_sequence("déjà".encode("latin-1"), name="a.txt")
    assert latin.labels == ("d", "é", "j", "à")
    assert latin.notes[0].startswith("Not UTF-8; read as Latin-1")
    assert read_sequence("ab".encode("utf-16"), name="a.txt").labels == ("a", "b")
    chinese = read_sequence("床前明月光".encode("gb18030"), name="a.txt")
    assert "".join(chinese.labels) == "床前明月光"
    assert chinese.notes[0] == "Not UTF-8; read as GB18030 (Chinese)."


def test_one_step_is_allowed_and_said() -> None:
    assert read_pasted("7").notes[-1] == "It has a single step: there is no past for the gates to keep."
    assert read_pasted("a").notes[-1] == "It has a single step: there is no past for the gates to keep."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There is nothing here: paste numbers, a table or text."),
        (" \n\t ", "There is nothing here: paste numbers, a table or text."),
        (
            "1\n2\nx\n4",
            "Column 'column 1' is numbers, but row 3 has 'x': correct it, or leave the column out.",
        ),
        ("1,2\n3\n4,5", "Row 2 has 1 field and the first row has 2: every row needs the same number."),
        ("1 nan 3", "'pasted' has 1 missing value (first in row 2, column 'value')"),
        ("1 inf 3", "'pasted' has 1 infinite value (first in row 2, column 'value')"),
        ("1 1e39 3", "Column 'value' has 1e+39 in row 2: numbers must be below 3.4e38."),
        ("[1, 2,]", "'pasted' is not valid JSON: it breaks at line 1, column"),
        ("[1, [2]]", "mixes list and number (item 2 is a list)"),
        ("[[[1]]]", "Row 1 of 'pasted' is nested one level too deep"),
        ("[[1, 2], [3]]", "Row 2 has 1 value and the first row has 2: every row needs the same number."),
        ("[true, false]", "mixes true/false (item 1 is a true/false)"),
        ("[[1, true]]", "Column 'column 2' has true in row 1, which is not a number: write 1 and 0"),
        (
            '{"a": [1, 2], "b": [1]}',
            "Column 'b' has 1 values and column 'a' has 2: all columns need the same number.",
        ),
        ('{"a": 1}', "is a dict without lists"),
        ("[1" + "0" * 400 + "]", "Column 'value' has a whole number of 401 digits in row 1"),
        ("[1" + "0" * 5000 + "]", "'pasted' is not valid JSON: a number in it is far too long."),
    ],
)
def test_bad_text_gets_its_sentence(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read_pasted(text)
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["[1, 2", "[]", "[[]]", "([)]"])
def test_brackets_that_are_no_json_are_symbols(text: str) -> None:
    assert read_pasted(text).labels == tuple(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "'a.json' is an empty list: a sequence needs at least 1 step."),
        ("[[]]", "'a.json' has rows without values"),
        ("[{}]", "'a.json' has records without entries"),
        ("3", "'a.json' holds a single number: JSON is read as a list of numbers"),
        ('{"a": []}', "'a.json' has no rows below its header"),
    ],
)
def test_json_files_without_a_sequence(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        read_sequence(text.encode(), name="a.json")
    assert says in str(caught.value)


def test_deep_json_is_refused() -> None:
    with pytest.raises(InputError, match="nested too deeply"):
        read_sequence(b"[" * 200_000, name="a.json")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ab" * 60_000, f"at most {MAX_STEPS:,} steps, and this one has 120,000"),
        ("1 " * 120_000, f"at most {MAX_STEPS:,} steps, and this one has 120,000"),
        ("1\n" * 250_000, f"at most {MAX_STEPS:,} steps, and this table has 250,0"),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 4000))) * 20, f"at most {MAX_CELLS:,} numbers"),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 5000))), "at most 4,096 features or distinct symbols"),
    ],
)
def test_too_much_text(text: str, says: str) -> None:
    with pytest.raises(LimitError, match=says):
        read_pasted(text)


def test_a_vocabulary_of_many_symbols_costs_what_the_sequence_costs() -> None:
    encoder = SymbolEncoder(tuple(f"w{i}" for i in range(4000)))
    encoded = encoder.encode(read_pasted("w1 w3999", vocabulary=encoder.vocabulary))
    assert encoded.shape == (2, 4000)
    assert np.argmax(encoded, axis=1).tolist() == [1, 3999]
    wide = SymbolEncoder(tuple(f"w{i}" for i in range(60_000)))
    with pytest.raises(LimitError, match="distinct symbols"):
        wide.encode(read_pasted("w1 w2", vocabulary=wide.vocabulary))


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (
            b"1," * 300_000,
            "a.csv",
            "A row of a table may have at most 500,000 characters, and this one has a row of 600,000",
        ),
        (b'"' * 600_000, "a.csv", "A row of a table may have at most 500,000 characters"),
        (b"1," * 20_000 + b"1\n", "a.csv", "at most 4,096 columns"),
        (
            b"[" + b"[]," * 400_000 + b"[]]",
            "a.json",
            "JSON may have at most 5,000,000 values in 100,000 rows",
        ),
        (b"{" + b'"a":1,' * 2_100_000 + b'"a":1}', "a.json", "and 2,000,000 named entries"),
        (b"[" + b"1," * 150_000 + b"1]", "a.json", "at most 100,000 steps, and this one has 150,001"),
    ],
)
def test_what_would_cost_memory_is_refused_before_it_is_parsed(content: bytes, name: str, says: str) -> None:
    with pytest.raises(LimitError) as caught:
        read_sequence(content, name=name)
    assert says in str(caught.value)
