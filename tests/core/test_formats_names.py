"""Names without a framework's prefixes: numpy code's short names, and lists without any."""

import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gru_core import trace
from gru_core.errors import ModelFileError
from gru_core.formats import inspect_file, load
from tests.support.files import npz, torch_file

CASES = Path(__file__).parent.parent / "cases"
BOOK = ("W_xz", "W_hz", "b_z", "W_xr", "W_hr", "b_r", "W_xh", "W_hh", "b_h")


def largest(got: np.ndarray, expected: np.ndarray) -> float:
    assert got.shape == expected.shape
    return float(np.abs(got - expected).max())


def saved_list(arrays: list[np.ndarray]) -> bytes:
    return torch_file([torch.from_numpy(array) for array in arrays])


def book() -> dict[str, np.ndarray]:
    with np.load(CASES / "fw_d2l_scratch" / "params.npz") as file:
        return dict(file)


def test_the_phoneme_model_of_g2p_en() -> None:
    file = Path(find_spec("g2p_en").origin).parent / "checkpoint20.npz"
    grus, found = load(file), inspect_file(file)
    assert [(gru.name, gru.convention, gru.reset_mode) for gru in found.grus] == [
        ("enc", "torch", "after"),
        ("dec", "torch", "after"),
    ]
    assert [(layer.name, layer.kind, layer.sizes, layer.fits) for layer in found.others] == [
        ("enc_emb", "Embedding", "29 x 256", ("enc", "dec")),
        ("dec_emb", "Embedding", "74 x 256", ("enc", "dec")),
        ("fc", "Linear", "256 -> 74", ("enc", "dec")),
    ]
    layers = {layer.name: layer for layer in found.others}
    case = np.load(CASES / "g2p_en" / "reference.npz")
    letters = ["<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz"]
    heard = layers["enc_emb"].weight[[letters.index(letter) for letter in [*"gating", "</s>"]]][None]
    t = trace(grus["enc"], heard)[0]
    for name, stored in (("R", "R"), ("Z", "Z"), ("H_tilde", "Hcand"), ("H", "H")):
        assert largest(getattr(t, name)[0], case[f"gating/enc_{stored}"]) < 1e-5
    # The decoder goes on from the encoder's last state and reads what it has written: G EY1 T IH0 NG.
    written = [2]
    state = torch.from_numpy(case["gating/enc_H"][-1])[None, None]
    for step in range(6):
        t = trace(grus["dec"], layers["dec_emb"].weight[written][None], h0=state)[0]
        answer = layers["fc"].weight.numpy() @ t.H[0, -1] + layers["fc"].bias.numpy()
        for name, stored in (("R", "R"), ("Z", "Z"), ("H_tilde", "Hcand"), ("H", "H")):
            assert largest(getattr(t, name)[0, step], case[f"gating/dec_{stored}"][step]) < 1e-5
        written.append(int(answer.argmax()))
    assert written[-1] == 3


@pytest.mark.parametrize("kind", ["w", "W", "weight"])
@pytest.mark.parametrize("prefix", ["", "enc_", "net.rnn_", "a/b/"])
@pytest.mark.parametrize("layers", [0, 2])
def test_short_names_are_read_as_pytorchs(kind: str, prefix: str, layers: int) -> None:
    module = nn.GRU(3, 4, max(layers, 1), batch_first=True)
    arrays = {}
    for name, value in module.state_dict().items():
        side = name.split("_")[1]
        suffix = f"_{name.rpartition('_')[2]}" if layers else ""
        arrays[f"{prefix}{kind if name.startswith('w') else 'b'}_{side}{suffix}"] = value.numpy()
    (gru,) = load(npz(**arrays)).values()
    x = torch.randn(2, 5, 3)
    with torch.no_grad():
        assert torch.allclose(gru(x)[0], module(x)[0], rtol=0, atol=1e-6)
        wrong = load(npz(**{n: np.concatenate([v[4:8], v[:4], v[8:]]) for n, v in arrays.items()}))
        assert float((next(iter(wrong.values()))(x)[0] - module(x)[0]).abs().max()) > 1e-2


def test_short_names_of_an_lstm_and_textbook_matrices_are_no_gru() -> None:
    lstm = nn.LSTM(3, 4).state_dict()
    arrays = {
        name.replace("weight", "w").replace("bias", "b").removesuffix("_l0"): v.numpy()
        for name, v in lstm.items()
    }
    with pytest.raises(ModelFileError, match=r"There is no GRU in .*, but an LSTM"):
        load(npz(**arrays))
    assert load(npz(**book()))["gru"].convention == "textbook"


@pytest.mark.parametrize("underscore", ["_", ""])
def test_textbook_names_in_small_letters(underscore: str) -> None:
    """The book's GRU as w_xr, w_hr, b_r: the same weights, and the framework's own output."""
    small = {name.lower().replace("_", underscore): value for name, value in book().items()}
    (gru,) = load(npz(**small)).values()
    expected = np.load(CASES / "fw_d2l_scratch" / "reference.npz")
    with torch.no_grad():
        found = gru(torch.from_numpy(expected["X"].transpose(1, 0, 2).copy()))[0].numpy()
        swapped = dict(small)
        for part in ("wx", "wh", "b"):
            r, z = ((f"{part[0]}{underscore}{part[1:]}{gate}") for gate in "rz")
            swapped[r], swapped[z] = small[z], small[r]
        wrong = load(npz(**swapped))["gru"](torch.from_numpy(expected["X"].transpose(1, 0, 2).copy()))[0]
    assert largest(found.transpose(1, 0, 2), expected["H"]) < 1e-5
    assert largest(wrong.numpy().transpose(1, 0, 2), expected["H"]) > 1e-2


def test_small_letters_are_taken_where_nothing_else_can_be_meant() -> None:
    cho = {f"{letter}_{gate}": np.eye(4, dtype=np.float32) for letter in "wu" for gate in "rzh"}
    assert load(npz(**cho))["gru"].open_choices == ("z_sense",)
    # Beside the capitals they are something else, and a part of them is no incomplete GRU.
    both = book() | {f"w_x{gate}": np.zeros((3, 8), np.float32) for gate in "rzh"}
    assert load(npz(**both))["gru"].fingerprint() == load(npz(**book()))["gru"].fingerprint()
    part = {f"rnn.{name}": value.numpy() for name, value in nn.GRU(3, 4).state_dict().items()}
    part |= {"custom.w_hr": np.zeros((3, 3), np.float32), "other.w_r": np.zeros((3, 3), np.float32)}
    assert list(load(npz(**part))) == ["rnn"]


@pytest.mark.parametrize("readout", [False, True])
@pytest.mark.parametrize("container", ["torch", "npz"])
def test_a_list_in_the_books_order(readout: bool, container: str) -> None:
    arrays = [book()[name] for name in BOOK] + [
        np.ones((8, 3), np.float32),
        np.zeros(3, np.float32),
    ] * readout
    file = io.BytesIO()
    np.savez(file, *arrays)
    content = saved_list(arrays) if container == "torch" else file.getvalue()
    found = inspect_file(content)
    assert [(gru.name, gru.convention) for gru in found.grus] == [("gru", "textbook")]
    assert found.grus[0].notes[0].startswith("The file is a list without names, read in the order of")
    assert [(layer.name, layer.sizes, layer.fits) for layer in found.others] == (
        [("W_hq", "8 -> 3", ("gru",))] if readout else []
    )
    expected = np.load(CASES / "fw_d2l_scratch" / "reference.npz")
    with torch.no_grad():
        output = load(content)["gru"](torch.from_numpy(expected["X"].transpose(1, 0, 2).copy()))[0].numpy()
    assert largest(output.transpose(1, 0, 2), expected["H"]) < 1e-5


def test_the_reference_list_and_wrong_readings_of_it() -> None:
    expected = np.load(CASES / "fw_d2l_scratch" / "reference.npz")
    x = torch.from_numpy(expected["X"].transpose(1, 0, 2).copy())

    def states(content: object) -> np.ndarray:
        with torch.no_grad():
            return load(content)["gru"](x)[0].numpy().transpose(1, 0, 2)

    assert largest(states(CASES / "fw_d2l_scratch" / "params_list_d2l_1st_edition.pt"), expected["H"]) < 1e-5
    for order in ("rzh", "zhr", "hrz"):
        named = [f"{part}{gate}" for gate in order for part in ("W_x", "W_h", "b_")]
        assert largest(states(saved_list([book()[name] for name in named])), expected["H"]) > 1e-2
    turned = [
        value.T.copy() if name[:3] == "W_h" else value for name, value in ((n, book()[n]) for n in BOOK)
    ]
    assert largest(states(saved_list(turned)), expected["H"]) > 1e-2


def test_lists_that_do_not_fit_are_not_guessed() -> None:
    arrays = [book()[name] for name in BOOK]
    for wrong in (arrays[:8], arrays[1:] + arrays[:1], [*arrays, arrays[0]], [a.T.copy() for a in arrays]):
        with pytest.raises(ModelFileError, match="There is no GRU"):
            load(saved_list(wrong))
