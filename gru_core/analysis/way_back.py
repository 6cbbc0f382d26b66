"""What every recurrent layer offers to a derivative on its way back: a GRU, a plain RNN, an LSTM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Handed:
    """What a step makes of derivatives (rows, numbers of the state) that arrive at its new state.

    state  with respect to the state that it started from (rows, numbers of the state)
    input  with respect to what it read (rows, inputs)
    parts  `state` by the ways on which it came, which add up to it, None for one that is shut; () where they
           are not told apart
    """

    state: Array
    input: Array
    parts: tuple[Array | None, ...] = ()


class WayBack(Protocol):
    """One layer in one direction on one sequence."""

    @property
    def order(self) -> Sequence[int]:
        """The steps in the order in which they were read."""
        ...

    def ask(self, rows: Array) -> Array:
        """Rows about H_t (rows, units) as rows about the whole state, of which H_t may be a part."""
        ...

    def hand_back(self, rows: Array, step: int) -> Handed:
        """What `step` makes of rows about the state after it."""
        ...
