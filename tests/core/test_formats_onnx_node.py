"""One GRU node of ONNX, changed in one way after the other: number types, starts, and what is refused."""

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats import inspect_file, load
from gru_core.model import GRU

Array = NDArray[np.float32]

INPUTS, UNITS = 3, 4


def arrays(directions: int = 1) -> dict[str, Array]:
    random = np.random.default_rng(5)
    shapes = {"W": (3 * UNITS, INPUTS), "R": (3 * UNITS, UNITS), "B": (6 * UNITS,)}
    return {
        name: random.normal(size=(directions, *shape)).astype(np.float32) for name, shape in shapes.items()
    }


def model(
    weights: dict[str, Array] | None = None,
    inputs: tuple[str, ...] = ("X", "W", "R", "B"),
    more: tuple[onnx.NodeProto, ...] = (),
    **attributes: object,
) -> onnx.ModelProto:
    stored = arrays() if weights is None else weights
    node = helper.make_node("GRU", inputs, ["Y"], name="the node", hidden_size=UNITS, **attributes)
    graph = helper.make_graph(
        [*more, node],
        "graph",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["T", "B", INPUTS])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in stored.items()],
    )
    return helper.make_model(graph)


def only(made: onnx.ModelProto) -> GRU:
    (gru,) = load(made.SerializeToString()).values()
    return gru


def test_layout_changes_no_weight_and_turns_the_start() -> None:
    start = np.arange(2 * UNITS, dtype=np.float32).reshape(1, 2, UNITS) / 10
    stored = arrays(2) | {"h0": start}
    settings = {"direction": "bidirectional", "inputs": ("X", "W", "R", "B", "", "h0")}
    batch_first = only(model(stored, layout=1, **settings))
    steps_first = only(model(stored | {"h0": start.transpose(1, 0, 2)}, **settings))
    assert batch_first.fingerprint() == steps_first.fingerprint()
    assert batch_first.h0 is not None
    assert batch_first.h0[1, 0] == pytest.approx(0.4)


def test_what_only_comes_while_the_model_runs_is_told() -> None:
    made = model(inputs=("X", "W", "R", "B", "lengths", "state"))
    gru = only(made)
    assert gru.h0 is None
    assert gru.notes == (
        "The model tells it how long each sequence of a batch is; here a sequence is read to its end.",
        "Its initial state is 'state', which is not in the file but computed or given while the model runs; "
        "it starts from zeros here unless you give one.",
    )


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float64"])
def test_number_types(kind: str) -> None:
    made, rounded = model(), model()
    for tensor, as_float in zip(made.graph.initializer, rounded.graph.initializer, strict=True):
        array = numpy_helper.to_array(tensor)
        if kind == "bfloat16":
            short = (array.view(np.uint32) >> 16).astype(np.uint16)
            kept = (short.astype(np.uint32) << 16).view(np.float32)
            tensor.CopyFrom(
                helper.make_tensor(tensor.name, TensorProto.BFLOAT16, array.shape, short.tobytes(), raw=True)
            )
        else:
            kept = array.astype(kind).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(array.astype(kind), tensor.name))
        as_float.CopyFrom(numpy_helper.from_array(kept, tensor.name))
    gru = only(made)
    assert gru.dtype == (torch.float64 if kind == "float64" else torch.float32)
    expected, unrounded = only(rounded).state_dict(), only(model()).state_dict()
    assert gru.state_dict().keys() == expected.keys()
    for name, found in gru.state_dict().items():
        # Two biases are added in the number type of the file: in float64 that differs by a rounding.
        relative = 2.0**-23 if kind == "float64" and name.endswith("bias") else 0.0
        torch.testing.assert_close(found.float(), expected[name], rtol=relative, atol=0)
    if kind != "float64":
        assert any(not torch.equal(expected[name], value) for name, value in unrounded.items())
    stored = f"Its weights are stored as {kind}; they are computed with as float32."
    assert gru.notes == (() if kind == "float64" else (stored,))


@pytest.mark.parametrize("kind", [TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_numbers_stored_one_by_one_are_the_same(kind: int) -> None:
    made, raw = model(), model()
    for one_by_one, as_bytes in zip(made.graph.initializer, raw.graph.initializer, strict=True):
        array = numpy_helper.to_array(as_bytes)
        one_by_one.CopyFrom(
            helper.make_tensor(one_by_one.name, kind, array.shape, array.reshape(-1).tolist())
        )
        typed = array.astype(helper.tensor_dtype_to_np_dtype(kind))
        as_bytes.CopyFrom(numpy_helper.from_array(typed, as_bytes.name))
    assert only(made).fingerprint() == only(raw).fingerprint()


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ({"activations": ["Relu", "Tanh"]}, "'the node' has the gate activation 'Relu'"),
        ({"activations": ["Sigmoid", "Softsign"]}, "'the node' has the candidate activation 'Softsign'"),
        (
            {"activations": ["HardSigmoid", "Tanh"], "activation_alpha": [0.25]},
            "the gate activation 'HardSigmoid' of alpha 0.25 and beta 0.5, and a GRU here has Sigmoid, or",
        ),
        ({"activations": ["Sigmoid"]}, "'the node' must name 2 activations per direction, got 1"),
        ({"clip": 3.0}, "'the node' clips its sums at 3 before the activations"),
        ({"direction": "sideways"}, "'the node' reads in the direction 'sideways'"),
        ({"direction": "bidirectional"}, "R of the GRU node 'the node' must be"),
    ],
)
def test_another_function_is_refused_with_the_nodes_name(attributes: dict[str, object], says: str) -> None:
    made = model(**attributes)
    with pytest.raises(ModelFileError) as caught:
        load(made.SerializeToString())
    assert says in str(caught.value)

    fine = model().graph.node[0]
    fine.name, fine.output[0] = "another", "Y2"
    made.graph.node.append(fine)
    found = inspect_file(made.SerializeToString())
    assert [gru.name for gru in found.grus] == ["another"]
    (refused,) = (layer for layer in found.others if layer.refused)
    assert refused.name == "the node"
    assert says in refused.note


def test_activations_of_both_directions_must_agree() -> None:
    mixed = model(
        arrays(2), direction="bidirectional", activations=["Sigmoid", "Tanh", "HardSigmoid", "Tanh"]
    )
    with pytest.raises(ModelFileError, match="other activations forwards than backwards"):
        load(mixed.SerializeToString())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"W": np.zeros((1, 9, INPUTS), np.float32)}, "must be .* = (1, 12, 3), got (1, 9, 3)"),
        ({"R": np.zeros((1, 12, 5), np.float32)}, "must be .* = (1, 12, 4), got (1, 12, 5)"),
        ({"W": np.zeros((12, INPUTS), np.float32)}, "got (12, 3)"),
        ({"B": np.zeros((1, 12), np.float32)}, "must be (directions, 6 x hidden) = (1, 24), got (1, 12)"),
        (
            {"W": np.full((1, 12, INPUTS), np.nan, np.float32)},
            "W of the GRU node 'the node' has 36 of 36 values",
        ),
        ({"W": np.zeros((1, 12, INPUTS), np.int8)}, "is int8, and the weights"),
    ],
)
def test_weights_that_do_not_fit_are_named(change: dict[str, Array], says: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        load(model(arrays() | change).SerializeToString())
    assert all(part in str(caught.value) for part in says.split(" .* "))


def test_weights_that_are_computed_while_the_model_runs() -> None:
    made = model(inputs=("X", "W2", "R", "B"), more=(helper.make_node("Mul", ["W", "X"], ["W2"]),))
    with pytest.raises(
        ModelFileError, match=r"The weights W of the GRU node 'the node' \('W2'\) are computed"
    ):
        load(made.SerializeToString())


def test_a_model_without_a_recurrent_node_says_so() -> None:
    made = model()
    del made.graph.node[:]
    made.graph.node.append(helper.make_node("Relu", ["X"], ["Y"]))
    with pytest.raises(ModelFileError, match="A GRU has a node of the type GRU; one that was exported"):
        load(made.SerializeToString())


def test_two_nodes_of_one_name_stay_apart() -> None:
    made = model()
    again = made.graph.node.add()
    again.CopyFrom(made.graph.node[0])
    again.output[0] = "Y2"
    assert list(load(made.SerializeToString())) == ["the node", "the node (2)"]


def test_too_large_is_refused_by_name() -> None:
    big = {name: np.zeros((1, 3 * 5000, 1), np.float32) for name in ("W",)}
    big["R"] = np.zeros((1, 0, 0), np.float32)
    made = model(big, inputs=("X", "W", "R"))
    made.graph.node[0].attribute[0].i = 5000
    with pytest.raises((ModelFileError, LimitError), match="'the node'"):
        load(made.SerializeToString())


def test_a_stack_of_nodes_says_which_reads_which() -> None:
    made = model()
    made.graph.initializer.append(numpy_helper.from_array(np.zeros((1, 3 * UNITS, UNITS), np.float32), "W2"))
    made.graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), "axes"))
    made.graph.node.append(helper.make_node("Squeeze", ["Y", "axes"], ["flat"]))
    made.graph.node.append(helper.make_node("GRU", ["flat", "W2", "R", "B"], ["Y2"], name="second"))
    first, second = load(made.SerializeToString()).values()
    assert first.notes == ()
    assert second.notes == ("It reads what 'the node' gives, as the next layer of a stack does.",)
