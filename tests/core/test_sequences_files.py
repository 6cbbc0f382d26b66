"""Sequences in numpy and Parquet files, sizes, and files with any bytes in them."""

import functools
import io
import json
import os
import struct
import threading
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_core.errors import InputError, LimitError
from gru_core.limits import MAX_SEQUENCE_BYTES
from gru_core.sequences import read_sequence
from gru_core.sequences.parquet_pages import check_pages
from tests.support.files import npy, npz, parquet, sentence_of, sequence_in


def bad(content: str | bytes, name: str = "a.npy", **options: object) -> str:
    """The sentence that reading ends in."""
    with pytest.raises(InputError) as caught:
        sequence_in(content, name, **options)
    return str(caught.value)


def test_a_numpy_file_named_csv_is_read_as_what_it_is() -> None:
    assert sequence_in(npy(np.arange(6.0).reshape(3, 2))).values.shape == (3, 2)


@pytest.mark.parametrize(
    ("array", "shape", "note"),
    [
        (np.arange(5), (5, 1), "One-dimensional: 5 steps of 1 feature."),
        (
            np.arange(6.0).reshape(3, 2),
            (3, 2),
            "Read as (time, features) = (3, 2); transpose it if time runs along the second axis.",
        ),
        (
            np.arange(6.0).reshape(1, 3, 2),
            (3, 2),
            "A batch of one: (1, 3, 2) read as (time, features) = (3, 2).",
        ),
        (np.array([True, False]), (2, 1), "True and false are read as 1 and 0."),
        (
            np.arange(6, dtype=">i2").reshape(3, 2, order="F"),
            (3, 2),
            "Numbers are as in the file, not standardised.",
        ),
        (np.array([(1, 2.0), (3, 4.0)], dtype=[("a", "i4"), ("b", "f8")]), (2, 2), "Named fields."),
    ],
)
def test_arrays(array: np.ndarray, shape: tuple[int, int], note: str) -> None:
    for content, name in ((npy(array), "a.npy"), (npz(values=array), "a.npz")):
        sequence = sequence_in(content, name)
        assert sequence.values.shape == shape
        assert note in sequence.notes
        if array.dtype.names is None:
            np.testing.assert_array_equal(
                sequence.values.ravel(), array.astype(np.float32).reshape(shape).ravel()
            )


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (
            np.zeros((2, 3, 4)),
            "has the shape (2, 3, 4), and a sequence is (time, features): save one sequence of the batch",
        ),
        (np.zeros((0, 3)), "has the shape (0, 3): a sequence needs at least 1 step and 1 feature"),
        (np.float64(3), "has the shape (), and a sequence is (time, features)"),
        (np.zeros(3, complex), "holds complex128 values"),
        (np.array([1.0, np.nan]), "has 1 missing value (first in row 2"),
        (np.array([1.0, np.inf]), "has 1 infinite value (first in row 2"),
        (np.array([1.0, 1e300]), "numbers must be below 3.4e38"),
    ],
)
def test_arrays_that_are_no_sequence(array: np.ndarray, says: str) -> None:
    assert says in bad(npy(array), "a.npy")


def test_object_arrays_are_refused() -> None:
    objects = np.array([{"a": 1}, None], dtype=object)
    for content, name in ((npy(objects, allow_pickle=True), "a.npy"), (npz(x=objects), "a.npz")):
        assert "holds Python objects, which could run code when read, so it is refused" in bad(content, name)


def test_npz_with_several_arrays() -> None:
    both = npz(R=np.zeros((2, 3, 4)), x=np.ones((3, 2)))
    assert sequence_in(both, "a.npz").values.shape == (3, 2)
    columns = sequence_in(npz(a=np.arange(3), b=np.ones(3)), "a.npz")
    assert (columns.names, columns.values.shape) == (("a", "b"), (3, 2))
    several = npz(p=np.zeros((2, 3)), q=np.ones((3, 2)))
    assert "holds 2 arrays ('p' (2, 3), 'q' (3, 2)): say which one is the sequence" in bad(several, "a.npz")
    assert sequence_in(several, "a.npz", array="q").values.shape == (3, 2)
    assert "There is no array 'z' in 'a.npz'" in bad(several, "a.npz", array="z")


def test_an_array_that_declares_more_than_there_is() -> None:
    header = repr({"descr": "<f8", "fortran_order": False, "shape": (1000, 1000)}).encode()
    lying = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(80)
    assert (
        "is cut off: it declares the shape (1000, 1000), which needs 8,000,000 bytes, and 80 are there"
        in bad(lying, "a.npy")
    )
    huge = lying.replace(b"(1000, 1000)", b"(10**99,1,1)")
    assert "is damaged" in bad(huge, "a.npy")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", lying)
    assert "which needs 8,000,000 bytes, and holds at most" in bad(file.getvalue(), "a.npz")


@pytest.mark.parametrize(
    "content",
    [
        npy(np.zeros((100_001, 1), np.int8)),
        npy(np.zeros((1, 5000), np.int8)),
        npy(np.zeros((60_000, 100), np.int8)),
        parquet(pd.DataFrame({"a": np.zeros(100_001)})),
    ],
)
def test_sequences_that_are_too_large(content: bytes) -> None:
    with pytest.raises(LimitError, match=r"A sequence may have at most"):
        read_sequence(content)


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(
        LimitError, match="A sequence's file may be at most 50 MB, and this one is 50 MB: cut it"
    ):
        read_sequence(bytes(MAX_SEQUENCE_BYTES + 1), name="a.csv")


def test_parquet() -> None:
    frame = pd.DataFrame(
        {
            "when": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"]),
            "v": [1.5, 2.5, None],
            "n": [1, 2, 3],
            "up": [True, False, True],
            "s": ["<b>x</b>", "y", "x"],
        }
    )
    sequence = sequence_in(parquet(frame), "a.parquet", missing="fill")
    assert sequence.names == ("v", "n", "up")
    assert sequence.labels[0].startswith("2020-01-01")
    np.testing.assert_allclose(sequence.values, [[1.5, 1, 1], [2.5, 2, 0], [2.5, 3, 1]])
    assert "True and false are read as 1 and 0 in 'up'." in sequence.notes
    assert "Column 's' left out: it is text." in sequence.notes
    assert sequence_in(parquet(frame[["s"]]), "a.parquet").labels == ("<b>x</b>", "y", "x")
    nested = pd.DataFrame({"l": [[1], [2]], "v": [1.0, 2.0]})
    notes = sequence_in(parquet(nested), "a.parquet").notes
    assert "Column 'l' left out: it is neither numbers nor text." in notes
    assert "has no rows" in bad(parquet(frame[:0]), "a.parquet")


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "brotli", "lz4", "zstd"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_the_heads_of_parquet_pages_are_added_up(compression: str, version: str, dictionary: bool) -> None:
    numbers = np.random.default_rng(0).standard_normal(5000)
    frame = pd.DataFrame(
        {"v": numbers, "s": ["some text"] * 5000, "n": range(5000), "b": [True, None] * 2500}
    )
    content = parquet(
        frame,
        compression=compression,
        data_page_version=version,
        use_dictionary=dictionary,
        row_group_size=1500,
        data_page_size=2000,
    )
    summary = pq.ParquetFile(io.BytesIO(content)).metadata
    groups = [summary.row_group(i) for i in range(summary.num_row_groups)]
    # The summary of an honest file counts the heads as well, at least 10 and at most some 100 bytes each.
    stated = sum(group.column(i).total_uncompressed_size for group in groups for i in range(4))
    counted = check_pages(io.BytesIO(content), summary, "a.parquet", MAX_SEQUENCE_BYTES)
    assert 40_000 < counted < stated < 1.2 * counted + 10_000
    with pytest.raises(LimitError, match="unpacked, may be at most"):
        check_pages(io.BytesIO(content), summary, "a.parquet", counted - 1)
    assert sequence_in(content, "a.parquet", columns=["v", "n"]).values.shape == (5000, 2)


def test_a_parquet_bomb_is_refused_by_its_pages() -> None:
    content = parquet(pd.DataFrame({"v": np.zeros(90_000)}), compression="zstd", use_dictionary=False)
    assert len(content) < 5000
    summary = pq.ParquetFile(io.BytesIO(content)).metadata
    with pytest.raises(LimitError, match=r"may be at most 0\.5 MB"):
        check_pages(io.BytesIO(content), summary, "a.parquet", 500_000)


@given(
    values=st.lists(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=2), min_size=2, max_size=8),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_numbers_survive_every_way_of_writing_them(
    values: list[list[float]], separator: str, ends: str
) -> None:
    expected = np.array(values, np.float32)
    rows = [separator.join(("p", "q")), *(separator.join(map(repr, row)) for row in values)]
    np.testing.assert_array_equal(sequence_in(ends.join(rows)).values, expected)
    np.testing.assert_array_equal(sequence_in(json.dumps(values), "a.json").values, expected)
    np.testing.assert_array_equal(sequence_in(npy(expected), "a.npy").values, expected)


@given(
    st.binary(max_size=200),
    st.sampled_from(["a.csv", "a.tsv", "a.json", "a.npy", "a.npz", "a.parquet", "a.txt"]),
)
def test_any_bytes_end_in_a_sequence_or_a_sentence(content: bytes, name: str) -> None:
    assert sentence_of(lambda: sequence_in(content, name)) != ""


@given(st.text(max_size=80), st.sampled_from(["a.csv", "a.tsv", "a.json", "a.txt"]))
def test_any_text_ends_in_a_sequence_or_a_sentence(text: str, name: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    assert sentence_of(lambda: sequence_in(content, name)) != ""


@given(st.text(alphabet='0123456789.,;|\t \n"-eabNI[]{}:', max_size=60))
def test_any_near_table_ends_in_a_sequence_or_a_sentence(text: str) -> None:
    for name in ("a.csv", "a.json", "a.txt"):
        for missing in ("refuse", "fill", "drop"):
            read = functools.partial(sequence_in, text, name, missing=missing)
            assert sentence_of(read) != ""


@pytest.mark.parametrize(
    "content",
    [npz(x=np.ones((4, 2))), npy(np.ones((4, 2))), parquet(pd.DataFrame({"a": [1.0, 2.0], "s": ["x", "y"]}))],
)
@given(data=st.data())
def test_damaged_files_end_in_a_sequence_or_a_sentence(content: bytes, data: st.DataObject) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    kept = bytes(damaged[: data.draw(st.integers(1, len(damaged)))])
    assert sentence_of(lambda: sequence_in(kept, "a.bin")) != ""


def test_a_header_that_python_cannot_even_split_into_words_is_a_sentence() -> None:
    damaged = npy(np.ones((4, 2))).replace(b"'fortran_order': False", b"'fortran_order': (alse")
    with pytest.raises(InputError, match="damaged"):
        sequence_in(damaged, "a.npy")


def test_a_pipe_is_read_as_a_file_is(tmp_path: Path) -> None:
    pipe = tmp_path / "numbers.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"1,2\n3,4\n",))
    writer.start()
    sequence = read_sequence(pipe)
    writer.join()
    assert sequence.values.tolist() == [[1.0, 2.0], [3.0, 4.0]]
