"""A computed sentence: a template by its key, and the values that fill it.

    fact(LEDGER_TEXTS, "oldest", unit=3, steps=12).text

Another language is another table with the same keys: `fact.said_by(CHINESE)`. Labels among the values are
what people uploaded: whoever puts a sentence on a screen shows it as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Piece:
    """A part of a sentence that is itself a template, such as "step 7 ('b')"."""

    key: str
    values: tuple[tuple[str, Any], ...] = ()

    def said_by(self, templates: Mapping[str, str]) -> str:
        """The words of this piece in another language."""
        return _said(self, templates)


@dataclass(frozen=True)
class Fact:
    """One computed sentence.

    key     its template in the table that it was made with
    values  name and value of everything in the sentence: numbers, texts, or a `Piece`
    text    the sentence in English
    """

    key: str
    values: tuple[tuple[str, Any], ...]
    text: str

    def said_by(self, templates: Mapping[str, str]) -> str:
        """The sentence in the language of `templates`, which has the keys of the table it was made with."""
        return _said(self, templates)

    def __str__(self) -> str:
        return self.text


def fact(english: Mapping[str, str], key: str, **values: Any) -> Fact:
    """The sentence that `english` has under a key, filled with values. KeyError where there is none."""
    unsaid = Fact(key, tuple(values.items()), "")
    return Fact(key, unsaid.values, unsaid.said_by(english))


def visible(label: str) -> str:
    """A label that can be seen: a sign for line breaks and tabs, and for a space that stands alone.

    >>> visible(" "), visible("a b\\n")
    ('␣', 'a b⏎')
    """
    if label == " ":
        return "␣"
    return label.replace("\r\n", "⏎").replace("\n", "⏎").replace("\r", "⏎").replace("\t", "⇥")


def shortened(label: str, most: int = 20) -> str:
    """A label that can be seen, of at most so many characters."""
    seen = visible(label)
    return seen if len(seen) <= most else seen[: most - 1] + "…"


def quoted(label: str, most: int = 20) -> str:
    """A label as part of a sentence: in quotes, shortened, with blanks made visible."""
    return f"'{shortened(label, most)}'"


def rounded(value: float) -> float:
    """A number as a sentence says it: three significant digits, and whole above 100."""
    return float(f"{value:.3g}") if abs(value) < 100 else float(round(value))


def _said(part: Fact | Piece, templates: Mapping[str, str]) -> str:
    values = {
        name: _said(value, templates) if isinstance(value, Piece) else value for name, value in part.values
    }
    return templates[part.key].format(**values)
