"""The equations on numbers that one can check on paper, and on torch's own cells."""

import math

import pytest
import torch

from gru_core.equations import GATE_ACTIVATIONS, gru_step
from gru_core.errors import InputError
from gru_core.model import GRU


def sigmoid(a: float) -> float:
    return 1 / (1 + math.exp(-a))


def one_unit(reset_mode: str, **blocks: float) -> GRU:
    """A GRU of one input and one unit with the given numbers, others 0."""
    gru = GRU(1, 1, reset_mode=reset_mode).double()
    cell = gru.cells[0]
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        for name, value in blocks.items():
            getattr(cell, name).fill_(value)
    return gru


def test_one_unit_by_hand_before() -> None:
    gru = one_unit(
        "before", W_xr=1.0, W_hr=2.0, b_r=-0.5, W_xz=-1.0, W_hz=0.5, b_z=0.25, W_xh=3.0, W_hh=-2.0, b_h=0.1
    )
    x, h = 0.7, -0.4
    r = sigmoid(0.7 - 0.8 - 0.5)
    z = sigmoid(-0.7 - 0.2 + 0.25)
    n = math.tanh(2.1 + (r * h) * -2.0 + 0.1)
    expected = (r, z, n, z * h + (1 - z) * n)
    got = gru_step(
        torch.tensor([[x]], dtype=torch.float64),
        torch.tensor([[h]], dtype=torch.float64),
        gru.cells[0],
        "before",
    )
    assert tuple(value.item() for value in got) == pytest.approx(expected, abs=1e-15)


def test_one_unit_by_hand_after_has_its_bias_inside_the_reset_product() -> None:
    gru = one_unit("after", W_hr=2.0, W_xh=3.0, W_hh=-2.0, b_h=0.1, bias_hh=0.9)
    x, h = 0.7, -0.4
    r, z = sigmoid(-0.8), 0.5
    n = math.tanh(2.1 + 0.1 + r * (h * -2.0 + 0.9))
    got = gru_step(
        torch.tensor([[x]], dtype=torch.float64),
        torch.tensor([[h]], dtype=torch.float64),
        gru.cells[0],
        "after",
    )
    assert tuple(value.item() for value in got) == pytest.approx((r, z, n, z * h + (1 - z) * n), abs=1e-15)


def test_the_two_reset_modes_are_different_functions() -> None:
    torch.manual_seed(1)
    before, after = GRU(2, 3).double(), GRU(2, 3, reset_mode="after").double()
    after.load_state_dict({**before.state_dict(), "cells.0.bias_hh": torch.zeros(3)})
    x, h = torch.randn(4, 2).double(), torch.randn(4, 3).double()
    one = gru_step(x, h, before.cells[0], "before")[3]
    other = gru_step(x, h, after.cells[0], "after")[3]
    assert (one - other).abs().max() > 1e-3


def test_a_step_equals_torch_gru_cell() -> None:
    torch.manual_seed(2)
    cell = torch.nn.GRUCell(4, 5).double()
    layer = torch.nn.GRU(4, 5).double()
    layer.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    x, h = torch.randn(3, 4).double(), torch.randn(3, 5).double()
    got = gru_step(x, h, GRU.from_torch(layer).cells[0], "after")[3]
    torch.testing.assert_close(got, cell(x, h), atol=1e-14, rtol=0)


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("sigmoid", 0.0, 0.5),
        ("hard_sigmoid_fifth", 1.0, 0.7),
        ("hard_sigmoid_fifth", 2.6, 1.0),
        ("hard_sigmoid_fifth", -2.6, 0.0),
        ("hard_sigmoid_sixth", 1.0, 0.5 + 1 / 6),
        ("hard_sigmoid_sixth", 2.6, 0.5 + 2.6 / 6),
        ("hard_sigmoid_sixth", -3.1, 0.0),
    ],
)
def test_gate_activations(name: str, at: float, expected: float) -> None:
    value = GATE_ACTIVATIONS[name](torch.tensor(at, dtype=torch.float64)).item()
    assert value == pytest.approx(expected, abs=1e-12)


def test_an_unknown_reset_mode_is_refused() -> None:
    gru = GRU(1, 1)
    with pytest.raises(InputError, match="'before' or 'after', got 'during'"):
        gru_step(torch.zeros(1, 1), torch.zeros(1, 1), gru.cells[0], "during")
