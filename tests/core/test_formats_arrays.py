"""Safetensors and npz: textbook names, PyTorch's names and our own, and GateScope's complete file."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from gru_core.equations import gru_step
from gru_core.errors import ModelFileError
from gru_core.formats import FORMATS, Choices, inspect_file, load, load_model, save_model
from gru_core.model import GRU, ModelCard, SequenceModel
from gru_core.sequences import NumberEncoder, SymbolEncoder

CASES = Path(__file__).parent.parent / "cases" / "fw_d2l_scratch"


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize("file", ["params.npz", "params.pt"])
def test_textbook_parameters_give_the_states_of_an_independent_runtime(file: str) -> None:
    gru = load(CASES / file)["gru"]
    assert (gru.reset_mode, gru.convention, gru.input_size, gru.hidden_size) == ("before", "textbook", 5, 8)
    expected = np.load(CASES / "reference.npz")
    with torch.no_grad():
        output, _ = gru(torch.from_numpy(expected["X"].transpose(1, 0, 2).copy()))
    np.testing.assert_allclose(output.numpy().transpose(1, 0, 2), expected["H"], rtol=0, atol=1e-5)


def test_textbook_gates_step_by_step() -> None:
    gru = load(CASES / "params.npz")["gru"].double()
    expected = np.load(CASES / "reference.npz")
    state = torch.zeros(3, 8, dtype=torch.float64)
    with torch.no_grad():
        for t, x in enumerate(torch.from_numpy(expected["X"]).double()):
            R, Z, candidate, state = gru_step(x, state, gru.cells[0])
            for name, value in (("R", R), ("Z", Z), ("Hcand", candidate), ("H", state)):
                np.testing.assert_allclose(
                    value, expected[f"{name}_float64_own_formula"][t], rtol=0, atol=1e-6
                )


def test_textbook_matrices_stored_the_other_way_round_are_noticed_and_said() -> None:
    params = dict(np.load(CASES / "params.npz"))
    turned = {name: value.T for name, value in params.items()}
    there, back = load(CASES / "params.npz")["gru"], load(npz(**turned))["gru"]
    assert torch.equal(there.cells[0].weight_h, back.cells[0].weight_h)
    assert torch.equal(there.cells[0].weight_x, back.cells[0].weight_x)
    assert back.notes == ("Its matrices are stored as (units, inputs), so they are read as W x, not x W.",)


def test_textbook_with_a_prefix_a_readout_and_the_inner_bias() -> None:
    params = {f"enc.{name}": value for name, value in np.load(CASES / "params.npz").items()}
    params |= {"enc.b_hh": np.full(8, 0.5, np.float32), "W_hq": np.zeros((8, 3)), "b_q": np.zeros(3)}
    found = inspect_file(npz(**params))
    assert [(gru.name, gru.reset_mode, gru.convention) for gru in found.grus] == [
        ("enc", "after", "gatescope")
    ]
    assert [(layer.name, layer.kind, layer.sizes) for layer in found.others] == [("W_hq", "Linear", "8 -> 3")]
    gru = load(npz(**params))["enc"]
    assert torch.equal(gru.cells[0].b_hh, torch.full((8,), 0.5))


def test_torch_names_in_npz_and_safetensors() -> None:
    module = nn.GRU(3, 4, 2)
    arrays = {f"enc/{k}": v.detach().numpy() for k, v in module.state_dict().items()}
    x = torch.randn(2, 5, 3)
    with torch.no_grad():
        expected = module(x.transpose(0, 1))[0].transpose(0, 1)
        for grus in (
            load(npz(**arrays)),
            load(save({f"enc.{k}": v for k, v in module.state_dict().items()})),
        ):
            assert torch.allclose(grus["enc"](x)[0], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("mode", ["before", "after"])
@pytest.mark.parametrize(("layers", "both"), [(1, False), (1, True), (2, True), (3, False)])
def test_own_names_without_a_description(mode: str, layers: int, both: bool) -> None:
    gru = GRU(3, 4, layers, both, reset_mode=mode)
    file = io.BytesIO()
    torch.save({"net": gru.state_dict()}, file)
    back = load(file)["gru"]
    assert (back.num_layers, back.bidirectional, back.reset_mode) == (layers, both, mode)
    assert back.fingerprint() == gru.fingerprint()
    assert "read as a sigmoid" in back.notes[0]


def test_what_own_names_cannot_tell_is_refused() -> None:
    file = io.BytesIO()
    torch.save(GRU(4, 4, 2).state_dict(), file)
    with pytest.raises(ModelFileError, match="could be two layers or one layer in two directions"):
        load(file)


@pytest.mark.parametrize("mode", ["before", "after"])
def test_gatescopes_own_file_comes_back_whole(tmp_path: Path, mode: str) -> None:
    card = ModelCard("toy", "Toy", answer="class", outputs=("yes", "no"), accuracy=0.9)
    gru = GRU(3, 5, 2, bidirectional=True, reset_mode=mode, gate_activation="hard_sigmoid_fifth")
    model = SequenceModel(SymbolEncoder(("a", "b", "<i>")), gru, nn.Linear(10, 2), card)
    path = tmp_path / "toy.safetensors"
    save_model(model, path)
    for source in (path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes())):
        back = load_model(source)
        assert back.card.outputs == ("yes", "no")
        assert back.encoder == SymbolEncoder(("a", "b", "<i>"))
        assert back.gru.fingerprint() == gru.fingerprint() == load(source)["gru"].fingerprint()
        assert torch.equal(back.readout.weight, model.readout.weight)
    found = inspect_file(path)
    assert found.complete
    assert (found.grus[0].gate_activation, found.grus[0].reset_mode) == ("hard_sigmoid_fifth", mode)
    assert [(layer.name, layer.note) for layer in found.others] == [("readout", "the readout")]


def test_a_number_encoder_survives(tmp_path: Path) -> None:
    encoder = NumberEncoder(("t", "v"), (1.0, 2.0), (3.0, 4.0))
    save_model(SequenceModel(encoder, GRU(2, 3), None, ModelCard("n", "N")), tmp_path / "n.safetensors")
    back = load_model(tmp_path / "n.safetensors")
    assert (back.encoder, back.readout, back.card.answer) == (encoder, None, "none")


def test_the_first_gru_is_the_first_in_the_header() -> None:
    grus = {f"{name}.{k}": v for name in ("b", "a", "c") for k, v in nn.GRU(2, 3).state_dict().items()}
    data = save(grus)
    assert {tuple(load(data)) for _ in range(8)} == {("a", "b", "c")}


def test_content_decides_the_format_and_the_name_does_not(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(npz(**np.load(CASES / "params.npz")))
    assert inspect_file(path).format == "npz"
    assert len({form.name for form in FORMATS}) == len(FORMATS)


def test_arrays_that_are_not_numbers_are_listed_only() -> None:
    found = inspect_file(npz(**np.load(CASES / "params.npz"), words=np.array(["a", "b"])))
    assert len(found.grus) == 1
    assert [(layer.name, layer.kind) for layer in found.others] == [("words", "other")]


def textbook() -> dict[str, np.ndarray]:
    return dict(np.load(CASES / "params.npz"))


def renamed(names: dict[str, str]) -> dict[str, np.ndarray]:
    return {names[name]: value for name, value in textbook().items()}


def spelt(matrices: str, biases: str, candidate: str = "h") -> dict[str, str]:
    """The names of the nine parts in a spelling such as "W{x}{g}"."""
    letters = {"r": "r", "z": "z", "h": candidate}
    names = {f"W_{x}{g}": matrices.format(x=x, g=letters[g]) for x in "xh" for g in "rzh"}
    return names | {f"b_{g}": biases.format(g=letters[g]) for g in "rzh"}


@pytest.mark.parametrize(
    "names",
    [
        spelt("W{x}{g}", "b{g}"),
        spelt("W_{x}{g}", "b_{g}", candidate="n"),
        spelt("enc.W_{x}{g}", "enc.b_{g}", candidate="c"),
    ],
)
def test_other_spellings_of_the_textbook(names: dict[str, str]) -> None:
    (gru,) = load(npz(**renamed(names))).values()
    assert gru.fingerprint() == load(CASES / "params.npz")["gru"].fingerprint()


def cho(**changed: np.ndarray) -> dict[str, np.ndarray]:
    """W_z x + U_z h + b_z: the same GRU in Cho's letters, each matrix turned."""
    names = {f"W_x{g}": f"W_{g}" for g in "rzh"} | {f"W_h{g}": f"U_{g}" for g in "rzh"}
    return {names.get(name, name): value.T for name, value in (textbook() | changed).items()}


def test_the_letters_of_cho_are_read_as_columns() -> None:
    there, gru = load(CASES / "params.npz")["gru"], load(npz(**cho()))["gru"]
    for name in ("weight_x", "weight_h", "bias"):
        assert torch.equal(getattr(gru.cells[0], name), getattr(there.cells[0], name))
    assert "choose the other sense of Z" in gru.notes[0]
    bare = {name.replace("_h", "").replace("_", ""): value for name, value in cho().items()}
    assert set(bare) == {"Wr", "Wz", "W", "Ur", "Uz", "U", "br", "bz", "b"}
    assert load(npz(**bare))["gru"].fingerprint() == gru.fingerprint()


def test_the_sense_of_z_can_be_chosen_where_the_letters_leave_it_open() -> None:
    kept, written = (load(npz(**cho()), Choices(z_sense=sense))["gru"] for sense in ("keep", "update"))
    for name in ("W_xz", "W_hz", "b_z"):
        assert torch.equal(getattr(written.cells[0], name), -getattr(kept.cells[0], name))
    assert torch.equal(written.cells[0].W_xr, kept.cells[0].W_xr)
    assert "Z = 1 writes the new state in this file, as chosen" in written.notes[0]
    # The textbook's own names say the sense, so there is nothing to choose.
    same = load(CASES / "params.npz", Choices(z_sense="update"))["gru"]
    assert same.fingerprint() == load(CASES / "params.npz")["gru"].fingerprint()


def test_square_matrices_are_read_as_their_textbook_does_and_that_is_said() -> None:
    square = {f"W_x{g}": textbook()[f"W_h{g}"] for g in "rzh"}
    rows = load(npz(**(textbook() | square)))["gru"]
    columns = load(npz(**cho(**square)))["gru"]
    assert torch.equal(rows.cells[0].weight_x, columns.cells[0].weight_x)
    assert "x W, not W x" in rows.notes[0]
    assert "W x, not x W" in columns.notes[0]


def test_two_names_of_one_matrix_are_refused() -> None:
    with pytest.raises(ModelFileError, match="two names of the same part"):
        load(npz(**textbook(), W_xn=textbook()["W_xh"]))


def test_a_plain_rnn_of_the_textbook_is_named() -> None:
    only = {name: value for name, value in textbook().items() if name in ("W_xh", "W_hh", "b_h")}
    (layer,) = inspect_file(npz(**only)).others
    assert (layer.kind, layer.sizes) == ("RNN", "5 -> 8")
    x = np.random.default_rng(0).normal(size=(2, 4, 5)).astype(np.float32)
    h = np.zeros((2, 8), np.float32)
    for t in range(4):
        h = np.tanh(x[:, t] @ only["W_xh"] + h @ only["W_hh"] + only["b_h"])
    with torch.no_grad():
        got = layer.core(torch.from_numpy(x))[0][:, -1].numpy()
    np.testing.assert_allclose(got, h, rtol=0, atol=1e-5)


def test_a_textbook_lstm_is_no_gru() -> None:
    lstm = {f"W_{x}{g}": textbook()[f"W_{x}r"] for x in "xh" for g in "ifoc"}
    assert not inspect_file(npz(**lstm)).grus
