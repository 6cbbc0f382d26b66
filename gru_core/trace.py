"""What every gate did at every step: `trace` runs a GRU, `GateTrace` is the record."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gru_core.equations import ResetMode
from gru_core.errors import InputError
from gru_core.model import GRU
from gru_core.overrides import Direction, GateOverride, compile_overrides
from gru_core.scan import trace_scan

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class GateTrace:
    """One layer in one direction on one batch. Arrays are (batch, time, units) and read-only.

    X           (batch, time, inputs) what the layer read
    H0          (batch, units) the state before the first step it read
    R, Z        the gates as applied, in [0, 1]
    H_tilde     the candidate, in [-1, 1]
    H           the state after step t
    H_prev      the state that step t started from
    R_proposed, Z_proposed   what the weights proposed before any override; equal to R, Z without one

    Index t belongs to x[:, t] also for a layer that reads backwards; there H_prev[:, t] is H[:, t + 1].
    Always H == Z * H_prev + (1 - Z) * H_tilde.
    """

    X: FloatArray
    H0: FloatArray
    R: FloatArray
    Z: FloatArray
    H_tilde: FloatArray
    H: FloatArray
    H_prev: FloatArray
    R_proposed: FloatArray
    Z_proposed: FloatArray
    layer: int = 0
    direction: Direction = "forward"
    reset_mode: ResetMode = "before"

    def __post_init__(self) -> None:
        for entry in fields(self):
            array = getattr(self, entry.name)
            if isinstance(array, np.ndarray) and array.flags.writeable:
                view = array.view()
                view.flags.writeable = False
                object.__setattr__(self, entry.name, view)

    @property
    def steps(self) -> int:
        """Number of time steps."""
        return self.R.shape[1]

    @property
    def units(self) -> int:
        """Number of units."""
        return self.R.shape[2]

    @property
    def name(self) -> str:
        """ "layer 0 forward", as people say it."""
        return f"layer {self.layer} {self.direction}"


@torch.no_grad()
def trace(
    gru: GRU | nn.GRU, x: Any, h0: Any = None, overrides: Sequence[GateOverride] = ()
) -> list[GateTrace]:
    """One GateTrace per layer and direction: layer 0 forward, layer 0 backward, layer 1 forward ...

    gru        a GRU; a torch.nn.GRU is converted first, exactly
    x          (batch, time, inputs), or (time, inputs) for one sequence; array, tensor or Sequence
    h0         (layers * directions, batch, units); the GRU's own `h0`, or zeros, when None
    overrides  gates to force, see GateOverride; `EXTREMES` has the well-known ones

    Arrays have the number type of the weights (float32 unless the model is double). The model is not changed.
    Raises ShapeError, InputError (NaN or infinite input) or OverrideError.
    """
    if isinstance(gru, nn.GRU):
        gru = GRU.from_torch(gru)
    if gru.cell(0).weight_x.device.type != "cpu":
        gru = copy.deepcopy(gru).cpu()
    inputs = _as_tensor("the sequence", x, gru.dtype)
    if inputs.ndim == 2:
        inputs = inputs.unsqueeze(0)
    start = None if h0 is None else _as_tensor("the initial state", h0, gru.dtype)
    gru.check_input(inputs.shape, None if start is None else start.shape)
    if start is None:
        start = gru.initial_state(inputs)

    traces: list[GateTrace] = []
    for layer in range(gru.num_layers):
        of_layer: list[GateTrace] = []
        for direction in gru.directions:
            index = len(traces) + len(of_layer)
            forced = compile_overrides(
                overrides, steps=inputs.shape[1], units=gru.hidden_size, layer=layer, direction=direction
            )
            record = trace_scan(
                inputs,
                start[index],
                *gru.cell_weights(index),
                **gru.scan_options,
                forced=forced,
                reverse=direction == "backward",
            )
            of_layer.append(
                GateTrace(
                    X=inputs.numpy(),
                    H0=start[index].numpy(),
                    R=record.R,
                    Z=record.Z,
                    H_tilde=record.H_tilde,
                    H=record.H,
                    H_prev=record.H_prev,
                    R_proposed=record.R_proposed,
                    Z_proposed=record.Z_proposed,
                    layer=layer,
                    direction=direction,
                    reset_mode=gru.reset_mode,
                )
            )
        traces += of_layer
        if layer + 1 < gru.num_layers:
            inputs = torch.tensor(layer_output(of_layer))
    return traces


def layer_output(of_layer: Sequence[GateTrace]) -> FloatArray:
    """What the next layer or the readout reads: H (batch, time, directions * units), forward first."""
    if len(of_layer) == 1:
        return of_layer[0].H
    return np.concatenate([t.H for t in of_layer], axis=-1)


def last_output(traces: Sequence[GateTrace]) -> FloatArray:
    """The last layer's output (batch, time, directions * units) of what `trace` returned."""
    return layer_output([t for t in traces if t.layer == traces[-1].layer])


def _as_tensor(what: str, value: Any, dtype: torch.dtype) -> Tensor:
    value = getattr(value, "values", value) if not isinstance(value, Tensor | np.ndarray) else value
    try:
        # A copy, so that a trace stays what it was when the caller's array changes.
        tensor = torch.tensor(
            np.array(value.detach().cpu().numpy() if isinstance(value, Tensor) else value)
        ).to(dtype)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"Expected {what} as an array of numbers, got {type(value).__name__}.") from error
    if not torch.isfinite(tensor).all():
        raise InputError(f"There is a NaN or an infinity in {what}; fill or drop such steps first.")
    return tensor
