"""Attacks by sizes that were never stored, by endless dicts and by code, in all formats but zip and HDF5."""

from __future__ import annotations

import json
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import msgpack
import numpy as np
import pytest
import torch
from torch import nn

from gru_core.formats import load
from tests.support.files import npy_header, sentence_of, torch_file, zipped

CASES = Path(__file__).parent.parent / "cases"

pytestmark = pytest.mark.slow

Said = Callable[..., str]


def test_a_safetensors_header_of_a_hundred_thousand_names(said: Said) -> None:
    header = json.dumps(
        {f"a{n}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(100_000)}
    )
    assert said(struct.pack("<Q", len(header)) + header.encode()) == (
        "'m' must have a header of at most 20,000 named arrays."
    )


def test_a_safetensors_header_of_a_million_names(said: Said) -> None:
    header = json.dumps(
        {f"a{n}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(10**6)}
    )
    assert said(struct.pack("<Q", len(header)) + header.encode()) == (
        "The header of a safetensors file may be at most 10 MB, and this one is 67 MB: save fewer "
        "or shorter names."
    )


def test_a_safetensors_shape_of_a_billion(said: Said) -> None:
    entry = {"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 4]}
    header = json.dumps({"weight_ih_l0": entry, "weight_hh_l0": entry}).encode()
    assert said(struct.pack("<Q", len(header)) + header + bytes(4)) == (
        "'m' is damaged: its header and its numbers do not fit together. Save or copy it again."
    )


def test_a_checkpoint_of_a_million_keys(said: Said) -> None:
    assert said(torch_file({f"k{number}": 1.0 for number in range(1_000_000)})) == (
        "The description in a checkpoint may be at most 10 MB, and this one is 26 MB: save the weights alone."
    )


def test_a_checkpoint_of_fifty_thousand_tensors(said: Said) -> None:
    tensor = torch.zeros(1)
    assert said(torch_file({f"k{number}": tensor for number in range(50_000)})) == (
        "A model file may hold at most 20,000 arrays, and this one holds more."
    )


def test_a_checkpoint_of_small_values_without_end(said: Said) -> None:
    deep: dict[str, object] = {}
    for _ in range(200):
        deep = {"a": deep}
    assert said(torch_file(deep)) == (
        "'m' holds no arrays (a dict with 'a'): save weights with torch.save(model.state_dict(), "
        "'weights.pt')."
    )


def test_a_pickle_that_doubles_itself(said: Said) -> None:
    # Forty deep, each list a hundred times in the one above: 100 ** 40 lists when walked.
    bomb: list[object] = []
    for _ in range(40):
        bomb = [bomb] * 100
    assert said(pickle.dumps({"a": bomb}, 2), "m.pdparams") == (
        "'m.pdparams' holds no arrays (a dict with 'a'): save weights with torch.save(model.state_dict(), "
        "'weights.pt')."
    )


def test_a_checkpoint_that_doubles_itself(said: Said) -> None:
    bomb: list[object] = []
    for _ in range(40):
        bomb = [bomb] * 100
    assert said(torch_file({"a": bomb})) == (
        "'m' holds no arrays (a dict with 'a'): save weights with torch.save(model.state_dict(), "
        "'weights.pt')."
    )


def test_a_pickled_array_of_a_billion(said: Said) -> None:
    array = np.zeros((3, 4), np.float32)
    content = pickle.dumps({"weight_ih_l0": array, "weight_hh_l0": array}, 2)
    huge = content.replace(b"K\x03K\x04\x86", b"J\x00\xca\x9a;J\x00\xca\x9a;\x86")
    assert huge != content
    assert said(huge, "m.pdparams") == (
        "'m.pdparams' is damaged: an array of shape (1000000000, 1000000000) needs 4,000,000,000,000,000,000 "
        "bytes and has 48. Save or copy it again."
    )


def test_a_pickle_of_code_is_not_run(said: Said, tmp_path: Path) -> None:
    class Canary:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    text = said(pickle.dumps({"weight": Canary()}, 2), "m.pdparams")
    assert text == (
        "'m.pdparams' is a Python pickle that holds more than named arrays (a Python object 'posix.mkdir'), "
        "and reading such a file could run code, so nothing of it was run: save the weights alone, "
        "np.savez('weights.npz', **arrays)."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_msgpack_map_of_a_million_names(said: Said) -> None:
    assert said(msgpack.packb({f"k{number}": 1 for number in range(1_000_000)})) == (
        "A msgpack file may have at most 500,000 parts (names, numbers, arrays), and 'm' has more: save the "
        "parameters alone, flax.serialization.to_bytes(params)."
    )


def test_a_msgpack_array_of_a_billion(said: Said) -> None:
    shape = msgpack.packb(((10**9, 10**9), "float32", bytes(4)))
    cell = {name: {"kernel": msgpack.ExtType(1, shape)} for name in ("ir", "iz", "in", "hr", "hz", "hn")}
    assert said(msgpack.packb({"params": cell})) == (
        "The array 'params/ir/kernel' is damaged: the shape (1000000000, 1000000000) needs "
        "4,000,000,000,000,000,000 bytes, and 4 are there."
    )


def test_an_mxnet_list_of_a_billion(said: Said) -> None:
    assert said(struct.pack("<QQQ", 0x112, 0, 10**9) + bytes(100)) == (
        "A model file may hold at most 20,000 arrays, and this one declares 1,000,000,000."
    )


def test_an_mxnet_array_of_a_billion(said: Said) -> None:
    one = struct.pack("<IiI2qiii", 0xF993FAC9, 0, 2, 10**9, 10**9, 1, 0, 0)
    names = struct.pack("<QQ", 1, 1) + b"a"
    assert said(struct.pack("<QQQ", 0x112, 0, 1) + one + names) == (
        "'m' is damaged or cut off: it declares 4,000,000,000,000,000,000 bytes where 17 are left. Save "
        "or copy it again."
    )


def test_an_npz_shape_of_a_billion_times_nothing(said: Said) -> None:
    content = zipped({"W_xr.npy": npy_header((0, 2**64 - 1, 10**9))})
    assert said(content) == (
        "The array 'W_xr' declares the shape (0, 18446744073709551615, 1000000000), which cannot be. "
        "Save it again."
    )


# --- all formats ------------------------------------------------------------------------------------------


def test_any_reference_file_cut_at_any_tenth() -> None:
    for path in sorted(CASES.rglob("*")):
        if not path.is_file() or path.suffix in (".md", ""):
            continue
        content = path.read_bytes()
        for tenth in range(1, 10):
            files = {path.name: content[: len(content) * tenth // 10]}
            assert sentence_of(lambda files=files: load(files)) != ""


def test_a_whole_model_beside_its_code_is_refused(said: Said) -> None:
    assert said(torch_file(nn.GRU(2, 3))) == (
        "'m' holds more than weights (a Python object 'torch.nn.modules.rnn.GRU'), and reading such a "
        "file could run code, so nothing of it was run: save the weights alone, "
        "torch.save(model.state_dict(), 'weights.pt')."
    )


def test_a_tfjs_number_type_that_is_no_text(said: Said) -> None:
    folder = CASES / "fw_tfjs" / "gru_sigmoid"
    model = json.loads((folder / "model.json").read_text())
    entry = model["weightsManifest"][0]["weights"][0]
    entry["dtype"] = {"a": 1}
    files = {"model.json": json.dumps(model).encode(), "weights.bin": (folder / "weights.bin").read_bytes()}
    assert said(files) == f"{entry['name']} is of the number type \"{{'a': 1}}\", which is not read here."


def test_a_tfjs_shape_of_a_billion(said: Said) -> None:
    folder = CASES / "fw_tfjs" / "gru_sigmoid"
    model = json.loads((folder / "model.json").read_text())
    model["weightsManifest"][0]["weights"][0]["shape"] = [10**9, 10**9]
    files = {"model.json": json.dumps(model).encode(), "weights.bin": (folder / "weights.bin").read_bytes()}
    assert said(files) == (
        "gru_GRU1/kernel is cut off: it declares the shape (1000000000, 1000000000), which needs "
        "4,000,000,000,000,000,000 bytes, and 792 are there. Give all files of the model together."
    )


def test_a_tfjs_manifest_of_a_million_entries(said: Said) -> None:
    folder = CASES / "fw_tfjs" / "gru_sigmoid"
    model = json.loads((folder / "model.json").read_text())
    model["weightsManifest"][0]["weights"] = [{"name": "a", "shape": [0], "dtype": "float32"}] * 100_000
    files = {"model.json": json.dumps(model).encode(), "weights.bin": (folder / "weights.bin").read_bytes()}
    assert said(files) == ("A model file may hold at most 20,000 arrays, and '2 files' lists more.")


def test_tfjs_weights_whose_path_leads_outside(said: Said, tmp_path: Path) -> None:
    folder = CASES / "fw_tfjs" / "gru_sigmoid"
    model = json.loads((folder / "model.json").read_text())
    secret = tmp_path / "weights.bin"
    secret.write_bytes((folder / "weights.bin").read_bytes())
    model["weightsManifest"][0]["paths"] = [str(secret)]
    files = {"model.json": json.dumps(model).encode(), "weights.bin": (folder / "weights.bin").read_bytes()}
    assert said(files) == (
        f"A file of weights must be named by a plain name such as 'weights.bin', got {str(secret)[:80]!r}: "
        "put all files of the model into one folder."
    )
