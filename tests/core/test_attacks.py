"""Deliberate attacks by a model's file, one test each: the exact sentence that each ends in.

They are read where the app reads them, so that an attack that takes too long, takes too much memory, opens a
file or breaks its reader would end in another sentence than the one that is asked for here.
"""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from gru_core.formats import load
from gru_core.reading_room import ReadingRoom
from tests.support.files import npy_header, zipped

CASES = Path(__file__).parent.parent / "cases"
WEIGHTS = (CASES / "fw_keras" / "keras3_ra1_bi.weights.h5").read_bytes()
KERAS = (CASES / "fw_keras" / "keras3_ra0_single.keras").read_bytes()
KERNEL = "layers/bidirectional/forward_layer/cell/vars/0"

pytestmark = pytest.mark.slow


Said = Callable[..., str]


def entries_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def hdf5(edit: Callable[[Any], None], content: bytes = WEIGHTS) -> bytes:
    """A Keras weights file after an edit."""
    file = io.BytesIO(content)
    with h5py.File(file, "r+") as stored:
        edit(stored)
    return file.getvalue()


# --- zip archives -----------------------------------------------------------------------------------------


def listed(count: int) -> bytes:
    """A list of contents of `count` entries, in as many bytes as one needs at least."""
    directory = (b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a") * count
    end = b"PK\x05\x06" + bytes(4) + struct.pack("<HHIIH", count % 65536, count % 65536, len(directory), 4, 0)
    return b"PK\x03\x04" + directory + end


def test_a_zip_that_lists_a_million_entries(said: Said) -> None:
    assert said(listed(1_000_000)) == "A model file may hold at most 20,000 entries, and this one holds more."


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("kind", ["npz", "keras", "torch"])
def test_a_zip_whose_method_has_no_bound(said: Said, method: int, kind: str) -> None:
    bomb = npy_header((12_000_000,)) + bytes(48_000_000)
    entries = {
        "npz": {"weight_ih_l0.npy": bomb},
        "keras": {**entries_of(KERAS), "model.weights.h5": bomb},
        "torch": {"a/data.pkl": pickle.dumps({}, 2), "a/data/0": bomb},
    }[kind]
    assert said(zipped(entries, method)) == (
        "A model file is packed by a method that is rare in zip archives (bzip2, lzma), and only the usual "
        "one is read: save it again, or pack it as an ordinary zip."
    )


def test_a_zip_that_has_one_entry_twenty_thousand_times(said: Said) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for _ in range(19_000):
            archive.NameToInfo.clear()
            archive.writestr(zipfile.ZipInfo("W.npy"), npy_header((0,)))
        archive.NameToInfo.clear()
        archive.writestr("W.npy", npy_header((10_000_000,)) + bytes(40_000_000))
    assert said(file.getvalue()) == (
        "A model file is damaged: two of its entries have one name, or one has none. Save it again."
    )


def test_a_zip_with_names_that_lead_outside(said: Said, tmp_path: Path) -> None:
    inside = {f"../{name}": content for name, content in entries_of(KERAS).items()}
    # Where the names lead is never looked at, and nothing is written: the model is read.
    assert list(load(zipped(inside))) == ["gru"]
    assert list(tmp_path.iterdir()) == []
    away = {**entries_of(KERAS), "model.weights.h5": b"../../model.weights.h5"}
    assert said(zipped(away)) == "'m' is damaged: it cannot be read as an HDF5 file. Save or copy it again."


def test_a_zip_that_unpacks_to_more_than_it_says(said: Said) -> None:
    content = bytearray(zipped({"W_xr.npy": npy_header((10**8,)) + bytes(4 * 10**8)}, zipfile.ZIP_DEFLATED))
    for mark, field in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + field
        content[at : at + 4] = struct.pack("<I", 200)
    assert said(bytes(content)) == ("The array 'W_xr' is damaged: its header cannot be read. Save it again.")


# --- HDF5 -------------------------------------------------------------------------------------------------

ELSEWHERE = (
    f"'m' has a link at '{KERNEL}' that leads elsewhere, and links are not followed: save the model with its "
    "weights in this one file."
)
ANOTHER_FILE = (
    f"'{KERNEL}' keeps its numbers in another file, which is not followed: save the model with its weights "
    "in this one file."
)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of somebody else's, with the numbers that a hostile file would like to show."""
    with h5py.File(tmp_path / "secret.h5", "w") as other:
        other["kernel"] = np.ones((5, 18), np.float32)
    (tmp_path / "secret.raw").write_bytes(bytes(5 * 18 * 4))
    return tmp_path / "secret.h5"


def test_hdf5_that_links_to_another_file(said: Said, secret: Path) -> None:
    def edit(file: Any) -> None:
        del file[KERNEL]
        file[KERNEL] = h5py.ExternalLink(str(secret), "kernel")

    assert said(hdf5(edit)) == ELSEWHERE


def test_hdf5_with_a_soft_link(said: Said) -> None:
    def edit(file: Any) -> None:
        del file[KERNEL]
        file[KERNEL] = h5py.SoftLink("/layers/bidirectional/backward_layer/cell/vars/0")

    assert said(hdf5(edit)) == ELSEWHERE


def test_hdf5_whose_numbers_lie_in_another_file(said: Said, secret: Path) -> None:
    def edit(file: Any) -> None:
        del file[KERNEL]
        raw = str(secret.with_suffix(".raw"))
        file.create_dataset(KERNEL, (5, 18), "f4", external=[(raw, 0, h5py.h5f.UNLIMITED)])

    assert said(hdf5(edit)) == ANOTHER_FILE


def test_hdf5_that_is_a_view_of_another_file(said: Said, secret: Path) -> None:
    def edit(file: Any) -> None:
        del file[KERNEL]
        view = h5py.VirtualLayout((5, 18), "f4")
        view[:] = h5py.VirtualSource(str(secret), "kernel", (5, 18))
        file.create_virtual_dataset(KERNEL, view)

    assert said(hdf5(edit)) == ANOTHER_FILE


def test_hdf5_with_a_filter_that_a_plug_in_would_undo(said: Said) -> None:
    def edit(file: Any) -> None:
        del file[KERNEL]
        file.create_dataset(KERNEL, data=np.ones((5, 18), np.float32), chunks=(5, 18), scaleoffset=3)

    assert said(hdf5(edit)) == (
        f"'{KERNEL}' is packed by a filter other than gzip and shuffle, and no plug-in is loaded: save the "
        "model without compression."
    )


def test_hdf5_whose_chunk_is_a_bomb(said: Said) -> None:
    import zlib

    def edit(file: Any) -> None:
        del file[KERNEL]
        made = file.create_dataset(KERNEL, (5, 18), "f4", chunks=(5, 18), compression="gzip")
        made.id.write_direct_chunk((0, 0), zlib.compress(bytes(500_000_000), 9))

    assert said(hdf5(edit)) == (
        f"'{KERNEL}' is damaged: a piece of 360 bytes unpacks to 364. Save or copy it again."
    )


@pytest.mark.parametrize("chunks", [None, (1_000, 1_000)])
def test_hdf5_of_a_shape_that_was_never_stored(said: Said, chunks: tuple[int, int] | None) -> None:
    def edit(file: Any) -> None:
        del file[KERNEL]
        file.create_dataset(KERNEL, (10**9, 10**9), "f4", chunks=chunks)

    assert said(hdf5(edit)) == (
        "What 'm' declares may be at most 200 MB, and this one is 4,000,000,000,000 MB: save a smaller model."
    )


def test_hdf5_groups_in_a_circle(said: Said) -> None:
    def edit(file: Any) -> None:
        del file["layers"]
        file["layers/a/b"] = file["/"]
        file["layers/a/c"] = file["layers"]

    assert said(hdf5(edit)) == (
        "There is no GRU in 'm': its 0 arrays are none. A GRU has names such as weight_ih_l0 and "
        "weight_hh_l0 (PyTorch) or W_xr, W_hr and b_r."
    )


def test_hdf5_of_a_hundred_thousand_groups(said: Said) -> None:
    file = io.BytesIO()
    with h5py.File(file, "w", libver="latest") as stored:
        stored["x"] = np.zeros(1, np.float32)
        for number in range(100_000):
            stored.id.links.create_hard(f"g{number}".encode(), stored.id, b"x")
    assert said(file.getvalue()) == "A model file may hold at most 20,000 arrays, and 'm' holds more."


def test_a_heap_of_texts_that_never_ends(said: Said) -> None:
    content = bytearray(WEIGHTS)
    at = content.index(b"GCOL\x01\x00\x00\x00") + 16
    # The first entry becomes "room that is left", of no size.
    content[at : at + 16] = bytes(16)
    assert said(bytes(content)) == "'m' is damaged: it cannot be read as an HDF5 file. Save or copy it again."


# --- Keras ------------------------------------------------------------------------------------------------


def test_a_lambda_layer_is_not_run(room: ReadingRoom, tmp_path: Path) -> None:
    entries = entries_of(KERAS)
    config = json.loads(entries["config.json"])
    layers = config["config"]["layers"]
    code = f"__import__('pathlib').Path({str(tmp_path / 'ran')!r}).touch()"
    settings = {
        "name": "evil",
        "function": {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}},
    }
    layers.insert(2, {"module": "keras.layers", "class_name": "Lambda", "config": settings, "name": "evil",
                      "inbound_nodes": layers[1]["inbound_nodes"]})  # fmt: skip
    entries["config.json"] = json.dumps(config).encode()
    inspection, models = room.load_models({"m.keras": zipped(entries)})
    assert list(models) == ["gru"]
    assert [layer.name for layer in inspection.others if "Lambda" in f"{layer.sizes} {layer.note}"] == [
        "evil"
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_keras_description_of_a_million_layers(said: Said) -> None:
    layer = '{"class_name":"GRU","config":{"units":1}}'
    text = '{"class_name":"Sequential","config":{"name":"a","layers":[' + ",".join([layer] * 200_000) + "]}}"
    assert said(zipped({**entries_of(KERAS), "config.json": text.encode()})) == (
        "A Keras model may have at most 2,000 layers, and 'm' describes more."
    )


def test_a_keras_layer_of_a_billion_units(said: Said) -> None:
    entries = entries_of(KERAS)
    entries["config.json"] = entries["config.json"].replace(b'"units": 7', b'"units": 1000000000')
    assert said(zipped(entries)) == (
        "'gru' has 1,000,000,000 units by its description, and layers/gru/cell/vars/1 is of 7: the "
        "description and the weights are of two models."
    )
