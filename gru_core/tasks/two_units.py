"""The flip-flop of one bit, for two units: their whole memory can be drawn in a plane."""

from dataclasses import dataclass, replace
from typing import ClassVar

from gru_core.model import Example
from gru_core.sequences.encoders import NumberEncoder
from gru_core.tasks.flipflop import FlipFlop, flipflop_example
from gru_core.tasks.showing import beginning


@dataclass(frozen=True)
class Latch(FlipFlop):
    """The flip-flop of one bit: the sign of the last pulse."""

    longest: int = 30
    bits: int = 1

    name = "bistable"
    title = "A latch of two units, set by hand"
    task = "Pulses, + or −, go by; at every step, say the sign of the last one."
    remember = "One bit: the sign of the last pulse. A pulse sets it, silence leaves it."
    guess = "either sign"
    encoder: ClassVar[NumberEncoder] = NumberEncoder(("pulse",), (0.0,), (1.0,))

    def examples(self) -> tuple[Example, ...]:
        """Pulses to read, and the sign of the last one after each step."""
        once, half, longer = self.longest, max(self.longest // 2, 1), 4 * self.longest
        shown = (
            (f"{once:,} steps", once),
            (f"Another {once:,} steps", once),
            (f"{half:,} steps", half),
            (f"{longer:,} steps", longer),
        )
        return tuple(
            flipflop_example(title, self, replace(self, shortest=length, longest=length), seed)
            for seed, (title, length) in enumerate(shown)
        )

    def in_words(self) -> str:
        """The first of the examples, told."""
        example = self.examples()[0]
        return (
            f"It reads {len(example.ticks)} steps, {beginning(example.ticks)}, one at a time; · is no pulse. "
            f"After each the right answer is the sign of the last pulse: {beginning(example.target, '.')}"
        )


@dataclass(frozen=True)
class TwoUnits(Latch):
    """The same, learned."""

    name = "two_units"
    title = "A flip-flop that two units learned"
