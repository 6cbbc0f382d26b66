"""Fixed points of a GRU whose input is held, from many states that it really was in.

As in D. Sussillo and O. Barak, "Opening the Black Box", Neural Computation 25(3), 2013, and M. Golub and
D. Sussillo, "FixedPointFinder", JOSS 3(31), 2018, a search goes out from states along real trajectories and
minimises how much a step moves them. Two things are different here, because a GRU allows them:

- Fixed points are sought as the zeros of N(h) - h, not of F(h) - h = (1 - Z) (N(h) - h). The zeros are the
  same, but a gate that is nearly shut makes every state nearly fixed, and no longer hides them.
- The derivative is known in closed form, so each step is one of Levenberg's and Marquardt's instead of
  gradient descent: far away it goes downhill, near a zero it is Newton's and doubles the right digits.

Slow points, where a state hardly moves without being fixed, are minima of q(h) = |F(h) - h|² / 2 itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.fixed_points.found import FixedPoint, FixedPoints
from gru_core.analysis.fixed_points.held import HeldStep
from gru_core.errors import InputError

Array = NDArray[np.float64]
Tell = Callable[[float], bool]

SAME: Final = 1e-4
"""Two ends that differ by less than this in every unit are one point."""

ARRIVED: Final = 1e-11
"""An end is a zero where no unit of N(h) - h is larger."""

ROUNDS: Final = 200
SLOW_ROUNDS: Final = 50
"""Steps of one search at most, for fixed points and for slow ones."""

NOISE: Final = 0.2
"""Standard deviation of what is added to states to start beside the trajectory."""

SLOW: Final = 0.01
"""A minimum of q is a slow point where a step moves no unit by more than this."""

WORK: Final = 300_000_000
"""Multiplications of one round at most: a large GRU gets fewer starts."""

APART: Final = 0.2
"""Slow points lie in a whole region as a rule; of those that differ by less in every unit one is told."""

SLOW_STARTS: Final = 48
"""Slow points are sought from so many of the starts, spread evenly."""

MOST_STARTS: Final = 384
LEAST_STARTS: Final = 24


def starts_for(units: int) -> int:
    """From how many states a search goes out: fewer for a large GRU, whose every round is long."""
    return int(np.clip(WORK // (3 * units**3), LEAST_STARTS, MOST_STARTS))


def starting_states(visited: Array, count: int, seed: int = 0) -> Array:
    """`count` states (count, units) to search from, made of states that were visited (states, units).

    A quarter are visited states, spread evenly, and a quarter the same with noise. A quarter lie between two
    of them drawn at random, where saddles are likely; in the last one a visited state is moved by the
    difference of two others, which leads to corners that were not visited. All within [-1, 1], where states
    are.

    Raises InputError when nothing was visited.
    """
    visited = np.asarray(visited, np.float64)
    if visited.ndim != 2 or not len(visited):
        raise InputError(
            f"A search needs the states that were visited, (states, units), got {visited.shape}."
        )
    generator = np.random.default_rng(seed)
    each = -(-count // 4)
    as_it_was = visited[np.linspace(0, len(visited) - 1, each).round().astype(int)]
    beside = as_it_was + NOISE * generator.standard_normal(as_it_was.shape)
    one, other, third = visited[generator.integers(len(visited), size=(3, each))]
    share = generator.random((each, 1))
    between = share * one + (1 - share) * other
    return np.concatenate([as_it_was, beside, between, one + other - third])[:count].clip(-1, 1)


def find_fixed_points(
    step: HeldStep, starts: Array, held_at: Array | None = None, tell: Tell | None = None
) -> FixedPoints:
    """The fixed points that a search from `starts` (starts, units) ends at, each once.

    held_at  (units,) where units whose Z is held at 1 stay; the first start when None
    tell     is told the share that is done, and answers whether to stop

    Where Z is held at 1 in all units, every state is fixed, and none is listed. Not every fixed point need be
    found: only those that some start leads to.
    """
    frozen = step.frozen
    keep = np.asarray(starts[0] if held_at is None else held_at, np.float64)
    none = np.empty((0, step.units))
    if frozen.all():
        return FixedPoints((), len(starts), 0, True, frozen, keep, none, np.empty(0), np.empty(0))
    states = np.array(starts, np.float64)
    states[:, frozen] = keep[frozen]
    free = np.flatnonzero(~frozen)
    half = (lambda done: False) if tell is None else lambda done: tell(done / 2)
    ends, left = _downhill(_Candidate(step, free), states, half)
    there = left < ARRIVED
    points = _distinct(step, ends[there], free)
    rest = (lambda done: False) if tell is None else lambda done: tell(0.5 + done / 2)
    slow, speed, move = _slow(step, states[:: -(-len(states) // SLOW_STARTS)], free, points, rest)
    return FixedPoints(points, len(states), int((~there).sum()), False, frozen, keep, slow, speed, move)


@dataclass(frozen=True, eq=False)
class _Candidate:
    """N(h) - h in the units that are free."""

    step: HeldStep
    free: NDArray[np.intp]

    def value(self, states: Array) -> Array:
        found: Array = (self.step.candidate(states) - states)[:, self.free]
        return found

    def slope(self, states: Array) -> tuple[Array, Array]:
        N, slope = self.step.candidate_slope(states)
        inner = slope[:, self.free[:, None], self.free]
        inner[:, np.arange(len(self.free)), np.arange(len(self.free))] -= 1
        return (N - states)[:, self.free], inner


@dataclass(frozen=True, eq=False)
class _Motion:
    """F(h) - h in the units that are free."""

    step: HeldStep
    free: NDArray[np.intp]

    def value(self, states: Array) -> Array:
        found: Array = (self.step(states) - states)[:, self.free]
        return found

    def slope(self, states: Array) -> tuple[Array, Array]:
        inner = self.step.slope(states)[:, self.free[:, None], self.free]
        inner[:, np.arange(len(self.free)), np.arange(len(self.free))] -= 1
        return self.value(states), inner


def _downhill(
    function: _Candidate | _Motion, states: Array, stop: Tell, rounds: int = ROUNDS
) -> tuple[Array, Array]:
    """Minima of the sum of squares of `function`, one from every state; and the largest |value| there.

    K. Levenberg 1944, D. Marquardt 1963: (J^T J + m) d = -J^T f, with m ten times smaller after a step that
    went downhill, and four times larger after one that did not and is taken back.
    """
    states, free = states.copy(), function.free
    damping = np.full(len(states), 1e-2)
    value = function.value(states)
    cost = np.square(value).sum(axis=1)
    active = np.flatnonzero(np.abs(value).max(axis=1) > 0)
    eye = np.eye(len(free))
    for turn in range(rounds):
        if not len(active) or stop(max(turn / rounds, 1 - len(active) / len(states))):
            break
        f, J = function.slope(states[active])
        back = J.transpose(0, 2, 1)
        normal = back @ J + damping[active, None, None] * eye
        move = -np.linalg.solve(normal, back @ f[:, :, None])[:, :, 0]
        tried = states[active]
        tried[:, free] = (tried[:, free] + move).clip(-1, 1)
        value = function.value(tried)
        new = np.square(value).sum(axis=1)
        better = new < cost[active]
        taken = active[better]
        states[taken], cost[taken] = tried[better], new[better]
        damping[active] = np.where(better, damping[active] / 10, damping[active] * 4).clip(1e-14, 1e12)
        moving = np.abs(move).max(axis=1) > 1e-13
        active = active[moving & (damping[active] < 1e10) & (cost[active] > 1e-28)]
    return states, np.abs(function.value(states)).max(axis=1)


def _distinct(step: HeldStep, ends: Array, free: NDArray[np.intp]) -> tuple[FixedPoint, ...]:
    """The different ones among the ends, with their eigenvalues in the units that are free."""
    chosen: list[Array] = []
    arrivals: list[int] = []
    for end in ends:
        apart = [float(np.abs(end - other).max()) for other in chosen]
        if apart and min(apart) < SAME:
            arrivals[int(np.argmin(apart))] += 1
        else:
            chosen.append(end)
            arrivals.append(1)
    if not chosen:
        return ()
    states = np.array(chosen)
    moved = step(states) - states
    found = []
    for state, move, count in zip(states, moved, arrivals, strict=True):
        slope = step.slope(state[None])[0][free[:, None], free]
        values = np.linalg.eigvals(slope).astype(np.complex128)
        order = np.lexsort((values.imag, values.real, -np.abs(values)))
        error, speed = float(np.abs(move).max()), float(np.square(move).sum() / 2)
        found.append(FixedPoint(state, error, speed, values[order], count))
    return tuple(sorted(found, key=lambda point: (point.growing, point.sizes[0])))


def _slow(
    step: HeldStep, states: Array, free: NDArray[np.intp], points: tuple[FixedPoint, ...], stop: Tell
) -> tuple[Array, Array, Array]:
    """Minima of q that are no fixed points: where they are, q, and the largest |F(h) - h|."""
    ends, left = _downhill(_Motion(step, free), states, stop, SLOW_ROUNDS)
    speed = np.square(step(ends) - ends).sum(axis=1) / 2
    slow = (left > ARRIVED) & (left < SLOW)
    kept: list[int] = []
    fixed = [point.state for point in points]
    for index in np.flatnonzero(slow)[np.argsort(speed[slow], kind="stable")]:
        if all(np.abs(ends[index] - other).max() > APART for other in (*ends[kept], *fixed)):
            kept.append(int(index))
    return ends[kept], speed[kept], left[kept]
