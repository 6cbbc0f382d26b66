"""What one step could read instead: another symbol or another number, as a row of the input and in words."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gru_core.sequences.encoders import EmbeddingEncoder, Encoder, NumberEncoder, SymbolEncoder
from gru_core.sequences.sequence import Sequence

NUDGE: Final = 0.001
"""A nudge goes so small a share of the way: what becomes of it is the derivative."""

MAX_CHOICES: Final = 300
"""Of a larger vocabulary, the symbols that occur in the sequence are offered, up to so many."""


@dataclass(frozen=True, eq=False)
class InputChange:
    """One step that reads something else.

    step      index into time
    row       what it reads (inputs,), float64
    was, now  the same in words: symbols, or numbers in the units of the data
    name      the input that is changed; "" where there is one alone, or a symbol
    share     how much of the way to `now` the row goes: 1, or NUDGE
    symbol    the encoder's row of the new symbol; -1 for a number
    """

    step: int
    row: NDArray[np.float64]
    was: str
    now: str
    name: str = ""
    share: float = 1.0
    symbol: int = -1

    @property
    def is_none(self) -> bool:
        """Whether what is read stays the same."""
        return self.was == self.now


Columns = tuple[str, ...] | None


def symbol_choices(
    encoder: Encoder, sequence: Sequence, columns: Columns = None
) -> tuple[tuple[int, str], ...]:
    """The symbols a step may read instead, as row of the encoder and name; () for one that reads numbers.

    columns     which columns of the sequence feed the model, as its encoder takes them
    """
    if isinstance(encoder, NumberEncoder):
        return ()
    if isinstance(encoder, SymbolEncoder):
        names: tuple[str, ...] = encoder.vocabulary
    else:
        names = encoder.tokens
    if names and len(names) <= MAX_CHOICES:
        return tuple((row, name) for row, name in enumerate(names) if name)
    found = dict.fromkeys(symbol_rows(encoder, sequence, columns))
    if len(found) < 2:
        # A sequence of one symbol alone: those that stand beside it in the vocabulary.
        found |= dict.fromkeys(range(min(width_of(encoder), MAX_CHOICES)))
    return tuple((row, names[row] if names else str(row)) for row in list(found)[:MAX_CHOICES])


def width_of(encoder: SymbolEncoder | EmbeddingEncoder) -> int:
    """How many symbols there are."""
    return len(encoder.vocabulary) if isinstance(encoder, SymbolEncoder) else len(encoder.matrix)


def symbol_rows(encoder: Encoder, sequence: Sequence, columns: Columns = None) -> tuple[int, ...]:
    """The row of every step's symbol; () for an encoder that reads numbers."""
    if isinstance(encoder, NumberEncoder):
        return ()
    if isinstance(encoder, SymbolEncoder):
        index = {symbol: row for row, symbol in enumerate(encoder.vocabulary)}
        return tuple(index[label] for label in sequence.labels)
    return tuple(encoder.ids(sequence, columns).tolist())


def row_of(encoder: SymbolEncoder | EmbeddingEncoder, symbol: int) -> NDArray[np.float64]:
    """What is read for a symbol (inputs,)."""
    if isinstance(encoder, SymbolEncoder):
        return np.eye(len(encoder.vocabulary))[symbol]
    return encoder.matrix[symbol].astype(np.float64)


def next_choice(choices: tuple[tuple[int, str], ...], symbol: int) -> int:
    """The symbol after one in the list, the first after the last."""
    rows = [row for row, _ in choices]
    place = rows.index(symbol) if symbol in rows else -1
    return rows[(place + 1) % len(rows)]


def change_symbol(
    encoder: SymbolEncoder | EmbeddingEncoder,
    sequence: Sequence,
    x: NDArray[np.floating],
    step: int,
    symbol: int,
    share: float = 1.0,
    columns: Columns = None,
) -> InputChange:
    """The step reads another symbol; with a `share` below 1 a row so far on the way to it.

    A symbol that is not among `symbol_choices` becomes the one after that of the step.
    """
    choices = symbol_choices(encoder, sequence, columns)
    reads = symbol_rows(encoder, sequence, columns)[step]
    names = dict(choices)
    chosen = symbol if symbol in names else next_choice(choices, reads)
    before = x[step].astype(np.float64)
    row = before + share * (row_of(encoder, chosen) - before)
    was = sequence.labels[step] or str(reads)
    return InputChange(step, row, was, names[chosen], share=share, symbol=chosen)


def change_number(
    encoder: NumberEncoder, x: NDArray[np.floating], step: int, number: int, by: float, share: float = 1.0
) -> InputChange:
    """One number of the step is larger by `by`, as the GRU reads it: in standard deviations of the data."""
    scale, offset = (1.0, 0.0) if encoder.own_scale else (encoder.std[number], encoder.mean[number])
    row = x[step].astype(np.float64)
    was = row[number]
    row[number] += share * by
    old, new = (f"{value * scale + offset:.4g}".replace("-", "−") for value in (was, was + by))
    name = encoder.names[number] if encoder.width > 1 else ""
    return InputChange(step, row, old, new, name=name, share=share)
