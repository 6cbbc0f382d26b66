"""The fast recurrence says what equations.py says, on both engines, forward and backward."""

from __future__ import annotations

import threading
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from gru_core.equations import GATE_ACTIVATIONS, candidate, hidden_state, reset_gate, update_gate
from gru_core.errors import InputError, ShapeError
from gru_core.kernels import engine_name
from gru_core.overrides import ForcedGates, GateOverride, compile_overrides
from gru_core.scan import gru_scan, trace_scan, warm_kernels

TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-12}
MODES = ("before", "after")
FORCED = (
    GateOverride("Z", 0.7, steps=slice(1, None, 2)),
    GateOverride("R", 0.2, units=(0, -1), blend=0.5),
    GateOverride("Z", 1.0, units=(1,), steps=(0, -1)),
)

Arguments = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor | None]


@pytest.fixture(params=["torch", "numba"])
def each_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GATESCOPE_KERNEL", request.param)
    assert warm_kernels() == engine_name() == request.param
    return str(request.param)


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers for any amount of work, while torch itself keeps to one thread."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr("gru_core.kernels.native.ENOUGH_FOR_THREADS", 0.0)


def arguments(
    steps: int,
    batch: int,
    inputs: int,
    units: int,
    mode: str,
    dtype: torch.dtype = torch.float64,
    seed: int = 0,
) -> Arguments:
    random = torch.Generator().manual_seed(seed)

    def uniform(*shape: int, scale: float = 1.0) -> Tensor:
        return ((torch.rand(*shape, generator=random, dtype=torch.float64) * 2 - 1) * scale).to(dtype)

    s = units**-0.5
    weights = (
        uniform(3 * units, inputs, scale=s),
        uniform(3 * units, units, scale=s),
        uniform(3 * units, scale=s),
    )
    bias_hh = uniform(units, scale=s) if mode == "after" else None
    return (uniform(batch, steps, inputs), uniform(batch, units), *weights, bias_hh)


def forced_for(steps: int, units: int) -> ForcedGates:
    forced = compile_overrides(FORCED, steps=steps, units=units)
    assert forced is not None
    return forced


def referee(
    x: Tensor, h0: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor, bias_hh: Tensor | None, *,
    reset_mode: Any, gate_activation: str = "sigmoid",
    forced: ForcedGates | None = None, reverse: bool = False,
) -> list[Tensor]:  # fmt: skip
    """R, Z, H_tilde, H and the two proposed gates by the textbook, step by step."""
    names = ("W_xr", "W_xz", "W_xh", "W_hr", "W_hz", "W_hh", "b_r", "b_z", "b_h")
    parts = [a.t() for a in weight_x.chunk(3)] + [a.t() for a in weight_h.chunk(3)] + list(bias.chunk(3))
    w: Any = SimpleNamespace(**dict(zip(names, parts, strict=True)), b_hh=bias_hh)

    def apply(proposed: Tensor, keep: Any, force: Any, t: int) -> Tensor:
        if forced is None or keep is None:
            return proposed
        row = forced.rows[t]
        return torch.from_numpy(keep[row]).to(x.dtype) * proposed + torch.from_numpy(force[row]).to(x.dtype)

    steps = x.shape[1]
    found: list[Any] = [None] * steps
    H = h0
    for t in reversed(range(steps)) if reverse else range(steps):
        R_proposed = reset_gate(x[:, t], H, w, gate_activation)
        Z_proposed = update_gate(x[:, t], H, w, gate_activation)
        R = apply(R_proposed, forced and forced.keep_r, forced and forced.force_r, t)
        Z = apply(Z_proposed, forced and forced.keep_z, forced and forced.force_z, t)
        H_tilde = candidate(x[:, t], H, R, w, reset_mode)
        H = hidden_state(H, Z, H_tilde)
        found[t] = (R, Z, H_tilde, H, R_proposed, Z_proposed)
    return [torch.stack(column, 1) for column in zip(*found, strict=True)]


def distance(found: Any, expected: Any) -> float:
    return max(float((torch.as_tensor(a) - b).abs().max()) for a, b in zip(found, expected, strict=True))


@pytest.mark.usefixtures("each_engine", "two_threads")
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(
    # few and odd units; rows left over; whole tiles; workers that share the units
    "sizes",
    [
        (7, 1, 3, 5),
        (1, 2, 1, 1),
        (6, 9, 4, 37),
        pytest.param((8, 33, 8, 64), marks=pytest.mark.slow),
        pytest.param((6, 1, 8, 256), marks=pytest.mark.slow),
    ],
)
def test_equals_the_equations(sizes: tuple[int, int, int, int], dtype: torch.dtype) -> None:
    steps, _, _, units = sizes
    for mode, activation, reverse, with_forced in product(
        MODES, GATE_ACTIVATIONS, (False, True), (False, True)
    ):
        given = arguments(*sizes, mode, dtype)
        options: dict[str, Any] = {
            "reset_mode": mode,
            "gate_activation": activation,
            "reverse": reverse,
            "forced": forced_for(steps, units) if with_forced and steps > 1 and units > 1 else None,
        }
        expected = referee(*given, **options)
        assert distance(gru_scan(*given, **options), expected[:4]) < TOLERANCE[dtype], options
        record = trace_scan(*given, **options)
        found = (record.R, record.Z, record.H_tilde, record.H, record.R_proposed, record.Z_proposed)
        assert distance(found, expected) < TOLERANCE[dtype], options


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("activation", "with_forced"), [("sigmoid", True), ("sigmoid", False), ("hard_sigmoid_sixth", True)]
)
def test_gradient_is_that_of_finite_differences(
    mode: str, reverse: bool, activation: str, with_forced: bool
) -> None:
    given = [a.requires_grad_() for a in arguments(3, 5, 1, 2, mode) if a is not None]
    forced = forced_for(3, 2) if with_forced else None

    def scan(*tensors: Tensor) -> tuple[Tensor, ...]:
        return gru_scan(
            *tensors, reset_mode=mode, gate_activation=activation, forced=forced, reverse=reverse
        )  # fmt: skip

    assert torch.autograd.gradcheck(scan, given)


@pytest.mark.usefixtures("each_engine", "two_threads")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("used", [(3,), (0, 2), (0, 1, 2, 3)])
def test_gradient_is_that_of_the_equations_at_working_size(mode: str, used: tuple[int, ...]) -> None:
    sizes = (20, 19, 6, 40)
    forced = forced_for(20, 40)
    gradients = []
    for compute in (gru_scan, referee):
        given = arguments(*sizes, mode)
        wanted = [a.requires_grad_() for a in given if a is not None]
        outputs = compute(*given, reset_mode=mode, forced=forced)
        loss = sum((outputs[k] * torch.linspace(-1, 1, 40, dtype=torch.float64)).square().sum() for k in used)
        gradients.append(torch.autograd.grad(loss, wanted))
    for mine, theirs in zip(*gradients, strict=True):
        assert float((mine - theirs).abs().max()) < 1e-11 * max(1.0, float(theirs.abs().max()))


@pytest.mark.usefixtures("each_engine")
def test_equals_torch_gru_forward_and_backward() -> None:
    torch.manual_seed(1)
    theirs = torch.nn.GRU(3, 20, batch_first=True, dtype=torch.float64)
    x = torch.randn(6, 15, 3, dtype=torch.float64, requires_grad=True)
    w_x, w_h, b_x, b_h = theirs.parameters()
    bias = torch.cat([b_x[:40] + b_h[:40], b_x[40:]])
    H = gru_scan(x, x.new_zeros(6, 20), w_x, w_h, bias, b_h[40:], reset_mode="after")[3]
    expected = theirs(x)[0]
    assert float((H - expected).detach().abs().max()) < 1e-12
    wanted = (x, *theirs.parameters())
    for a, b in zip(
        torch.autograd.grad(H.square().sum(), wanted),
        torch.autograd.grad(expected.square().sum(), wanted),
        strict=True,
    ):
        assert float((a - b).abs().max()) < 1e-11


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_a_forced_gate_is_exactly_its_value_and_z_of_one_keeps_every_bit(
    mode: str, dtype: torch.dtype
) -> None:
    given = arguments(9, 3, 4, 21, mode, dtype)
    both = (GateOverride("Z", 0.3), GateOverride("R", 0.6))
    record = trace_scan(*given, reset_mode=mode, forced=compile_overrides(both, steps=9, units=21))
    assert set(np.unique(record.Z)) == {np.asarray(0.3, record.Z.dtype)[()]}
    assert set(np.unique(record.R)) == {np.asarray(0.6, record.R.dtype)[()]}
    copy = compile_overrides((GateOverride("Z", 1.0),), steps=9, units=21)
    record = trace_scan(*given, reset_mode=mode, forced=copy)
    kept = given[1].numpy()[:, None]
    assert np.array_equal(record.H, np.broadcast_to(kept, record.H.shape))
    rnn = compile_overrides((GateOverride("Z", 0.0),), steps=9, units=21)
    record = trace_scan(*given, reset_mode=mode, forced=rnn)
    assert np.array_equal(record.H, record.H_tilde)


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_gates_saturate_and_nan_stays_nan(dtype: torch.dtype) -> None:
    a = torch.tensor([-1e9, -800.0, -90.0, -20.0, -1.0, -1e-3, 0.0, 1e-6, 0.7, 9.0, 30.0, 1e9], dtype=dtype)
    eye = torch.ones(3, 1, dtype=dtype)
    zero = torch.zeros(3, 1, dtype=dtype), torch.zeros(3, dtype=dtype)
    record = trace_scan(a[None, :, None], torch.zeros(1, 1, dtype=dtype), eye, *zero, reset_mode="before")
    assert distance((record.R[0, :, 0], record.Z[0, :, 0]), (a.sigmoid(),) * 2) < 2 * torch.finfo(dtype).eps
    assert distance((record.H_tilde[0, :, 0],), (a.tanh(),)) < 2 * torch.finfo(dtype).eps
    assert record.H_tilde[0, 7, 0] == pytest.approx(1e-6, rel=4 * torch.finfo(dtype).eps)
    assert record.R.min() >= 0
    assert record.R.max() == record.H_tilde.max() == -record.H_tilde.min() == 1
    broken = trace_scan(
        torch.full((1, 1, 1), torch.nan, dtype=dtype), zero[0][:1], eye, *zero, reset_mode="before"
    )
    assert np.isnan([broken.R, broken.Z, broken.H_tilde, broken.H]).all()


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("reverse", [False, True])
def test_the_record_shares_what_is_the_same(reverse: bool) -> None:
    given = arguments(6, 2, 3, 8, "before")
    free = trace_scan(*given, reset_mode="before", reverse=reverse)
    assert free.R_proposed is free.R
    assert free.Z_proposed is free.Z
    assert free.H.shape == free.H_prev.shape == (2, 6, 8)
    later, earlier = (free.H_prev[:, :-1], free.H[:, 1:]) if reverse else (free.H_prev[:, 1:], free.H[:, :-1])
    assert (later == earlier).all()
    assert np.shares_memory(later, earlier)
    assert (free.H_prev[:, -1 if reverse else 0] == given[1].numpy()).all()
    z_only = compile_overrides((GateOverride("Z", 0.5),), steps=6, units=8)
    forced = trace_scan(*given, reset_mode="before", forced=z_only, reverse=reverse)
    assert forced.R_proposed is forced.R
    assert not np.shares_memory(forced.Z_proposed, forced.Z)


@pytest.mark.usefixtures("each_engine", "two_threads")
@pytest.mark.parametrize("mode", MODES)
def test_arguments_may_lie_anyhow_and_stay_as_they_were(mode: str) -> None:
    given = [a for a in arguments(20, 9, 6, 16, mode) if a is not None]
    strided = [a.repeat_interleave(2, -1)[..., ::2] for a in given]
    strided[0] = given[0].transpose(0, 1).contiguous().transpose(0, 1)
    strided[3] = given[3].t().contiguous().t()
    before = [a.clone() for a in strided]
    assert distance(gru_scan(*strided, reset_mode=mode), gru_scan(*given, reset_mode=mode)) < 1e-14
    wanted = [a.requires_grad_() for a in strided]
    gru_scan(*wanted, reset_mode=mode, reverse=True)[3].sum().backward()
    trace_scan(*wanted, reset_mode=mode, forced=forced_for(20, 16))
    assert all(torch.equal(a.detach(), b) for a, b in zip(strided, before, strict=True))


@pytest.mark.usefixtures("each_engine")
def test_only_wanted_gradients_are_taken_and_backward_can_be_repeated() -> None:
    x, h0, w_x, w_h, b, _ = arguments(5, 2, 3, 4, "before")
    w_h.requires_grad_()
    outputs = gru_scan(x, h0, w_x, w_h, b, reset_mode="before")
    first = torch.autograd.grad(outputs[3].sum(), w_h, retain_graph=True)[0]
    second = torch.autograd.grad(outputs[3].sum(), w_h)[0]
    assert torch.equal(first, second)
    assert x.grad is None
    with torch.no_grad():
        assert not gru_scan(x, h0, w_x, w_h, b, reset_mode="before")[3].requires_grad


@pytest.mark.usefixtures("each_engine", "two_threads")
@pytest.mark.parametrize("sizes", [(20, 33, 8, 96), (20, 1, 8, 256)])
def test_many_threads_may_scan_at_once(sizes: tuple[int, int, int, int]) -> None:
    jobs = [arguments(*sizes, "before", seed=seed) for seed in range(6)]
    alone = [trace_scan(*job, reset_mode="before").H.copy() for job in jobs]
    together: list[Any] = [None] * len(jobs)

    def run(index: int) -> None:
        together[index] = trace_scan(*jobs[index], reset_mode="before").H

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((a == b).all() for a, b in zip(alone, together, strict=True))


def test_engines_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    given = arguments(200, 3, 5, 40, "before", torch.float32)
    states = []
    for name in ("torch", "numba"):
        monkeypatch.setenv("GATESCOPE_KERNEL", name)
        states.append(torch.from_numpy(trace_scan(*given, reset_mode="before").H))
    assert distance(states[:1], states[1:]) < 1e-6


X, H0, W_X, W_H, B, _ = arguments(4, 2, 3, 5, "before")


@pytest.mark.parametrize(
    ("changed", "error", "sentence"),
    [
        (
            {0: X[:, :0]},
            ShapeError,
            r"x must be \(batch, time, inputs\) with at least one of each, got \(2, 0, 3\)",
        ),
        ({0: X[0]}, ShapeError, r"got \(4, 3\): a single sequence becomes a batch of one with x\[None\]"),
        ({1: H0[:1]}, ShapeError, r"h0 must have the shape \(2, 5\), got \(1, 5\)"),
        (
            {2: W_X[:14]},
            ShapeError,
            r"weight_x must have the shape \(15, 3\), got \(14, 3\): 3 x units = 15 rows",
        ),
        ({3: W_H[:, :4]}, ShapeError, r"weight_h must have the shape \(15, 5\), got \(15, 4\)"),
        ({4: B[:5]}, ShapeError, r"bias must have the shape \(15,\), got \(5,\)"),
        ({5: B[:5]}, ShapeError, r"bias_hh belongs to reset_mode 'after' only, got one with 'before'"),
        ({0: X.half()}, InputError, r"float32 or float64, got torch.float16: convert with .float\(\)"),
        ({0: X.bfloat16()}, InputError, r"float32 or float64, got torch.bfloat16"),
        (
            {3: W_H.float()},
            InputError,
            r"one dtype on the CPU, got x torch.float64 on cpu and weight_h torch.float32",
        ),
        ({"reset_mode": "after"}, ShapeError, r"bias_hh must have the shape \(5,\), got none"),
        ({"reset_mode": "first"}, InputError, r"reset_mode must be one of before, after, got 'first'"),
        ({"gate_activation": "relu"}, InputError, r"gate_activation must be one of sigmoid, .*, got 'relu'"),
        ({"forced": forced_for(5, 5)}, ShapeError, r"one row number for each of the 4 steps, got \(5,\)"),
        ({"forced": forced_for(4, 6)}, ShapeError, r"keep_r of forced gates must be \(rows, 5 units\)"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(
    changed: dict[int | str, Any], error: type[Exception], sentence: str
) -> None:
    given: list[Any] = [X, H0, W_X, W_H, B, None]
    options: dict[str, Any] = {"reset_mode": "before"}
    for key, value in changed.items():
        if isinstance(key, int):
            given[key] = value
        else:
            options[key] = value
    for scan in (gru_scan, trace_scan):
        with pytest.raises(error, match=sentence):
            scan(*given, **options)
