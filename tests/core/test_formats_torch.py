"""PyTorch's files: the same numbers as PyTorch's own modules, whatever wraps the weights."""

import argparse
import collections
import datetime
import io
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gru_core.errors import ModelFileError
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
    assert list(twice) == ["model.gru", "ema.gru"]
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


class Settings:
    """A class of the person's own, whose name a checkpoint may hold."""


def test_settings_of_a_training_beside_the_weights_are_left_out() -> None:
    state = nn.GRU(2, 3).state_dict()
    beside = {
        "args": argparse.Namespace(lr=0.1, path=Path("data")),
        "best": np.float64(0.3),
        "started": datetime.datetime(2024, 5, 1),
        "by_class": collections.defaultdict(list, {"a": [1]}),
        "scores": np.ones(3, np.float32),
    }
    found = inspect_file(saved({"state_dict": state, **beside}))
    assert [gru.name for gru in found.grus] == ["gru"]
    assert len(found.notes) == 1
    assert "argparse.Namespace" in found.notes[0]
    assert "none was made" in found.notes[0]
    with_them, alone = (load(saved({"state_dict": state, **more}))["gru"] for more in (beside, {}))
    assert with_them.fingerprint() == alone.fingerprint()
    with pytest.raises(ModelFileError, match="holds more than weights"):
        load(saved({"state_dict": state, "settings": Settings(), **beside}))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_reading_as_data_gives_what_torch_gives(dtype: torch.dtype) -> None:
    state = nn.GRU(2, 3, 2, bidirectional=True).to(dtype).state_dict()
    # As columns, too: a tensor's strides are part of what is read.
    state = {n: nn.Parameter(v.t().contiguous().t()) for n, v in state.items()}
    by_torch, as_data = (load(saved(state, pickle_protocol=protocol))["gru"] for protocol in (2, 4))
    assert by_torch.fingerprint() == as_data.fingerprint()
    assert by_torch.dtype == as_data.dtype


def test_a_lightning_checkpoint() -> None:
    checkpoint = {
        "epoch": 1,
        "pytorch-lightning_version": "2.1.0",
        "state_dict": {f"model.{name}": value for name, value in nn.GRU(2, 3).state_dict().items()},
        "loops": {"fit_loop": {"batch_progress": torch.ones(1)}},
        "callbacks": {"ModelCheckpoint": {"best_model_score": torch.tensor(0.3)}},
        "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(3)}}}],
        "hyper_parameters": {"lr": 0.1},
    }
    found = inspect_file(saved(checkpoint))
    assert [gru.name for gru in found.grus] == ["model"]
    assert found.others == ()
    assert len(found.notes) == 3


@pytest.mark.parametrize("way", ["hook", "parametrization"])
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_weight_norm_is_put_together(way: str) -> None:
    module = nn.GRU(3, 4, batch_first=True)
    if way == "hook":
        nn.utils.weight_norm(module, "weight_hh_l0")
        length = module.weight_hh_l0_g
    else:
        nn.utils.parametrizations.weight_norm(module, "weight_hh_l0")
        length = module.parametrizations.weight_hh_l0.original0
    x = torch.randn(2, 5, 3)
    with torch.no_grad():
        length.mul_(1.5)
        expected = module(x)[0]
    file = saved({f"rnn.{name}": value for name, value in module.state_dict().items()})
    assert largest_difference(load(file)["rnn"], x, expected) < 1e-6
    found = inspect_file(file)
    assert found.notes == (
        "Stored as length and direction (weight_norm) and put together: rnn.weight_hh_l0.",
    )
    assert found.others == ()


def test_parts_that_do_not_make_a_weight_are_refused_with_the_way_out() -> None:
    module = nn.utils.parametrizations.spectral_norm(nn.GRU(2, 3), "weight_hh_l0")
    with pytest.raises(ModelFileError, match=r"weight_hh_l0 is stored in parts .*remove_parametrizations"):
        load(saved(module.state_dict()))
    state = nn.GRU(2, 3).state_dict()
    v = state.pop("weight_hh_l0")
    with pytest.raises(ModelFileError, match="which do not fit each other"):
        load(saved({**state, "weight_hh_l0_v": v, "weight_hh_l0_g": torch.ones(3, 1)}))


def test_a_list_of_tensors_is_listed_by_position() -> None:
    found = inspect_file(saved(list(nn.GRU(2, 3).state_dict().values())))
    assert found.grus == ()
    assert [tensor.name for tensor in found.tensors] == ["0", "1", "2", "3"]


def test_a_dict_that_is_named_often_is_read_once() -> None:
    state = nn.GRU(2, 3).state_dict()
    inner: object = state
    for _ in range(10):
        inner = [inner] * 50
    found = inspect_file(saved({"nested": inner}))
    assert len(found.grus) == 1
    with pytest.raises(ModelFileError, match="whose name is longer than 1,000 characters"):
        load(saved({"x" * 2_000: state}))
