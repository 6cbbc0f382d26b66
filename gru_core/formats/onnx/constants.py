"""Which values of an ONNX graph are known from the file alone, and what they are.

A stored tensor is known, and so is what a chain of simple operators makes of known values: exporters stack,
turn and cut weights in the graph. Nothing else is computed, and what is computed is bounded.
"""

import torch
from torch import Tensor

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.onnx.graph import Operator, Value, readable
from gru_core.formats.onnx.steps import STEPS, TooLarge
from gru_core.formats.onnx.tensors import read_tensor
from gru_core.limits import MAX_PARAMETERS, MEGABYTE

MAX_CHAIN = 64
"""Operators behind each other between a stored tensor and the value that is asked for."""
MAX_BYTES = 400 * MEGABYTE
"""All known values of a file together, stored and computed."""


class Budget:
    """How many weights the layers of one file may have together.

    A file stores an array once, and any number of nodes may read it; each layer has a copy.
    """

    def __init__(self) -> None:
        self._left = MAX_PARAMETERS

    def take(self, numbers: int, what: str) -> None:
        """Raises LimitError when a layer of so many weights is more than is left."""
        if numbers > self._left:
            raise LimitError(
                f"The layers of one ONNX file may have at most {MAX_PARAMETERS:,} weights together, and with "
                f"{what} they have more."
            )
        self._left -= numbers


class Constants:
    """The known values of one graph; each is computed once.

    loose  also what is known but for its shape, as initial states are, whose batch is not known: what an
           Expand spreads stands for what it makes, and one number for an array that is that number throughout
    """

    def __init__(self, loose: bool = False) -> None:
        self._loose = loose
        self._values: dict[Value, Tensor | None] = {}
        self._spent = 0

    def value(self, value: Value | None, depth: int = 0) -> Tensor | None:
        """The numbers, or None when they are not known before the model runs.

        Raises ModelFileError when a stored tensor is damaged or an operator does not fit what it reads,
        LimitError when this needs more memory than a model's file may have.
        """
        if value is None or depth > MAX_CHAIN:
            return None
        if value not in self._values:
            self._values[value] = None  # what is made of itself is not known
            self._values[value] = self._compute(value, depth)
        return self._values[value]

    def _compute(self, value: Value, depth: int) -> Tensor | None:
        if value.name in value.scope.sparse:
            raise ModelFileError(
                f"{readable(value.name)} is sparse, and weights are read as dense arrays: save it unpruned."
            )
        if value.name in value.scope.constants:
            stored = read_tensor(value.scope.constants[value.name], value.name)
            self._count(stored.numel() * stored.element_size())
            return stored
        operator = value.scope.made_by.get(value.name)
        if operator is None or operator.kind not in STEPS:
            return None
        given = [operator.input(index) for index in range(len(operator.node.input))]
        inputs = [self.value(entry, depth + 1) for entry in given]
        if self._loose and (throughout := _throughout(operator, inputs)) is not None:
            return throughout
        if any(entry is not None and known is None for entry, known in zip(given, inputs, strict=True)):
            return None
        output = list(operator.node.output).index(value.name)
        try:
            made = STEPS[operator.kind](operator, inputs, output, self._left)
        except TooLarge as problem:
            raise _too_large() from problem
        except (RuntimeError, IndexError, ValueError, TypeError, AttributeError, OverflowError) as problem:
            raise ModelFileError(
                f"The node {operator.path!r} ({operator.kind}) does not fit the constants it reads: the file "
                "is damaged, save or copy it again."
            ) from problem
        if made is not None and not any(_is_part(made, tensor) for tensor in inputs):
            self._count(made.numel() * made.element_size())
        return made

    @property
    def _left(self) -> int:
        return MAX_BYTES - self._spent

    def _count(self, size: int) -> None:
        self._spent += size
        if self._spent > MAX_BYTES:
            raise _too_large()


def _throughout(operator: Operator, inputs: list[Tensor | None]) -> Tensor | None:
    """What an operator makes where its shape is left open; None where that is not so."""
    kind, data = operator.kind, inputs[0] if inputs else None
    if kind == "ConstantOfShape" and data is None:
        return STEPS[kind](operator, [torch.ones(0, dtype=torch.int64)], 0, MAX_BYTES)
    if data is None or kind in ("Constant", "ConstantOfShape", "DequantizeLinear"):
        return None
    if kind == "Expand" and inputs[1:] == [None]:
        return data
    if kind == "Concat":
        same = [part for part in inputs if part is not None and part.ndim == 0 and bool(part == data)]
        return data if len(same) == len(inputs) else None
    return data if data.ndim == 0 and kind not in ("Cast", "Gather") else None


def _is_part(made: Tensor, tensor: Tensor | None) -> bool:
    """Whether one is a view of the other that shows no more numbers than there are."""
    return (
        tensor is not None
        and made.numel() <= tensor.numel()
        and made.untyped_storage().data_ptr() == tensor.untyped_storage().data_ptr()
    )


def _too_large() -> LimitError:
    return LimitError(
        f"The constants of an ONNX graph may take at most {MAX_BYTES // MEGABYTE} MB, and this one's take "
        "more: save the part of the model that holds the GRU."
    )
