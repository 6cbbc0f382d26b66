"""A made-up layer that the page under test and the test both compute, to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from gru_core.equations import GateActivation, ResetMode
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.trace import GateTrace, trace
from gru_ui.components.cell import CellData, Readout

OVERRIDES = {
    "": (),
    "blended": (
        GateOverride("Z", 0.9, units=(0, 2), steps=slice(3, 9), blend=0.5),
        GateOverride("Z", 0.2, blend=0.25),
        GateOverride("R", 0.0, steps=slice(0, 4)),
    ),
    "copy": (GateOverride("Z", 1.0),),
    "rnn": (GateOverride("Z", 0.0), GateOverride("R", 1.0)),
}


@dataclass(frozen=True, eq=False)
class Example:
    """One layer in one direction, what it read, and what it is told to the browser as."""

    gru: GRU
    x: NDArray[np.float32]
    h0: NDArray[np.float32]
    overrides: tuple[GateOverride, ...]
    symbol_rows: NDArray[np.float32] | None
    trace: GateTrace
    cells: CellData


def example(
    *,
    mode: str = "before",
    activation: str = "sigmoid",
    units: int = 5,
    steps: int = 12,
    readout: str = "classes",
    held: str = "",
    symbols: str = "one-hot",
    direction: str = "forward",
    gain: float = 2.5,
) -> Example:
    """A GRU whose numbers are all over their ranges, from a seed. `symbols` is one-hot, rows or numbers.

    A `gain` of 6 makes a plain RNN out of it that enlarges every rounding from step to step.
    """
    torch.manual_seed(7)
    gru = GRU(
        4,
        units,
        reset_mode=cast(ResetMode, mode),
        gate_activation=cast(GateActivation, activation),
        backwards=direction == "backward",
    )
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.mul_(gain)
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(6, 4)).astype(np.float32) if symbols == "rows" else None
    table = np.eye(4, dtype=np.float32) if rows is None else rows
    x = rng.normal(size=(steps, 4)).astype(np.float32)
    if symbols != "numbers":
        x = table[np.arange(steps) * 7 % len(table)]
    h0 = rng.uniform(-1, 1, units).astype(np.float32)
    overrides = OVERRIDES[held]
    found = trace(gru, x, h0[None, None], overrides)[0]
    names = tuple("abcdef"[: len(table)]) if symbols != "numbers" else ()
    cells = CellData.of(
        gru,
        found,
        overrides=overrides,
        labels=[names[t * 7 % len(table)] for t in range(steps)] if names else [],
        input_names=names if rows is None else (),
        symbols=names,
        symbol_rows=rows,
        readout=made_up_readout(units, readout),
    )
    return Example(gru, x, h0, overrides, rows, found, cells)


def made_up_readout(units: int, kind: str) -> Readout | None:
    """A readout of three outputs, or none."""
    if kind == "none":
        return None
    rng = np.random.default_rng(5)
    weight = rng.normal(size=(units, 3)).astype(np.float32) * 2
    bias = rng.normal(size=3).astype(np.float32)
    return Readout(weight, bias, cast(Any, kind), ("one", "two", "three"))


def answers(readout: Readout, H: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Y (time, outputs) of states (time, units), by torch."""
    raw = torch.tensor(H, dtype=torch.float64) @ torch.tensor(readout.weight, dtype=torch.float64)
    raw = raw + torch.tensor(readout.bias, dtype=torch.float64)
    return (torch.softmax(raw, -1) if readout.kind == "classes" else raw).numpy()
