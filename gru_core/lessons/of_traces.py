"""Measures of gates and states: what a trace shows, as one number."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.ledger import ledger_row
from gru_core.analysis.timescale import half_life
from gru_core.errors import InputError
from gru_core.lessons.stage import Stage

Traced = Literal["X", "R", "Z", "H_tilde", "H", "H_prev"]
At = int | Literal["here", "last"]
AtOrAll = int | Literal["here", "last", "all"]


def step_of(stage: Stage, at: int | str) -> int:
    """The step that is meant. Raises InputError when the sequence has no such step."""
    step = stage.view.step if at == "here" else len(stage.x) - 1 if at == "last" else int(at)
    if not 0 <= step < len(stage.x):
        raise InputError(f"There is no step {step}: this sequence has {len(stage.x)}, counted from 0.")
    return step


def value(stage: Stage, of: Traced, unit: int, at: At = "here") -> float:
    """One number of one unit at one step (of X: of one input)."""
    return float(_of(stage, of, unit, at).item())


def mean(stage: Stage, of: Traced, unit: int = -1, at: AtOrAll = "all") -> float:
    """The mean over units (or of one) and steps (or at one)."""
    return float(_of(stage, of, unit, at).astype(np.float64).mean())


def lowest(stage: Stage, of: Traced, unit: int = -1, at: AtOrAll = "all") -> float:
    """The smallest number among units and steps."""
    return float(_of(stage, of, unit, at).min())


def highest(stage: Stage, of: Traced, unit: int = -1, at: AtOrAll = "all") -> float:
    """The largest number among units and steps."""
    return float(_of(stage, of, unit, at).max())


def share_above(stage: Stage, of: Traced, than: float, unit: int = -1, at: AtOrAll = "all") -> float:
    """The share in [0, 1] of numbers above a threshold."""
    return float((_of(stage, of, unit, at) > than).mean())


def share_below(stage: Stage, of: Traced, than: float, unit: int = -1, at: AtOrAll = "all") -> float:
    """The share in [0, 1] of numbers below a threshold."""
    return float((_of(stage, of, unit, at) < than).mean())


def count_above(stage: Stage, of: Traced, than: float, unit: int = -1, at: AtOrAll = "here") -> int:
    """How many numbers are above a threshold."""
    return int((_of(stage, of, unit, at) > than).sum())


def count_below(stage: Stage, of: Traced, than: float, unit: int = -1, at: AtOrAll = "here") -> int:
    """How many numbers are below a threshold."""
    return int((_of(stage, of, unit, at) < than).sum())


def unit_of(stage: Stage, of: Traced, which: Literal["lowest", "highest"], at: AtOrAll = "all") -> int:
    """The unit whose mean over the steps (or value at one) is lowest or highest."""
    means = _of(stage, of, -1, at).astype(np.float64).mean(axis=0)
    return int(means.argmin() if which == "lowest" else means.argmax())


def step_with(stage: Stage, of: Traced, which: Literal["lowest", "highest"], unit: int = -1) -> int:
    """The step at which the mean over the units (or one unit) is lowest or highest; the first of equals."""
    means = _of(stage, of, unit, "all").astype(np.float64).mean(axis=1)
    return int(means.argmin() if which == "lowest" else means.argmax())


def mixing_gap(stage: Stage) -> float:
    """max |H_t - (Z_t H_{t-1} + (1 - Z_t) H~_t)| over all steps and units: 0 up to rounding."""
    t = stage.trace
    return float(np.abs(t.H - (t.Z * t.H_prev + (1 - t.Z) * t.H_tilde)).max())


def mixed(stage: Stage, unit: int, at: At = "here") -> float:
    """Z_t H_{t-1} + (1 - Z_t) H~_t of one unit, computed anew from its three parts."""
    Z, H_prev, H_tilde = (value(stage, of, unit, at) for of in _PARTS)
    return Z * H_prev + (1 - Z) * H_tilde


_PARTS: tuple[Traced, ...] = ("Z", "H_prev", "H_tilde")


def largest_move(stage: Stage, unit: int = -1) -> float:
    """max |H_t - H_{t-1}| over all steps: 0 where the state never changes."""
    return float(np.abs(_of(stage, "H", unit, "all") - _of(stage, "H_prev", unit, "all")).max())


def move(stage: Stage, unit: int, at: At = "here") -> float:
    """|H_t - H_{t-1}| of one unit at one step."""
    return abs(value(stage, "H", unit, at) - value(stage, "H_prev", unit, at))


def far_from_start(stage: Stage) -> float:
    """max |H_t - H_0| over all steps and units."""
    t = stage.trace
    return float(np.abs(t.H - t.H0[:, None]).max())


def half_life_of(stage: Stage, unit: int = -1) -> float:
    """Steps after which half of what a unit held is left, at its mean Z; the longest of all units for -1."""
    lives = half_life(stage.trace)
    _check_unit(unit, len(lives))
    return float(lives.max() if unit < 0 else lives[unit])


def slowest_unit(stage: Stage) -> int:
    """The unit with the longest half-life."""
    return int(half_life(stage.trace).argmax())


def half_life_at(stage: Stage, z: float) -> float:
    """Steps after which half is left where every step keeps the share z in ]0, 1[: ln 2 / -ln z."""
    if not 0 < z < 1:
        raise InputError(f"A half-life needs a gate between 0 and 1, got {z:g}.")
    return math.log(2) / -math.log(z)


def kept_after(stage: Stage, z: float, steps: int) -> float:
    """The share that is left after so many steps that each keep the share z: z to that power."""
    return float(z**steps)


def sigmoid(stage: Stage, of: float) -> float:
    """How far a gate is open whose sum is this number: 1 / (1 + exp(-a))."""
    return 0.5 * math.tanh(0.5 * of) + 0.5


def mean_at_symbol(stage: Stage, of: Traced, symbol: str) -> float:
    """The mean over all units and over the steps at which this symbol is read."""
    steps = [step for step, label in enumerate(stage.labels) if label == symbol]
    if not steps:
        raise InputError(f"The symbol {symbol[:20]!r} does not occur in this sequence.")
    return float(_of(stage, of, -1, "all")[steps].astype(np.float64).mean())


def weight_in_last(stage: Stage, step: int, unit: int = -1, at: At = "last") -> float:
    """How much of the candidate of `step` is in the state at `at`: (1 - Z_step) times every Z after it.

    Of one unit, or the mean of all.
    """
    last = step_of(stage, at)
    row = stage.kept(("ledger", last), lambda: ledger_row(stage.trace, last))[0]
    _check_unit(unit, row.shape[-1])
    weights = row[step_of(stage, step) + 1]
    return float(weights.mean() if unit < 0 else weights[unit])


def _of(stage: Stage, name: str, unit: int, at: int | str) -> NDArray[np.floating]:
    """(steps, units) of one symbol: all or one of each."""
    array: NDArray[np.floating] = getattr(stage.trace, name)[0]
    _check_unit(unit, array.shape[1])
    columns = slice(None) if unit < 0 else slice(unit, unit + 1)
    step = None if at == "all" else step_of(stage, at)
    return array[slice(None) if step is None else slice(step, step + 1), columns]


def _check_unit(unit: int, units: int) -> None:
    if unit >= units:
        raise InputError(f"There is no unit {unit}: this model has {units}, counted from 0.")
