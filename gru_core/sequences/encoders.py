"""From symbols or numbers to what a GRU reads, and why a sequence does not fit when it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError
from gru_core.limits import check_sequence_size
from gru_core.sequences.sequence import Sequence
from gru_core.sequences.symbols import TextUnit

Array = NDArray[np.float32]


@dataclass(frozen=True)
class SymbolEncoder:
    """One-hot over a fixed vocabulary: feature i is 1 where the step's symbol is vocabulary[i]."""

    vocabulary: tuple[str, ...]

    @property
    def width(self) -> int:
        """Inputs per step."""
        return len(self.vocabulary)

    def encode(self, sequence: Sequence, columns: tuple[str, ...] | None = None) -> Array:
        """(time, inputs) float32. Raises InputError that names the symbols the model does not know,
        and LimitError when the sequence in one-hot form would be too large."""
        if not sequence.symbolic:
            raise InputError(
                f"This model reads symbols out of {_listed(self.vocabulary)}, and the sequence is numbers: "
                "paste or upload text made of those symbols."
            )
        index = {symbol: i for i, symbol in enumerate(self.vocabulary)}
        unknown = sorted({label for label in sequence.labels if label not in index})
        if unknown:
            raise InputError(
                f"This model knows the symbols {_listed(self.vocabulary)}, and the sequence also has "
                f"{_listed(unknown)}: remove or replace those."
            )
        check_sequence_size(len(sequence), self.width)
        encoded = np.zeros((len(sequence), self.width), dtype=np.float32)
        encoded[np.arange(len(sequence)), [index[label] for label in sequence.labels]] = 1.0
        return encoded


@dataclass(frozen=True)
class NumberEncoder:
    """Columns of numbers, each (x - mean) / std with the mean and std of the training data.

    own_scale  True takes the mean and std of each sequence itself instead; a column that never changes is 0
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    own_scale: bool = False

    @property
    def width(self) -> int:
        """Inputs per step."""
        return len(self.names)

    def encode(self, sequence: Sequence, columns: tuple[str, ...] | None = None) -> Array:
        """(time, inputs) float32 from the named columns, in the model's order.

        Without `columns`, columns are taken by name where all names are there, else by position where
        the count agrees. Raises InputError that says what the model reads and what the sequence has.
        """
        chosen = self.choose(sequence, columns)
        values = sequence.values[:, chosen]
        if self.own_scale:
            exact = values.astype(np.float64)
            spread = exact.std(axis=0)
            return ((exact - exact.mean(axis=0)) / np.where(spread > 0, spread, 1.0)).astype(np.float32)
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        return ((values - mean) / std).astype(np.float32)

    def choose(self, sequence: Sequence, columns: tuple[str, ...] | None) -> list[int]:
        """The column indices that feed the model's inputs, in the model's order."""
        if sequence.symbolic:
            raise InputError(
                f"This model reads {_count(self.width, 'number')} per step ({_listed(self.names)}), and the "
                "sequence is text: upload a table with numbers, or choose a model that reads symbols."
            )
        at: Mapping[str, int] = {name: i for i, name in enumerate(sequence.names)}
        if columns is None and all(name in at for name in self.names):
            columns = self.names
        if columns is None and len(sequence.names) == self.width:
            return list(range(self.width))
        if columns is None:
            raise InputError(
                f"This model reads {_count(self.width, 'column')} ({_listed(self.names)}), and the sequence "
                f"has {len(sequence.names)} ({_listed(sequence.names)}): choose which column feeds "
                "which input."
            )
        missing = [name for name in columns if name not in at]
        if missing or len(columns) != self.width:
            raise InputError(
                f"This model needs {_count(self.width, 'column')} ({_listed(self.names)}); "
                f"chosen were {_listed(columns)}, of which {_listed(missing) if missing else 'all'} "
                f"{'are not in' if missing else 'are in'} the sequence: choose one column per input."
            )
        return [at[name] for name in columns]


@dataclass(frozen=True, eq=False)
class EmbeddingEncoder:
    """Each step is one row of a matrix: the row of its symbol, or of its id where steps are whole numbers.

    matrix   (symbols, inputs) float32, read-only
    tokens   tokens[i] is the symbol of row i, "" where row i has none; () reads ids only
    unknown  the symbol whose row stands for every symbol that is not known; None refuses those
    unit     what a text is split into, where `tokens` are there
    lower    whether a text is read in small letters
    """

    matrix: Array
    tokens: tuple[str, ...] = ()
    unknown: str | None = None
    unit: TextUnit = "auto"
    lower: bool = False

    def __post_init__(self) -> None:
        # A view: the rows of a large embedding are there once, in the file's own array.
        matrix = np.ascontiguousarray(self.matrix, dtype=np.float32).view()
        if matrix.ndim != 2 or 0 in matrix.shape or not np.isfinite(matrix).all():
            raise InputError(
                "An embedding must be a matrix of finite numbers, one row per symbol, got the shape "
                f"{matrix.shape}."
            )
        if len(self.tokens) > len(matrix):
            raise InputError(
                f"The vocabulary has ids up to {len(self.tokens) - 1:,}, and the embedding has only "
                f"{len(matrix):,} rows, 0 to {len(matrix) - 1:,}: is it of another model?"
            )
        if self.unknown is not None and self.unknown not in self.rows:
            raise InputError(
                f"The symbol for what is unknown, {self.unknown[:40]!r}, is not in the vocabulary: "
                "choose one that is."
            )
        matrix.flags.writeable = False
        object.__setattr__(self, "matrix", matrix)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, EmbeddingEncoder)
            and self._plain == other._plain
            and np.array_equal(self.matrix, other.matrix)
        )

    def __hash__(self) -> int:
        return hash((self._plain, self.matrix.shape))

    @property
    def names(self) -> tuple[str, ...]:
        """The one column that it reads of a table: the ids."""
        return ("id",)

    @property
    def _plain(self) -> tuple[object, ...]:
        return (self.tokens, self.unknown, self.unit, self.lower)

    @property
    def width(self) -> int:
        """Inputs per step."""
        return self.matrix.shape[1]

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row of every symbol."""
        return {token: row for row, token in enumerate(self.tokens) if token}

    def unknown_in(self, sequence: Sequence) -> tuple[str, ...]:
        """The symbols of a sequence that have no row of their own, each once, in order of appearance."""
        if not sequence.symbolic or not self.tokens:
            return ()
        return tuple(dict.fromkeys(s for s in sequence.labels if self._spelt(s) not in self.rows))

    def encode(self, sequence: Sequence, columns: tuple[str, ...] | None = None) -> Array:
        """(time, inputs) float32. Raises InputError that names unknown symbols, or ids that are no row."""
        check_sequence_size(len(sequence), self.width)
        return self.matrix[self.ids(sequence, columns)]

    def ids(self, sequence: Sequence, columns: tuple[str, ...] | None = None) -> NDArray[np.int64]:
        """(time,) the row of each step. Raises InputError as `encode` does."""
        if not sequence.symbolic:
            return self._whole(self._column(sequence, columns))
        if not self.tokens:
            if all(label.isdecimal() for label in sequence.labels):
                return self._whole(np.array([int(label[:12]) for label in sequence.labels], np.float64))
            raise InputError(
                "This model reads rows of an embedding, and there is no vocabulary that says which row a "
                "symbol has: give one, or bring the ids as whole numbers."
            )
        strangers = self.unknown_in(sequence)
        if strangers and self.unknown is None:
            raise InputError(
                f"The vocabulary of {len(self.rows):,} symbols does not have {_listed(strangers)}: remove or "
                "replace those, or choose a symbol that stands for what is unknown."
            )
        instead = -1 if self.unknown is None else self.rows[self.unknown]
        return np.array([self.rows.get(self._spelt(s), instead) for s in sequence.labels], np.int64)

    def _spelt(self, label: str) -> str:
        return label.lower() if self.lower else label

    def _column(self, sequence: Sequence, columns: tuple[str, ...] | None) -> NDArray[np.floating]:
        names = list(sequence.names)
        if columns is not None and len(columns) == 1 and columns[0] in names:
            return sequence.values[:, names.index(columns[0])]
        if len(names) != 1:
            raise InputError(
                f"This model reads one id per step, and the sequence has {len(names)} columns "
                f"({_listed(names)}): choose the one with the ids."
            )
        return sequence.values[:, 0]

    def _whole(self, numbers: NDArray[np.floating]) -> NDArray[np.int64]:
        """The numbers as rows; InputError for one that is no row."""
        wrong = (numbers != np.round(numbers)) | (numbers < 0) | (numbers >= len(self.matrix))
        if wrong.any():
            step = int(np.argmax(wrong))
            raise InputError(
                f"The ids of this model's embedding are whole numbers from 0 to {len(self.matrix) - 1:,}, "
                f"and step {step} has {numbers[step]:g}."
            )
        return numbers.astype(np.int64)


Encoder = SymbolEncoder | NumberEncoder | EmbeddingEncoder


def symbols_of(encoder: Encoder) -> tuple[str, ...] | None:
    """The symbols that an encoder knows; None for one that reads numbers."""
    if isinstance(encoder, SymbolEncoder):
        return encoder.vocabulary
    if isinstance(encoder, EmbeddingEncoder) and encoder.tokens:
        return tuple(encoder.rows)
    return None


def names_of(encoder: Encoder) -> tuple[str, ...]:
    """The columns that an encoder reads of a table; () for one that reads symbols alone."""
    return () if isinstance(encoder, SymbolEncoder) else encoder.names


def text_unit_of(encoder: Encoder, chosen: TextUnit = "auto") -> TextUnit:
    """What a text for an encoder is split into: as chosen, and where that is open, as the encoder says."""
    return encoder.unit if chosen == "auto" and isinstance(encoder, EmbeddingEncoder) else chosen


def plain_encoder(input_size: int) -> NumberEncoder:
    """For a GRU that came without one: inputs are used as they are, named input 1, input 2, ..."""
    names = tuple(f"input {i + 1}" for i in range(input_size))
    return NumberEncoder(names, (0.0,) * input_size, (1.0,) * input_size)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _listed(items: tuple[str, ...] | list[str], most: int = 12) -> str:
    shown = ", ".join(repr(str(item)[:40]) for item in items[:most])
    return shown + (f" and {len(items) - most} more" if len(items) > most else "")
