"""ONNX models (.onnx): every GRU node of the graph, with the weights that the file holds. Nothing is run.

Each GRU node is one GRU, named as the node is. PyTorch exports an nn.GRU of two layers as two nodes, with
other operators between them, so it is reported as two GRUs, the second of which reads what the first gives.
"""

from dataclasses import dataclass, field

from google.protobuf.message import DecodeError
from onnx import AttributeProto, ModelProto

from gru_core.errors import GateScopeError, LimitError, ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents, OtherLayer, TensorInfo
from gru_core.formats.guide import Guide
from gru_core.formats.layers import find_layers
from gru_core.formats.onnx.arrays import arrays_of
from gru_core.formats.onnx.constants import Budget, Constants
from gru_core.formats.onnx.graph import Graph, Operator
from gru_core.formats.onnx.gru import gru_of
from gru_core.formats.onnx.others import MAX_OTHERS, Surroundings
from gru_core.formats.onnx.tensors import tensor_info
from gru_core.formats.onnx.turns import Turned, turned
from gru_core.formats.onnx.wire import check_wire, looks_like_onnx
from gru_core.formats.registry import Evidence, Format
from gru_core.limits import MAX_GRUS, MAX_TENSORS
from gru_core.model import GRU
from gru_core.sources import Opened


def recognises(evidence: Evidence) -> bool:
    """Fields at the beginning that only an ONNX model has so."""
    return not evidence.is_bundle and looks_like_onnx(evidence.head, evidence.size)


def read(opened: Opened, choices: Choices) -> Contents:
    """The GRUs of the graph, and what stands around them; one that cannot be shown is listed with the reason.

    Raises ModelFileError when the file is damaged or its weights lie in another one, LimitError when it
    is larger than limits.py and onnx_wire.py say.
    """
    data = opened.read()
    check_wire(data, opened.name)
    try:
        model = ModelProto.FromString(data)
    except DecodeError as problem:
        raise ModelFileError(f"{opened.name!r} is damaged or cut off. Save or copy it again.") from problem
    del data
    if choices.readings is not None:
        return find_layers(arrays_of(Graph(model)), (), choices)
    return contents_of(model, opened.name)


def contents_of(model: ModelProto, name: str) -> Contents:
    """What a parsed model holds. Raises as `read` does."""
    try:
        graph = Graph(model)
        infos = _infos(graph)
    except GateScopeError as problem:
        raise type(problem)(f"{name!r}: {problem}") from problem
    found = _find(graph)
    return Contents(infos, found.grus, tuple(found.refused + found.others), found.notes)


@dataclass
class _Found:
    grus: dict[str, GRU] = field(default_factory=dict)
    nodes: dict[str, Operator] = field(default_factory=dict)
    refused: list[OtherLayer] = field(default_factory=list)
    others: list[OtherLayer] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def _find(graph: Graph) -> _Found:
    """The GRU nodes first, so that the layers around them can be told by which GRU they follow or feed."""
    found, budget, constants, starts = _Found(), Budget(), Constants(), Constants(loose=True)
    nodes = [operator for operator in graph.operators if operator.kind == "GRU"]
    if len(nodes) > MAX_GRUS:
        raise LimitError(
            f"At most {MAX_GRUS} GRUs are read from one file, and this one holds {len(nodes):,}."
        )
    for node in nodes:
        name = _free(node.path, found)
        try:
            found.grus[name] = gru_of(name, node, constants, starts, budget)
            found.nodes[name] = node
        except (ModelFileError, LimitError) as problem:
            found.refused.append(OtherLayer(name, "other", "GRU", str(problem), refused=str(problem)))
    around = Surroundings(graph, constants, budget, found.grus, found.nodes)
    for name, gru in found.grus.items():
        node = found.nodes[name]
        order = turned(node, constants)
        gru.notes += _reading_notes(around.fed_by(node.input(0)), order)
        if order == "unclear" and not gru.bidirectional and not gru.backwards:
            gru.open_choices = ("backwards",)
    for operator in graph.operators:
        if operator.kind == "GRU":
            continue
        if len(found.others) >= MAX_OTHERS:
            found.notes = (f"Of its other layers the first {MAX_OTHERS:,} are listed.",)
            break
        try:
            layer = around.layer(operator)
        except (ModelFileError, LimitError) as problem:
            layer = OtherLayer(operator.path, "other", operator.kind, str(problem))
        if layer is not None:
            found.others.append(layer)
    return found


def _reading_notes(before: str | None, order: Turned) -> tuple[str, ...]:
    """What a node is given: the states of another one, and in which order of time."""
    if order == "yes" and before is not None:
        return (
            f"It reads what {before!r} gives from the last step to the first, as the model turns it round: "
            "turn those states round before you give them to it.",
        )
    notes: tuple[str, ...] = ()
    if order == "yes":
        notes = (
            "The model turns its input round, so that it reads from the last step to the first; here it "
            "reads what it is given, in that order: give it a sequence that is turned round.",
        )
    elif order == "unclear":
        notes = (
            "The model turns an axis of its input round, and the file does not say whether that is the axis "
            "of the steps.",
        )
    if before is not None:
        notes += (f"It reads what {before!r} gives, as the next layer of a stack does.",)
    return notes


def _infos(graph: Graph) -> tuple[TensorInfo, ...]:
    """Every stored array: initializers, and constants in the graph of more than one number."""
    infos = []
    for scope in graph.scopes:
        infos += [tensor_info(tensor, name) for name, tensor in scope.constants.items()]
    for operator in graph.operators:
        value = operator.attributes.get("value")
        if operator.kind != "Constant" or value is None or value.type != AttributeProto.TENSOR:
            continue
        if max(value.t.dims, default=1) > 1:
            infos.append(tensor_info(value.t, operator.node.output[0] if operator.node.output else ""))
    if len(infos) > MAX_TENSORS:
        raise LimitError(
            f"A model file may hold at most {MAX_TENSORS:,} arrays, and this one holds {len(infos):,}."
        )
    return tuple(infos)


def _free(name: str, found: _Found) -> str:
    """The name, with a number behind it where another node is called so too."""
    taken = {*found.grus, *(layer.name for layer in found.refused)}
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


GUIDES = (
    Guide(
        title="ONNX, operator GRU",
        files=".onnx, in one file",
        holds="Every GRU node, also in subgraphs and functions, with both settings of linear_before_reset, "
        "each direction, a start that is stored in the file, and weights in initializers or Constant nodes. "
        "A GRU of several layers is several nodes, and each node is one GRU here. A GRU that is written out "
        "as single products is not found; clipping and activations other than Sigmoid, Tanh and HardSigmoid "
        "(alpha 0.2, the default, or 1/6) are refused, and so are weights in a second file.",
        conventions=("onnx_after", "onnx_before"),
        example="torch.onnx.export(model, (x,), 'model.onnx', external_data=False)  # in PyTorch\n"
        "grus = load('model.onnx')  # each GRU by the name of its node",
    ),
)

FORMAT = Format(
    "onnx",
    "ONNX model",
    (".onnx",),
    recognises,
    read,
    GUIDES,
    mark="a node of the type GRU; one that was exported as single products is not found",
)
