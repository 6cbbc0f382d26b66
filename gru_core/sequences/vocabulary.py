"""Vocabularies that people bring: which symbol stands for which row of a matrix, or for which input."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from gru_core.errors import InputError
from gru_core.limits import MAX_LABEL, MAX_VOCABULARY, MAX_VOCABULARY_BYTES
from gru_core.sequences.decoding import decode
from gru_core.sources import Source, open_source

WRAPPERS = ("vocab", "vocabulary", "word_index", "token_to_id", "stoi", "model", "config", "tokens")
"""Entries of a JSON object in which tokenizers keep the vocabulary itself."""

_WITH_ID = re.compile(r"(.+)[\t ](\d{1,9})")


def read_vocabulary(source: Source, name: str | None = None) -> tuple[str, ...]:
    """The symbols in the order of their ids: entry i is what id i means, "" where the file has no such id.

    A file holds JSON (a list of symbols, {symbol: id} or {id: symbol}, also inside the object that a
    tokenizer saves) or text: one symbol per line, or on each line a symbol, a tab or space, and its id; on a
    single line, symbols between commas or spaces, or, without those, single characters.

    Raises InputError that says what is wrong, LimitError when there is too much.
    """
    with open_source(
        source,
        what="A vocabulary",
        limit=MAX_VOCABULARY_BYTES,
        remedy="leave out symbols that the model does not know.",
        error=InputError,
        name=name,
    ) as opened:
        text, _ = decode(opened.read(), opened.name)
    body = text.lstrip("\ufeff \t\r\n")
    if body.startswith(("[", "{")) and body.rstrip().endswith(("]", "}")):
        try:
            found = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise InputError("The vocabulary begins like JSON and cannot be read as such.") from error
        return _from_json(found)
    return _from_text(text)


def _from_json(found: Any, depth: int = 0) -> tuple[str, ...]:
    if isinstance(found, list):
        return _numbered((_symbol(entry), number) for number, entry in enumerate(found))
    if not isinstance(found, Mapping):
        raise InputError("A vocabulary in JSON is a list of symbols, or an object of symbols and their ids.")
    inside = next((found[key] for key in WRAPPERS if isinstance(found.get(key), Mapping | list)), None)
    if inside is not None and depth < 3:
        return _from_json(inside, depth + 1)
    if all(_is_id(value) for value in found.values()):
        return _numbered((str(symbol), int(value)) for symbol, value in found.items())
    if all(str(key).isdigit() and isinstance(value, str) for key, value in found.items()):
        return _numbered((value, int(key)) for key, value in found.items())
    raise InputError(
        "A vocabulary in JSON must give each symbol its id, a whole number from 0, as in "
        '{"the": 0, "cat": 1}.'
    )


def _from_text(text: str) -> tuple[str, ...]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise InputError("The vocabulary is empty: give at least one symbol.")
    if len(lines) == 1:
        parts = [part for part in re.split(r"[\s,;]+", lines[0]) if part]
        return _numbered((part, i) for i, part in enumerate(parts if len(parts) > 1 else lines[0].strip()))
    with_id = [_WITH_ID.fullmatch(line) for line in lines if line.strip()]
    if all(with_id):
        return _numbered((match[1].rstrip(), int(match[2])) for match in with_id if match)
    return _numbered((line, number) for number, line in enumerate(lines))


def _numbered(pairs: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """The symbols by their ids. Raises InputError for an id given twice, LimitError for too many."""
    by_id: dict[int, str] = {}
    known: dict[str, int] = {}
    for symbol, number in pairs:
        if not 0 <= number < MAX_VOCABULARY or len(by_id) >= MAX_VOCABULARY:
            raise InputError(
                f"A vocabulary may have ids from 0 to {MAX_VOCABULARY - 1:,}, got {number:,} for "
                f"{symbol[:40]!r}."
            )
        if number in by_id:
            raise InputError(f"The id {number} stands for both {by_id[number][:40]!r} and {symbol[:40]!r}.")
        if symbol in known and symbol:
            raise InputError(
                f"The symbol {symbol[:40]!r} is there twice, as {known[symbol]} and {number}: remove one."
            )
        by_id[number] = symbol[:MAX_LABEL]
        known[symbol] = number
    if not by_id:
        raise InputError("The vocabulary is empty: give at least one symbol.")
    return tuple(by_id.get(number, "") for number in range(max(by_id) + 1))


def _symbol(entry: Any) -> str:
    """A symbol of a list: text, or, as some tokenizers have it, [text, score]."""
    if isinstance(entry, list) and entry and isinstance(entry[0], str):
        return entry[0]
    if isinstance(entry, str | int | float):
        return str(entry)
    raise InputError("A vocabulary in JSON must be a list of symbols; an entry of this one is not text.")


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
