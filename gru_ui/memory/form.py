"""What is chosen on the page of the memory ledger, beside the step and the unit of the workspace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gru_core.errors import InputError, LinkError, OverrideError
from gru_core.indices import parse_indices
from gru_ui.properties import Property, one_of

MOST_TYPED = 2_000
"""Characters of typed units."""


@dataclass(frozen=True)
class MemoryForm:
    """The choices.

    quantity  whether shares are shown, or shares times what was written
    units     several units as typed, of which the mean is shown; "" for the workspace's unit, or all
    state     which state a cursor at step 0 stands for: nobody has chosen one yet, or just that one
    """

    quantity: Literal["share", "content"] = "share"
    units: str = ""
    state: Literal["last", "first"] = "last"


def units_of(text: str, count: int) -> tuple[int, ...]:
    """The units that a text names, out of so many; () for all. Raises OverrideError or InputError."""
    found = parse_indices(text, "units")
    if found is None:
        return ()
    indices = tuple(range(count))[found] if isinstance(found, slice) else found
    for index in indices:
        if not 0 <= index < count:
            raise InputError(
                f"There is no unit {index}: this model has {count} units, from 0 to {count - 1}."
            )
    if not indices:
        raise InputError(f"No unit is named by {text[:40]!r}: type numbers from 0 to {count - 1}.")
    return indices


def units_text(units: Sequence[int]) -> str:
    """The same as short text: "0-3, 7"."""
    runs: list[list[int]] = []
    for unit in sorted(set(units)):
        if runs and unit == runs[-1][1] + 1:
            runs[-1][1] = unit
        else:
            runs.append([unit, unit])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _units(text: str) -> str:
    if len(text) > MOST_TYPED:
        raise LinkError(f"must be at most {MOST_TYPED} characters")
    try:
        parse_indices(text)
    except OverrideError as error:
        raise LinkError("must be units such as 0, 3-5") from error
    return text


MEMORY_PROPERTIES = (
    Property("quantity", "ledger", one_of(("share", "content"))),
    Property("units", "ledgerunits", _units),
    Property("state", "ledgerat", one_of(("last", "first"))),
)
"""The choices on the page of the memory ledger."""
