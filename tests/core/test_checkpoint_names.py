"""Names in checkpoints: what holds a state_dict goes, and two models in one file are never mixed."""

import io

import pytest
import torch
from torch import nn

from gru_core.formats import inspect_file, load
from gru_core.model import GRU

State = dict[str, torch.Tensor]
X = torch.randn(2, 6, 3, generator=torch.Generator().manual_seed(1))


def saved(content: object) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(content, file)
    file.seek(0)
    return file


def named(module: nn.Module, prefix: str) -> State:
    return {prefix + name: value for name, value in module.state_dict().items()}


def gru_of(seed: int, layers: int = 1, bias: bool = True) -> nn.GRU:
    torch.manual_seed(seed)
    return nn.GRU(3, 4, layers, bias=bias, batch_first=True)


def difference(gru: GRU, module: nn.GRU) -> float:
    with torch.no_grad():
        return float((gru(X)[0] - module(X)[0]).abs().max())


@pytest.mark.parametrize("names", [("model", "ema"), ("generator", "net"), ("state_dict", "model_state")])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (gru_of(1, bias=False), gru_of(2)),
        (gru_of(1), gru_of(2, bias=False)),
        (gru_of(1), gru_of(2, layers=2)),
        (gru_of(1), gru_of(2)),
    ],
)
@pytest.mark.parametrize("prefix", ["rnn.", "module.rnn."])
def test_two_models_in_one_checkpoint_are_two_grus(
    names: tuple[str, str], first: nn.GRU, second: nn.GRU, prefix: str
) -> None:
    one, two = names
    grus = load(saved({one: named(first, prefix), two: named(second, prefix), "epoch": 3}))
    assert list(grus) == [f"{one}.rnn", f"{two}.rnn"]
    assert difference(grus[f"{one}.rnn"], first) < 1e-6
    assert difference(grus[f"{two}.rnn"], second) < 1e-6
    assert difference(grus[f"{one}.rnn"], second) > 1e-2


def test_two_models_inside_a_wrapper_are_apart_too() -> None:
    first, second = gru_of(1, bias=False), gru_of(2)
    inner = {"model": named(first, "rnn."), "ema": {"state_dict": named(second, "rnn.")}}
    grus = load(saved({"state": inner, "epoch": torch.tensor(3)}))
    assert list(grus) == ["model.rnn", "ema.rnn"]
    assert difference(grus["model.rnn"], first) < 1e-6
    assert difference(grus["ema.rnn"], second) < 1e-6


@pytest.mark.parametrize("prefix", ["rnn.", ""])
def test_what_stands_beside_a_wrapped_model_does_not_become_part_of_it(prefix: str) -> None:
    first, second = gru_of(1, bias=False), gru_of(2)
    grus = load(saved({"model": named(first, prefix), **named(second, prefix)}))
    assert list(grus) == ["model.rnn" if prefix else "model", "rnn" if prefix else "gru"]
    wrapped, beside = grus.values()
    assert difference(wrapped, first) < 1e-6
    assert difference(beside, second) < 1e-6


def test_a_dict_and_flat_names_that_begin_as_it_is_called_are_apart() -> None:
    first, second, third = gru_of(1, bias=False), gru_of(2), gru_of(3)
    states = {"module": named(first, ""), **named(second, "module."), **named(third, "")}
    grus = load(saved(states))
    assert list(grus) == ["module (2)", "module", "gru"]
    for gru, module in zip(grus.values(), (first, second, third), strict=True):
        assert difference(gru, module) < 1e-6


@pytest.mark.parametrize(
    "beside",
    [
        {"rng": torch.zeros(16, dtype=torch.uint8)},
        {"ema": {"decay": torch.tensor(0.9)}},
        {"best": torch.tensor(0.5), "epoch": 4},
        {"mean": torch.zeros(2, 2)},
    ],
)
def test_numbers_beside_one_model_change_no_name(beside: dict[str, object]) -> None:
    module = gru_of(1)
    (name,) = load(saved({**beside, "model": {"state_dict": named(module, "module.rnn.")}}))
    assert name == "rnn"


def test_a_part_called_module_keeps_its_name_beside_others() -> None:
    first, second = gru_of(1), gru_of(2, layers=2)
    grus = load(saved({**named(first, "module.gru."), **named(second, "gru.")}))
    assert list(grus) == ["module.gru", "gru"]
    assert difference(grus["module.gru"], first) < 1e-6
    assert difference(grus["gru"], second) < 1e-6


def test_a_compiled_part_is_not_mixed_with_one_that_is_not() -> None:
    first, second = gru_of(1, bias=False), gru_of(2)
    grus = load(saved({**named(first, "a._orig_mod.gru."), **named(second, "a.gru.")}))
    assert list(grus) == ["a._orig_mod.gru", "a.gru"]
    assert difference(grus["a._orig_mod.gru"], first) < 1e-6
    assert difference(grus["a.gru"], second) < 1e-6


def test_an_averaged_model_is_named_as_the_model() -> None:
    averaged = torch.optim.swa_utils.AveragedModel(nn.ModuleDict({"rnn": gru_of(1)}))
    assert list(load(saved(averaged.state_dict()))) == ["rnn"]


def test_no_array_takes_the_place_of_another() -> None:
    found = inspect_file(saved({"a": {"b.c": torch.zeros(2)}, "a.b": {"c": torch.ones(3)}}))
    assert [tensor.shape for tensor in found.tensors] == [(2,), (3,)]
    assert len({tensor.name for tensor in found.tensors}) == 2


class Wrapped(nn.Module):
    """A model with a part called `module`."""

    def __init__(self, first: nn.Module, second: nn.Module) -> None:
        super().__init__()
        self.module = nn.ModuleDict({"gru": first})
        self.gru = second


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_torchscript_keeps_a_part_called_module_too() -> None:
    first, second = gru_of(1), gru_of(2, layers=2)
    file = io.BytesIO()
    torch.jit.save(torch.jit.script(Wrapped(first, second)), file)
    file.seek(0)
    grus = load(file)
    assert sorted(grus) == ["gru", "module.gru"]
    assert difference(grus["module.gru"], first) < 1e-6
    assert difference(grus["gru"], second) < 1e-6


@pytest.mark.parametrize(
    "name", ["amplitude", "amp_gru", "amp", "loops", "scaler_gru", "optimal", "optimizer", "callbacks_gru"]
)
def test_arrays_of_a_flat_state_dict_are_the_models_whatever_they_are_called(name: str) -> None:
    module = gru_of(1)
    grus = load(saved(named(module, f"{name}.")))
    assert list(grus) == [name]
    assert difference(grus[name], module) < 1e-6


@pytest.mark.parametrize("name", ["amplitude", "amp_gru", "loops_gru", "optimal_policy", "callbacks_gru"])
def test_a_model_in_a_dict_is_no_training_because_of_how_its_name_begins(name: str) -> None:
    assert list(load(saved({name: gru_of(1).state_dict()}))) == [name]


@pytest.mark.parametrize(
    "name",
    [
        *("optimizer", "optimizer_state_dict", "optimizer_states", "optimizers", "optimizerG", "optim_d"),
        *("optim", "optimiser", "lr_schedulers", "scheduler_state", "lr_scheduler", "scaler", "grad_scaler"),
        *("amp", "amp_state_dict", "amp_scaling_state", "callbacks", "loops", "Optimizer"),
    ],
)
def test_what_belongs_to_the_training_is_left_out(name: str) -> None:
    found = inspect_file(saved({"model": gru_of(1).state_dict(), name: {"state": [torch.ones(2, 2)]}}))
    assert len(found.tensors) == 4
    assert found.notes == (f"{name!r} belongs to the training (1 arrays) and is left out.",)
