"""HDF5 files as the HDF5 library writes them, read by our own reader: the same numbers, and no way out."""

import contextlib
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from gru_core.errors import GateScopeError, LimitError, ModelFileError
from gru_core.formats.hdf5.tree import Group, read_tree

CASES = Path(__file__).parent.parent / "cases"
NUMBERS = np.random.default_rng(0).normal(size=(37, 21))


def written(fill: Callable[[h5py.File], object], **options: Any) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w", **options) as stored:
        fill(stored)
    return file.getvalue()


def tree(data: bytes) -> Group:
    return read_tree(io.BytesIO(data), len(data), "m.h5", lambda name: name == "optimizer")


def compare(data: bytes) -> int:
    """Every floating-point array is what the library itself reads; how many there are."""
    ours, count = tree(data), 0
    with h5py.File(io.BytesIO(data)) as stored:

        def look(name: str, item: object) -> None:
            nonlocal count
            if isinstance(item, h5py.Dataset) and item.dtype.kind == "f":
                count += 1
                array = ours.array(name)
                assert array is not None
                assert array.tensor is not None
                np.testing.assert_array_equal(array.tensor.numpy(), item[...], err_msg=name)

        stored.visititems(look)
    return count


@pytest.mark.parametrize("path", sorted(CASES.glob("fw_keras*/*.h5")), ids=lambda path: path.name)
def test_every_array_of_a_model(path: Path) -> None:
    assert compare(path.read_bytes()) >= 2


@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize(
    "packing",
    [
        {},
        {"chunks": (5, 6)},
        {"chunks": (5, 6), "compression": "gzip"},
        {"chunks": (16, 21), "compression": "gzip", "shuffle": True, "fletcher32": True},
        {"maxshape": (None, None)},
    ],
)
def test_number_types_and_packings(dtype: str, packing: dict[str, Any]) -> None:
    assert compare(written(lambda f: f.create_dataset("a", data=NUMBERS.astype(dtype), **packing))) == 1


@pytest.mark.parametrize("options", [{}, {"libver": "latest"}, {"track_order": True}], ids=str)
@pytest.mark.parametrize("count", [3, 40, 600])
def test_groups_of_any_size_in_the_old_layout_and_the_new(options: dict[str, Any], count: int) -> None:
    def fill(file: h5py.File) -> None:
        for number in range(count):
            group = file.create_group(f"l{number}")
            group.attrs["name"] = f"näme {number}"
            group.attrs["weight_names"] = np.array([b"k:0", b"longer:0"])
            group["k:0"] = NUMBERS[:2] + number
        file.attrs["model_config"] = '{"a": 1}' * 3000
        for number in range(12):
            file.attrs[f"other{number}"] = number

    data = written(fill, **options)
    assert compare(data) == count
    found = tree(data)
    assert found.text("model_config") == '{"a": 1}' * 3000
    assert list(found.groups)[:3] == ["l0", "l1", "l2"]
    assert found.groups["l2"].text("name") == "näme 2"
    assert found.groups["l2"].listed("weight_names") == ("k:0", "longer:0")


def test_what_is_no_float_is_listed_without_numbers() -> None:
    def fill(file: h5py.File) -> None:
        file["whole"], file["text"], file["none"] = np.arange(4), "words", h5py.Empty("f4")
        file["one"], file["nothing"] = np.float32(3), np.zeros((0, 4))
        file["optimizer/vars"] = NUMBERS

    found = tree(written(fill))
    assert {name: (array.dtype, array.tensor is None) for name, array in found.walk()} == {
        "whole": ("whole numbers", True),
        "text": ("text", True),
        "none": ("float32", True),
        "one": ("float32", False),
        "nothing": ("float64", False),
    }


def test_links_are_refused_and_circles_end(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    secret.write_bytes(written(lambda f: f.create_dataset("a", data=NUMBERS)))
    for link in (h5py.ExternalLink(str(secret), "/a"), h5py.SoftLink("/b")):
        for options in ({}, {"libver": "latest"}):
            with pytest.raises(ModelFileError, match="has a link at 'l/in' that leads elsewhere"):
                tree(written(lambda f, link=link: f.create_group("l").__setitem__("in", link), **options))

    def circle(file: h5py.File) -> None:
        group = file.create_group("a")
        group["up"], group["self"], group["n"] = file["/"], group, NUMBERS

    assert [name for name, _ in tree(written(circle)).walk()] == ["a/n"]


def test_numbers_kept_elsewhere_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(bytes(800))
    with pytest.raises(ModelFileError, match="keeps its numbers in another file"):
        tree(written(lambda f: f.create_dataset("a", (10, 10), "f8", external=[(str(outside), 0, 800)])))

    def virtual(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((10,), "f8")
        layout[:] = h5py.VirtualSource("other.h5", "a", (10,))
        file.create_virtual_dataset("a", layout)

    with pytest.raises(ModelFileError, match="keeps its numbers in another file"):
        tree(written(virtual, libver="latest"))


def test_what_is_declared_is_not_believed() -> None:
    with pytest.raises(ModelFileError, match="packed by a filter other than gzip and shuffle"):
        tree(written(lambda f: f.create_dataset("a", data=NUMBERS, compression="lzf")))
    with pytest.raises(LimitError, match="declares may be at most"):
        tree(written(lambda f: f.create_dataset("a", (10**5, 10**5), "f8", chunks=(1000, 1000))))
    with pytest.raises(LimitError, match="cut into too many pieces"):
        tree(written(lambda f: f.create_dataset("a", (1000, 1000), "f4", chunks=(1, 1))))
    with pytest.raises(ModelFileError, match="is cut off: it declares the shape"):
        tree(written(lambda f: f.create_dataset("a", (1000, 1000), "f4")))
    with pytest.raises(ModelFileError, match="is cut off: it declares the shape"):
        tree(written(lambda f: f.create_dataset("a", (100, 100), "f4", chunks=(10, 10))))


def test_a_piece_that_unpacks_to_more_than_it_declares_is_not_unpacked_on() -> None:
    def bomb(file: h5py.File) -> None:
        dataset = file.create_dataset("a", (10, 10), "f4", chunks=(10, 10), compression="gzip")
        dataset.id.write_direct_chunk((0, 0), zlib.compress(bytes(50_000_000)))

    with pytest.raises(ModelFileError, match=r"a piece of 400 bytes unpacks to 404"):
        tree(written(bomb))


@pytest.mark.parametrize("seed", range(8))
def test_damaged_files_end_in_a_sentence(seed: int) -> None:
    """On some files of this kind the HDF5 library itself runs for ever, or asks for gigabytes."""
    source = bytearray((CASES / "fw_keras" / "tfkeras2_ra1_bi.h5").read_bytes())
    random = np.random.default_rng(seed)
    for _ in range(60):
        data = bytearray(source)
        for place in random.integers(0, len(data) - 8, random.integers(1, 12)):
            data[place : place + 4] = random.bytes(4) if random.random() < 0.5 else b"\xff" * 4
        with contextlib.suppress(GateScopeError):
            tree(bytes(data))
