"""Which readings of a file's arrays give an output that a person has: all that the shapes allow are tried.

Bounded in readings, steps and seconds; what a bound cut off is said.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, cast

import torch
from torch import Tensor

from gru_core.conventions import CanonicalWeights
from gru_core.equations import ResetMode
from gru_core.errors import GateScopeError, InputError
from gru_core.formats.readings.agreement_data import DATA_WORDS, Comparison, DataWord, comparisons
from gru_core.formats.readings.own_arrays import canonical_of, initial_state_of
from gru_core.formats.readings.reading import Reading
from gru_core.formats.readings.screening import most_at_once, screened
from gru_core.formats.readings.suggestions import MAX_READINGS, suggest_readings

TOLERANCE = 1e-4
"""A reading agrees when no number differs by more: float32 of two programs differs by 1e-6, a wrong reading
by 0.4 to 2.0."""
SECONDS = 10.0
"""How long the readings are tried."""
SCREENING_STEPS = 8
"""Steps on which every reading is tried, where the output has every step; the best are run over all steps."""
SCREENING_SEQUENCES = 2
"""Sequences on which every reading is tried."""
TOGETHER = 256
"""Readings that are screened side by side, at most."""
KEPT = 32
"""Sets of weights that are kept for the next gate activation."""
BEST = 20
"""Readings that are run over all steps and reported."""


Cut = Literal["", "number", "time"]


@dataclass(frozen=True)
class Agreement:
    """One reading beside the output.

    difference  the largest |H - output|, over every number of the output
    agrees      whether that is within the tolerance
    also        other readings that are the same function of any input, such as with a bias of zeros left out
    """

    reading: Reading
    difference: float
    agrees: bool
    also: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Search:
    """What was tried and what agrees.

    found      best first, at most BEST of them; one entry for readings that are the same function
    tolerance  what counts as agreeing
    readings   how many readings were tried, `functions` how many different functions they are
    steps      steps that the reported differences were taken over
    data       how the axes of input and output were understood, see DATA_WORDS
    offered    how many readings there are to try; more than `readings` where a bound cut some off, and
    cut        which: of number or of time
    """

    found: tuple[Agreement, ...]
    tolerance: float
    readings: int
    functions: int
    steps: int
    data: tuple[DataWord, ...] = ()
    offered: int = 0
    cut: Cut = ""

    @property
    def agreeing(self) -> tuple[Agreement, ...]:
        """Those within the tolerance."""
        return tuple(one for one in self.found if one.agrees)

    @property
    def differ_in(self) -> tuple[str, ...]:
        """The entries in which those that agree differ from each other, though not on this input."""
        readings = [one.reading for one in self.agreeing]
        names = (entry.name for entry in fields(Reading))
        return tuple(name for name in names if len({getattr(r, name) for r in readings}) > 1)

    def sentence(self) -> str:
        """What came out, in words."""
        tried = f"{self.readings:,} readings, {self.functions:,} different functions"
        agreeing = self.agreeing
        if not self.found:
            text = "No arrays in this file have shapes that fit this input and this output."
        elif not agreeing:
            text = (
                f"None of {tried}, gives this output to within {self.tolerance:g}; the closest is off by "
                f"{self.found[0].difference:.2g}. Is it the output of this very GRU, without dropout and "
                "without a layer behind it, for this very input, from a state of zeros?"
            )
        elif len(agreeing) == 1:
            text = (
                f"Of {tried}, one gives this output: off by at most {agreeing[0].difference:.1e} over "
                f"{self.steps:,} step{'s' if self.steps != 1 else ''}."
            )
        else:
            text = (
                f"Of {tried}, {len(agreeing)} give this output to within {self.tolerance:g}: on this input "
                f"they are the same function. They differ in {', '.join(self.differ_in)}; a longer input, or "
                "one of larger numbers, can tell them apart."
            )
        if agreeing and agreeing[0].also:
            text += f" {len(agreeing[0].also)} more say the same function in other words."
        words = [text, *(DATA_WORDS[word] for word in self.data)]
        if self.cut == "number":
            words.append(f"Only the likeliest {self.readings:,} readings were tried.")
        if self.cut == "time":
            words.append(f"The time was over after {self.readings:,} of {self.offered:,} readings.")
        return " ".join(words)


@dataclass
class _Function:
    """A function that was tried: by which readings, and how far off under each view of the data."""

    reading: Reading
    differences: list[float] = field(default_factory=list)
    also: list[Reading] = field(default_factory=list)


def agreeing_readings(
    tensors: Mapping[str, Tensor],
    x: Any,
    expected: Any,
    *,
    h0: Any = None,
    tolerance: float = TOLERANCE,
    most: int = MAX_READINGS,
    seconds: float = SECONDS,
) -> Search:
    """Every reading of the arrays that their shapes allow, run on `x` and compared with `expected`.

    x         (time, inputs), (batch, time, inputs) or (time, batch, inputs)
    expected  the states of every step, with the same axes, or the last one alone: (units,) or (batch, units);
              axes of length 1 may stand or be missing
    h0        (units,) or (batch, units), the state before the first step where the output began from one

    A GRU that reads forwards is tried first, one that reads backwards where none agrees. Raises InputError
    when the two cannot belong together.
    """
    tolerance, seconds = _positive("The tolerance", tolerance), _positive("seconds", seconds)
    views = comparisons(x, expected, h0)
    offered = suggest_readings(tensors, views[0].inputs, views[0].units, most + 1)
    functions, tried = _functions(offered[:most], tensors, views, seconds)
    cut: Cut = "time" if tried < min(len(offered), most) else "number" if len(offered) > most else ""
    total = min(len(offered), most) if cut == "time" else len(offered)
    best: Search | None = None
    for number, view in enumerate(views):
        found = _best(functions, number, view, tensors, tolerance)
        search = Search(found, tolerance, tried, len(functions), view.steps, view.words, total, cut)
        if search.agreeing:
            return search
        if best is None or (found and found[0].difference < best.found[0].difference):
            best = search
    return cast(Search, best)


def _functions(
    readings: tuple[Reading, ...],
    tensors: Mapping[str, Tensor],
    views: tuple[Comparison, ...],
    seconds: float,
) -> tuple[list[_Function], int]:
    """Every different function among the readings, screened, and how many readings were tried."""
    heads = [view.head(SCREENING_SEQUENCES, SCREENING_STEPS) for view in views]
    known: dict[bytes, _Function] = {}
    waiting: dict[tuple[Any, ...], list[tuple[_Function, CanonicalWeights, Tensor | None]]] = {}

    def screen(kind: tuple[Any, ...]) -> None:
        group = waiting.pop(kind)
        weights, starts = [entry[1] for entry in group], [entry[2] for entry in group]
        for entry, differences in zip(group, screened(weights, starts, heads, *kind[:2]), strict=True):
            entry[0].differences = differences

    tried, begun = 0, time.monotonic()
    canonical: dict[Reading, tuple[CanonicalWeights, bytes]] = {}
    for reading in readings:
        # What has been gathered still has to be run, and the best once more over all steps.
        if tried and time.monotonic() > begun + 0.5 * seconds:
            break
        tried += 1
        plain = replace(reading, gate_activation="sigmoid")
        if plain not in canonical:
            # What is usual comes first and is asked for again with the other activations; few are kept.
            try:
                weights = canonical_of(plain, tensors)
            except GateScopeError:  # numbers that cannot be weights, such as NaN
                continue
            if len(canonical) >= KEPT:
                canonical.clear()
            canonical[plain] = weights, _digest(weights, reading.reset_mode)
        weights, digest = canonical[plain]
        start = initial_state_of(reading, tensors, views[0].units)
        key = digest + reading.gate_activation.encode() + (b"" if start is None else start.numpy().tobytes())
        if key in known:
            known[key].also.append(reading)
            continue
        known[key] = function = _Function(reading)
        kind = (reading.reset_mode, reading.gate_activation, weights.weight_h.dtype)
        waiting.setdefault(kind, []).append((function, weights, start))
        if len(waiting[kind]) >= min(most_at_once(weights), TOGETHER):
            screen(kind)
    for number, kind in enumerate(list(waiting)):
        if number and time.monotonic() > begun + 0.7 * seconds:
            break
        screen(kind)
    done = [function for function in known.values() if function.differences]
    left = sum(1 + len(function.also) for function in known.values() if not function.differences)
    return done, tried - left


def _best(
    functions: list[_Function],
    number: int,
    view: Comparison,
    tensors: Mapping[str, Tensor],
    tolerance: float,
) -> tuple[Agreement, ...]:
    """The best functions under one view of the data, run over all of its steps, best first."""
    found = []
    for one in sorted(functions, key=lambda one: one.differences[number])[:BEST]:
        reading, *also = (replace(given, backwards=view.backwards) for given in (one.reading, *one.also))
        start = initial_state_of(reading, tensors, view.units)
        kind = (reading.reset_mode, reading.gate_activation)
        ((difference,),) = screened([canonical_of(reading, tensors)], [start], [view], *kind)
        found.append(Agreement(reading, difference, difference <= tolerance, tuple(also)))
    return tuple(sorted(found, key=lambda one: one.difference))


def _digest(weights: CanonicalWeights, reset_mode: ResetMode) -> bytes:
    """The same for weights that are the same function of every input, whatever the gate activation."""
    bias_hh = torch.zeros(len(weights.bias) // 3) if weights.bias_hh is None else weights.bias_hh
    last = weights.weight_h[-len(bias_hh) :]
    # R times a product of one factor is the product of R times that factor: the two modes are then one.
    no_mode = not bias_hh.any() and torch.equal(last, torch.diag(last.diagonal()))
    digest = hashlib.blake2b(b"" if no_mode else reset_mode.encode(), digest_size=16)
    for tensor in (weights.weight_x, weights.weight_h, weights.bias, bias_hh):
        # Adding 0 makes -0 and 0 the same.
        digest.update((tensor + 0.0).contiguous().numpy().tobytes())
    return digest.digest()


def _positive(what: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise InputError(f"{what} must be a number above 0, got {value!r}.")
    return float(value)
