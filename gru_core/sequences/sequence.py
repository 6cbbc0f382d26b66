"""One sequence as the app and the core pass it around."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import ShapeError


@dataclass(frozen=True, eq=False)
class Sequence:
    """A sequence of steps, with names for people.

    values    (time, features) float32, finite; for symbols, one-hot over `names`
    labels    one text per step: the symbol, or what stood in an index column; "" where there is none
    names     one text per feature: the column's name; for symbols, the distinct symbols
    symbolic  True when each step is one symbol out of a set
    source    where it came from, in words
    notes     what the reader did with it, one honest sentence each

    Raises ShapeError when the parts do not fit together.
    """

    values: NDArray[np.float32]
    labels: tuple[str, ...]
    names: tuple[str, ...]
    symbolic: bool = False
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float32, order="C")
        if values.ndim != 2 or 0 in values.shape:
            raise ShapeError(
                f"A sequence must be (time, features) with at least one of each, got {values.shape}."
            )
        if not np.isfinite(values).all():
            raise ShapeError(
                "A sequence must be finite, got a NaN or an infinity; fill or drop such steps first."
            )
        if (len(self.labels), len(self.names)) != values.shape:
            raise ShapeError(
                f"A sequence of {values.shape[0]} steps and {values.shape[1]} features needs as many labels "
                f"and names, got {len(self.labels)} and {len(self.names)}."
            )
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    def __len__(self) -> int:
        return len(self.labels)

    def fingerprint(self) -> str:
        """A sha256 of its content: values, labels, names and kind."""
        digest = hashlib.sha256(self.values.tobytes())
        digest.update(repr((self.values.shape, self.labels, self.names, self.symbolic)).encode())
        return digest.hexdigest()
