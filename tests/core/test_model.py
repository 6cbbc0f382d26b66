"""The GRU as a module, and a saved model read back."""

import io
from typing import Any

import numpy as np
import pytest
import torch

from gru_core.conventions import CONVENTIONS, Convention, to_canonical
from gru_core.errors import InputError, ModelFileError, OverrideError, ShapeError
from gru_core.model import GRU
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.trace import last_output, trace


def test_sizes_as_torch_names_them() -> None:
    gru = GRU(3, 5, 2, True, "after")
    assert (gru.input_size, gru.hidden_size, gru.num_layers, gru.bidirectional) == (3, 5, 2, True)
    twin = torch.nn.GRU(3, 5, 2, bidirectional=True, batch_first=True)
    ours, theirs = gru(torch.randn(4, 7, 3)), twin(torch.randn(4, 7, 3))
    assert [tuple(a.shape) for a in ours] == [tuple(a.shape) for a in theirs]


def test_one_sequence_without_a_batch() -> None:
    gru, x = GRU(3, 5), torch.randn(7, 3)
    output, h_n = gru(x)
    torch.testing.assert_close(output, gru(x.unsqueeze(0))[0][0])
    assert h_n.shape == (1, 5)


def test_gradients_equal_torch() -> None:
    torch.manual_seed(14)
    layer = torch.nn.GRU(3, 5, 2, bidirectional=True, batch_first=True).double()
    gru = GRU.from_torch(layer)
    x = torch.randn(2, 6, 3).double()
    layer(x)[0].square().sum().backward()
    gru(x)[0].square().sum().backward()
    for index, cell in enumerate(gru.cells):
        suffix = f"_l{index // 2}" + ("_reverse" if index % 2 else "")
        torch.testing.assert_close(cell.weight_x.grad, getattr(layer, f"weight_ih{suffix}").grad)
        torch.testing.assert_close(cell.weight_h.grad, getattr(layer, f"weight_hh{suffix}").grad)
        torch.testing.assert_close(cell.bias_hh.grad, getattr(layer, f"bias_hh{suffix}").grad[10:])


OVERRIDES: dict[str, tuple[GateOverride, ...]] = {
    **EXTREMES,
    "one layer": (GateOverride("Z", 0.9, layers=(1,)),),
    "one direction": (GateOverride("R", 0.1, direction="backward"),),
    "some units, some steps, half": (
        GateOverride("Z", 0.8, units=(0, -1), steps=slice(2, None, 2), blend=0.5),
        GateOverride("R", 0.3, steps=(0, -1), layers=(0,)),
    ),
}
each_override = pytest.mark.parametrize("overrides", OVERRIDES.values(), ids=OVERRIDES)


@each_override
@pytest.mark.parametrize("mode", ["before", "after"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_forward_with_gates_held_gives_what_a_trace_shows(
    overrides: tuple[GateOverride, ...], mode: Any, bidirectional: bool
) -> None:
    torch.manual_seed(17)
    gru = GRU(3, 5, 2, bidirectional, mode).double()
    for steps in (6, 7):
        x = torch.randn(4, steps, 3).double()
        traces = trace(gru, x, overrides=overrides)
        with torch.no_grad():
            output, h_n = gru(x, None, overrides)
            single = gru(x[1], None, overrides)
        np.testing.assert_array_equal(output, last_output(traces))
        ends = [t.H[:, 0 if t.direction == "backward" else -1] for t in traces]
        np.testing.assert_array_equal(h_n, np.stack(ends))
        for one, of_batch in zip(single, (output[1], h_n[:, 1]), strict=True):
            torch.testing.assert_close(one, of_batch, rtol=0, atol=1e-14)


@each_override
@pytest.mark.parametrize("mode", ["before", "after"])
def test_gradients_flow_around_held_gates(overrides: tuple[GateOverride, ...], mode: Any) -> None:
    torch.manual_seed(18)
    gru = GRU(2, 3, 2, True, mode).double()
    x = torch.randn(2, 5, 2, dtype=torch.float64, requires_grad=True)
    h0 = torch.randn(4, 2, 3, dtype=torch.float64, requires_grad=True)

    def states(x: torch.Tensor, h0: torch.Tensor, *_: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        output, h_n = gru(x, h0, overrides)
        return output, h_n

    assert torch.autograd.gradcheck(states, (x, h0, *gru.parameters()), fast_mode=True)


def test_a_gru_that_copies_learns_nothing_from_its_input() -> None:
    gru = GRU(3, 5, 2).double()
    x = torch.randn(2, 6, 3, dtype=torch.float64, requires_grad=True)
    h0 = torch.randn(2, 2, 5, dtype=torch.float64, requires_grad=True)
    output, _ = gru(x, h0, EXTREMES["copy"])
    output.sum().backward()
    assert all(not p.grad.any() for p in (x, *gru.parameters()) if p.grad is not None)
    assert x.grad is not None
    # The last layer's state goes through every step as it is; the first layer's goes nowhere.
    assert h0.grad is not None
    assert (h0.grad[0] == 0).all()
    assert (h0.grad[1] == 6).all()


def test_a_unit_or_step_that_does_not_exist_cannot_be_held() -> None:
    gru = GRU(3, 5)
    x = torch.zeros(1, 4, 3)
    for override in (GateOverride("Z", 1, units=(5,)), GateOverride("Z", 1, steps=4)):
        with pytest.raises(OverrideError, match=r"There is no (unit 5|step 4)"):
            gru(x, None, (override,))
    # The same steps are there in a longer sequence.
    gru(torch.zeros(1, 5, 3), None, (GateOverride("Z", 1, steps=4),))


def test_dropout_is_said_and_not_applied() -> None:
    layer = torch.nn.GRU(3, 5, 2, dropout=0.5, batch_first=True)
    gru = GRU.from_torch(layer.train())
    assert "dropout of 0.5" in gru.notes[0]
    x = torch.randn(1, 6, 3)
    with torch.no_grad():
        np.testing.assert_allclose(trace(gru, x)[-1].H, layer.eval()(x)[0].numpy(), atol=1e-6)


def test_fingerprint_follows_weights_and_convention() -> None:
    torch.manual_seed(15)
    gru = GRU(2, 3)
    same = GRU(2, 3)
    same.load_state_dict(gru.state_dict())
    assert gru.fingerprint() == same.fingerprint()
    hard = GRU(2, 3, gate_activation="hard_sigmoid_fifth")
    hard.load_state_dict(gru.state_dict())
    assert hard.fingerprint() != gru.fingerprint()
    with torch.no_grad():
        same.cells[0].bias[0] += 1e-6
    assert same.fingerprint() != gru.fingerprint()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_size": 0}, "input_size must be a whole number of at least 1, got 0"),
        ({"hidden_size": 2.5}, "hidden_size"),
        ({"reset_mode": "during"}, "'before' or 'after'"),
        ({"gate_activation": "relu"}, "gate_activation must be one of"),
    ],
)
def test_arguments_are_checked(arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        GRU(**({"input_size": 2, "hidden_size": 3} | arguments))


def test_only_a_torch_gru_is_converted() -> None:
    with pytest.raises(InputError, match=r"takes a torch\.nn\.GRU, got LSTM"):
        GRU.from_torch(torch.nn.LSTM(2, 3))


def test_wrong_input_width_names_both() -> None:
    with pytest.raises(ShapeError, match="reads 2 inputs per step, the sequence has 5"):
        GRU(2, 3)(torch.zeros(1, 4, 5))


def test_a_convention_that_stores_another_order_and_sense() -> None:
    """The same function packed z, r, h in columns with z as the update share comes back exactly."""
    torch.manual_seed(16)
    gru = GRU(2, 3).double()
    r_x, z_x, h_x = gru.cells[0].weight_x.detach().split(3)
    r_h, z_h, h_h = gru.cells[0].weight_h.detach().split(3)
    r_b, z_b, h_b = gru.cells[0].bias.detach().split(3)
    other = Convention("other", "test", ("z", "r", "c"), "update", "before", "columns", "one", "here")
    weights = to_canonical(
        other,
        torch.cat([-z_x, r_x, h_x]).T,
        torch.cat([-z_h, r_h, h_h]).T,
        torch.cat([-z_b, r_b, h_b]),
        None,
        "before",
    )
    back = GRU(2, 3).double()
    back.cells[0].set_canonical(weights)
    x = torch.randn(1, 9, 2).double()
    np.testing.assert_array_equal(trace(gru, x)[0].Z, trace(back, x)[0].Z)
    np.testing.assert_array_equal(trace(gru, x)[0].H, trace(back, x)[0].H)


def test_a_reset_mode_is_never_converted() -> None:
    tensors = (torch.zeros(9, 2), torch.zeros(9, 3), None, None)
    with pytest.raises(ModelFileError, match="different functions"):
        to_canonical(CONVENTIONS["torch"], *tensors, reset_mode="before")


@pytest.mark.parametrize(
    ("rows", "message"), [(12, "3 x 3 = 9 rows .* got 12: is this an LSTM"), (3, "plain RNN"), (7, "got 7")]
)
def test_other_cells_are_recognised(rows: int, message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        to_canonical(CONVENTIONS["torch"], torch.zeros(rows, 2), torch.zeros(rows, 3), None, None, "after")


def test_module_survives_torch_save() -> None:
    gru = GRU(2, 3, reset_mode="after")
    buffer = io.BytesIO()
    torch.save(gru.state_dict(), buffer)
    buffer.seek(0)
    back = GRU(2, 3, reset_mode="after")
    back.load_state_dict(torch.load(buffer, weights_only=True))
    assert back.fingerprint() == gru.fingerprint()
