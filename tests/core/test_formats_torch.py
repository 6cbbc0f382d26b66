"""PyTorch's files: the same numbers as PyTorch's own modules, whatever wraps the weights."""

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gru_core.formats import inspect_file, load, load_model
from gru_core.model import GRU

CASES = Path(__file__).parent.parent / "cases" / "fw_torch"


def saved(content: object, **options: object) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(content, file, **options)
    file.seek(0)
    return file


def largest_difference(gru: GRU, x: torch.Tensor, expected: torch.Tensor) -> float:
    with torch.no_grad():
        return float((gru(x)[0] - expected).abs().max())


@pytest.mark.parametrize(
    ("file", "reference", "name"),
    [
        ("gru1_state_dict.pt", "gru1", "gru"),
        ("gru1_wrapped_state_dict.pt", "gru1", "gru"),
        ("gru1_checkpoint.pt", "gru1", "gru"),
        ("gru1.safetensors", "gru1", "gru"),
        ("gru2bi_state_dict.pt", "gru2bi", "gru"),
        ("gru2bi.safetensors", "gru2bi", "gru"),
    ],
)
def test_files_give_the_outputs_that_pytorch_gave(file: str, reference: str, name: str) -> None:
    grus = load(CASES / file)
    assert list(grus) == [name]
    expected = np.load(CASES / f"{reference}_reference.npz")
    with torch.no_grad():
        output, last = grus[name](torch.from_numpy(expected["X"]))
        with_h0, _ = grus[name](torch.from_numpy(expected["X"]), torch.from_numpy(expected["h0"]))
    np.testing.assert_allclose(output, expected["Y"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(last, expected["h_n"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(with_h0, expected["Y_with_h0"], rtol=0, atol=1e-5)
    assert grus[name].convention == "torch"
    assert grus[name].reset_mode == "after"


def test_a_gru_cell_is_read_as_one_layer() -> None:
    gru = load(CASES / "grucell_state_dict.pt")["gru"]
    expected = np.load(CASES / "grucell_reference.npz")
    with torch.no_grad():
        output, _ = gru(torch.from_numpy(expected["X"]))
    np.testing.assert_allclose(output, expected["H"], rtol=0, atol=1e-5)


def test_the_wrong_reset_mode_would_be_noticed() -> None:
    gru = load(CASES / "gru1_state_dict.pt")["gru"]
    wrong = GRU(5, 7, reset_mode="before")
    wrong.load_state_dict(gru.state_dict(), strict=False)
    expected = np.load(CASES / "gru1_reference.npz")
    assert largest_difference(wrong, torch.from_numpy(expected["X"]), torch.from_numpy(expected["Y"])) > 1e-3


@given(
    inputs=st.integers(1, 5),
    units=st.integers(1, 6),
    layers=st.integers(1, 3),
    both=st.booleans(),
    bias=st.booleans(),
    double=st.booleans(),
    legacy=st.booleans(),
)
def test_every_shape_of_nn_gru(
    inputs: int, units: int, layers: int, both: bool, bias: bool, double: bool, legacy: bool
) -> None:
    module = nn.GRU(inputs, units, layers, bias=bias, bidirectional=both, batch_first=True)
    module = module.double() if double else module
    file = saved(module.state_dict(), _use_new_zipfile_serialization=not legacy)
    gru = load(file)["gru"]
    x = torch.randn(2, 4, inputs, dtype=gru.dtype)
    assert gru.dtype == (torch.float64 if double else torch.float32)
    with torch.no_grad():
        assert largest_difference(gru, x, module(x)[0]) < (1e-12 if double else 1e-6)


class Tagger(nn.Module):
    """What people have: embedding, encoder, readout."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 6)
        self.encoder = nn.ModuleDict({"gru": nn.GRU(6, 4, bidirectional=True)})
        self.decoder = nn.GRUCell(3, 5)
        self.out = nn.Linear(8, 2)


@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."])
@pytest.mark.parametrize("wrapper", [None, "state_dict", "model_state_dict", "model", "net"])
def test_names_are_the_models_own_whatever_wraps_them(prefix: str, wrapper: str | None) -> None:
    state = {prefix + key: value for key, value in Tagger().state_dict().items()}
    content = state if wrapper is None else {"epoch": 3, wrapper: state, "best": 0.5}
    assert list(load(saved(content))) == ["encoder.gru", "decoder"]


def test_a_checkpoint_with_optimizer_state_says_what_it_left_out() -> None:
    model = Tagger()
    optimizer = torch.optim.Adam(model.parameters())
    sum(p.sum() for p in model.parameters()).backward()
    optimizer.step()
    found = inspect_file(saved({"model": model.state_dict(), "optimizer": optimizer.state_dict()}))
    assert [gru.name for gru in found.grus] == ["encoder.gru", "decoder"]
    assert len(found.notes) == 1
    assert "'optimizer' belongs to the training" in found.notes[0]


def test_two_state_dicts_in_one_file_stay_apart() -> None:
    first, second = nn.GRU(2, 3), nn.GRU(2, 3)
    grus = load(saved({"encoder": first.state_dict(), "decoder": second.state_dict()}))
    assert list(grus) == ["encoder", "decoder"]
    assert torch.equal(grus["decoder"].cells[0].weight_h, second.weight_hh_l0)
    twice = load(
        saved(
            {
                "model": {"gru." + k: v for k, v in first.state_dict().items()},
                "ema": {"gru." + k: v for k, v in second.state_dict().items()},
            }
        )
    )
    assert list(twice) == ["gru", "ema.gru"]
    assert torch.equal(twice["ema.gru"].cells[0].weight_h, second.weight_hh_l0)


def test_inspection_names_everything() -> None:
    class Mixed(Tagger):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(6, 3)
            self.rnn = nn.RNN(6, 3)

    found = inspect_file(saved(Mixed().state_dict()))
    gru = found.grus[0]
    assert (gru.input_size, gru.hidden_size, gru.num_layers, gru.bidirectional) == (6, 4, 1, True)
    assert (gru.reset_mode, gru.convention, gru.dtype) == ("after", "torch", "float32")
    # In nn.GRU two biases per gate are stored; R and Z need one of them, the candidate both.
    assert gru.parameters == 2 * (12 * 6 + 12 * 4 + 12 + 4)
    kinds = {layer.name: (layer.kind, layer.sizes) for layer in found.others}
    assert kinds == {
        "lstm": ("LSTM", "6 -> 3"),
        "rnn": ("RNN", "6 -> 3"),
        "embed": ("Embedding", "20 x 6"),
        "out": ("Linear", "8 -> 2"),
    }
    notes = {layer.name: layer.note for layer in found.others}
    assert notes["out"] == "reads as many numbers as 'encoder.gru' gives: it could be the readout"
    assert notes["embed"] == "as wide as the inputs of 'encoder.gru': it could feed them"
    assert ("embed.weight", (20, 6), "float32") in [(t.name, t.shape, t.dtype) for t in found.tensors]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_becomes_float32_and_says_so(dtype: torch.dtype) -> None:
    module = nn.GRU(3, 4).to(dtype)
    gru = load(saved(module.state_dict()))["gru"]
    assert gru.dtype == torch.float32
    assert torch.equal(gru.cells[0].weight_h, module.weight_hh_l0.float())
    assert gru.notes == (
        f"Its weights are stored as {str(dtype).removeprefix('torch.')}; they are computed with as float32.",
    )


def test_any_gru_becomes_a_plain_model() -> None:
    file = saved(Tagger().state_dict())
    file.name = "tagger.pt"
    model = load_model(file, "decoder")
    assert (model.gru.input_size, model.readout, model.card.answer) == (3, None, "none")
    assert model.card.title == "tagger.pt: decoder"
    assert model.encoder.names == ("input 1", "input 2", "input 3")


def test_reading_changes_neither_the_file_object_nor_warnings() -> None:
    file = saved(nn.GRU(2, 3).state_dict())
    file.seek(5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(file)
        load(file)
    assert not file.closed
