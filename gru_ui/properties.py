"""Entries of a link: how each is named, read and written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gru_core.errors import LinkError


@dataclass(frozen=True)
class Property:
    """One entry of the link: the field of its dataclass, its name in the link, and how it is read.

    `read` raises LinkError with the rule, as the end of a sentence: "must be a whole number".
    """

    field: str
    name: str
    read: Callable[[str], Any]


def one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    """Reads one of some words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise LinkError(f"must be one of {', '.join(allowed)}")
        return text

    return read


def several_of(allowed: tuple[str, ...], most: int) -> Callable[[str], tuple[str, ...]]:
    """Reads at most so many of some words, each once, separated by |."""
    read_one = one_of(allowed)

    def read(text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(read_one(part) for part in text.split("|"))) if text else ()
        if len(found) > most:
            raise LinkError(f"must be at most {most} of {', '.join(allowed)}")
        return found

    return read


def unit_interval(text: str) -> float:
    """Reads a number in [0, 1]."""
    return number(0.0, 1.0)(text)


def number(least: float, most: float) -> Callable[[str], float]:
    """Reads a number between two."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = least - 1.0
        if not least <= value <= most:
            raise LinkError(f"must be a number in [{least:g}, {most:g}]")
        return value

    return read


def whole(least: int, most: int = 10**7 - 1) -> Callable[[str], int]:
    """Reads a whole number between two."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?\d{1,10}", text) or int(text) < least:
            raise LinkError(f"must be a whole number of at least {least}")
        if int(text) > most:
            raise LinkError(f"must be a whole number of at most {most}")
        return int(text)

    return read


def written(value: Any) -> str:
    """A value as its entry in a link."""
    if isinstance(value, tuple):
        return "|".join(part.replace("|", "%7C") for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
