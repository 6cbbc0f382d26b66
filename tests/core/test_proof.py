"""The proof of a model holds for what `trace` gives, and fails for anything else."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.analysis.proof import PROOF_STEPS, SYMBOL_NAMES, prove_model
from gru_core.errors import InputError
from gru_core.model import GRU
from gru_core.trace import trace

MODELS = {
    "torch": lambda: GRU.from_torch(nn.GRU(3, 8, batch_first=True)),
    "torch, two layers, both ways": lambda: GRU.from_torch(nn.GRU(3, 8, 2, bidirectional=True)),
    "double": lambda: GRU(3, 8, reset_mode="after").double(),
    "backwards": lambda: GRU(3, 8, reset_mode="after", backwards=True),
    "before": lambda: GRU(3, 8, 2, True),
    "hard gates": lambda: GRU(3, 8, reset_mode="after", gate_activation="hard_sigmoid_fifth"),
}


@pytest.mark.parametrize("name", MODELS)
def test_it_holds_for_what_a_trace_gives(name: str) -> None:
    torch.manual_seed(21)
    gru = MODELS[name]()
    proof = prove_model(gru, trace(gru, torch.randn(2, 30, 3)))
    assert proof.holds
    assert proof.chain == 0
    assert [entry.symbol for entry in proof.differences] == list(SYMBOL_NAMES)
    assert proof.largest < 2e-6
    by_torch = name in ("torch", "torch, two layers, both ways", "double", "backwards")
    assert proof.against == ("torch.nn.GRU" if by_torch else "equations")
    assert (proof.whole_run is not None) == by_torch
    assert proof.whole_run is None or proof.whole_run < 1e-5
    assert (proof.steps, proof.of_steps) == (30, 30)


@pytest.mark.parametrize("reset_mode", ["before", "after"])
@pytest.mark.parametrize("symbol", SYMBOL_NAMES)
def test_one_wrong_number_of_any_symbol_is_noticed(symbol: str, reset_mode: str) -> None:
    torch.manual_seed(22)
    gru = GRU(3, 8, reset_mode=reset_mode)
    (good,) = trace(gru, torch.randn(1, 30, 3))
    changed = getattr(good, symbol).copy()
    changed[0, 17, 5] += 1e-3
    proof = prove_model(gru, [replace(good, **{symbol: changed})])
    assert not proof.holds
    (found,) = [entry for entry in proof.differences if entry.symbol == symbol]
    assert found.first == pytest.approx(1e-3, rel=1e-2)
    assert found.double == pytest.approx(1e-3, rel=1e-2)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_not_a_number_does_not_hold(number: float) -> None:
    gru = GRU(3, 8)
    (good,) = trace(gru, torch.randn(1, 30, 3))
    changed = good.Z.copy()
    changed[0, 3, 3] = number
    assert not prove_model(gru, [replace(good, Z=changed)]).holds


def test_wrong_readings_of_the_same_weights_are_noticed() -> None:
    """Swapped gates, the other reset mode and the other sense of Z, as a wrong reading would have them."""
    torch.manual_seed(23)
    gru, x = GRU(3, 8, reset_mode="after"), torch.randn(1, 30, 3)
    swapped, turned, before = (GRU(3, 8, reset_mode=mode) for mode in ("after", "after", "before"))
    with torch.no_grad():
        for part in ("weight_x", "weight_h", "bias"):
            value = getattr(gru.cell(0), part)
            r, z, h = value.split(8)
            getattr(swapped.cell(0), part).copy_(torch.cat([z, r, h]))
            getattr(turned.cell(0), part).copy_(torch.cat([r, -z, h]))
            getattr(before.cell(0), part).copy_(value)
        for other in (swapped, turned):
            other.cell(0).bias_hh.copy_(gru.cell(0).bias_hh)
    for other in (swapped, turned, before):
        proof = prove_model(gru, trace(other, x))
        assert not proof.holds
        assert proof.largest > 1e-2


def test_steps_that_do_not_hang_together_are_noticed() -> None:
    """Each step may be right from where it says it starts, and the whole still wrong."""
    torch.manual_seed(24)
    gru, x = GRU(3, 8), torch.randn(1, 30, 3)
    whole = trace(gru, x)[0]
    later = trace(gru, x[:, 15:])[0]
    names = ("R", "Z", "H_tilde", "H", "H_prev", "R_proposed", "Z_proposed")
    glued = {
        name: np.concatenate([getattr(whole, name)[:, :15], getattr(later, name)], axis=1) for name in names
    }
    proof = prove_model(gru, [replace(whole, **glued)])
    assert proof.largest < 1e-6
    assert proof.chain > 1e-2
    assert not proof.holds


def test_layers_that_do_not_hang_together_are_noticed() -> None:
    torch.manual_seed(25)
    gru = GRU(3, 3, 2)
    lower, upper = trace(gru, torch.randn(1, 30, 3))
    other = trace(gru, torch.randn(1, 30, 3))[1]
    assert prove_model(gru, [lower, upper]).holds
    assert not prove_model(gru, [lower, other]).holds


def test_large_inputs_leave_more_to_rounding_and_still_hold() -> None:
    torch.manual_seed(26)
    gru = GRU.from_torch(nn.GRU(3, 8, batch_first=True))
    proof = prove_model(gru, trace(gru, 1_000 * torch.randn(1, 40, 3)))
    assert proof.holds
    assert 1e-4 < proof.tolerance < 1e-3


def swapped(gru: GRU) -> GRU:
    """The same weights with reset and update gate exchanged, as a wrong reading has them."""
    other = copy.deepcopy(gru)
    with torch.no_grad():
        for part in (other.cell(0).weight_x, other.cell(0).weight_h, other.cell(0).bias):
            r, z, h = part.clone().chunk(3)
            part.copy_(torch.cat([z, r, h]))
    return other


@pytest.mark.parametrize("reset_mode", ["before", "after"])
def test_swapped_gates_never_hold_however_large_the_inputs(reset_mode: str) -> None:
    """Seconds since 1970 leave some 200 to rounding, and no two gates differ by more than 1."""
    torch.manual_seed(27)
    gru, x = GRU(3, 8, reset_mode=reset_mode), 1 + 0.1 * torch.randn(1, 40, 3)
    for size in (1, 3e4):
        assert prove_model(gru, trace(gru, size * x)).holds
        assert not prove_model(gru, trace(swapped(gru), size * x)).holds
    wrong = trace(swapped(gru), 1.7e9 * x)
    assert np.abs(wrong[0].R - trace(gru, 1.7e9 * x)[0].R).max() > 0.5
    with pytest.raises(InputError, match="right and wrong gates cannot be told apart"):
        prove_model(gru, wrong)


def test_where_rounding_hides_right_from_wrong_no_proof_is_given() -> None:
    """Sums of 1.7e9 that cancel to numbers around 1: what is left of them in float32 is rounding."""
    gru = GRU(2, 4, reset_mode="after")
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.zero_()
        gru.cell(0).weight_x[:, 0] = 1 / 3
        gru.cell(0).weight_x[:, 1] = -1 / 3 + 1e-9
    x = 1.7e9 + torch.arange(20.0)[:, None].expand(20, 2)[None] * 128
    with pytest.raises(InputError, match=r"rounding of float32 may leave .* Standardise the inputs"):
        prove_model(gru, trace(gru, x))


def test_a_long_sequence_is_compared_on_its_first_steps() -> None:
    gru = GRU.from_torch(nn.GRU(1, 4, batch_first=True))
    proof = prove_model(gru, trace(gru, torch.randn(1, 3_000, 1)))
    assert (proof.steps, proof.of_steps, proof.whole_run) == (PROOF_STEPS, 3_000, None)
    assert proof.holds
