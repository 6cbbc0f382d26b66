"""Model files that are wrong: one clear sentence that names what is."""

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from gru_core.errors import GateScopeError, LimitError, ModelFileError
from gru_core.formats import inspect_file, load, load_model, save_model
from gru_core.limits import MAX_MODEL_BYTES
from gru_core.model import GRU, ModelCard, SequenceModel
from gru_core.sequences.encoders import plain_encoder
from gru_core.trace import trace
from tests.support.files import npy_header, npz, torch_file

CASES = Path(__file__).parent.parent / "cases"


def message(content: bytes, name: str = "model.pt") -> str:
    file = io.BytesIO(content)
    file.name = name
    with pytest.raises(ModelFileError) as caught:
        load(file)
    return str(caught.value)


def test_an_empty_file() -> None:
    assert message(b"") == "A model file 'model.pt' is empty (0 bytes): choose another one."


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"'no\.pt' cannot be opened: there is no such file"):
        load(tmp_path / "no.pt")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n1,2\n", "is text, not a model: if it is a sequence, choose it as a sequence"),
        (b"\x89HDF\n\x1a\n" + bytes(100), "is a damaged HDF5 file"),
        (
            bytes(range(256)),
            "is not a model file this app knows: save the model's weights again",
        ),
        (b"\x1f\x8b" + bytes(50), "is a compressed file: unpack it first"),
        (b"PK\x03\x04" + bytes(50), "is a damaged zip archive"),
        (pickle.dumps({"a": 1}, 0), "is a Python pickle, which can run code when read, so it is refused"),
    ],
)
def test_files_of_other_kinds_are_named(content: bytes, says: str) -> None:
    text = message(content)
    assert says in text
    assert text.endswith(
        "Weights of PyTorch, Keras, TensorFlow, ONNX, Flax, PaddlePaddle and MXNet are read here, and any "
        "named arrays in .npz or .safetensors."
    )
    assert len(text) < 300


def test_an_lstm() -> None:
    text = message(torch_file(nn.LSTM(3, 32).state_dict()))
    assert text == (
        "There is no GRU in 'model.pt', but an LSTM, whose states can be shown too: python -m gru_core trace "
        "MODEL SEQUENCE --gru 'lstm' --out FILE, or gru_core.baselines.trace_baseline."
    )


def test_a_plain_rnn_and_an_lstm_with_projection() -> None:
    text = message(torch_file({f"r.{k}": v for k, v in nn.RNN(3, 8).state_dict().items()}))
    assert text.startswith("There is no GRU in 'model.pt', but an RNN ('r'), whose states can be shown too: ")
    assert "is the projection of an LSTM" in message(torch_file(nn.LSTM(3, 8, proj_size=4).state_dict()))


def test_a_checkpoint_without_a_gru_says_what_is_in_it() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    assert message(torch_file(model.state_dict())) == (
        "There is no GRU in 'model.pt': its 4 arrays are Linear '0' (4 -> 8), Linear '2' (8 -> 2). "
        "A GRU has names such as weight_ih_l0 and weight_hh_l0 (PyTorch) or W_xr, W_hr and b_r."
    )
    assert inspect_file(torch_file(model.state_dict())).grus == ()


def test_a_checkpoint_without_arrays() -> None:
    assert "holds no arrays (a dict with 'epoch', 'name')" in message(torch_file({"epoch": 3, "name": "x"}))
    assert "holds no arrays (a dict with 'a')" in message(pickle.dumps({"a": 1}), "model.pdparams")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["weight_ih_l0", "bias_hh_l0"])
def test_weights_that_are_not_finite(value: float, name: str) -> None:
    state = nn.GRU(2, 3).state_dict()
    state[name].view(-1)[2] = value
    count = state[name].numel()
    expected = f"{name} has 1 of {count} values that are NaN or infinite, so no state can be computed"
    assert expected in message(torch_file(state))
    assert expected in message(save(state))


def test_weights_whose_sums_are_no_numbers() -> None:
    torch.manual_seed(1)
    state = {name: torch.randn_like(value).sign() * 3e38 for name, value in nn.GRU(4, 6).state_dict().items()}
    assert message(torch_file(state)) == (
        "weight_ih_l0 has a value of the size 3.0e+38, and weights of up to 1e+18 are read, since sums of "
        "larger ones are no numbers: the file is damaged, or the training diverged."
    )
    largest = {name: value / 3e20 for name, value in state.items()}
    traced = trace(load(torch_file(largest))["gru"], np.ones((5, 4)))
    assert np.isfinite(traced[0].H).all()


def test_layers_that_do_not_fit_each_other() -> None:
    state = nn.GRU(2, 3, 2).state_dict()
    wrong = dict(state, weight_ih_l1=torch.zeros(9, 5))
    assert message(torch_file(wrong)) == (
        "weight_ih_l1 must have 9 x 3 entries, got 9 x 5: layer 1 reads the 3 outputs of the layer before it."
    )
    assert "weight_hh_l1 must have 3 x hidden = 9 rows, got 12: is this an LSTM?" in message(
        torch_file(dict(state, weight_hh_l1=torch.zeros(12, 3)))
    )
    assert "bias_ih_l0 must have 1 axes, 9, got the shape (3, 3)" in message(
        torch_file(dict(state, bias_ih_l0=torch.zeros(3, 3)))
    )
    del state["weight_hh_l1"]
    assert "'gru' is incomplete: weight_hh_l1 is missing" in message(torch_file(state))


def test_textbook_parts_that_are_missing_or_wrong() -> None:
    params = dict(np.load(CASES / "fw_d2l_scratch" / "params.npz"))
    short = {name: value for name, value in params.items() if name != "W_hz"}
    assert "W_hz is missing" in message(npz(**short))
    assert "W_hz must have the shape (8, 8), got (8, 7)" in message(
        npz(**dict(params, W_hz=np.zeros((8, 7))))
    )
    params["W_xz"][1, 1] = np.nan
    assert "W_xz has 1 of 40 values that are NaN" in message(npz(**params))


def test_quantised_and_whole_number_weights() -> None:
    state = nn.GRU(2, 3).state_dict()
    assert "weight_hh_l0 is int8" in message(
        torch_file(dict(state, weight_hh_l0=torch.zeros(9, 3, dtype=torch.int8)))
    )


def test_npz_with_objects() -> None:
    file = io.BytesIO()
    np.savez(file, W_xr=np.array([{"a": 1}], dtype=object))
    assert "The array 'W_xr' holds Python objects, which could run code when read" in message(file.getvalue())


def test_an_array_that_declares_more_than_it_holds() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("W_xr.npy", npy_header((10**6, 10**6)) + bytes(100))
    assert "declares the shape (1000000, 1000000), which needs 4,000,000,000,000 bytes" in message(
        file.getvalue()
    )


def test_a_strided_tensor_that_pretends_to_be_huge() -> None:
    huge = torch.zeros(1).expand(3 * 10**6, 10**6)
    with pytest.raises(LimitError, match="may have at most 4,096 units, and 'gru' has 1,000,000"):
        load(torch_file({"weight_ih_l0": torch.zeros(1).expand(3 * 10**6, 2), "weight_hh_l0": huge}))


def test_an_own_file_that_claims_sizes_its_arrays_do_not_have(tmp_path: Path) -> None:
    model = SequenceModel(plain_encoder(2), GRU(2, 3), None, ModelCard("a", "A"))
    path = tmp_path / "a.safetensors"
    save_model(model, path)
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    described = json.loads(header["__metadata__"]["gatescope"])
    for change, says in (
        ({"hidden_size": 4000}, "must be 12000 x 2 by the file's own description, got 9 x 2"),
        ({"hidden_size": 10**9}, "at most 4,096 units"),
        ({"num_layers": 10**9}, "at most 64 layers"),
        ({"input_size": "2"}, "input_size must be a whole number of at least 1, got '2'"),
        ({"input_size": None}, "damaged: save it again"),
    ):
        changed = dict(described, gru=dict(described["gru"], **change))
        header["__metadata__"]["gatescope"] = json.dumps(changed)
        text = json.dumps(header).encode()
        with pytest.raises(GateScopeError, match=says):
            load_model(struct.pack("<Q", len(text)) + text + data[8 + length :])


DESCRIBED = {
    "version": (2, None, "x"),
    "encoder": (
        None,
        [],
        {},
        {"kind": "numbers", "names": ["a"], "mean": [0], "std": [1]},
        {"kind": "symbols"},
    ),
    "encoder.mean": (["nan", 0], [1], None, 5),
    "encoder.std": ([0, 0], [float("inf"), 1]),
    "card": (None, [], "text", {}),
    "card.answer": ("run me", 3, None, ["class"]),
    "card.when": ("never", {}),
    "card.outputs": (5, None),
    "card.accuracy": ("high", float("nan")),
    "card.output_std": ("x", None),
    "card.examples": (3, [3], [{}], [{"title": "t", "labels": 1, "values": None, "target": [], "ticks": []}]),
    "gru": (None, [], {}),
    "readout": (True,),
}


@pytest.mark.parametrize(
    ("part", "value"), [(part, value) for part, values in DESCRIBED.items() for value in values]
)
def test_a_description_that_makes_no_sense(tmp_path: Path, part: str, value: object) -> None:
    path = tmp_path / "a.safetensors"
    save_model(SequenceModel(plain_encoder(2), GRU(2, 3), None, ModelCard("a", "A")), path)
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    described = json.loads(header["__metadata__"]["gatescope"])
    *parents, last = part.split(".")
    inner = described[parents[0]] if parents else described
    assert last in inner
    inner[last] = value
    header["__metadata__"]["gatescope"] = json.dumps(described)
    text = json.dumps(header).encode()
    with pytest.raises(GateScopeError):
        load_model(struct.pack("<Q", len(text)) + text + data[8 + length :])


@pytest.mark.parametrize("length", [2**63, 10**9, 500])
def test_a_safetensors_header_longer_than_the_file(length: int) -> None:
    text = message(struct.pack("<Q", length) + b'{"a":{}}' + bytes(20))
    assert f"is cut off: its header needs {length:,} bytes" in text


def test_a_safetensors_header_nested_without_end() -> None:
    body = b'{"a":' + b"[" * 200_000
    assert "its header is not JSON" in message(struct.pack("<Q", len(body)) + body)


def test_a_file_larger_than_the_limit_is_not_read() -> None:
    class Endless(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return MAX_MODEL_BYTES + 1 if whence == 2 else 0

        def read(self, size: int | None = -1) -> bytes:
            assert size == 0
            return b""

    with pytest.raises(LimitError, match="A model file may be at most 200 MB, and this one is 200 MB"):
        load(Endless())
