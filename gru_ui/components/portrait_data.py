"""What a live phase portrait is made of: two units, what they read, and how their gates are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.landscape import UNITS
from gru_core.errors import ShapeError
from gru_core.model import GRU
from gru_core.overrides import GateOverride, compile_overrides
from gru_core.trace import GateTrace

FloatArray = NDArray[np.floating]

MOST_SLIDERS = 8
"""Inputs that get a slider each; with more there would be no room for the picture."""

MOST_SYMBOLS = 200
"""Symbols that are listed to be read again and again."""

MOST_STEPS = 4_000
"""Steps of a sequence that travel; of a longer one those around the chosen step."""


@dataclass(frozen=True, eq=False)
class Knob:
    """An input as a slider shows it: value * std + mean, from low to high in those units."""

    name: str
    mean: float
    std: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class PortraitData:
    """One layer and direction of two units on one sequence; weights and drives in float64.

    weight_x   (6, inputs), bias (6,): rows r0 r1 z0 z1 h0 h1
    W_hr, W_hz, W_hh   (2, 2) from unit (row) to unit (column); b_hh (2,)
    X          (time, inputs) what it reads; H_prev (time, 2) the states that steps start from
    held       (rows, 8) the gate settings that occur: keep and force of R, then of Z, each of both units
    rows       (time,) which of them holds at a step
    labels     one per step; symbols the names of symbol_rows (symbols, inputs); knobs one per input, or none
    """

    weight_x: FloatArray
    bias: FloatArray
    W_hr: FloatArray
    W_hz: FloatArray
    W_hh: FloatArray
    b_hh: FloatArray
    reset_mode: str
    gate_activation: str
    reverse: bool
    X: FloatArray
    H_prev: FloatArray
    held: FloatArray
    rows: NDArray[np.int64]
    labels: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    symbol_rows: FloatArray | None = None
    knobs: tuple[Knob, ...] = ()

    @classmethod
    def of(
        cls,
        gru: GRU,
        trace: GateTrace,
        *,
        overrides: Sequence[GateOverride] = (),
        labels: Sequence[str] = (),
        symbols: Sequence[str] = (),
        symbol_rows: FloatArray | None = None,
        knobs: Sequence[Knob] = (),
    ) -> PortraitData:
        """The data of a trace's layer. Raises ShapeError for another number of units than two."""
        if gru.hidden_size != UNITS:
            raise ShapeError(f"A phase portrait needs exactly {UNITS} units, got {gru.hidden_size}.")
        cell = gru.cell(trace.layer * gru.num_directions + gru.directions.index(trace.direction))
        weight_x, weight_h, bias, b_hh = (
            part.detach().cpu().numpy().astype(np.float64)
            for part in (cell.weight_x, cell.weight_h, cell.bias, cell.b_hh)
        )
        W_hr, W_hz, W_hh = (block.T for block in np.split(weight_h, 3))
        forced = compile_overrides(
            overrides, steps=trace.steps, units=UNITS, layer=trace.layer, direction=trace.direction
        )
        count = 1 if forced is None else int(forced.rows.max()) + 1
        keep, force = np.ones((count, UNITS)), np.zeros((count, UNITS))
        gates = [keep, force, keep, force]
        if forced is not None:
            given = (forced.keep_r, forced.force_r, forced.keep_z, forced.force_z)
            gates = [plain if part is None else part for plain, part in zip(gates, given, strict=True)]
        listed = len(symbols) <= MOST_SYMBOLS
        return cls(
            weight_x=weight_x,
            bias=bias,
            W_hr=W_hr,
            W_hz=W_hz,
            W_hh=W_hh,
            b_hh=b_hh,
            reset_mode=gru.reset_mode,
            gate_activation=gru.gate_activation,
            reverse=trace.direction == "backward",
            X=trace.X[0],
            H_prev=trace.H_prev[0],
            held=np.concatenate(gates, axis=1),
            rows=np.zeros(trace.steps, np.int64) if forced is None else forced.rows,
            labels=tuple(labels),
            symbols=tuple(symbols) if listed else (),
            symbol_rows=symbol_rows if listed else None,
            knobs=tuple(knobs) if len(knobs) <= MOST_SLIDERS else (),
        )

    @property
    def steps(self) -> int:
        """Steps of the whole sequence."""
        return len(self.X)

    def part(self, step: int) -> tuple[int, int]:
        """The steps that travel when this one is looked at: all, or as many as may around it."""
        if self.steps <= MOST_STEPS:
            return 0, self.steps
        # Parts begin at multiples of a half, so that a step further asks for nothing new.
        half = MOST_STEPS // 2
        first = min(max(step // half * half - half // 2, 0), self.steps - MOST_STEPS)
        return first, first + MOST_STEPS

    def drives(self, x: FloatArray) -> NDArray[np.float64]:
        """(..., 6): what inputs (..., inputs) add to the sums of r0 r1 z0 z1 h0 h1, without the bias."""
        return np.asarray(x.astype(np.float64) @ self.weight_x.T)
