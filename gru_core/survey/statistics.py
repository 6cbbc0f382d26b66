"""What a survey found: one frozen value, the shares and times that follow from it, and how two are one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError, LimitError, ShapeError
from gru_core.limits import MAX_SURVEY_STEPS
from gru_core.survey.tally import SHARPNESS, Counts, Tally

if TYPE_CHECKING:
    from gru_core.overrides import Direction
    from gru_core.trace import GateTrace

FloatArray = NDArray[np.float64]
Place = tuple[int, "Direction"]

GATES = ("R", "Z")
"""Index 0 and 1 of what is counted per gate."""

MAX_REFUSED = 20
"""Sequences that were left out and are named; all of them are counted."""


@dataclass(frozen=True)
class About:
    """What was surveyed: two surveys can be merged where the first three agree.

    fingerprint  of the GRU, see GRU.fingerprint; "" where it is not known
    settings     the gates that were set, as texts of override_text.py or JSON; () for learned ones
    places       (layer, direction) of each cell
    model        what the model is called
    data         the names of the data, sorted
    """

    fingerprint: str
    settings: tuple[str, ...]
    places: tuple[Place, ...]
    model: str = ""
    data: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Survey:
    """Counts over all steps of all sequences; see `Tally` for the arrays.

    sequences, steps   how many were counted
    shortest, longest  steps of the shortest and the longest sequence; 0 where there is none
    left_out           how many sequences could not be read
    refused            the first of those by name, each with the reason: at most MAX_REFUSED

    Raises ShapeError where the parts do not fit together, LimitError for more than MAX_SURVEY_STEPS steps.
    """

    about: About
    tally: Tally
    sequences: int
    steps: int
    shortest: int
    longest: int
    left_out: int = 0
    refused: tuple[tuple[str, str], ...] = field(default=())

    def __post_init__(self) -> None:
        if len(self.about.places) != self.tally.low.shape[1]:
            raise ShapeError(
                f"A survey of {len(self.about.places)} layers and directions needs as many counts, got "
                f"{self.tally.low.shape[1]}."
            )
        if self.steps > MAX_SURVEY_STEPS:
            raise LimitError(
                f"A survey may have at most {MAX_SURVEY_STEPS:,} steps, and this one has {self.steps:,}: "
                "keep it in several files."
            )

    @property
    def settings_text(self) -> str:
        """The gates that were set, as they are set on the command line; "" for learned ones."""
        return " ".join(map(_setting_text, self.about.settings))

    @property
    def units(self) -> int:
        """Units of each layer."""
        return self.tally.low.shape[2]

    def left_saturated(self, gate: str) -> FloatArray:
        """(cells, units) in [0, 1]: the share of steps at which the gate is below LOW."""
        return self._share(self.tally.low[GATES.index(gate)])

    def right_saturated(self, gate: str) -> FloatArray:
        """(cells, units) in [0, 1]: the share of steps at which the gate is above HIGH."""
        return self._share(self.tally.high[GATES.index(gate)])

    def mean(self, gate: str) -> FloatArray:
        """(cells, units) in [0, 1]: the gate's mean over all steps."""
        return self._share(self.tally.total[GATES.index(gate)]) / SHARPNESS

    def time_scale(self) -> FloatArray:
        """(cells, units) in [1, inf]: steps that a unit's content lasts on average, 1 / (1 - mean Z)."""
        total, steps = self.tally.total[1], self.steps * SHARPNESS
        with np.errstate(divide="ignore"):
            # The difference of whole numbers, so that a mean of nearly 1 loses nothing.
            return np.asarray(float(steps) / (steps - total))

    def histogram(self, gate: str) -> Counts:
        """(cells, SIDE) steps of any unit by the gate's value, from 0 to 1."""
        return np.asarray(self.tally.square.sum(axis=2 - GATES.index(gate)))

    def _share(self, counts: Counts) -> FloatArray:
        if not self.steps:
            raise InputError("Nothing was counted: no sequence of the data could be read.")
        return np.asarray(counts / float(self.steps))


def survey_of_traces(traces: Sequence[GateTrace], about: About) -> Survey:
    """The survey of what `trace` returned: each sequence of the batch counts as one."""
    tally = Tally.empty(len(traces), traces[0].units)
    batch, steps = traces[0].R.shape[:2]
    for cell, found in enumerate(traces):
        tally.add(cell, found.R.reshape(-1, found.units), found.Z.reshape(-1, found.units))
    return Survey(about, tally, batch, batch * steps, steps, steps)


def merge(surveys: Iterable[Survey]) -> Survey:
    """The survey of all their data together; the same, to the last bit, in whatever order.

    Raises InputError where there are none, or where they are not of one model with one setting of its gates.
    """
    found = list(surveys)
    if not found:
        raise InputError("There is nothing to merge: give at least one survey.")
    first = found[0].about
    for other in (each.about for each in found[1:]):
        if (other.fingerprint, other.places) != (first.fingerprint, first.places):
            raise InputError(
                f"Surveys of different models cannot be merged, got {first.model!r} and {other.model!r}: "
                "make them with one model."
            )
        if other.settings != first.settings:
            raise InputError(
                f"Surveys under different gates cannot be merged, got {_told(first)} and {_told(other)}: "
                "make them with one setting."
            )
    tally = Tally.empty(len(first.places), found[0].units)
    for each in found:
        tally.take(each.tally)
    counted = [each for each in found if each.sequences]
    about = About(
        first.fingerprint,
        first.settings,
        first.places,
        min(each.about.model for each in found),
        tuple(sorted({name for each in found for name in each.about.data})),
    )
    return Survey(
        about,
        tally,
        sum(each.sequences for each in found),
        sum(each.steps for each in found),
        min((each.shortest for each in counted), default=0),
        max((each.longest for each in counted), default=0),
        sum(each.left_out for each in found),
        # The smallest of the smallest, so that this too is the same in any order.
        tuple(sorted(entry for each in found for entry in each.refused)[:MAX_REFUSED]),
    )


def _setting_text(setting: str) -> str:
    try:
        plain = json.loads(setting)
        parts = [f"{plain.pop('gate')}={plain.pop('value'):g}"]
        for name, value in plain.items():
            if isinstance(value, dict):
                stop = value.get("stop")
                value = f"{value.get('start') or ''}..{'' if stop is None else stop - 1}"
            if name != "blend" or value != 1:
                parts.append(f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}")
        return ":".join(parts)
    except (ValueError, KeyError, TypeError, AttributeError):
        return setting[:80]


def _told(about: About) -> str:
    return f"[{', '.join(about.settings)}]"
