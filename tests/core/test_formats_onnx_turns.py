"""ONNX graphs that turn the steps round before a node: said, and not taken for the next layer of a stack."""

import io
import warnings
from collections.abc import Sequence

import numpy as np
import onnx
import pytest
import torch
from onnx import NodeProto, TensorProto, helper, numpy_helper
from torch import nn

from gru_core.formats import Choices, inspect_file, load
from gru_core.formats.open_choices import FORWARDS
from gru_core.model import GRU

INPUTS = UNITS = 4
TURNED = "from the last step to the first"
STACK = "as the next layer of a stack does"

Lists = dict[str, Sequence[int]]


def gru_node(source: str, name: str, made: str, **attributes: object) -> NodeProto:
    return helper.make_node(
        "GRU",
        [source, "W", "R", "B"],
        [made],
        name=name,
        hidden_size=UNITS,
        linear_before_reset=1,
        **attributes,
    )


def node(kind: str, source: Sequence[str], made: str, **attributes: object) -> NodeProto:
    return helper.make_node(kind, list(source), [made], **attributes)


def model(nodes: Sequence[NodeProto], lists: Lists, symbols: bool = False) -> bytes:
    random = np.random.default_rng(5)
    shapes = {"W": (1, 3 * UNITS, INPUTS), "R": (1, 3 * UNITS, UNITS), "B": (1, 6 * UNITS), "M": (4, 4)}
    stored = {n: random.normal(size=shape).astype(np.float32) for n, shape in shapes.items()}
    stored |= {name: np.array(values, np.int64) for name, values in lists.items()}
    x = helper.make_tensor_value_info(
        "X", TensorProto.INT64 if symbols else TensorProto.FLOAT, ["T", "B", *([] if symbols else [INPUTS])]
    )
    y = helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)
    graph = helper.make_graph(
        nodes, "graph", [x], [y], [numpy_helper.from_array(array, name) for name, array in stored.items()]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()


def cut(axis: int, step: int = -1) -> Lists:
    first = (-1, -(2**63)) if step < 0 else (0, 2**63 - 1)
    return {"start": [first[0]], "end": [first[1]], "axis": [axis], "step": [step]}


SLICE = ["start", "end", "axis", "step"]


def turned_x(axis: int, step: int = -1) -> tuple[list[NodeProto], Lists]:
    return [node("Slice", ["X", *SLICE], "x"), gru_node("x", "g", "Y")], cut(axis, step)


ONE = {
    "slice": turned_x(0),
    "slice by a negative axis": turned_x(-3),
    "slice of step -2": turned_x(0, -2),
    "reverse sequence": (
        [node("ReverseSequence", ["X", "lengths"], "x", time_axis=0, batch_axis=1), gru_node("x", "g", "Y")],
        {"lengths": [3, 3]},
    ),
    "batch first": (
        [
            node("Slice", ["X", *SLICE], "x"),
            node("Transpose", ["x"], "turned", perm=[1, 0, 2]),
            gru_node("turned", "g", "Y"),
        ],
        cut(1),
    ),
    "layout 1": ([node("Slice", ["X", *SLICE], "x"), gru_node("x", "g", "Y", layout=1)], cut(1)),
    "before a product": (
        [
            node("Slice", ["X", *SLICE], "x"),
            node("MatMul", ["x", "M"], "y"),
            node("Tanh", ["y"], "z"),
            gru_node("z", "g", "Y"),
        ],
        cut(0),
    ),
    "gathered": (
        [node("Gather", ["X", "places"], "x", axis=0), gru_node("x", "g", "Y")],
        {"places": [2, 1, 0]},
    ),
}
NOT = {
    "not at all": ([gru_node("X", "g", "Y")], {}),
    "features": turned_x(2),
    "batch": turned_x(1),
    "every second step": turned_x(0, 2),
    "twice": (
        [
            node("Slice", ["X", *SLICE], "x"),
            node("Slice", ["x", *SLICE], "y"),
            gru_node("y", "g", "Y"),
        ],
        cut(0),
    ),
}


@pytest.mark.parametrize("name", ONE)
def test_an_input_that_is_turned_round_is_said(name: str) -> None:
    (gru,) = load(model(*ONE[name])).values()
    assert len(gru.notes) == 1
    assert TURNED in gru.notes[0]
    assert not gru.backwards


@pytest.mark.parametrize("name", NOT)
def test_nothing_is_said_of_an_input_that_is_not(name: str) -> None:
    (gru,) = load(model(*NOT[name])).values()
    assert gru.notes == ()


def test_turned_symbols_are_turned_inputs() -> None:
    nodes = [
        node("Slice", ["X", *SLICE], "x"),
        node("Gather", ["M", "x"], "embedded", axis=0),
        gru_node("embedded", "g", "Y"),
    ]
    found = inspect_file(model(nodes, cut(0), symbols=True))
    assert TURNED in found.grus[0].notes[0]
    assert [layer.kind for layer in found.others] == ["Embedding"]


@pytest.mark.parametrize("way", ["slice", "sequence"])
def test_a_second_node_that_reads_the_first_one_s_states_turned_round_is_no_stack(way: str) -> None:
    turn = node("Slice", ["states", *SLICE], "turned")
    if way == "sequence":
        turn = node("ReverseSequence", ["states", "lengths"], "turned", time_axis=0, batch_axis=1)
    nodes = [
        gru_node("X", "g1", "all"),
        node("Squeeze", ["all", "one"], "states"),
        turn,
        gru_node("turned", "g2", "Y"),
    ]
    grus = load(model(nodes, cut(0) | {"one": [1], "lengths": [3, 3]}))
    assert grus["g1"].notes == ()
    assert len(grus["g2"].notes) == 1
    assert "what 'g1' gives from the last step to the first" in grus["g2"].notes[0]
    assert STACK not in grus["g2"].notes[0]
    (plain,) = load(model([nodes[0], nodes[1], gru_node("states", "g2", "Y")], {"one": [1]}))["g2"].notes
    assert plain.endswith(STACK + ".")


def test_an_axis_that_cannot_be_followed_is_said() -> None:
    nodes = [
        node("Slice", ["X", *SLICE], "x"),
        node("Reshape", ["x", "shape"], "y"),
        gru_node("y", "g", "Y"),
    ]
    (gru,) = load(model(nodes, cut(0) | {"shape": [-1, 2, 4]})).values()
    assert gru.notes == (
        "The model turns an axis of its input round, and the file does not say whether that is the axis of "
        "the steps.",
        FORWARDS,
    )
    assert gru.open_choices == ("backwards",)
    made = model(nodes, cut(0) | {"shape": [-1, 2, 4]})
    (chosen,) = load(made, Choices(backwards=("g",))).values()
    assert chosen.backwards
    (kept,) = load(model(nodes, cut(0) | {"shape": [0, 0, -1]})).values()
    assert TURNED in kept.notes[0]


class TurnsRound(nn.Module):
    """One GRU reads forwards, the next one the first one's states from the last to the first."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.first = nn.GRU(INPUTS, UNITS, batch_first=True)
        self.second = nn.GRU(UNITS, UNITS, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor = self.second(self.first(x)[0].flip(1))[0]
        return states


def chained(grus: Sequence[GRU], x: torch.Tensor, turn: bool) -> torch.Tensor:
    with torch.no_grad():
        states = grus[0](x)[0]
        return grus[1](states.flip(1) if turn else states)[0]


def test_pytorch_s_flip_is_followed_and_the_note_gives_the_model_s_states() -> None:
    module, x = TurnsRound().eval(), torch.randn(2, 5, INPUTS)
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (x,), file, dynamo=False)
    grus = list(load(file.getvalue()).values())
    assert TURNED in grus[1].notes[0]
    with torch.no_grad():
        expected = module(x)
    assert float((chained(grus, x, turn=True) - expected).abs().max()) < 1e-5
    assert float((chained(grus, x, turn=False) - expected).abs().max()) > 1e-2


def test_a_damaged_slice_leaves_the_gru() -> None:
    made = onnx.ModelProto.FromString(model(*turned_x(0)))
    for tensor in made.graph.initializer:
        if tensor.name == "step":
            tensor.raw_data = b"\1"
    (gru,) = load(made.SerializeToString()).values()
    assert "does not say" in gru.notes[0]
