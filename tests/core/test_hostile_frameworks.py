"""Hostile and damaged files of Flax, MXNet and TensorFlow: each ends in a model or in a sentence."""

import struct
import warnings
from pathlib import Path

import msgpack
import numpy as np
import pytest
import torch
from torch import Tensor

from gru_core.errors import GateScopeError, LimitError, ModelFileError
from gru_core.formats import load
from gru_core.formats.layers import MAX_NAME_CHARACTERS, find_layers
from gru_core.formats.msgpack_scan import check_msgpack
from gru_core.formats.namings import NAMINGS
from tests.support.files import sentence_of

CASES = Path(__file__).parent.parent / "cases"
REFERENCES: dict[str, dict[str, bytes]] = {
    "msgpack": {"m.msgpack": (CASES / "fw_flax" / "linen.msgpack").read_bytes()},
    "chunked": {"m.msgpack": (CASES / "fw_flax" / "chunked.msgpack").read_bytes()},
    "params": {"m.params": (CASES / "fw_mxnet_gluon" / "net.params").read_bytes()},
    "tf1": {f.name: f.read_bytes() for f in (CASES / "fw_tf_checkpoints" / "tf1_stack").iterdir()},
    "tf2": {f.name: f.read_bytes() for f in (CASES / "fw_tf_checkpoints" / "tfk_weights").iterdir()},
}


def damaged(content: bytes, random: np.random.Generator) -> bytes:
    """A few bytes changed, cut out, put in or repeated, more often near the beginning."""
    data = bytearray(content)
    for _ in range(random.integers(1, 5)):
        place = int(random.integers(0, len(data) if random.random() < 0.5 else min(len(data), 200)))
        match random.integers(0, 5):
            case 0:
                data[place] = random.integers(0, 256)
            case 1:
                data[place : place + 8] = b"\xff" * random.integers(1, 9)
            case 2:
                del data[place : place + int(random.integers(1, 64))]
            case 3:
                data[place:place] = random.bytes(int(random.integers(1, 16)))
            case _:
                del data[place : place + (1 if random.random() < 0.7 else len(data))]
        if not data:
            break
    return bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(REFERENCES))
def test_damaged_files_end_in_a_model_or_a_sentence(kind: str) -> None:
    random = np.random.default_rng(0)
    ends = {"model": 0, "sentence": 0}
    for _ in range(300):
        files = dict(REFERENCES[kind])
        name = sorted(files)[int(random.integers(0, len(files)))]
        files[name] = damaged(files[name], random)
        sentence = sentence_of(lambda given=files: load(given))
        ends["model" if sentence is None else "sentence"] += 1
    assert ends["sentence"] > 50


NAMED = (
    "fw_flax/linen_params.npz",
    "fw_flax/nnx_params.npz",
    "fw_mlx/model.npz",
    "fw_chainer/chain.npz",
    "fw_chainer/nstep3.npz",
    "fw_tf1_grucell/params.npz",
    "fw_mxnet_gluon/layer_bi.npz",
    "fw_d2l_scratch/params.npz",
    "fw_tf_checkpoints/tf1_stack_params.npz",
    "fw_tf_checkpoints/tf1_both_params.npz",
)
BEFORE = ("0/", "a.", "params/", "forward_rnn/", "multi_rnn_cell/cell_9999/", "_unfused.9999.", "l9999_")


def changed(array: Tensor, random: np.random.Generator) -> Tensor:
    """Another shape, number type or kind of tensor, such as a checkpoint of torch may hold."""
    match random.integers(0, 8):
        case 0:
            return array.T if array.ndim == 2 else array.reshape(1, -1)
        case 1:
            return torch.zeros(
                tuple(random.choice([0, 1, 3, 4, 7, 12, 2000], random.integers(0, 4)).tolist())
            )
        case 2:
            types = (torch.int64, torch.bool, torch.float64, torch.bfloat16, torch.float8_e4m3fn)
            return array.to(types[int(random.integers(0, len(types)))])
        case 3:
            return torch.zeros(1).expand(10**5, 10**5)
        case 4:
            return torch.full_like(array, float("nan"))
        case 5:
            return array.to(torch.complex64)
        case 6:
            return torch.empty(array.shape, device="meta")
        case _:
            return array.to_sparse()


def is_refused(arrays: dict[str, Tensor]) -> bool:
    """Whether something of the arrays cannot be read, which a sentence says; nothing else may be raised."""
    try:
        return any(layer.refused for layer in find_layers(arrays, NAMINGS).others)
    except GateScopeError:
        return True


@pytest.mark.slow
@pytest.mark.parametrize("file", NAMED)
def test_arrays_of_any_kind_under_known_names_end_in_a_model_or_a_sentence(file: str) -> None:
    random = np.random.default_rng(1)
    with np.load(CASES / file) as stored:
        whole = {name: torch.from_numpy(value.copy()) for name, value in stored.items()}
    refused = 0
    for _ in range(150):
        arrays = dict(whole)
        for _ in range(random.integers(1, 4)):
            name = list(whole)[int(random.integers(0, len(whole)))]
            match random.integers(0, 5):
                case 0:
                    arrays.pop(name, None)
                case 1:
                    arrays[BEFORE[int(random.integers(0, len(BEFORE)))] + name] = whole[name]
                case _:
                    arrays[name] = changed(whole[name], random)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch has its own to say about sparse tensors
            refused += is_refused(arrays)
    assert refused > 20


def sentence(source: object) -> str:
    with pytest.raises(GateScopeError) as caught:
        load(source)
    return str(caught.value)


def test_a_msgpack_bomb_is_refused_before_anything_is_built() -> None:
    nothing = b"\x81\xa1a\xdd" + struct.pack(">I", 2_000_000) + b"\xc0" * 2_000_000
    assert "may have at most 500,000 parts" in sentence(nothing)
    assert "not one whole msgpack value" in sentence(b"\x81\xa1a" + b"\xdd\x7f\xff\xff\xff" * 1000)
    assert "not one whole msgpack value" in sentence(b"\x81\xa1a" * 5000 + b"\xc0")
    for head in (
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xc9\xff\xff\xff\xff\x01",
        b"\xdb\xff\xff\xff\xff",
    ):
        with pytest.raises(ModelFileError):
            check_msgpack(head + b"\xc0" * 100, "x")


@pytest.mark.parametrize(
    ("described", "why"),
    [
        (((2**40, 2**40), "float32", b""), "is damaged: the shape"),
        (((-1, 4), "float32", bytes(16)), "declares the shape"),
        (((2, 2), "float32", bytes(15)), "is damaged: the shape"),
        (("2", "float32", bytes(16)), "is not described as Flax does"),
        (((2, 2), "float32"), "is not described as Flax does"),
        ([[[[[[(2, 2)]]]]] * 10, "float32", b""], "is not described as Flax does"),
    ],
)
def test_an_array_of_flax_that_is_not_what_it_says(described: object, why: str) -> None:
    array = msgpack.ExtType(1, msgpack.packb(described))
    assert why in sentence(msgpack.packb({"ir": {"kernel": array}}))


def test_number_types_that_are_not_read_are_listed() -> None:
    stored = msgpack.unpackb((CASES / "fw_flax" / "linen_GRUCell.msgpack").read_bytes(), strict_map_key=False)
    stored["params"]["key"] = msgpack.ExtType(1, msgpack.packb(((2,), "float8_e4m3fn", b"ab")))
    stored["params"]["number"] = msgpack.ExtType(2, b"x")
    assert list(load(msgpack.packb(stored))) == ["cell"]


def params(*bodies: bytes, count: int | None = None, names: int | None = None) -> bytes:
    head = struct.pack("<QQQ", 0x112, 0, len(bodies) if count is None else count)
    tail = struct.pack("<Q", len(bodies) if names is None else names)
    tail += b"".join(struct.pack("<Q", 2) + b"a%d" % index for index in range(len(bodies)))
    return head + b"".join(bodies) + tail


V2, DEVICE = struct.pack("<Ii", 0xF993FAC9, 0), struct.pack("<ii", 1, 0)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (params(count=2**63), "may hold at most 20,000 arrays"),
        (params(names=2**63), "may hold at most 20,000 arrays"),
        (params(V2 + struct.pack("<i2q", 2, 2**39, 2**39) + DEVICE + struct.pack("<i", 0)), "declares"),
        (params(V2 + struct.pack("<i2q", 2, 2**62, 2) + DEVICE), "which cannot be"),
        (params(V2 + struct.pack("<i", 2**30)), "axes"),
        (params(struct.pack("<I", 2**32 - 1)), "axes"),
        (params(struct.pack("<Ii", 0xF993FAC9, 2)), "is sparse"),
        (params(V2 + struct.pack("<iq", 1, 1) + DEVICE + struct.pack("<i", 99)), "the number type 99"),
        (params(names=1) + struct.pack("<Q", 1) + b"x", "0 arrays and 1 names"),
    ],
)
def test_a_params_file_that_declares_what_it_has_not(content: bytes, why: str) -> None:
    assert why in sentence(content)


@pytest.mark.parametrize("mark", ["V1", "oldest"])
def test_older_layouts_of_params(mark: str) -> None:
    """The arrays of today's file, written as older versions of MXNet did."""
    with np.load(CASES / "fw_mxnet_gluon" / "cell.npz") as stored:
        arrays = {name.removeprefix("param/"): stored[name] for name in stored if name.startswith("param/")}
    bodies = []
    for value in arrays.values():
        shape = struct.pack(f"<I{value.ndim}{'q' if mark == 'V1' else 'I'}", value.ndim, *value.shape)
        head = struct.pack("<I", 0xF993FAC8) if mark == "V1" else b""
        bodies.append(head + shape + DEVICE + struct.pack("<i", 0) + value.tobytes())
    content = struct.pack("<QQQ", 0x112, 0, len(bodies)) + b"".join(bodies) + struct.pack("<Q", len(bodies))
    content += b"".join(struct.pack("<Q", len(name)) + name.encode() for name in arrays)
    today = load(CASES / "fw_mxnet_gluon" / "cell.params")["gru"]
    assert load(content)["gru"].fingerprint() == today.fingerprint()


def test_names_are_bounded_together() -> None:
    arrays = {f"{index}" + "a" * 1000: torch.zeros(1) for index in range(MAX_NAME_CHARACTERS // 1000)}
    with pytest.raises(LimitError, match="shorter names"):
        find_layers(arrays, NAMINGS)
