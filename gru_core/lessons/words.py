"""The words of a lesson: a small part of Markdown, read into plain values that a screen can show safely.

    paragraphs, parted by an empty line; lists with "- " or "1. "; **strong**, *stressed*, `code`;
    $formula$ in a line, $$formula$$ on a line of its own; {{name}} for a number that the app computes

Everything else is shown as it stands. HTML, links and images are refused, and so are commands of LaTeX that
are not in `COMMANDS`: a lesson may come from a stranger.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gru_core.errors import LessonError

COMMANDS = frozenset(
    re.findall(
        r"\S+",
        "tilde hat bar vec odot cdot times tanh sigma ln log exp in mathbb mathbf mathrm text frac tfrac "
        "partial prod sum max min left right le ge leq geq ne neq approx quad qquad to rightarrow lVert "
        "rVert lvert rvert dots ldots cdots Delta delta lambda alpha beta infty underbrace overbrace cancel "
        "sqrt , ; ! % { } _",
    )
)
"""Commands of LaTeX that a formula may use."""

Kind = Literal["text", "strong", "stress", "code", "formula", "number"]

_SPAN = re.compile(
    r"\*\*(?P<strong>[^*\n]+)\*\*|\*(?P<stress>[^*\s][^*\n]*)\*|`(?P<code>[^`\n]+)`"
    r"|\$(?P<formula>[^$\n]+)\$|\{\{\s*(?P<number>[a-z][a-z0-9_]*)\s*\}\}"
)
_ITEM = re.compile(r"(?P<bullet>[-*])\s+|(?P<number>\d{1,2})[.)]\s+")
_REFUSED = (
    (re.compile(r"<[A-Za-z/!]"), "HTML is not shown in a lesson: write **strong** or *stressed* instead."),
    (re.compile(r"!\["), "Pictures from elsewhere are not shown in a lesson: set the picture of the step."),
    (re.compile(r"\]\(|\]\[|(?i:https?://)"), "Links are not shown in a lesson: say where it is in words."),
)


@dataclass(frozen=True)
class Span:
    """A piece of a line; "strong" and "stress" hold spans, the others text (a number: its name)."""

    kind: Kind
    text: str = ""
    spans: tuple["Span", ...] = ()


@dataclass(frozen=True)
class Block:
    """A paragraph (one entry), a list (an entry each), or a formula on its own (one entry)."""

    kind: Literal["paragraph", "bullets", "numbered", "formula"]
    entries: tuple[tuple[Span, ...], ...]


def read_words(text: str, line: int = 1) -> tuple[Block, ...]:
    """The blocks of a text whose first line is `line` of its file.

    Raises LessonError for what the format refuses, with its line.
    """
    blocks: list[Block] = []
    for first, lines in _paragraphs(text, line):
        for offset, one in enumerate(lines):
            for pattern, rule in _REFUSED:
                if pattern.search(re.sub(r"`[^`]*`|\$[^$]*\$", "", one)):
                    raise LessonError(f"Line {first + offset}: {rule}")
        whole = " ".join(one.strip() for one in lines)
        if whole.startswith("$$") and whole.endswith("$$") and len(whole) > 4:
            blocks.append(Block("formula", ((_formula(whole.strip("$").strip(), first),),)))
        elif all(_ITEM.match(one.strip()) for one in lines):
            kind: Literal["bullets", "numbered"] = "numbered" if lines[0].strip()[0].isdigit() else "bullets"
            entries = [_ITEM.sub("", one.strip(), count=1) for one in lines]
            blocks.append(Block(kind, tuple(_spans(one, first + at) for at, one in enumerate(entries))))
        else:
            blocks.append(Block("paragraph", (_spans(whole, first),)))
    return tuple(blocks)


def names_in(blocks: tuple[Block, ...]) -> set[str]:
    """The names of the numbers that the words ask for."""
    return {span.text for span in _every(blocks) if span.kind == "number"}


def _every(blocks: tuple[Block, ...]) -> Iterator[Span]:
    for block in blocks:
        for entry in block.entries:
            for span in entry:
                yield span
                yield from span.spans


def _paragraphs(text: str, line: int) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that are not empty, each with the number of its first line."""
    first, lines = line, list[str]()
    for number, one in enumerate([*text.splitlines(), ""], start=line):
        if one.strip():
            first = number if not lines else first
            lines.append(one)
        elif lines:
            yield first, lines
            lines = []


def _spans(text: str, line: int) -> tuple[Span, ...]:
    found: list[Span] = []
    at = 0
    for match in _SPAN.finditer(text):
        if match.start() > at:
            found.append(Span("text", text[at : match.start()]))
        found.append(_span(match, line))
        at = match.end()
    if at < len(text):
        found.append(Span("text", text[at:]))
    return tuple(found)


def _span(match: re.Match[str], line: int) -> Span:
    inside = str(match[match.lastgroup or 0])
    if match.lastgroup in ("strong", "stress"):
        return Span("strong" if match.lastgroup == "strong" else "stress", spans=_spans(inside, line))
    if match.lastgroup == "formula":
        return _formula(inside, line)
    return Span("code" if match.lastgroup == "code" else "number", inside)


def _formula(latex: str, line: int) -> Span:
    if "$" in latex:
        raise LessonError(f"Line {line}: A formula on a line of its own must stand between $$ and $$.")
    for command in re.findall(r"\\([A-Za-z]+|.|$)", latex):
        if command not in COMMANDS:
            raise LessonError(f"Line {line}: The command \\{command} is not known in a formula of a lesson.")
    return Span("formula", latex)
