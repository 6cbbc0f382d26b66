"""`python -m benchmarks [NAME ...]`: the promises about speed in one Markdown table; 1 if one is missed."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

HEADINGS = ("promise", "measured", "limit", "holds")


def names() -> list[str]:
    """The benchmarks there are: `scan` stands for bench_scan.py."""
    return [file.stem.removeprefix("bench_") for file in sorted(Path(__file__).parent.glob("bench_*.py"))]


def number(value: object) -> str:
    """A number as people read it: three digits that matter, thousands apart."""
    if not isinstance(value, int | float):
        return "" if value is None else str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def holds(row: Mapping[str, Any]) -> bool:
    """Whether a promise is kept; a number without a limit promises nothing."""
    if "ok" in row:
        return bool(row["ok"])
    return row.get("limit") is None or row["measured"] <= row["limit"]


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as a Markdown table whose columns line up."""
    cells = [HEADINGS] + [
        (
            str(row["name"]),
            number(row["measured"]),
            number(row.get("limit")),
            "" if row.get("limit") is None else "yes" if holds(row) else "NO",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    lines = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in cells]
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks named (all of them by default); 1 when a limit is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure the promises about speed."
    )
    parser.add_argument("name", nargs="*", help=f"which of {', '.join(names())} (default: all of them)")
    chosen = parser.parse_args(arguments).name or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}: choose from {', '.join(names())}")
    found: list[Mapping[str, Any]] = []
    for name in chosen:
        started = time.monotonic()
        print(f"{name} ...", end=" ", flush=True, file=sys.stderr)
        found.extend(importlib.import_module(f"benchmarks.bench_{name}").rows())
        print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    print(f"Python {platform.python_version()}, {machine}\n")
    print(table(found))
    missed = [row["name"] for row in found if not holds(row)]
    if missed:
        print(f"\nMissed: {'; '.join(map(str, missed))}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
