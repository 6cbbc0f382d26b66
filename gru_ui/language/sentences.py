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
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?]) ")
_END_INSIDE = re.compile(r"[.!?] [A-Z]")
_NEIGHBOURS = re.compile(r"\{(\w+)\} (?=\{(\w+)\})")
_BETWEEN_VALUES = re.compile(r"(?<=['\d)\]]) (and|or) (?=['\d(\[])")
_DEEPEST = 4
_VALUES = re.compile(r"(?:'[^']*'|[\d(][^'a-z]*|, | and | or )+")
_NAMED = re.compile(r"('[^']*'|\"[^\"]*\") (?=[a-z])")


@dataclass(frozen=True)
class _Known:
    """One template: how it is recognised, its longest fixed part, and what is said for it."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]
    mark: str
    fixed: int
    neighbours: tuple[tuple[str, str], ...]
    said: str

    def parted(self, values: dict[str, str], known: Mapping[str, str]) -> dict[str, str]:
        """The values, those with nothing but a blank between them parted where the second is a known word."""
        for first, second in self.neighbours:
            words = f"{values[first]} {values[second]}"
            for gap in re.finditer(" ", words):
                if words[gap.end() :] in known or words[: gap.start()] in known:
                    values |= {first: words[: gap.start()], second: words[gap.end() :]}
                    break
        return values

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
    whole = _one(sentence, code, depth)
    if whole is not None:
        return whole
    # Not one sentence: the longest beginning that is known, and then the rest.
    for gap in reversed(list(_BETWEEN_SENTENCES.finditer(sentence))):
        first = _one(sentence[: gap.start()], code, depth)
        if first is not None:
            return _joined(first, _said(sentence[gap.end() :], code, depth))
    named = _NAMED.match(sentence)
    if named is not None and depth < _DEEPEST:
        # What a thing is, behind its name.
        return f"{named[1]} {_said(sentence[named.end() :], code, depth + 1)}"
    first_gap = _BETWEEN_SENTENCES.search(sentence)
    if first_gap is None:
        return sentence
    return sentence[: first_gap.end()] + _said(sentence[first_gap.end() :], code, depth)


def _joined(first: str, rest: str) -> str:
    return f"{first}{rest}" if not first or first.endswith(tuple("。：？！）；")) else f"{first} {rest}"


def _one(sentence: str, code: str, depth: int) -> str | None:
    """A sentence, or a part of one that stands alone here with a full stop behind it."""
    whole = _recognised(sentence, code, depth)
    if whole is None and sentence.endswith("."):
        part = _recognised(sentence[:-1], code, depth)
        whole = None if part is None else f"{part}{sayings(code).get(('language.stop', '.'), '.')}"
    return whole


def _recognised(sentence: str, code: str, depth: int) -> str | None:
    exact, known = _index(code)
    if sentence in exact:
        return exact[sentence]
    if depth > _DEEPEST:
        return None
    best: tuple[int, _Known, dict[str, str]] | None = None
    for template in known:
        found = template.pattern.fullmatch(sentence) if template.mark in sentence else None
        if found is not None:
            values = template.parted(found.groupdict(), exact)
            # A value that has the end of one sentence and the beginning of another is rather two sentences.
            ends = sum(_END_INSIDE.search(value) is not None for value in values.values())
            if best is None or ends < best[0]:
                best = ends, template, values
            if ends == 0:
                break
    if best is None:
        return None
    return best[1].filled({name: _value(value, code, depth + 1) for name, value in best[2].items()})


def _value(value: str, code: str, depth: int) -> str:
    said = _said(value, code, depth)
    if said != value:
        return said
    if not _VALUES.fullmatch(value):
        return value
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
        tuple(_NEIGHBOURS.findall(english)),
        said,
    )
