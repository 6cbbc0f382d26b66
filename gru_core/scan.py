"""The recurrence over all steps, fast, forward and backward; the same numbers as equations.py.

Two verbs: `gru_scan` gives tensors that know their gradient, `trace_scan` gives numpy arrays and no
gradient. Both hoist the input projection out of the loop and run it on one of two engines (see kernels/).

The gradient is written by hand (back-propagation through time), with N = H_tilde, g the derivative of
the gate activation, and a dot for d loss / d:

    N.  = H. (1 - Z) + N.out       a_h. = N. (1 - N^2)
    Z.  = H. (H_prev - N) + Z.out  a_z. = Z. keep_z g(Z_proposed)
    R.  = (a_h. W_hh^T) H_prev + R.out      mode "before"
    R.  = a_h. (H_prev W_hh + b_hh) + R.out mode "after"
                                   a_r. = R. keep_r g(R_proposed)
    H_prev. = H. Z + a_r. W_hr^T + a_z. W_hz^T + (R (a_h. W_hh^T) or (R a_h.) W_hh^T)

The gradients of the weights are one large product each, after the loop.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from gru_core.equations import GATE_ACTIVATIONS, RESET_MODES
from gru_core.errors import InputError, ShapeError
from gru_core.kernels import engine, warm_kernels
from gru_core.kernels.job import InnerGradients, Job, OutputGradients, Scanned
from gru_core.overrides import ForcedGates

__all__ = ["ScanRecord", "gru_scan", "trace_scan", "warm_kernels"]

FloatArray = NDArray[np.floating]
Four = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True, eq=False)
class ScanRecord:
    """All that one scan computed: numpy arrays (batch, time, units) of the dtype of x, in input time.

    R, Z are the gates as applied, R_proposed, Z_proposed as the weights gave them: the same array where
    nothing was forced. H and H_prev are views of one array that holds each state once.
    """

    R: FloatArray
    Z: FloatArray
    H_tilde: FloatArray
    H: FloatArray
    H_prev: FloatArray
    R_proposed: FloatArray
    Z_proposed: FloatArray


def gru_scan(
    x: Tensor,
    h0: Tensor,
    weight_x: Tensor,
    weight_h: Tensor,
    bias: Tensor,
    bias_hh: Tensor | None = None,
    *,
    reset_mode: str,
    gate_activation: str = "sigmoid",
    forced: ForcedGates | None = None,
    reverse: bool = False,
) -> Four:
    """R, Z, H_tilde, H of every step, each (batch, time, units), differentiable in all six tensors.

    x         (batch, time, inputs), at least one step; float32 or float64, on the CPU
    h0        (batch, units) the state before the first step that is scanned
    weight_x  (3 units, inputs), weight_h (3 units, units), bias (3 units,): row blocks r, z, h
    bias_hh   (units,) for reset_mode "after" only
    forced    gates put to values (overrides.compile_overrides); its rows count input steps
    reverse   scan from the last step to the first. All is reported in input time: H[:, t] is the state
              after x[:, t] was read, and H[:, t + 1] the one that step t found.

    R and Z are the gates as applied. Raises ShapeError, InputError.
    """
    _check(x, h0, weight_x, weight_h, bias, bias_hh, reset_mode, gate_activation, forced)
    return _Scan.apply(x, h0, weight_x, weight_h, bias, bias_hh, gate_activation, forced, reverse, engine())


def trace_scan(
    x: Tensor,
    h0: Tensor,
    weight_x: Tensor,
    weight_h: Tensor,
    bias: Tensor,
    bias_hh: Tensor | None = None,
    *,
    reset_mode: str,
    gate_activation: str = "sigmoid",
    forced: ForcedGates | None = None,
    reverse: bool = False,
) -> ScanRecord:
    """The whole record of one scan, without gradients; arguments and errors as for `gru_scan`.

    Takes the memory of the arrays it returns and of one input projection.
    """
    _check(x, h0, weight_x, weight_h, bias, bias_hh, reset_mode, gate_activation, forced)
    tensors = [None if a is None else a.detach() for a in (x, h0, weight_x, weight_h, bias, bias_hh)]
    with torch.no_grad():
        found = engine().forward(_job(tensors, gate_activation, forced, reverse), False)
    R, Z = _array(found.R), _array(found.Z)
    return ScanRecord(
        R=R,
        Z=Z,
        H_tilde=_array(found.H_tilde),
        H=_array(found.H),
        H_prev=_array(found.H_prev),
        R_proposed=R if found.R_proposed is found.R else _array(found.R_proposed),
        Z_proposed=Z if found.Z_proposed is found.Z else _array(found.Z_proposed),
    )


class _Scan(torch.autograd.Function):
    """The scan as one node of the graph. A hand-written rule, so gradients of gradients are refused."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Four:
        tensors, (activation, forced, reverse, runner) = arguments[:6], arguments[6:]
        job = _job(tensors, activation, forced, reverse)
        wanted = any(ctx.needs_input_grad)
        found: Scanned = runner.forward(job, wanted)
        if wanted:
            ctx.set_materialize_grads(False)
            ctx.options = (activation, forced, reverse, runner)
            saved = (
                found.R,
                found.R_proposed,
                found.Z,
                found.Z_proposed,
                found.H_tilde,
                found.states,
                found.Q,
            )
            ctx.save_for_backward(*tensors, *saved)
        R, Z, H_tilde, H = (a.transpose(0, 1) for a in (found.R, found.Z, found.H_tilde, found.H))
        return R, Z, H_tilde, H

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        if all(g is None for g in gradients):
            return (None,) * 10
        activation, forced, reverse, runner = ctx.options
        tensors, (R, R_proposed, Z, Z_proposed, H_tilde, states, Q) = (
            ctx.saved_tensors[:6],
            ctx.saved_tensors[6:],
        )
        job = _job(tensors, activation, forced, reverse)
        found = Scanned(R, R_proposed, Z, Z_proposed, H_tilde, states, reverse, Q)
        given = OutputGradients(*(None if g is None else g.transpose(0, 1).contiguous() for g in gradients))
        inner = runner.backward(job, found, given)
        return (*_outer_gradients(job, found, inner, ctx.needs_input_grad[:6]), None, None, None, None)


def _outer_gradients(
    job: Job, found: Scanned, inner: InnerGradients, wanted: tuple[bool, ...]
) -> tuple[Tensor | None, ...]:
    """The gradients of x, h0, weight_x, weight_h, bias, bias_hh, each None where it is not wanted."""
    steps, batch, units = job.sizes
    A = inner.A.view(steps * batch, 3 * units)
    x = weight_x = weight_h = bias = bias_hh = None
    if wanted[0]:
        x = (A @ job.weight_x).view(steps, batch, -1).transpose(0, 1)
    if wanted[2]:
        weight_x = A.t() @ job.x.transpose(0, 1).reshape(steps * batch, -1)
    if wanted[3]:
        weight_h = torch.empty_like(job.weight_h)
        H_prev = found.H_prev.reshape(steps * batch, units)
        torch.mm(A[:, : 2 * units].t(), H_prev, out=weight_h[: 2 * units])
        if inner.Q is None:
            RH = (found.R * found.H_prev).view(steps * batch, units)
            torch.mm(A[:, 2 * units :].t(), RH, out=weight_h[2 * units :])
        else:
            torch.mm(inner.Q.view(steps * batch, units).t(), H_prev, out=weight_h[2 * units :])
    if wanted[4]:
        bias = A.sum(0)
    if wanted[5] and inner.Q is not None:
        bias_hh = inner.Q.sum((0, 1))
    return x, inner.h0 if wanted[1] else None, weight_x, weight_h, bias, bias_hh


def _job(tensors: Any, activation: str, forced: ForcedGates | None, reverse: bool) -> Job:
    """The engines read rows as they lie: weights that are views of something else are laid out here."""
    x, h0, weight_x, weight_h, bias, bias_hh = tensors
    return Job(x, h0, weight_x, weight_h.contiguous(), bias, bias_hh, activation, forced, reverse)


def _array(a: Tensor) -> FloatArray:
    array: FloatArray = a.transpose(0, 1).numpy()
    return array


def _check(
    x: Tensor,
    h0: Tensor,
    weight_x: Tensor,
    weight_h: Tensor,
    bias: Tensor,
    bias_hh: Tensor | None,
    reset_mode: str,
    gate_activation: str,
    forced: ForcedGates | None,
) -> None:
    """Refuses what does not fit before memory is spent."""
    if reset_mode not in RESET_MODES:
        raise InputError(f"reset_mode must be one of {', '.join(RESET_MODES)}, got {reset_mode!r}.")
    if gate_activation not in GATE_ACTIVATIONS:
        raise InputError(
            f"gate_activation must be one of {', '.join(GATE_ACTIVATIONS)}, got {gate_activation!r}."
        )
    if x.dtype not in (torch.float32, torch.float64):
        raise InputError(f"A scan computes in float32 or float64, got {x.dtype}: convert with .float().")
    if x.dim() != 3 or 0 in x.shape:
        raise ShapeError(
            f"x must be (batch, time, inputs) with at least one of each, got {tuple(x.shape)}: "
            "a single sequence becomes a batch of one with x[None]."
        )
    batch, steps, inputs = x.shape
    units = h0.shape[-1] if h0.dim() else 0
    rows = f"3 x units = {3 * units} rows in the blocks r, z, h"
    expected: dict[str, tuple[Tensor | None, tuple[int, ...], str]] = {
        "h0": (h0, (batch, units), "one state for each row of x"),
        "weight_x": (weight_x, (3 * units, inputs), rows),
        "weight_h": (weight_h, (3 * units, units), rows),
        "bias": (bias, (3 * units,), rows),
    }
    if reset_mode == "after":
        expected["bias_hh"] = (bias_hh, (units,), "reset_mode 'after' has this bias inside the reset product")
    elif bias_hh is not None:
        raise ShapeError("bias_hh belongs to reset_mode 'after' only, got one with 'before': leave it out.")
    for name, (tensor, shape, why) in expected.items():
        if tensor is None:
            raise ShapeError(f"{name} must have the shape {shape}, got none: {why}.")
        if tuple(tensor.shape) != shape or units == 0:
            raise ShapeError(f"{name} must have the shape {shape}, got {tuple(tensor.shape)}: {why}.")
        if tensor.dtype != x.dtype or tensor.device.type != "cpu" or x.device.type != "cpu":
            raise InputError(
                f"All tensors of a scan must be of one dtype on the CPU, got x {x.dtype} on {x.device} and "
                f"{name} {tensor.dtype} on {tensor.device}: convert one with .to()."
            )
    if forced is not None:
        _check_forced(forced, steps, units)


def _check_forced(forced: ForcedGates, steps: int, units: int) -> None:
    if forced.rows.shape != (steps,):
        raise ShapeError(
            f"Forced gates must have one row number for each of the {steps} steps, "
            f"got {forced.rows.shape}: compile the overrides for this sequence."
        )
    for name in ("keep_r", "force_r", "keep_z", "force_z"):
        values = getattr(forced, name)
        if values is not None and (
            values.ndim != 2 or values.shape[1] != units or forced.rows.max() >= len(values)
        ):
            raise ShapeError(
                f"{name} of forced gates must be (rows, {units} units) with a row for every number in rows, "
                f"got {values.shape}: compile the overrides for this model."
            )
