"""An input and an output that belong together, in every way in which their axes can be understood."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from gru_core.errors import InputError
from gru_core.limits import MAX_CELLS, check_trace_size

MAX_SEQUENCES = 8
"""Sequences of a batch that are compared, the first ones."""
MAX_COMPARED_STEPS = 500
"""Steps that are compared where the output has every step: those that are read first."""
MAX_LAST_STEPS = 500
"""Steps that lead to a last state."""

DataWord = Literal["batch first", "time first", "last state", "order of reading"]

DATA_WORDS: Mapping[DataWord, str] = {
    "batch first": "The first axis of the input was taken for the batch.",
    "time first": "The first axis of the input was taken for time.",
    "last state": "The output was taken for the last state.",
    "order of reading": "The output is in the order of reading, from the last step to the first.",
}
"""How axes were understood, in words."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What the states of a reading are compared with.

    x         (batch, time, inputs)
    expected  (batch, time, units) in the time of the input, or (batch, units) for the last state alone
    h0        (batch, units) or None
    backwards whether the GRU reads from the last step to the first
    words     how the axes were understood, where there are several ways
    """

    x: Tensor
    expected: Tensor
    h0: Tensor | None
    backwards: bool
    words: tuple[DataWord, ...] = ()

    @property
    def inputs(self) -> int:
        """Inputs per step."""
        return self.x.shape[2]

    @property
    def units(self) -> int:
        """Units."""
        return self.expected.shape[-1]

    @property
    def steps(self) -> int:
        """Steps."""
        return self.x.shape[1]

    def head(self, sequences: int, steps: int) -> "Comparison":
        """The same on a few sequences and, where the output has every step, on the first steps read."""
        part = slice(None)
        if self.expected.ndim == 3 and steps < self.steps:
            part = slice(-steps, None) if self.backwards else slice(steps)
        return replace(
            self,
            x=self.x[:sequences, part],
            expected=self.expected[:sequences, part]
            if self.expected.ndim == 3
            else self.expected[:sequences],
            h0=None if self.h0 is None else self.h0[:sequences],
        )

    def in_reading_order(self, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """x and expected with the step that is read first at the front of the time axis."""
        x = self.x.flip(1) if self.backwards else self.x
        turned = self.backwards and self.expected.ndim == 3
        return x.to(dtype), self.expected.flip(1) if turned else self.expected


def comparisons(x: Any, expected: Any, h0: Any = None) -> tuple[Comparison, ...]:
    """Every way to understand input and output, the commonest first; see `agreeing_readings` for the shapes.

    Raises InputError when there is none, or when one of them is not finite numbers, LimitError when they are
    too large.
    """
    inputs, output = _numbers("The input", x), _numbers("The output", expected)
    start = None if h0 is None else _numbers("The initial state", h0)
    if inputs.ndim not in (2, 3) or 0 in inputs.shape:
        raise InputError(
            "The input must be (time, inputs), (batch, time, inputs) or (time, batch, inputs), "
            f"got {tuple(inputs.shape)}."
        )
    found = list(_understood(inputs, output, start))
    if not found:
        raise InputError(
            f"The output must have the states of every step of the input {tuple(inputs.shape)}, with the "
            f"same axes, or its last state alone, got {tuple(output.shape)}."
        )
    last = next((view for view in found if view.expected.ndim == 2), None)
    if last is not None and last.steps > MAX_LAST_STEPS:
        raise InputError(
            f"A last state is compared after at most {MAX_LAST_STEPS} steps, and this input has "
            f"{last.steps:,}: give the states of every step, or those of a shorter input."
        )
    check_trace_size(found[0].steps, found[0].units, 1, len(found[0].x))
    return tuple(found)


def _understood(inputs: Tensor, output: Tensor, start: Tensor | None) -> Iterator[Comparison]:
    """Forwards, then backwards; every step before the last state."""
    leading = [length for length in output.shape[:-1] if length != 1]
    units, every = output.shape[-1], [length for length in inputs.shape[:-1] if length != 1]
    views: list[Comparison] = []
    firsts: tuple[DataWord | None, ...] = ("batch first", "time first") if inputs.ndim == 3 else (None,)
    for first in firsts:
        x = inputs.transpose(0, 1) if first == "time first" else inputs.reshape(-1, *inputs.shape[-2:])
        batch, steps = x.shape[:2]
        words: tuple[DataWord, ...] = () if first is None else (first,)
        state = None
        if start is not None:
            if start.numel() not in (units, batch * units):
                continue
            state = start.reshape(-1, units).expand(batch, -1)
        if leading == every:
            states = output.reshape(*inputs.shape[:-1], units)
            states = states.transpose(0, 1) if first == "time first" else states.reshape(batch, steps, units)
            views.append(Comparison(x, states, state, False, words))
        if leading == ([batch] if batch > 1 else []):
            views.append(Comparison(x, output.reshape(batch, units), state, False, (*words, "last state")))
    # Where an axis could be time or not, one of a single step is not.
    long = [view for view in views if view.steps > 1] or views
    long.sort(key=lambda view: view.expected.ndim == 2)
    views = [view.head(MAX_SEQUENCES, MAX_COMPARED_STEPS) for view in long]
    yield from views
    for view in long:
        back = replace(view, backwards=True)
        yield back.head(MAX_SEQUENCES, MAX_COMPARED_STEPS)
        if view.expected.ndim == 3:
            turned = replace(back, expected=view.expected.flip(1), words=(*view.words, "order of reading"))
            yield turned.head(MAX_SEQUENCES, MAX_COMPARED_STEPS)


def _numbers(what: str, value: Any) -> Tensor:
    try:
        array = np.asarray(value.detach().cpu() if isinstance(value, Tensor) else value)
    except (TypeError, ValueError, RuntimeError) as problem:
        raise InputError(f"{what} must be an array of numbers, got {type(value).__name__}.") from problem
    if array.dtype.kind not in "fiu" or not array.ndim or not array.size:
        raise InputError(f"{what} must be an array of numbers, got {array.dtype} of shape {array.shape}.")
    if array.size > MAX_CELLS:
        raise InputError(f"{what} may have at most {MAX_CELLS:,} numbers here, got {array.size:,}: cut it.")
    numbers = torch.from_numpy(np.array(array, dtype=np.float64))
    if not torch.isfinite(numbers).all():
        raise InputError(f"{what} has a NaN or an infinity; leave such steps out.")
    return numbers
