"""How much of what happened at a step is left at a later one, over any number of steps.

    || d H_T / d H_t ||     from the state after t to the state after T
    || d H_T / d X_t ||     from what was read at t to the state after T
    || d Y_T / d X_t ||     from what the model read at t to its answer at T, through all layers

All are Frobenius norms, kept as log10: in 2,000 steps that shrink by half a number falls below anything a
float can hold, so the rows that travel back carry an exponent of two beside them. Exactly 0 is -inf, and
is told from what is merely small.

Exact means one row for every unit of H_T. That costs steps x units^3, so above EXACT_WORK random rows are
sent instead: with entries +1 or -1, E ||v J||^2 = ||J||_F^2 (Hutchinson 1990; Avron & Toledo 2011), and
with m of them the norm is off by at most a part 1 / sqrt(2 m) of itself (one standard error). The same rows
are used at every step, so that a line does not jitter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.way_back import Array, WayBack
from gru_core.errors import InputError

EXACT_WORK = 4e11
"""Multiplications and additions of one line up to which it is computed exactly: some ten seconds."""

PROBES = 32
"""Random rows of a longer one: a standard error of at most 13 %."""

MAX_SEED_NUMBERS = 32_000_000
"""Numbers that travel from one layer to the one below, for all steps together (256 MB)."""

_FAR = 1e8
"""A norm this far from 1 is brought back, its exponent noted."""

Told = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Flow:
    """What is left at step `last` of everything before it: log10 of norms, -inf where exactly 0.

    last    T, index into time
    start   of d H_T / d H_0, one number
    state   (time,) of d H_T / d H_t; NaN at steps read after T
    input   (time,) of d H_T / d X_t; NaN there too
    parts   (ways, time) of the parts into which step t splits d H_T / d H_{t-1}: what arrives at it from T
            goes on by copy, update, candidate and reset, whose sum is the whole. No rows where a layer does
            not tell them apart
    shares  (ways, time) <part, whole> / ||whole||^2: they add up to 1, and a negative one works against the
            others; NaN where the whole is 0
    rows    how many rows travelled
    exact   whether they stand for every unit; if not, each norm is off by `error` of itself (one standard
            error, at most)
    """

    last: int
    start: float
    state: NDArray[np.float64]
    input: NDArray[np.float64]
    parts: NDArray[np.float64]
    shares: NDArray[np.float64]
    rows: int
    exact: bool

    @property
    def error(self) -> float:
        """The standard error of each norm, as a part of it."""
        return 0.0 if self.exact else 1 / math.sqrt(2 * self.rows)


@dataclass(frozen=True, eq=False)
class _Scaled:
    """values * 2 ** exponent, the values not far from 1 (or 0)."""

    values: Array
    exponent: int = 0

    @property
    def log10(self) -> float:
        """log10 of the Frobenius norm."""
        return _log10(_norm(self.values), self.exponent)

    def near(self) -> _Scaled:
        """The same number with its values brought near 1 where they have gone far."""
        norm = _norm(self.values)
        if norm == 0 or 1 / _FAR < norm < _FAR or not math.isfinite(norm):
            return self
        shift = math.frexp(norm)[1]
        return _Scaled(np.ldexp(self.values, -shift), self.exponent + shift)

    def columns(self, index: int, of: int) -> _Scaled:
        """The part of the columns that belongs to one of several directions."""
        return _Scaled(np.split(self.values, of, axis=1)[index], self.exponent)

    def plus(self, other: _Scaled) -> _Scaled:
        """Their sum."""
        if not other.values.any():
            return self
        if not self.values.any():
            return other
        top = max(self.exponent, other.exponent)
        mine, theirs = (np.ldexp(part.values, max(part.exponent - top, -2_000)) for part in (self, other))
        return _Scaled(mine + theirs, top).near()


def random_rows(rows: int, units: int, seed: int = 0) -> Array:
    """(rows, units) of +-1 / sqrt(rows): the expected square of ||v J|| is that of ||J||."""
    drawn = np.random.default_rng(seed).integers(0, 2, (rows, units)).astype(np.float64)
    return (2.0 * drawn - 1.0) / math.sqrt(rows)


def rows_for(steps: int, units: int, inputs: int, wanted: int) -> int:
    """How many rows go back over so many steps: all that are wanted, or PROBES where that is too much."""
    work = 6.0 * steps * wanted * units * (units + inputs)
    return wanted if work <= EXACT_WORK or wanted <= PROBES else PROBES


def state_flow(
    way: WayBack, units: int, last: int | None = None, *, inputs: int = 0, told: Told = lambda done: None
) -> Flow:
    """The flow into the state after step `last`, or after the last one that was read.

    units, inputs  of the layer, which decide whether the answer is exact
    told           hears what part of the way is done; may raise to end it

    Raises InputError when there is no such step.
    """
    order, at = _place(way, last)
    steps, path = len(order), order[: at + 1]
    rows = rows_for(len(path), units, inputs, units)
    exact = rows == units
    asked = np.eye(units) if exact else random_rows(rows, units)
    travelling = _Scaled(way.ask(asked))
    state, read = np.full(steps, np.nan), np.full(steps, np.nan)
    parts: NDArray[np.float64] | None = None
    for done, step in enumerate(reversed(path)):
        if done % 50 == 0:
            told(done / len(path))
        state[step] = travelling.log10
        if state[step] == -math.inf:
            # Nothing is left, and nothing comes of nothing.
            state[list(path[: len(path) - done])] = read[list(path[: len(path) - done])] = -math.inf
            break
        handed = way.hand_back(travelling.values, step)
        read[step] = _log10(_norm(handed.input), travelling.exponent)
        if parts is None:
            parts = np.full((2, len(handed.parts), steps), np.nan)
        whole = float(np.vdot(handed.state, handed.state))
        for index, part in enumerate(handed.parts):
            size = 0.0 if part is None else _norm(part)
            along = 0.0 if part is None else float(np.vdot(part, handed.state))
            parts[0, index, step] = _log10(size, travelling.exponent)
            parts[1, index, step] = along / whole if whole else math.nan
        travelling = _Scaled(handed.state, travelling.exponent).near()
    assert parts is not None  # at least one row arrives at T
    return Flow(order[at], travelling.log10, state, read, parts[0], parts[1], rows, exact)


@dataclass(frozen=True, eq=False)
class AnswerFlow:
    """What is left in the answer at step `last` of what the model read at each step.

    input  (time,) log10 of || d Y_T / d X_t ||, -inf where it is exactly 0
    rows, exact  as in `Flow`
    """

    last: int
    input: NDArray[np.float64]
    rows: int
    exact: bool

    @property
    def error(self) -> float:
        """The standard error of each norm, as a part of it."""
        return 0.0 if self.exact else 1 / math.sqrt(2 * self.rows)


def answer_flow(
    layers: Sequence[Sequence[WayBack]],
    weight: Array,
    widths: Sequence[int],
    last: int,
    *,
    told: Told = lambda done: None,
) -> AnswerFlow:
    """The flow from the model's input into its answer at step `last`, through every layer and direction.

    layers  from the one that reads the input to the one that is answered from; in each its directions
    weight  (outputs, directions * units) of the readout: Y = H weight^T + bias, logits or standardised
            numbers
    widths  inputs of each layer

    Raises InputError when there is no such step.
    """
    _place(layers[0][0], last)
    steps, outputs = len(layers[0][0].order), len(weight)
    units = weight.shape[1] // len(layers[-1])
    wanted = rows_for(steps * sum(map(len, layers)), units, max(widths), outputs)
    if len(layers) > 1 or len(layers[0]) > 1:
        wanted = min(wanted, max(1, MAX_SEED_NUMBERS // (steps * max(widths))))
    exact = wanted == outputs
    asked = weight if exact else random_rows(wanted, outputs) @ weight
    seeds: dict[int, _Scaled] = {last: _Scaled(np.asarray(asked, np.float64)).near()}
    norms = np.full(steps, -math.inf)
    walked, walks = 0, sum(map(len, layers))
    for level in reversed(range(len(layers))):
        below: dict[int, _Scaled] = {}
        ways = layers[level]
        for index, way in enumerate(ways):
            mine = {step: seed.columns(index, len(ways)) for step, seed in seeds.items()}
            for done, (step, found) in enumerate(_walk(way, mine)):
                if level == 0 and len(ways) == 1:
                    norms[step] = found.log10
                else:
                    below[step] = below[step].plus(found) if step in below else found
                if done % 50 == 0:
                    told((walked + index + done / steps) / walks)
        walked += len(ways)
        seeds = below
    for step, found in seeds.items():
        norms[step] = found.log10
    return AnswerFlow(last, norms, wanted, exact)


def _walk(way: WayBack, seeds: Mapping[int, _Scaled]) -> Iterator[tuple[int, _Scaled]]:
    """Each step from the latest that is asked about, with what arrives at its input."""
    travelling: _Scaled | None = None
    for step in reversed(way.order):
        if step in seeds:
            asked = _Scaled(way.ask(seeds[step].values), seeds[step].exponent)
            travelling = asked if travelling is None else travelling.plus(asked)
        if travelling is None or not travelling.values.any():
            continue
        handed = way.hand_back(travelling.values, step)
        yield step, _Scaled(handed.input, travelling.exponent).near()
        travelling = _Scaled(handed.state, travelling.exponent).near()


def _place(way: WayBack, last: int | None) -> tuple[list[int], int]:
    """The steps in the order in which they were read, and which of them is the last one asked about."""
    order = list(way.order)
    if last is None:
        return order, len(order) - 1
    steps = len(order)
    if not 0 <= last < steps:
        raise InputError(f"There is no step {last}: this trace has {steps}, counted from 0.")
    return order, order.index(last)


def _norm(values: Array) -> float:
    flat: NDArray[np.float64] = values.astype(np.float64, copy=False).ravel()
    return math.sqrt(float(flat @ flat))


def _log10(norm: float, exponent: int) -> float:
    return -math.inf if norm == 0 else math.log10(norm) + exponent * math.log10(2)
