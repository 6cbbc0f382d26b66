"""A gate setting as one short text, for the command line: "Z=0", "R=1:units=0,3:steps=2..9"."""

import re
from typing import Any, Literal, cast

from gru_core.errors import OverrideError
from gru_core.overrides import Direction, GateOverride

SYNTAX = (
    "GATE=VALUE, GATE being R or Z and VALUE in [0, 1], and behind it, each after a colon: units=1,3 "
    "(indices from 0), steps=4 or steps=1,5 or steps=2..9 (first and last step; either may be left out), "
    "blend=0.5 (0 as learned, 1 forced), layers=0,1, direction=forward or backward"
)
_GATE = re.compile(r"\s*([RZ])\s*=\s*([^:]+)")
_RANGE = re.compile(r"\s*(-?\d+)?\s*\.\.\s*(-?\d+)?\s*")


def parse_override(text: str) -> GateOverride:
    """The override that a text describes, see SYNTAX. In a range of steps the last one is included.

    >>> parse_override("Z=0.5:units=1,3:steps=2..9").steps
    slice(2, 10, None)

    Raises OverrideError that quotes the part that cannot be read.
    """
    head, *parts = text.split(":")
    match = _GATE.fullmatch(head)
    if match is None:
        raise OverrideError(f"A gate is set as Z=0 or R=1, got {head[:60]!r}.")
    entries: dict[str, Any] = {}
    for part in parts:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or name not in ("units", "steps", "blend", "layers", "direction"):
            raise OverrideError(
                f"Behind {head.strip()!r} stand units=, steps=, blend=, layers= or direction=, got "
                f"{part[:60]!r}."
            )
        if name in entries:
            raise OverrideError(f"{name}= stands twice in {text[:80]!r}: say it once.")
        entries[name] = _entry(name, value)
    return GateOverride(cast(Literal["R", "Z"], match[1]), _number("value", match[2]), **entries)


def _entry(name: str, value: str) -> Any:
    if name == "blend":
        return _number(name, value)
    if name == "direction":
        return cast(Direction, value)
    between = _RANGE.fullmatch(value) if name == "steps" else None
    if between is None:
        return tuple(_whole(name, item) for item in value.split(","))
    first, last = (None if end is None else int(end) for end in between.groups())
    # Up to and including the last step; after step -1 there is nothing left to exclude.
    return slice(first, None if last is None or last == -1 else last + 1)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise OverrideError(
            f"The {name} of a gate setting must be a number in [0, 1], got {text[:40]!r}."
        ) from None


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise OverrideError(f"{name}= takes whole numbers such as 1,3, got {text[:40]!r}.") from None
