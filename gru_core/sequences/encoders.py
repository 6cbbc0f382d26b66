"""From symbols or numbers to what a GRU reads, and why a sequence does not fit when it does not."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError
from gru_core.limits import check_sequence_size
from gru_core.sequences.sequence import Sequence

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
    """Columns of numbers, each (x - mean) / std with the mean and std of the training data."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]

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
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        return ((sequence.values[:, chosen] - mean) / std).astype(np.float32)

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


Encoder = SymbolEncoder | NumberEncoder


def plain_encoder(input_size: int) -> NumberEncoder:
    """For a GRU that came without one: inputs are used as they are, named input 1, input 2, ..."""
    names = tuple(f"input {i + 1}" for i in range(input_size))
    return NumberEncoder(names, (0.0,) * input_size, (1.0,) * input_size)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _listed(items: tuple[str, ...] | list[str], most: int = 12) -> str:
    shown = ", ".join(repr(str(item)[:40]) for item in items[:most])
    return shown + (f" and {len(items) - most} more" if len(items) > most else "")
