"""From text to a sequence of symbols: characters or words."""

import re
from collections.abc import Sequence as ListLike
from typing import Literal, get_args

import numpy as np

from gru_core.errors import InputError
from gru_core.limits import MAX_STEPS, check_sequence_size
from gru_core.sequences.decoding import clean_label, normalised
from gru_core.sequences.sequence import Sequence

TextUnit = Literal["auto", "characters", "words"]
_SEPARATORS = re.compile(r"[\s,;]+")


def sequence_from_symbols(symbols: ListLike[str], source: str, notes: tuple[str, ...] = ()) -> Sequence:
    """A symbolic sequence, one step per symbol, one-hot over the distinct symbols in sorted order.

    Raises InputError when there are none, LimitError when there are too many steps or distinct symbols.
    """
    if not symbols:
        raise InputError(
            "There is no step in this text: it holds nothing but spaces. Enter at least one symbol."
        )
    labels = tuple(map(clean_label, symbols))
    names = sorted(set(labels))
    check_sequence_size(len(labels), len(names))
    place = {name: index for index, name in enumerate(names)}
    values = np.zeros((len(labels), len(names)), dtype=np.float32)
    values[np.arange(len(labels)), [place[label] for label in labels]] = 1.0
    if labels != tuple(symbols):
        notes += ("Symbols that are very long or cannot be shown were cut or replaced.",)
    if len(labels) == 1:
        notes += ("It has a single step: there is no past for the gates to keep.",)
    return Sequence(values, labels, tuple(names), symbolic=True, source=source, notes=notes)


def sequence_from_text(
    text: str,
    source: str,
    unit: TextUnit = "auto",
    vocabulary: tuple[str, ...] | None = None,
    notes: tuple[str, ...] = (),
) -> Sequence:
    """A symbolic sequence from running text.

    unit        "characters": every character is a step, spaces and line ends included; "words": what
                stands between spaces; "auto": words when each of them is a single character (as in
                "a b b a") or a symbol of `vocabulary`, else characters
    vocabulary  the symbols a model knows, which settle what "auto" means
    """
    check_unit(unit)
    text, changed = normalised(text)
    body = text.strip("\n")
    if not body.strip():
        raise InputError("The text is empty: enter at least one symbol.")
    if len(body) > 2 * MAX_STEPS:
        # Counted before anything is split, so that a long text never becomes a long list.
        check_sequence_size(count_symbols(body) if unit != "characters" else len(body), 1)
    words = split_symbols(body, vocabulary) if unit in ("auto", "words") else None
    if unit == "words":
        symbols, said = body.split(), "words (what stands between spaces)"
    elif words is not None:
        symbols, said = words, "symbols separated by spaces or commas"
    else:
        if vocabulary is not None and not set(body) <= set(vocabulary):
            body = _without_spaces(body, vocabulary)
        check_sequence_size(len(body), 1)
        symbols, said = list(body), "characters, spaces and line ends included"
        if unit == "auto" and " " in body:
            said += "; choose words to read it word by word"
    made = sequence_from_symbols(symbols, source)
    told = (f"Read as {len(made):,} {said}: {len(made.names):,} different.",)
    return Sequence(
        made.values, made.labels, made.names, True, source, (*notes, *changed, *told, *made.notes)
    )


def split_symbols(text: str, vocabulary: tuple[str, ...] | None) -> list[str] | None:
    """The symbols in "a b b a" or "a, b, b, a"; None when the text is not made of separate symbols."""
    parts = [part for part in _SEPARATORS.split(text) if part]
    if len(parts) < 2:
        return parts if vocabulary and parts and parts[0] in vocabulary else None
    if vocabulary is not None and set(parts) <= set(vocabulary):
        return parts
    return parts if all(len(part) == 1 for part in parts) else None


def count_symbols(text: str) -> int:
    """How many separate symbols a text has, without making a list of them."""
    return sum(1 for _ in re.finditer(r"[^\s,;]+", text))


def check_unit(unit: str) -> None:
    """Raise InputError unless it is one of the units text can be read in."""
    if unit not in get_args(TextUnit):
        raise InputError(f"Text is read as 'auto', 'characters' or 'words', got {unit!r}.")


def _without_spaces(body: str, vocabulary: tuple[str, ...]) -> str:
    """The text without spaces and line ends where a model knows none of them and all the rest."""
    packed = "".join(body.split())
    return packed if set(packed) <= set(vocabulary) else body
