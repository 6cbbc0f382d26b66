"""Where the state goes under several gate settings, all seen in one basis, and where it would stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.fixed_points import FixedPoints
from gru_core.analysis.pca import Basis, fit_basis
from gru_core.trace import GateTrace

Array = NDArray[np.float64]
Fitted = Literal["learned", "all"]

FITTED: Final[tuple[Fitted, ...]] = ("learned", "all")

MOST_STATES: Final = 3_000
MOST_NUMBERS: Final = 1_000_000
"""States of one path, and numbers in them: of a longer one every second, third, ... step is drawn."""

NAMED: Final = 7
"""Kinds that are told apart by a colour; all others share one more."""


@dataclass(frozen=True, eq=False)
class Path:
    """One trajectory, in the order in which the layer reads.

    name    the gate setting
    steps   (points,) the step after which the state is; -1 for the state before the first one
    states  (points, units)
    places  (points, axes) the same in the basis
    shown   the share of its variance that the basis shows
    """

    name: str
    steps: NDArray[np.intp]
    states: NDArray[np.floating]
    places: Array
    shown: float

    @property
    def pace(self) -> float:
        """The mean length of a step from one state to the next, in all units."""
        moves = np.diff(np.asarray(self.states, np.float64), axis=0)
        return float(np.linalg.norm(moves, axis=1).mean())

    @property
    def reach(self) -> float:
        """How far apart its two outermost states are along the longest axis of the basis."""
        return float(np.ptp(self.places, axis=0).max())


@dataclass(frozen=True, eq=False)
class StateSpace:
    """Paths of several gate settings in one basis.

    fitted  what the basis was made from: the "learned" path, or "all" of them
    paths   by the name of their setting, as they were given
    every   each path has the state after every so many steps
    """

    basis: Basis
    fitted: Fitted
    paths: dict[str, Path]
    every: int


def state_space(traces: Mapping[str, GateTrace], fitted: Fitted = "learned") -> StateSpace:
    """The paths of traces of one layer and direction by their setting, of which "learned" must be one.

    Of each the first sequence of its batch. KeyError without "learned".
    """
    learned = traces["learned"]
    steps = np.arange(learned.steps)
    every = -(-learned.steps // max(min(MOST_STATES, MOST_NUMBERS // learned.units), 1))
    order = steps[::-1] if learned.direction == "backward" else steps
    kept = np.unique(np.append(np.arange(0, learned.steps, every), learned.steps - 1))
    read = np.concatenate([[-1], order[kept]])
    states = {name: np.concatenate([t.H0[:1], t.H[0][order[kept]]]) for name, t in traces.items()}
    basis = fit_basis([states["learned"]] if fitted == "learned" else list(states.values()))
    paths = {
        name: Path(name, read, part, basis.project(part), basis.share_of(part))
        for name, part in states.items()
    }
    return StateSpace(basis, fitted, paths, every)


@dataclass(frozen=True, eq=False)
class Held:
    """The search for fixed points that goes with a picture.

    what     what input was held: "zero", "mean" or "step"
    step     the step whose input, and whose gates, were held
    found    what was found
    answers  what the model would answer at every point; () where it has none
    """

    what: str
    step: int
    found: FixedPoints
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kinds:
    """The steps of a path by a kind of theirs: the symbol that was read, or the answer that was given.

    names  the commonest ones, at most NAMED; what else there is comes last and has no name of its own
    codes  (steps,) index into `names`; len(names) for what has no name there
    """

    names: tuple[str, ...]
    codes: tuple[int, ...]


def kinds_of(labels: Sequence[str]) -> Kinds:
    """Steps by their labels; the names are in the order of their letters."""
    counts: dict[str, int] = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    most = NAMED + 1 if len(counts) <= NAMED + 1 else NAMED
    names = tuple(sorted(sorted(counts, key=lambda name: -counts[name])[:most]))
    place = {name: index for index, name in enumerate(names)}
    return Kinds(names, tuple(place.get(label, len(names)) for label in labels))
