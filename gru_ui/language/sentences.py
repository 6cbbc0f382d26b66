"""What the core says, in the reader's language.

The core makes its sentences in English, with the values already in them. Here a sentence is recognised by
the template it was made from, the one with the most fixed words first, and said again by the template's
translation with the same values. A value that is itself a known sentence or word is translated too. What is
not recognised, such as the words that people brought, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, reduce

from gru_ui.language.catalogue import ENGLISH, sayings
from gru_ui.language.reader import language
from gru_ui.texts import say

_PLACE = re.compile(r"\{(\w+)\}")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.:!?]) ")
_BETWEEN_VALUES = re.compile(r"(?<=['\d)\]]) (and|or) (?=['\d(\[])")
_DEEPEST = 4
_SURE = 6
"""A template with fewer fixed letters fits too much to be recognised inside another."""


@dataclass(frozen=True)
class _Known:
    """One template: how it is recognised, its longest fixed part, and what is said for it."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]
    mark: str
    fixed: int
    said: str

    def filled(self, values: Mapping[str, str]) -> str:
        """What is said, with the values put in."""
        return _PLACE.sub(lambda place: values[place[1]], self.said)


def translated(sentence: object) -> str:
    """What the core says (an error, a note, a title) in the language of the person whose page is drawn."""
    return in_language(str(sentence), language())


def together(sentences: Iterable[str]) -> str:
    """Whole sentences one behind the other: a blank between them where the language puts one."""
    return reduce(_joined, sentences, "")


def listed(things: Iterable[str]) -> str:
    """Things in a row, with the comma of the language."""
    return say("language.comma").join(things)


def in_language(sentence: str, code: str) -> str:
    """A sentence of the core, or several, in a language."""
    return sentence if code == ENGLISH else _in_language(sentence, code)


@lru_cache(maxsize=4096)
def _in_language(sentence: str, code: str) -> str:
    return _said(sentence, code, 0)


def _said(sentence: str, code: str, depth: int) -> str:
    whole = _recognised(sentence, code, depth)
    if whole is not None:
        return whole
    # Not one sentence: the longest beginning that is known, and then the rest.
    for gap in reversed(list(_BETWEEN_SENTENCES.finditer(sentence))):
        first = _recognised(sentence[: gap.start()], code, depth)
        if first is not None:
            return _joined(first, _said(sentence[gap.end() :], code, depth))
    first_gap = _BETWEEN_SENTENCES.search(sentence)
    if first_gap is None:
        return sentence
    return sentence[: first_gap.end()] + _said(sentence[first_gap.end() :], code, depth)


def _joined(first: str, rest: str) -> str:
    return f"{first}{rest}" if not first or first.endswith(tuple("。：？！）；")) else f"{first} {rest}"


def _recognised(sentence: str, code: str, depth: int) -> str | None:
    exact, known = _index(code)
    if sentence in exact:
        return exact[sentence]
    if depth > _DEEPEST:
        return None
    for template in known:
        if template.mark not in sentence or (depth and template.fixed < _SURE):
            continue
        found = template.pattern.fullmatch(sentence)
        if found is not None:
            values = dict(zip(template.names, found.groups(), strict=True))
            return template.filled({name: _value(value, code, depth + 1) for name, value in values.items()})
    return None


def _value(value: str, code: str, depth: int) -> str:
    said = _said(value, code, depth)
    if said != value:
        return said
    # A list of values that the core has joined with a word.
    words = sayings(code)
    return _BETWEEN_VALUES.sub(lambda gap: words.get((f"language.{gap[1]}", f" {gap[1]} "), gap[0]), value)


@cache
def _index(code: str) -> tuple[Mapping[str, str], tuple[_Known, ...]]:
    """What is said for sentences without values, and the templates of the others, surest first."""
    exact: dict[str, str] = {}
    known: list[_Known] = []
    for (context, english), said in sayings(code).items():
        if context:
            continue
        if _PLACE.search(english):
            known.append(_template(english, said))
        else:
            exact[english] = said
    return exact, tuple(sorted(known, key=lambda template: -template.fixed))


def _template(english: str, said: str) -> _Known:
    pieces = _PLACE.split(english)
    fixed, names = pieces[::2], pieces[1::2]
    seen: dict[str, int] = {}
    pattern = re.escape(fixed[0])
    for name, after in zip(names, fixed[1:], strict=True):
        # The same value twice is the same text twice.
        pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
        seen[name] = 1
        pattern += re.escape(after)
    return _Known(
        re.compile(pattern, re.DOTALL),
        tuple(seen),
        max(fixed, key=len),
        sum(len(part) for part in fixed),
        said,
    )
