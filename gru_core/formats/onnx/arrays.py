"""The stored arrays of an ONNX model by name, for GRUs that are spelt out in other operators."""

from collections.abc import Iterator

from onnx import AttributeProto, TensorProto
from torch import Tensor

from gru_core.errors import LimitError
from gru_core.formats.onnx.graph import Graph, readable
from gru_core.formats.onnx.tensors import read_tensor
from gru_core.limits import MAX_TENSORS

FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16)
"""The number types that weights have."""


def arrays_of(graph: Graph) -> dict[str, Tensor]:
    """Initializers and constants of the graph that could be weights; those in other files are left out.

    Raises ModelFileError for one that is damaged, LimitError when there are too many.
    """
    found: dict[str, Tensor] = {}
    for name, tensor in _stored(graph):
        # A function that is called often holds the same array each time.
        new = readable(name) not in found
        if new and tensor.data_type in FLOATS and tensor.data_location != TensorProto.EXTERNAL:
            found[readable(name)] = read_tensor(tensor, name)
        if len(found) > MAX_TENSORS:
            raise LimitError(
                f"A model file may hold at most {MAX_TENSORS:,} arrays, and this one holds more."
            )
    return found


def _stored(graph: Graph) -> Iterator[tuple[str, TensorProto]]:
    for scope in graph.scopes:
        yield from scope.constants.items()
    for operator in graph.operators:
        value = operator.attributes.get("value")
        if operator.kind == "Constant" and value is not None and value.type == AttributeProto.TENSOR:
            yield (operator.node.output[0] if operator.node.output else ""), value.t
