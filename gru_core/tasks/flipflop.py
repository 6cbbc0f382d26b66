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
        # The step of the last pulse so far, and which way that one pointed.
        steps = torch.arange(length)[None, :, None].expand(shape)
        latest = torch.where(there, steps, 0).cummax(dim=1).values
        held = up.gather(1, latest)
        values = 2 ** torch.arange(self.bits - 1, -1, -1)
        x = there * (2.0 * up - 1.0)
        return Batch(x, (held * values).sum(dim=-1), every_step(x))

    held_out = batch

    def examples(self) -> tuple[Example, ...]:
        """Pulses to read, and the signs of the last ones after each step."""
        shown = [
            flipflop_example(title, self, replace(self, shortest=length, longest=length), seed)
            for title, length, seed in lengths_to_show(self.longest, "steps")
        ]
        return tuple(shown)

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
    batch = of_length.batch(1, torch.Generator().manual_seed(seed))
    rows = tuple(tuple(row) for row in batch.x[0].tolist())
    return Example(
        title=title,
        values=rows,
        target=tuple(task.outputs[index] for index in batch.target[0].tolist()),
        ticks=tuple("".join(_SIGNS[value] for value in row) for row in rows),
    )
