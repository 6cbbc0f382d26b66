"""One sequence as a model reads it, ready to be sent: numbers, or the symbols' places where it is one-hot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gru_core.sequences.encoders import SymbolEncoder

if TYPE_CHECKING:
    from gru_core.model import SequenceModel
    from gru_core.sequences.sequence import Sequence


@dataclass(frozen=True, eq=False)
class Inputs:
    """What the first layer reads of one sequence.

    values  (time, inputs) float32, or (time,) int32 where each step is 1 at that input and 0 elsewhere
    name    what the sequence is called
    """

    values: NDArray[Any]
    name: str = ""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def one_hot(self) -> bool:
        """Whether it is the places of the ones."""
        return self.values.ndim == 1


def inputs_of(
    model: SequenceModel, sequence: Sequence, name: str = "", columns: tuple[str, ...] | None = None
) -> Inputs:
    """The sequence as the model's encoder gives it. Raises InputError or LimitError as `encode` does."""
    encoded = model.encoder.encode(sequence, columns)
    if isinstance(model.encoder, SymbolEncoder):
        return Inputs(encoded.argmax(axis=1).astype(np.int32), name)
    return Inputs(np.ascontiguousarray(encoded), name)
