"""Where the sequences of a survey come from: folders, Parquet, NPZ; and the survey's own file."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gru_core.errors import GateScopeError, InputError, LimitError
from gru_core.sequences import Sequence
from gru_core.survey import merge, read_survey, sequences_in, survey, write_survey
from gru_core.survey import of_parquet as parquet
from gru_core.survey.data import ReadingOptions
from gru_core.survey.saved import survey_bytes
from tests.core.test_survey import SHAPES, model_of, numbers, same, some
from tests.support.files import npy, npy_header, npz, zipped

A, B = np.arange(6.0).reshape(3, 2), np.arange(8.0).reshape(4, 2) / 10


def read(path: Path, **options: object) -> dict[str, Sequence]:
    """The sequences by name; every one of them can be read."""
    found = dict(sequences_in(path, ReadingOptions(**options)))
    assert all(isinstance(each, Sequence) for each in found.values()), found
    return found


def values(found: dict[str, Sequence]) -> dict[str, list[list[float]]]:
    return {name: np.round(each.values.astype(float), 6).tolist() for name, each in found.items()}


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("z.csv", "b/a.csv", ".hidden.csv", ".git/x.csv", "notes.pdf"):
        (tmp_path / name).write_text("p,q\n1,2\n3,4\n")
    (tmp_path / "empty.csv").write_text("")
    np.save(tmp_path / "c.npy", A)
    found = dict(sequences_in(tmp_path))
    assert list(found) == ["c.npy", "empty.csv", "z.csv", "b/a.csv"]
    assert isinstance(found["empty.csv"], InputError)
    assert found["b/a.csv"].values.tolist() == [[1, 2], [3, 4]]
    (tmp_path / "b" / "a.csv").unlink()
    with pytest.raises(InputError, match="'b' holds no sequences"):
        list(sequences_in(tmp_path / "b"))
    with pytest.raises(InputError, match="there is no such file"):
        list(sequences_in(tmp_path / "gone"))


def test_an_npz_holds_an_array_per_sequence_or_one_with_lengths(tmp_path: Path) -> None:
    file = tmp_path / "data.npz"
    file.write_bytes(npz(first=A, second=B, third=np.arange(3)))
    expected = {"first": A.tolist(), "second": B.tolist(), "third": [[0], [1], [2]]}
    assert values(read(file)) == expected
    padded = np.full((2, 5, 2), np.nan)
    padded[0, :3], padded[1, :4] = A, B
    for save in (np.savez, np.savez_compressed):
        save(file, x=padded, lengths=[3, 4])
        assert values(read(file)) == {"x[0]": A.tolist(), "x[1]": B.tolist()}
    np.savez(file, X=np.stack([A, A + 1]))
    assert values(read(file)) == {"X[0]": A.tolist(), "X[1]": (A + 1).tolist()}
    np.savez(file, x=np.array([list("abc"), list("ba?")]), lengths=np.array([3, 2]))
    assert [each.labels for each in read(file).values()] == [("a", "b", "c"), ("b", "a")]
    np.save(tmp_path / "batch.npy", np.stack([A, A + 1]))
    assert list(values(read(tmp_path / "batch.npy")).values()) == [A.tolist(), (A + 1).tolist()]
    np.save(tmp_path / "one.npy", A)
    assert values(read(tmp_path / "one.npy")) == {"one.npy": A.tolist()}


def test_an_npz_that_is_wrong_is_refused_and_a_wrong_sequence_in_it_is_named(tmp_path: Path) -> None:
    file = tmp_path / "data.npz"
    np.savez(file, x=np.stack([A, A * np.nan, A]), lengths=[3, 3, 9])
    found = dict(sequences_in(file))
    assert isinstance(found["x[0]"], Sequence)
    assert "missing" in str(found["x[1]"])
    assert str(found["x[2]"]) == "Its length must be from 1 to 3, got 9."
    for arrays, says in (
        ({"lengths": [1]}, "no array that they are of"),
        ({"x": np.stack([A, A]), "lengths": [1]}, "has 2 sequences, and there are 1 lengths"),
        ({"x": np.stack([A, A]), "lengths": [1.5, 2]}, "lengths of sequences are whole numbers"),
        ({"x": np.asfortranarray(np.stack([A, A]))}, "column by column"),
        ({"x": np.array([{}, {}]), "lengths": [1, 1]}, "Python objects"),
    ):
        np.savez(file, **arrays)
        with pytest.raises(GateScopeError, match=says):
            list(sequences_in(file))
    # A header that promises more than there is.
    file.write_bytes(zipped({"x.npy": npy_header((1_000, 10, 2)) + bytes(500)}))
    with pytest.raises(InputError, match="ends in its sequence 6 of 1,000"):
        list(sequences_in(file))
    file.write_bytes(zipped({"x.npy": npy_header((10, 100_000_000, 10))}))
    with pytest.raises(LimitError, match="A sequence may be at most 50 MB"):
        list(sequences_in(file))
    file.write_bytes(zipped({"a.npy": npy_header((10**12,)), "b.npy": npy(A)}))
    found = dict(sequences_in(file))
    assert isinstance(found["a"], LimitError)
    assert isinstance(found["b"], Sequence)
    file.write_bytes(b"PK\x03\x04" + bytes(40))
    with pytest.raises(InputError, match="is damaged"):
        list(sequences_in(file))


def test_a_parquet_file_has_a_list_or_a_text_per_row(tmp_path: Path) -> None:
    file = tmp_path / "data.parquet"
    pq.write_table(pa.table({"v": [[1.0, 2.0], [3.0]], "other": ["x", "y"]}), file, row_group_size=1)
    assert values(read(file)) == {"row 0": [[1], [2]], "row 1": [[3]]}
    pq.write_table(pa.table({"v": [A.tolist(), B.tolist()]}), file)
    assert values(read(file)) == {"row 0": A.tolist(), "row 1": B.tolist()}
    pq.write_table(pa.table({"a": [[1, 2], [3]], "b": [[5, 6], [7]]}), file)
    assert values(read(file)) == {"row 0": [[1, 5], [2, 6]], "row 1": [[3, 7]]}
    assert values(read(file, columns=("b",))) == {"row 0": [[5], [6]], "row 1": [[7]]}
    assert read(file)["row 0"].names == ("a", "b")
    pq.write_table(pa.table({"tokens": [["un", "deux"], ["trois"]]}), file)
    assert [each.labels for each in read(file).values()] == [("un", "deux"), ("trois",)]
    pq.write_table(pa.table({"text": ["abca", "b"]}), file)
    assert [each.labels for each in read(file).values()] == [("a", "b", "c", "a"), ("b",)]
    with pytest.raises(InputError, match="There is no column 'gone'"):
        read(file, id_column="gone")


def test_a_parquet_file_has_an_id_per_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of one id may lie in several batches and row groups."""
    frame = pd.DataFrame({"series": [4] * 3 + [9] * 4 + [4], "a": range(8), "b": np.arange(8) / 2})
    file = tmp_path / "data.parquet"
    monkeypatch.setattr(parquet, "ROWS_OF_STEPS", 2)
    expected = [[[0, 0], [1, 0.5], [2, 1]], [[3, 1.5], [4, 2], [5, 2.5], [6, 3]], [[7, 3.5]]]
    for rows in (8, 3, 1):
        frame.to_parquet(file, row_group_size=rows)
        found = list(sequences_in(file))
        assert [name for name, _ in found] == ["series 4", "series 9", "series 4"]
        assert [each.values.tolist() for _, each in found] == expected
    frame.rename(columns={"series": "who"}).to_parquet(file)
    assert list(read(file, id_column="who", columns=("b",))) == ["who 4", "who 9"]
    # Without an id column it is one sequence.
    frame[["a", "b"]].to_parquet(file)
    assert values(read(file)) == {"data.parquet": [[i, i / 2] for i in range(8)]}


def test_what_is_wrong_in_a_parquet_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "data.parquet"
    pq.write_table(pa.table({"v": [[1.0], None, [], [None], [2.0, 3.0]]}), file)
    found = dict(sequences_in(file))
    assert isinstance(found["row 0"], Sequence)
    assert isinstance(found["row 4"], Sequence)
    for row, says in ((1, "no value"), (2, "at least 1"), (3, "missing or infinite")):
        assert says in str(found[f"row {row}"])
    pq.write_table(pa.table({"v": [[[1.0], [2.0, 3.0]], [[1.0]]]}), file)
    assert "same number of inputs" in str(dict(sequences_in(file))["row 0"])
    monkeypatch.setattr(parquet, "MAX_STEPS", 5)
    pq.write_table(pa.table({"sequence": [1] * 9 + [2], "a": range(10)}), file)
    found = dict(sequences_in(file))
    assert isinstance(found["sequence 1"], LimitError)
    assert isinstance(found["sequence 2"], Sequence)
    file.write_bytes(file.read_bytes()[:-20] + b"PAR1")
    with pytest.raises(InputError, match="damaged or not Parquet"):
        list(sequences_in(file))


def test_a_survey_is_saved_and_read_back(tmp_path: Path) -> None:
    model, data = model_of(*SHAPES[0]), some(5, count=6)
    data += [("narrow", numbers(np.ones((4, 2))))]
    found = survey(model, data, data="my data")
    beside = write_survey(found, tmp_path / "s.npz")
    again = read_survey(tmp_path / "s.npz")
    assert again.about == found.about
    assert same(again, found)
    assert same(merge([again, found]), merge([found, found]))
    # Nothing but numbers and a text: the arrays can be read without this program.
    with np.load(tmp_path / "s.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["low"], found.tally.low)
        assert json.loads(arrays["about"].tobytes())["data"] == ["my data"]
    summary = json.loads(beside.read_text())
    assert (summary["sequences"], summary["left_out"]) == (6, 1)
    assert [(cell["layer"], cell["direction"]) for cell in summary["layers"]] == list(found.about.places)
    np.testing.assert_allclose(summary["layers"][3]["Z"]["right"], found.right_saturated("Z")[3])
    with pytest.raises(InputError, match="is the summary's name"):
        write_survey(found, tmp_path / "s.json")
    with pytest.raises(InputError, match="cannot be written"):
        write_survey(found, tmp_path / "gone" / "s.npz")


def test_a_file_that_is_no_survey_is_refused() -> None:
    found = survey(model_of(*SHAPES[3]), some(2, count=2))
    with np.load(io.BytesIO(survey_bytes(found))) as arrays:
        good = dict(arrays)
    assert same(read_survey(npz(**good)), found)

    def about(**changes: object) -> np.ndarray:
        said = json.loads(good["about"].tobytes()) | changes
        return np.frombuffer(json.dumps(said).encode(), np.uint8)

    low = good["low"].copy()
    low[0, 0, 0] = found.steps + 1
    square = good["square"].copy()
    square[0, 0, 0] += 1
    for changes in (
        {"low": low},
        {"square": square},
        {"low": good["low"].astype(np.float64)},
        {"low": good["low"][:1]},
        {"low": -good["low"] - 1},
        {"about": np.frombuffer(b"{}", np.uint8)},
        {"about": np.frombuffer(b"[" * 100_000, np.uint8)},
        {"about": good["about"].astype(np.int64)},
        {"about": about(steps=found.steps + 1)},
        {"about": about(steps="many")},
        {"about": about(units=10**9)},
        {"about": about(places=[[0, "sideways"]])},
        {"about": about(refused=[["a", "b"]])},
        {"about": about(low_below=0.2)},
        {"about": about(kind="something else")},
    ):
        with pytest.raises(GateScopeError, match=r"is no survey, or it is damaged|at most 16,384 units"):
            read_survey(npz(**good | changes))
    with pytest.raises(InputError, match="of version 2"):
        read_survey(npz(**good | {"about": about(version=2)}))
    with pytest.raises(InputError, match="is no survey"):
        read_survey(npz(x=A))
    with pytest.raises(InputError, match="Python objects"):
        read_survey(npz(**good | {"low": np.array([{}])}))
    with pytest.raises(InputError, match="which needs 4,000,000,000 bytes, and holds at most"):
        read_survey(zipped({f"{name}.npy": npy_header((10**9,)) for name in good}))
    with pytest.raises(InputError):
        read_survey(b"PK\x03\x04" + bytes(50))
