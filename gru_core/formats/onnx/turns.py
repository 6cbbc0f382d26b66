"""Whether the graph turns the steps round that a recurrent node reads: a Slice of step -1, ReverseSequence.

The axis of the steps is followed from the node up to what feeds it, through the operators that move it.
"""

from itertools import pairwise
from typing import Literal

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.onnx.constants import Constants
from gru_core.formats.onnx.graph import Operator, Value

Turned = Literal["no", "yes", "unclear"]

MAX_STEPS = 64
"""Operators between a node and what feeds it."""
MAX_PLACES = 10_000
"""Whole numbers of one list that are looked at."""
_SAME = frozenset(
    {"Identity", "Cast", "Dropout", "LayerNormalization", "Clip"}
    | {"Relu", "Tanh", "Sigmoid", "HardSigmoid", "LeakyRelu", "Elu", "Gelu", "Softplus", "Softmax"}
)
"""Operators that leave every step where it is."""
_OF_TWO = frozenset({"Add", "Sub", "Mul", "Div", "MatMul"})
"""Those that do, where one of the two inputs is stored in the file."""


def turned(node: Operator, constants: Constants) -> Turned:
    """Whether a GRU, LSTM or RNN node is given the last step first.

    "unclear"  an axis is turned, and whether it is that of the steps cannot be told from the file
    """
    walk = _Walk(constants, axis=1 if node.integer("layout") == 1 else 0)
    value = node.input(0)
    for _ in range(MAX_STEPS):
        made_by = None if value is None else value.scope.made_by.get(value.name)
        if made_by is None:
            break
        value = walk.above(made_by)
    if walk.unclear:
        return "unclear"
    return "yes" if walk.turns % 2 else "no"


class _Walk:
    """Where the axis of the steps is, on the way up from a node's input (steps, batch, inputs).

    axis and rank are None where they cannot be told any more
    """

    def __init__(self, constants: Constants, axis: int) -> None:
        self.turns, self.unclear = 0, False
        self._constants = constants
        self._axis: int | None = axis
        self._rank: int | None = 3

    def above(self, node: Operator) -> Value | None:
        """The input of an operator whose steps its output has; None where that is not so."""
        kind = node.kind
        if kind in _SAME:
            return node.input(0)
        if kind in _OF_TWO:
            computed = [value for value in node.inputs if not _is_stored(value)]
            return computed[0] if len(computed) == 1 else None
        if kind == "Slice":
            self._slice(node)
        elif kind == "ReverseSequence":
            self._turn(node.integer("time_axis"))
        elif kind == "Transpose":
            self._transpose(node)
        elif kind in ("Squeeze", "Unsqueeze"):
            self._axes(node, kind == "Squeeze")
        elif kind in ("Reshape", "Flatten"):
            self._reshape(node)
        elif kind == "Gather":
            return self._gather(node)
        else:
            return None
        return node.input(0)

    def _slice(self, node: Operator) -> None:
        if node.input(4) is None:
            return
        steps, axes = self._integers(node.input(4)), self._integers(node.input(3))
        if steps is None or (axes is None and node.input(3) is not None):
            self.unclear = True
            return
        for axis, step in zip(range(len(steps)) if axes is None else axes, steps, strict=False):
            if step < 0:
                self._turn(axis)

    def _turn(self, axis: int) -> None:
        """Count an axis that is turned, if it is that of the steps."""
        if self._axis is None or (axis < 0 and self._rank is None):
            self.unclear = True
        elif (axis if self._rank is None else axis % self._rank) == self._axis:
            self.turns += 1

    def _transpose(self, node: Operator) -> None:
        order = node.integers("perm")
        if order is not None and self._axis is not None and self._axis < len(order):
            self._axis, self._rank = order[self._axis], len(order)
        elif order is None and self._axis is not None and self._rank is not None:
            self._axis = self._rank - 1 - self._axis
        else:
            self._axis = None

    def _axes(self, node: Operator, squeezed: bool) -> None:
        """An axis left out below is there above, and the other way round."""
        axes = node.integers("axes") if node.input(1) is None else self._integers(node.input(1))
        if axes is None or self._rank is None or self._axis is None:
            self._axis = self._rank = None
        elif squeezed:
            self._above_squeezed(axes)
        else:
            places = {axis % self._rank for axis in axes}
            inside = self._axis not in places and len(places) < self._rank
            self._axis = self._axis - sum(place < self._axis for place in places) if inside else None
            self._rank -= len(places)

    def _above_squeezed(self, axes: list[int]) -> None:
        if self._rank is None or self._axis is None:
            return
        self._rank += len(axes)
        places = {axis % self._rank for axis in axes}
        kept = [axis for axis in range(self._rank) if axis not in places]
        self._axis = kept[self._axis] if self._axis < len(kept) else None

    def _reshape(self, node: Operator) -> None:
        """A length of 0 is that of the input, so that an axis stays in its place behind such alone."""
        shape = self._integers(node.input(1)) if node.kind == "Reshape" else None
        axis, self._rank = self._axis, None
        copied = shape is not None and axis is not None and not node.integer("allowzero")
        self._axis = axis if copied and shape and set(shape[: (axis or 0) + 1]) == {0} else None

    def _gather(self, node: Operator) -> Value | None:
        """Embeddings of symbols stand where the symbols do; a chosen place is an axis left out."""
        table, places = node.input(0), node.input(1)
        if table is not None and _is_stored(table) and not node.integer("axis"):
            self._rank = None if self._rank is None else self._rank - 1
            return places
        chosen = self._integers(places)
        if chosen is None:
            self._axis = self._rank = None
        elif places is not None and self._is_single(places):
            if self._rank is None or self._axis is None:
                self._axis = None
            else:
                self._above_squeezed([node.integer("axis")])
        elif len(chosen) > 1 and all(b - a == -1 for a, b in pairwise(chosen)):
            self._turn(node.integer("axis"))
        return table

    def _is_single(self, value: Value) -> bool:
        known = self._constants.value(value)
        return known is not None and known.ndim == 0

    def _integers(self, value: Value | None) -> list[int] | None:
        try:
            known = self._constants.value(value)
        except (ModelFileError, LimitError):  # damaged, and of no weight: what follows is not known
            return None
        if known is None or known.is_floating_point() or known.ndim > 1 or known.is_complex():
            return None
        if known.numel() > MAX_PLACES:
            return None
        return [int(number) for number in known.reshape(-1).tolist()]


def _is_stored(value: Value) -> bool:
    made_by = value.scope.made_by.get(value.name)
    return value.name in value.scope.constants or (made_by is not None and made_by.kind == "Constant")
