"""What every model of the gallery is and what a run of it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from gru_core.gallery.packages import package_folder, package_version
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.sequences import Sequence
from gru_core.trace import GateTrace

Given = str | Sequence
"""What a person gives: a text, or for the walking model two columns of numbers."""


@dataclass(frozen=True)
class Piece:
    """A part of what a model says: a word and its kind, a phoneme, a reaction and its share.

    text   as it is said
    note   what it is: a code of the model's own such as "n", "" where there is nothing to add
    value  the number behind it: a share in [0, 1], a percentage of the walking cycle; None without one
    first  the step at which it begins, in steps of what is shown
    """

    text: str
    note: str = ""
    value: float | None = None
    first: int = 0


@dataclass(frozen=True, eq=False)
class Steps:
    """What a model says at every step, as `gru_ui.components.heatmaps.Outputs` draws it.

    kind    "classes": values are probabilities (time, names); "numbers": values (time, names)
    truth   the right numbers (time, names), NaN where they are not known; None when nothing is
    """

    kind: Literal["classes", "numbers"]
    names: tuple[str, ...]
    values: NDArray[np.float32]
    truth: NDArray[np.float32] | None = None
    span: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """One GRU of a model in a run.

    name     "encoder", "decoder", or "" for the only one
    tokens   what it read, one text per step
    traces   every layer and direction, as `gru_core.trace` gives them
    steps    what the model says at each of these steps; None where this GRU says nothing itself
    """

    name: str
    tokens: tuple[str, ...]
    traces: tuple[GateTrace, ...]
    steps: Steps | None = None


@dataclass(frozen=True, eq=False)
class Run:
    """One run of a model.

    parts   its GRUs in the order in which they run
    said    what it says, in pieces
    facts   further numbers about the answer by name, such as "error"
    """

    parts: tuple[Part, ...]
    said: tuple[Piece, ...]
    facts: Mapping[str, float]

    def part(self, name: str) -> Part:
        """The part of a name."""
        return next(part for part in self.parts if part.name == name)


class GalleryModel(Protocol):
    """A model of the gallery, read from its package."""

    @property
    def grus(self) -> Mapping[str, GRU]:
        """Its GRUs by the names of the parts."""

    def run(self, given: Given, overrides: tuple[GateOverride, ...] = (), only: str | None = None) -> Run:
        """What it makes of a text or a signal.

        overrides   gates to hold, in the GRU named `only`, or in all of them
        Raises InputError or LimitError for what it cannot read.
        """


class Reader(Protocol):
    """Reads a model from the folder of its package."""

    def __call__(self, folder: Path) -> GalleryModel: ...


@dataclass(frozen=True)
class Entry:
    """One model of the gallery, before it is read.

    kind       what is given: a "sentence", a "word", a "text" or a "signal"
    licence    as the package states it
    source     where the facts about it come from: what its package says, and which of its files are read
    given      what the page opens with; for a signal, the name of a recording
    examples   more texts on which it shows what it can, and where it fails
    """

    name: str
    title: str
    does: str
    kind: Literal["sentence", "word", "text", "signal"]
    distribution: str
    module: str
    licence: str
    source: str
    given: str
    read: Reader
    examples: tuple[str, ...] = ()

    @property
    def version(self) -> str | None:
        """The installed version of its package; None where it is not installed."""
        return package_version(self.distribution)

    @property
    def folder(self) -> Path:
        """The folder of its package. Raises ModelFileError with the command that brings it."""
        return package_folder(self.distribution, self.module)

    @property
    def available(self) -> bool:
        """Whether its package is installed."""
        return self.version is not None


def cut(trace: GateTrace, first: int, stop: int | None = None) -> GateTrace:
    """The steps first..stop of a trace, with the state that the first of them to be read started from."""
    kept: dict[str, Any] = {
        name: getattr(trace, name)[:, first:stop]
        for name in ("X", "R", "Z", "H_tilde", "H", "H_prev", "R_proposed", "Z_proposed")
    }
    begin = 0 if trace.direction == "forward" else -1
    return replace(trace, H0=kept["H_prev"][:, begin], **kept)


def holding(overrides: tuple[GateOverride, ...], part: str, only: str | None) -> tuple[GateOverride, ...]:
    """The overrides that hold in one part."""
    return overrides if only in (None, part) else ()
