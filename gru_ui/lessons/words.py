"""The words of a lesson as Markdown: symbols in their colours, numbers filled in, all else as it stands."""

import re
from collections.abc import Mapping

from gru_core.lessons.words import Block, Span
from gru_ui.extreme_cards import INKS
from gru_ui.words import escape

# A symbol with its index, but not the letter of a weight such as W_{hz} or of a command such as \tanh.
_SYMBOL = re.compile(
    r"(?<![A-Za-z\\{_])(?P<name>\\tilde\s?\{?H\}?|[XRZH])(?P<index>_(?:\{[^{}]*\}|[A-Za-z0-9]))?(?![A-Za-z])"
)
# Markdown does not take ** beside a sign such as % where a letter follows without a space, as in Chinese.
_JOINER = "\u2060"


def markdown(blocks: tuple[Block, ...], numbers: Mapping[str, str], theme: str) -> str:
    """The blocks as Streamlit's Markdown; `numbers` are the texts of the computed numbers by name."""
    parts = []
    for block in blocks:
        lines = [_line(entry, numbers, theme) for entry in block.entries]
        if block.kind == "bullets":
            parts.append("\n".join(f"- {line}" for line in lines))
        elif block.kind == "numbered":
            parts.append("\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1)))
        elif block.kind == "formula":
            parts.append(f"$$\n{coloured(block.entries[0][0].text, theme)}\n$$")
        else:
            parts.append(lines[0])
    return "\n\n".join(parts)


def plain(blocks: tuple[Block, ...], numbers: Mapping[str, str]) -> str:
    """The blocks without any marks: what a screen reader says."""
    return " ".join(_plain(span, numbers) for block in blocks for entry in block.entries for span in entry)


def _plain(span: Span, numbers: Mapping[str, str]) -> str:
    if span.spans:
        return "".join(_plain(one, numbers) for one in span.spans)
    return numbers.get(span.text, "?") if span.kind == "number" else span.text


def _line(spans: tuple[Span, ...], numbers: Mapping[str, str], theme: str) -> str:
    return "".join(_span(span, numbers, theme) for span in spans)


def _span(span: Span, numbers: Mapping[str, str], theme: str) -> str:
    if span.kind == "strong":
        return f"**{_JOINER}{_line(span.spans, numbers, theme)}{_JOINER}**"
    if span.kind == "stress":
        return f"*{_JOINER}{_line(span.spans, numbers, theme)}{_JOINER}*"
    if span.kind == "formula":
        return f"${coloured(span.text, theme)}$"
    if span.kind == "code":
        return f"`{span.text}`"
    return escape(numbers.get(span.text, "?") if span.kind == "number" else span.text)


def coloured(latex: str, theme: str) -> str:
    """A formula with its symbols in their colours."""

    def paint(match: re.Match[str]) -> str:
        name = "H_tilde" if match["name"].startswith("\\") else match["name"]
        return rf"\textcolor{{{INKS[theme][name]}}}{{{match[0]}}}"

    return _SYMBOL.sub(paint, latex)
