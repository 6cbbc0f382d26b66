"""Writes docs/formats.md from what the readers and the table of conventions say: `make formats`."""

from pathlib import Path

from gru_core.conventions import CONVENTIONS, Convention
from gru_core.formats.guide import Guide
from gru_core.formats.guides import all_guides

PAGE = Path(__file__).resolve().parent / "formats.md"

HEAD = """\
# Model files of every framework

*Written by `make formats` from `gru_core/formats/` and `gru_core/conventions.py`; change it there.*

Drop the file on the page *Your data*, or give it to `load`, `inspect` or `trace`. What it is, is told by its
content. For each framework: what is read, by which row of the table at the end, and two lines that make such
a file and read it.
"""

TABLE = """\
## The conventions

`z = 1` says what an update gate of 1 does: "keep" keeps the old state (as everywhere in GateScope), "update"
writes the new one; turning one into the other is exact. Reset "before" multiplies R into the state before the
matrix product, "after" behind it: two different functions, and none is ever turned into the other.

| row | framework | blocks | z = 1 | reset | weights | biases | source |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""

WEIGHTS = {
    "rows": "(3H, I), W x",
    "columns": "(I, 3H), x W",
    "separate": "one matrix per gate",
}


def section(guide: Guide) -> str:
    """One framework."""
    rows = ", ".join(f"`{row}`" for row in guide.conventions)
    return (
        f"## {guide.title}\n\nFiles: {guide.files}. Convention: {rows}.\n\n{guide.holds}\n\n"
        f"```python\n{guide.example.strip()}\n```\n"
    )


def row(entry: Convention) -> str:
    """One line of the table."""
    cells = (
        f"`{entry.name}`",
        entry.framework,
        " ".join(entry.order),
        entry.z_sense,
        entry.reset_mode,
        WEIGHTS[entry.layout],
        entry.biases,
        entry.source,
    )
    return "| " + " | ".join(cells) + " |"


def page() -> str:
    """The whole page."""
    sections = "\n".join(map(section, all_guides()))
    return f"{HEAD}\n{sections}\n{TABLE}" + "\n".join(map(row, CONVENTIONS.values())) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(all_guides())} frameworks, {len(CONVENTIONS)} conventions")
