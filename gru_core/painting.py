"""Gates painted step by step: one value of R and one of Z per step, for all units, or as learned.

A row is written as runs, so that it fits into a link: "1x3_0_lx2" is 1 three times, 0, learned twice.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal

from gru_core.errors import OverrideError
from gru_core.limits import MAX_PAINTED_STEPS
from gru_core.overrides import GateOverride

Gate = Literal["R", "Z"]
Row = tuple[float | None, ...]

_RUN = re.compile(r"(l|\d(?:\.\d{1,4})?)(?:x([1-9]\d{0,5}))?")


def read_row(text: str) -> Row:
    """One row of runs; what is learned at its end is left out, for steps beyond a row are learned.

    Raises OverrideError for text that is not such a row, a value outside [0, 1], or too many steps.
    """
    row: list[float | None] = []
    for part in text.split("_") if text else ():
        run = _RUN.fullmatch(part)
        value = None if run is None or run[1] == "l" else float(run[1])
        if run is None or (value is not None and value > 1):
            raise OverrideError(
                f"Cannot read {part[:20]!r} as painted steps: write a value in [0, 1] or l for learned, and "
                "how often, such as 1x3_0_lx2."
            )
        times = int(run[2] or 1)
        if len(row) + times > MAX_PAINTED_STEPS:
            raise OverrideError(
                f"At most {MAX_PAINTED_STEPS:,} steps can be painted, and these are {len(row) + times:,} or "
                "more: paint fewer."
            )
        row += [value] * times
    return _trimmed(row)


def write_row(row: Row) -> str:
    """The text that `read_row` reads back; "" where all is learned."""
    runs = ((value, len(list(same))) for value, same in groupby(_trimmed(row)))
    return "_".join(("l" if v is None else f"{v:g}") + (f"x{n}" if n > 1 else "") for v, n in runs)


@dataclass(frozen=True)
class Painting:
    """R and Z step by step, from the first one on.

    R, Z  a value in [0, 1] with two decimals, or None for learned; steps beyond the end are learned

    Paintings that mean the same are equal. Raises OverrideError for a value outside [0, 1] or too many
    steps.
    """

    R: Row = ()
    Z: Row = ()

    def __post_init__(self) -> None:
        for gate in ("R", "Z"):
            row = getattr(self, gate)
            if len(row) > MAX_PAINTED_STEPS:
                raise OverrideError(
                    f"At most {MAX_PAINTED_STEPS:,} steps can be painted, got {len(row):,}: paint fewer."
                )
            for value in row:
                if value is not None and not 0.0 <= value <= 1.0:
                    raise OverrideError(f"A painted gate must lie in [0, 1], got {value!r}.")
            rounded = (None if value is None else round(float(value), 2) + 0.0 for value in row)
            object.__setattr__(self, gate, _trimmed(rounded))

    @classmethod
    def of(cls, R: str = "", Z: str = "") -> "Painting":
        """The painting of two rows as text. Raises OverrideError when they cannot be read."""
        return cls(read_row(R), read_row(Z))

    @property
    def texts(self) -> tuple[str, str]:
        """The rows of R and Z as text."""
        return write_row(self.R), write_row(self.Z)

    @property
    def steps(self) -> int:
        """How many steps it takes at least to hold all that is painted."""
        return max(len(self.R), len(self.Z))

    def at(self, gate: Gate, step: int) -> float | None:
        """The value painted at a step, None where that gate is learned there."""
        row: Row = getattr(self, gate)
        return row[step] if step < len(row) else None

    @property
    def overrides(self) -> tuple[GateOverride, ...]:
        """What `trace` takes; refused there when more steps are painted than the sequence has."""
        return _overrides(self)


@lru_cache(maxsize=256)
def _overrides(painting: Painting) -> tuple[GateOverride, ...]:
    found = []
    gates: tuple[Gate, ...] = ("Z", "R")
    for gate in gates:
        row: Row = getattr(painting, gate)
        values = sorted({value for value in row if value is not None})
        for value in values:
            steps = tuple(step for step, painted in enumerate(row) if painted == value)
            found.append(GateOverride(gate, value, steps=steps))
    return tuple(found)


def _trimmed(row: Iterable[float | None]) -> Row:
    kept = list(row)
    while kept and kept[-1] is None:
        kept.pop()
    return tuple(kept)
