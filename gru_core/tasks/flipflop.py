"""The flip-flop: which way did each channel's last pulse point?"""

from dataclasses import dataclass, replace
from itertools import product
from typing import ClassVar, Literal

import torch

from gru_core.errors import LimitError
from gru_core.model import Example
from gru_core.sequences.encoders import NumberEncoder
from gru_core.tasks.base import Batch, ClassTask, draw_length, every_step
from gru_core.tasks.showing import beginning, lengths_to_show

MOST_BITS = 5
"""More bits than these have more answers than a readout should have rows."""

PULSES = 0.15
"""The share of steps at which a channel has a pulse, each channel by itself."""

_SILENT = 60
_SILENCE = "Pulses in the first 3 steps, then silence for 57"
_TITLES = (
    "60 steps of pulses in three channels",
    "Another 60 steps of pulses",
    "30 steps, half as many",
    "120 steps, twice as many as it was trained on",
)
_SIGNS = {-1.0: "−", 0.0: "·", 1.0: "+"}


@dataclass(frozen=True)
class FlipFlop(ClassTask):
    """At every step, say of each channel whether its last pulse was + or −, this step included.

    A step holds one number per channel: +1 or -1 where there is a pulse, 0 where there is none. The first
    step has a pulse in every channel, so that there is a right answer from the beginning. Sequences have
    between `shortest` and `longest` steps; the 2^bits answers are the corners of a cube.

    Raises LimitError for fewer than 1 or more than MOST_BITS bits.
    """

    shortest: int = 10
    longest: int = 60
    bits: int = 3

    name = "flipflop"
    title = "Three flip-flops"
    remember = "One bit per channel: the sign of its last pulse. A pulse sets it, silence leaves it."
    when: ClassVar[Literal["every step", "last step"]] = "every step"
    guess = "any answer"
    source = (
        "The N-bit flip-flop: D. Sussillo and O. Barak, Opening the Black Box: Low-Dimensional Dynamics in "
        "High-Dimensional Recurrent Neural Networks, Neural Computation 25(3), 2013, sec. 4.1."
    )
    task = "Pulses, + or −, go by in three channels; at every step, say the sign of the last pulse in each."

    def __post_init__(self) -> None:
        if not 1 <= self.bits <= MOST_BITS:
            raise LimitError(
                f"A flip-flop has 1 to {MOST_BITS} bits, got {self.bits}: choose one in between."
            )

    @property
    def outputs(self) -> tuple[str, ...]:
        """The corners of the cube: the sign of every channel, "−−−" first."""
        return tuple("".join(signs) for signs in product("−+", repeat=self.bits))

    @property
    def chance(self) -> float:
        """Every corner is as likely as the others."""
        return 1 / 2**self.bits

    @property
    def encoder(self) -> NumberEncoder:
        """The pulses as they are, one column per channel."""
        names = tuple(f"channel {channel + 1}" for channel in range(self.bits))
        return NumberEncoder(names, (0.0,) * self.bits, (1.0,) * self.bits)

    @property
    def steps(self) -> int:
        """Steps of the longest sequence."""
        return self.longest

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` sequences of one random length, every pulse drawn by itself."""
        length = draw_length(self.shortest, self.longest, generator)
        shape = (size, length, self.bits)
        there = torch.rand(shape, generator=generator) < PULSES
        there[:, 0] = True
        up = torch.rand(shape, generator=generator) < 0.5
        x = there * (2.0 * up - 1.0)
        return Batch(x, self.held(x), every_step(x))

    def held(self, x: torch.Tensor) -> torch.Tensor:
        """The right answers (batch, time), as indices, to pulses (batch, time, bits)."""
        steps = torch.arange(x.shape[1])[None, :, None].expand(x.shape)
        latest = torch.where(x != 0, steps, 0).cummax(dim=1).values
        up = x.gather(1, latest) > 0
        return (up * 2 ** torch.arange(self.bits - 1, -1, -1)).sum(dim=-1)

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        """Pulses to read, and the signs of the last ones after each step."""
        shown = lengths_to_show(self.longest, "steps")
        own = self.longest == FlipFlop().longest
        titles = _TITLES if own else tuple(title for title, _, _ in shown)
        found = [
            _told(title, self, self._drawn(length, seed))
            for title, (_, length, seed) in zip(titles, shown, strict=True)
        ]
        if own:
            rows = torch.zeros(_SILENT, self.bits)
            rows[:3] = self._drawn(3, 3)
            found.append(_told(_SILENCE, self, rows))
        return tuple(found)

    def _drawn(self, length: int, seed: int) -> torch.Tensor:
        """The pulses of one sequence (length, bits)."""
        task = replace(self, shortest=length, longest=length)
        return task.batch(1, torch.Generator().manual_seed(seed)).x[0]

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        return (
            f"It reads {len(example.ticks)} steps of {self.bits} channels, {beginning(example.ticks)}, one "
            "at a time; · is no pulse. After each the right answer is the sign of every channel's last "
            f"pulse: {beginning(example.target, '.')}"
        )


def flipflop_example(title: str, task: FlipFlop, of_length: FlipFlop, seed: int) -> Example:
    """A sequence of a flip-flop at one length, with its right answers."""
    return _told(title, task, of_length.batch(1, torch.Generator().manual_seed(seed)).x[0])


def _told(title: str, task: FlipFlop, pulses: torch.Tensor) -> Example:
    rows = tuple(tuple(row) for row in pulses.tolist())
    return Example(
        title=title,
        values=rows,
        target=tuple(task.outputs[index] for index in task.held(pulses[None])[0].tolist()),
        ticks=tuple("".join(_SIGNS[value] for value in row) for row in rows),
    )
