"""What stands around the GRUs of an ONNX graph: LSTMs and RNNs, readouts, embeddings, the rest by name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.contents import OtherLayer
from gru_core.formats.onnx.constants import Budget, Constants
from gru_core.formats.onnx.graph import Graph, Operator, Value, readable
from gru_core.formats.onnx.recurrent import Recurrent, read_recurrent, start_state
from gru_core.formats.onnx.steps import STEPS
from gru_core.formats.plain_layers import linear_layer
from gru_core.formats.torch_cores import CoreCell, core_layer
from gru_core.model import GRU

SHAPE_ONLY = frozenset(
    {
        "Squeeze",
        "Unsqueeze",
        "Transpose",
        "Reshape",
        "Flatten",
        "Gather",
        "Slice",
        "Identity",
        "Cast",
        "Dropout",
        "ReverseSequence",
    }
)
"""Operators that pass on the numbers of their first input, or some of them, unchanged."""
ACTIVATIONS = {
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "Sigmoid": "sigmoid",
    "HardSigmoid": "hard_sigmoid",
    "Tanh": "tanh",
    "Relu": "relu",
    "LeakyRelu": "leaky_relu",
    "Elu": "elu",
    "Gelu": "gelu",
    "Softplus": "softplus",
}
MAX_STEPS = 64
"""Shape-only operators between a layer and what feeds it."""
MAX_OTHERS = 1_000
"""Layers that are listed."""
_STATE, _CELL, _PEEPHOLES = 5, 6, 7


class Surroundings:
    """The layers of a graph that are not GRUs.

    budget  what is left of it when the GRUs have been read
    grus    the GRUs by name, and which node each one is
    """

    def __init__(
        self,
        graph: Graph,
        constants: Constants,
        budget: Budget,
        grus: Mapping[str, GRU],
        nodes: Mapping[str, Operator],
    ) -> None:
        self._graph, self._constants, self._grus = graph, constants, grus
        self._names = {node: name for name, node in nodes.items()}
        self._recurrent, self._plain, self._starts = budget, Budget(), Constants(loose=True)
        self._fed: dict[Operator | None, list[str]] = {}
        for name, node in nodes.items():
            self._fed.setdefault(self._source(node.input(0)), []).append(name)

    def layer(self, node: Operator) -> OtherLayer | None:
        """What a node is, or None for one that has no weights of its own.

        Raises ModelFileError when the arrays that it reads are damaged.
        """
        if node.kind in ("LSTM", "RNN"):
            return self._recurrent_layer(node)
        if node.kind == "Gemm":
            return self._gemm(node)
        if node.kind == "MatMul":
            return self._product(node)
        if node.kind == "Gather":
            return self._embedding(node)
        shapes = [shape for shape in map(_stored_shape, node.inputs) if shape is not None]
        heavy = [shape for shape in shapes if len(shape) > 1 and max(shape) > 1]
        if not heavy or node.kind in SHAPE_ONLY or node.kind in STEPS:
            return None
        return OtherLayer(node.path, "other", f"{node.kind}, weights {' x '.join(map(str, heavy[0]))}")

    def _recurrent_layer(self, node: Operator) -> OtherLayer:
        """An LSTM or RNN node, with torch's own layer of the same function where there is one."""
        kind: Literal["LSTM", "RNN"] = "LSTM" if node.kind == "LSTM" else "RNN"
        try:
            part = read_recurrent(node, self._constants, self._recurrent)
            why = _not_torch(node, part, self._constants)
            if why:
                return OtherLayer(node.path, kind, part.sizes, why)
            notes = part.notes
            for index in (_STATE, _CELL) if kind == "LSTM" else (_STATE,):
                start, about = start_state(node, index, part, self._starts)
                if start is not None:
                    about = ("Its file has an initial state, which is not used here: it starts from zeros.",)
                notes += tuple(note for note in about if note not in notes)
        except (ModelFileError, LimitError) as problem:
            return OtherLayer(node.path, kind, "", str(problem))
        nonlinearity = part.activations[0][0].name if kind == "RNN" else "tanh"
        cells = _cells(kind, part)
        return core_layer(
            node.path, kind, cells, part.directions, " ".join(notes), nonlinearity, part.backwards
        )

    def _gemm(self, node: Operator) -> OtherLayer | None:
        weight = self._matrix(node.input(1))
        if weight is None or node.integer("transA"):
            return None
        rows = weight if node.integer("transB") else weight.T
        bias = self._constants.value(node.input(2))
        if node.input(2) is not None and (bias is None or not _is_bias(bias, len(rows))):
            return None
        if bias is not None:
            bias = bias.reshape(-1).float() * node.number("beta", 1.0)
        return self._linear(node, rows, bias, node, node.number("alpha", 1.0))

    def _product(self, node: Operator) -> OtherLayer | None:
        weight = self._matrix(node.input(1))
        if weight is None:
            return None
        last, bias, readers = node, None, self._graph.readers(node)
        if len(readers) == 1 and readers[0].kind == "Add":
            added = [self._constants.value(value) for value in readers[0].inputs]
            known = [value for value in added if value is not None and _is_bias(value, weight.shape[1])]
            if len(known) == 1:
                last, bias = readers[0], known[0].reshape(-1).float()
        return self._linear(node, weight.T, bias, last)

    def _linear(
        self, node: Operator, weight: Tensor, bias: Tensor | None, last: Operator, scale: float = 1.0
    ) -> OtherLayer:
        self._plain.take(weight.numel(), f"the {node.kind} node {node.path!r}")
        weight = weight if scale == 1.0 else weight * scale
        fed_by = self.fed_by(node.input(0))
        fits: tuple[str, ...] = ()
        if fed_by is not None:
            gru = self._grus[fed_by]
            fits = (fed_by,) if gru.hidden_size * gru.num_directions == weight.shape[1] else ()
        layer = linear_layer(_layer_name(node, last), weight, bias, self._grus, self._activation(last), fits)
        return replace(layer, note=f"reads what {fits[0]!r} gives: it is its readout" if fits else "")

    def _embedding(self, node: Operator) -> OtherLayer | None:
        table = self._matrix(node.input(0))
        if table is None or node.integer("axis") != 0 or self._constants.value(node.input(1)) is not None:
            return None
        self._plain.take(table.numel(), f"the {node.kind} node {node.path!r}")
        fed = tuple(n for n in self._fed.get(node, ()) if self._grus[n].input_size == table.shape[1])
        note = f"feeds {' and '.join(map(repr, fed))}" if fed else ""
        sizes = f"{table.shape[0]} x {table.shape[1]}"
        return OtherLayer(_layer_name(node, node), "Embedding", sizes, note, table, fits=fed)

    def _matrix(self, value: Value | None) -> Tensor | None:
        """A known matrix of floating-point numbers, as float32."""
        known = self._constants.value(value)
        if known is None or known.ndim != 2 or not known.is_floating_point() or 0 in known.shape:
            return None
        return known.float()

    def fed_by(self, value: Value | None) -> str | None:
        """The GRU whose states, or some of them, arrive at a value unchanged."""
        source = self._source(value)
        return None if source is None else self._names.get(source)

    def _source(self, value: Value | None) -> Operator | None:
        """The operator that makes a value, shape-only operators left aside."""
        for _ in range(MAX_STEPS):
            made_by = None if value is None else value.scope.made_by.get(value.name)
            if made_by is None or made_by.kind not in SHAPE_ONLY:
                return made_by
            if made_by.kind == "Gather" and self._matrix(made_by.input(0)) is not None:
                return made_by
            value = made_by.input(0)
        return None

    def _activation(self, node: Operator) -> str:
        """What follows a layer, where one thing alone does."""
        for _ in range(MAX_STEPS):
            readers = self._graph.readers(node)
            if len(readers) != 1:
                return ""
            node = readers[0]
            if node.kind in ACTIVATIONS:
                return ACTIVATIONS[node.kind]
            if node.kind not in SHAPE_ONLY:
                return ""
        return ""


def _not_torch(node: Operator, part: Recurrent, constants: Constants) -> str:
    """Why torch has no such layer; "" where it has."""
    names = {tuple(activation.name for activation in each) for each in part.activations}
    possible = {("sigmoid", "tanh", "tanh")} if node.kind == "LSTM" else {("tanh",), ("relu",)}
    if len(names) > 1 or not names <= possible:
        written = ", ".join(activation.written for each in part.activations for activation in each)
        return f"It has the activations {written}, and torch's {node.kind} has others: it cannot be traced."
    if node.kind == "LSTM" and node.integer("input_forget"):
        return (
            "Its input and forget gates are coupled (input_forget), as torch's are not: it cannot be traced."
        )
    peepholes = node.input(_PEEPHOLES)
    if node.kind == "LSTM" and peepholes is not None:
        known = constants.value(peepholes)
        if known is None or bool(known.any()):
            return (
                "It has peepholes, from the cell state to the gates, as torch's has not: it cannot be traced."
            )
    return ""


def _cells(kind: str, part: Recurrent) -> list[CoreCell]:
    """Each direction's arrays in torch's order i, f, g, o; ONNX stores an LSTM's as i, o, f, c."""

    def in_order(packed: Tensor) -> Tensor:
        if kind == "RNN":
            return packed
        i, o, f, c = packed.split(part.units)
        return torch.cat([i, f, c, o])

    return [
        CoreCell(
            in_order(part.weight_x[index]),
            in_order(part.weight_h[index]),
            None if part.bias_x is None else in_order(part.bias_x[index]),
            None if part.bias_h is None else in_order(part.bias_h[index]),
        )
        for index in range(part.directions)
    ]


def _is_bias(bias: Tensor, outputs: int) -> bool:
    return bias.is_floating_point() and bias.numel() == outputs and bias.shape[-1:] == (outputs,)


def _layer_name(node: Operator, last: Operator) -> str:
    """By the stored parameters where they are named after their layer ("fc.weight"), else by the node."""
    for operator in (last, node):
        for value in operator.inputs:
            parent, _, part = value.name.rpartition(".")
            if value.name in value.scope.constants and parent and part in ("weight", "bias"):
                return readable(parent)
    return node.path


def _stored_shape(value: Value) -> tuple[int, ...] | None:
    """The shape of an array that is stored in the file as it is."""
    if value.name in value.scope.constants:
        return tuple(value.scope.constants[value.name].dims)
    made_by = value.scope.made_by.get(value.name)
    if made_by is not None and made_by.kind == "Constant" and "value" in made_by.attributes:
        return tuple(made_by.attributes["value"].t.dims)
    return None
