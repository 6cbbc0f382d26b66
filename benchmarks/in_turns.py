"""What the benchmarks against torch share: ratios taken in turns, and rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from statistics import median
from typing import Any

SECONDS = 1.0  # per ratio


def ratio(theirs: Callable[[], float], mine: Callable[[], float]) -> float:
    """The median of mine / theirs, both giving their seconds, in turns: a busy machine slows both."""
    for function in (theirs, mine):
        function()
    ratios: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(ratios) < 5:
        other = theirs()
        ratios.append(mine() / other)
    return median(ratios)


def timed(function: Callable[[], object]) -> Callable[[], float]:
    """The function, giving the seconds it took."""

    def seconds() -> float:
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    return seconds


def at_most(name: str, measured: float, limit: float) -> dict[str, Any]:
    """The row of a promise that is kept up to the limit."""
    return {"name": name, "measured": measured, "limit": limit, "ok": measured <= limit}


def stated(name: str, measured: object) -> dict[str, Any]:
    """The row of something that is only said."""
    return {"name": name, "measured": measured, "limit": None, "ok": True}


def print_rows(rows: Iterable[Mapping[str, Any]]) -> None:
    """The rows as they are found, one a line."""
    for row in rows:
        measured = row["measured"] if isinstance(row["measured"], str) else f"{row['measured']:.3f}"
        holds = "ok " if row["ok"] else "NOT"
        print(f"{holds}  {measured:>8}  {row['limit'] or '':>5}  {row['name']}", flush=True)
