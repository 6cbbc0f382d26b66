"""The phase portrait of two units under one input: arrows, nullclines, and every fixed point with its kind.

How all fixed points are found. They are the zeros of N(h) - h in the square, see `landscape`. The square is
cut into cells; `Landscape.steepest` bounds how much N - h can change within a cell, so a cell at whose centre
one of the two numbers is farther from zero than that holds no fixed point. What is left is cut finer, three
times, and Newton's method starts from every cell that remains. At the rim of the square every arrow of N - h
points inwards, so the indices of all fixed points (+1, or -1 where an odd number of directions leads away)
must sum to +1; if they do not, one was missed, and the search starts again with finer cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.contour import joined, zero_lines
from gru_core.analysis.landscape import UNITS, Landscape

Array = NDArray[np.float64]
Stability = Literal["stable", "saddle", "unstable", "neutral"]

ARROWS = 17
"""Arrows along each side."""

FINE = 96
"""Cells along each side in which nullclines are looked for."""

SEARCHES = (64, 256, 1024)
"""Cells along each side that a search for fixed points begins with; the next where one did not add up."""

REFINED = 3
MOST_CELLS = 60_000
NEWTON_STEPS = 60
RESTS = 1e-11
"""A state counts as fixed where N(h) is this near to h."""

SAME = 1e-5
"""Two fixed points nearer than this are one."""

TOUCHING, BLURRED = 1e-6, 2e-3
"""Where det(I - dN/dh) is smaller than the first, fixed points meet, and rounding spreads what is one: such
places count as the same up to the second."""

EDGE = 1e-6
"""An eigenvalue whose size is this near to 1 decides nothing."""


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """A state that a step leaves where it is.

    h            (2,) where
    eigenvalues  (2,) complex, of dF/dh there, the larger first: what a small distance is multiplied by
    index        +1 or -1: the sign of det(I - dN/dh); 0 where that is zero within rounding
    """

    h: Array
    eigenvalues: NDArray[np.complex128]
    index: int

    @property
    def stability(self) -> Stability:
        """Whether states near it come to it, leave it, or come one way and leave the other."""
        sizes = np.abs(self.eigenvalues)
        if (np.abs(sizes - 1) <= EDGE).any():
            return "neutral"
        return ("unstable", "saddle", "stable")[int((sizes < 1).sum())]

    @property
    def turns(self) -> bool:
        """Whether states near it go round it (a focus); else they come or go straight (a node, a saddle)."""
        return bool(np.abs(self.eigenvalues.imag).max() > EDGE)

    @property
    def flips(self) -> bool:
        """Whether states near it jump from side to side, a negative eigenvalue."""
        return not self.turns and bool(self.eigenvalues.real.min() < -EDGE)

    @property
    def steps_to_third(self) -> float:
        """Steps in which a small distance from a stable point shrinks to 1/e of it; inf where it does not."""
        size = float(np.abs(self.eigenvalues).max())
        if size >= 1:
            return float("inf")
        return 0.0 if size == 0 else float(-1 / np.log(size))


@dataclass(frozen=True, eq=False)
class Portrait:
    """What a phase portrait shows.

    kept        (2,) units whose Z is held at exactly 1: they never move, whatever the rest says
    starts      (arrows, arrows, 2) states on a grid, first axis unit 0
    arrows      the same shape, F(h) - h: one step of the GRU
    nullclines  for each unit the lines (places, 2) on which it rests; none for a kept one
    points      all fixed points, by unit 0, then unit 1; () where a unit is kept: then they are no points
    """

    landscape: Landscape
    kept: tuple[bool, bool]
    starts: Array
    arrows: Array
    nullclines: tuple[tuple[Array, ...], tuple[Array, ...]]
    points: tuple[FixedPoint, ...]

    @property
    def adds_up(self) -> bool:
        """Whether the indices of the fixed points sum to +1, as those of all of them must."""
        return any(self.kept) or sum(point.index for point in self.points) == 1

    def of_kind(self, stability: Stability) -> tuple[FixedPoint, ...]:
        """The fixed points of one kind."""
        return tuple(point for point in self.points if point.stability == stability)


def portrait(landscape: Landscape, arrows: int = ARROWS, fine: int = FINE) -> Portrait:
    """The phase portrait of a landscape, with `arrows` arrows and `fine` cells along each side."""
    starts = square(arrows)
    kept = landscape.kept
    pull = landscape.pull(square(fine + 1))
    lines = [() if kept[unit] else joined(zero_lines(pull[..., unit])) for unit in range(UNITS)]
    points = () if any(kept) else fixed_points(landscape)
    return Portrait(landscape, kept, starts, landscape.change(starts), (lines[0], lines[1]), points)


def square(side: int) -> Array:
    """(side, side, 2): evenly spaced states from corner to corner of [-1, 1]², first axis unit 0."""
    line = np.linspace(-1.0, 1.0, side)
    return np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1)


def fixed_points(landscape: Landscape) -> tuple[FixedPoint, ...]:
    """Every state of the square with N(h) = h, by unit 0 and then unit 1; see the top of this module."""
    found: tuple[FixedPoint, ...] = ()
    for cells in SEARCHES:
        places = _distinct(_newton(landscape, _suspects(landscape, cells)), landscape)
        found = tuple(_described(landscape, h) for h in places)
        if sum(point.index for point in found) == 1:
            break
    return found


def _suspects(landscape: Landscape, cells: int) -> Array:
    """(places, 2): centres of small cells that may hold a fixed point; all others cannot."""
    half = 1.0 / cells
    line = -1 + half * (2 * np.arange(cells) + 1)
    centres = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, UNITS)
    centres = _possible(landscape, centres, half)
    quarters = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    for _ in range(REFINED):
        if len(centres) > MOST_CELLS:
            break
        half /= 2
        centres = (centres[:, None] + half * quarters).reshape(-1, UNITS)
        centres = _possible(landscape, centres, half)
    return centres


def _possible(landscape: Landscape, centres: Array, half: float) -> Array:
    near = np.abs(landscape.pull(centres)) <= landscape.steepest * half
    return centres[near.all(axis=-1)]


def _newton(landscape: Landscape, places: Array) -> Array:
    """The places that Newton's method came to from these, where it came to a fixed point of the square."""
    eye = np.eye(UNITS)
    for _ in range(NEWTON_STEPS):
        pull = landscape.pull(places)
        moving = (np.abs(pull) > RESTS / 10).any(axis=-1)
        if not moving.any():
            break
        a, b, c, d = (landscape.candidate_slopes(places) - eye).reshape(-1, 4).T
        determinant = a * d - b * c
        usable = moving & (np.abs(determinant) > 1e-300)
        safe = np.where(usable, determinant, 1.0)
        way = np.stack([d * pull[:, 0] - b * pull[:, 1], a * pull[:, 1] - c * pull[:, 0]], axis=-1)
        # A step over the whole square is no longer a step towards the zero that lies near.
        stride = np.clip(way / safe[:, None], -0.25, 0.25)
        places = np.clip(places - np.where(usable[:, None], stride, 0.0), -1.0, 1.0)
    resting = (np.abs(landscape.pull(places)) <= RESTS).all(axis=-1)
    return places[resting]


def _distinct(places: Array, landscape: Landscape) -> list[Array]:
    """One of each group of places that are the same, the one that rests best; ordered."""
    apart = np.where(np.abs(_turning(landscape, places)) < TOUCHING, BLURRED, SAME)
    chosen: list[int] = []
    for at in np.argsort(np.abs(landscape.pull(places)).max(axis=-1), kind="stable").tolist():
        if all(np.abs(places[at] - places[o]).max() > max(apart[at], apart[o]) for o in chosen):
            chosen.append(at)
    return sorted(places[chosen], key=lambda h: (round(float(h[0]), 6), float(h[1])))


def _turning(landscape: Landscape, places: Array) -> Array:
    """det(I - dN/dh) at places (..., 2): its sign is the index of a fixed point."""
    return np.asarray(np.linalg.det(np.eye(UNITS) - landscape.candidate_slopes(places)))


def _described(landscape: Landscape, h: Array) -> FixedPoint:
    values = np.linalg.eigvals(landscape.jacobian(h)).astype(np.complex128)
    determinant = float(_turning(landscape, h))
    index = 0 if abs(determinant) < TOUCHING else int(np.sign(determinant))
    order = np.lexsort((-values.imag, -values.real, -np.round(np.abs(values), 12)))
    return FixedPoint(h, values[order], index)
