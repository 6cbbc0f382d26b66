"""A trace as named arrays, and as an .npz file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gru_core.symbols import TRACED

if TYPE_CHECKING:
    from gru_core.baselines import LSTMTrace, RNNTrace
    from gru_core.trace import GateTrace


def trace_arrays(traces: Sequence[GateTrace]) -> dict[str, Any]:
    """R, Z, H_tilde and H (batch, time, units) of every layer and direction, by name.

    The first layer's forward direction has the plain names, all others are prefixed:
    layer0_backward_R, layer1_forward_R, ...
    """
    arrays: dict[str, Any] = {}
    for index, trace in enumerate(traces):
        prefix = "" if index == 0 else f"layer{trace.layer}_{trace.direction}_"
        for symbol in TRACED:
            arrays[prefix + symbol.name] = getattr(trace, symbol.name)
    return arrays


def baseline_arrays(traces: Sequence[RNNTrace | LSTMTrace]) -> dict[str, Any]:
    """F, I, O, C_tilde, C and H of an LSTM, H of an RNN (batch, time, units), prefixed as a GRU's are."""
    arrays: dict[str, Any] = {}
    for index, trace in enumerate(traces):
        prefix = "" if index == 0 else f"layer{trace.layer}_{trace.direction}_"
        for name in ("F", "I", "O", "C_tilde", "C", "H"):
            if hasattr(trace, name):
                arrays[prefix + name] = getattr(trace, name)
    return arrays


def trace_to_npz(traces: Sequence[GateTrace]) -> bytes:
    """An .npz file of `trace_arrays`, the same that `python -m gru_core trace` writes; read it with "
    "numpy.load."""
    buffer = io.BytesIO()
    # Gate values hardly compress, and packing would take a hundred times as long.
    np.savez(buffer, **trace_arrays(traces))
    return buffer.getvalue()
