"""ONNX files: the states that onnxruntime and PyTorch computed, for every setting of the GRU node."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats import inspect_file, load, load_model, save_model
from gru_core.model import GRU

CASES = Path(__file__).parent.parent / "cases"
ONNX = CASES / "fw_onnx"
Array = NDArray[np.float32]


def states(gru: GRU, x: Array, h0: Array | None = None) -> Array:
    """Y (steps, directions, batch, units) as ONNX gives it, of x (steps, batch, inputs)."""
    start = None if h0 is None else torch.from_numpy(h0)
    with torch.no_grad():
        output = gru(torch.from_numpy(x).transpose(0, 1), start)[0]
    batch, steps, _ = output.shape
    return output.reshape(batch, steps, gru.num_directions, gru.hidden_size).permute(1, 2, 0, 3).numpy()


@pytest.mark.parametrize("name", ["lbr0_forward", "lbr1_bidirectional", "lbr1_forward_h0"])
def test_single_nodes_give_what_onnxruntime_gave(name: str) -> None:
    grus = load(ONNX / f"hand_{name}.onnx")
    expected = np.load(ONNX / f"hand_{name}_reference.npz")
    assert list(grus) == ["gru"]
    gru = grus["gru"]
    found = states(gru, expected["X"], expected.get("h0"))
    np.testing.assert_allclose(found, expected["Y"], rtol=0, atol=1e-5)
    assert gru.convention == ("onnx_after" if "lbr1" in name else "onnx_before")


@pytest.mark.parametrize("exporter", ["legacy", "dynamo"])
def test_pytorchs_exports_give_what_pytorch_gave(exporter: str) -> None:
    (gru,) = load(ONNX / f"torch_export_gru1_{exporter}.onnx").values()
    expected = np.load(CASES / "fw_torch" / "gru1_reference.npz")
    with torch.no_grad():
        output, last = gru(torch.from_numpy(expected["X"]))
    np.testing.assert_allclose(output, expected["Y"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(last, expected["h_n"], rtol=0, atol=1e-5)
    assert gru.h0 is None
    assert gru.notes == ()


@pytest.mark.parametrize("exporter", ["legacy", "dynamo"])
def test_a_stack_of_layers_is_a_gru_for_each_that_give_together_what_pytorch_gave(exporter: str) -> None:
    grus = list(load(ONNX / f"stack_{exporter}.onnx").values())
    expected = np.load(CASES / "fw_torch" / "gru2bi_reference.npz")
    assert [(gru.input_size, gru.bidirectional, gru.num_layers) for gru in grus] == [
        (5, True, 1),
        (12, True, 1),
    ]
    assert grus[0].notes == ()
    assert grus[1].notes[0].endswith("gives, as the next layer of a stack does.")
    output, last = torch.from_numpy(expected["X"]), []
    with torch.no_grad():
        for gru in grus:
            output, ends = gru(output)
            last.append(ends)
    np.testing.assert_allclose(output, expected["Y"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(torch.cat(last), expected["h_n"], rtol=0, atol=1e-5)


VARIANTS = load(ONNX / "variants.onnx")
VARIANTS_EXPECTED = dict(np.load(ONNX / "variants_reference.npz"))


def test_every_variant_is_found_under_its_name() -> None:
    kinds = ("plain", "h0", "nobias", "fifth", "default_hard", "sixth")
    directions = ("forward", "reverse", "bidirectional")
    assert list(VARIANTS) == [f"lbr{r}_{d}_{kind}" for r in (0, 1) for d in directions for kind in kinds]


@pytest.mark.parametrize("name", VARIANTS)
def test_reset_direction_bias_start_and_activation_of_a_node(name: str) -> None:
    gru, expected = VARIANTS[name], VARIANTS_EXPECTED[f"{name}.Y"]
    np.testing.assert_allclose(states(gru, VARIANTS_EXPECTED["X"]), expected, rtol=0, atol=1e-5)
    assert (gru.bidirectional, gru.backwards) == ("bidirectional" in name, "reverse" in name)
    assert gru.reset_mode == ("after" if "lbr1" in name else "before")
    assert (gru.h0 is not None) == name.endswith("_h0")
    hard = {"fifth": "hard_sigmoid_fifth", "hard": "hard_sigmoid_fifth", "sixth": "hard_sigmoid_sixth"}
    assert gru.gate_activation == hard.get(name.rpartition("_")[2], "sigmoid")


def swap_gates(gru: GRU) -> None:
    for cell in gru.cells:
        for parameter in (cell.weight_x, cell.weight_h, cell.bias):
            r, z, h = parameter.detach().clone().split(gru.hidden_size)
            parameter.copy_(torch.cat([z, r, h]))


def turn_z(gru: GRU) -> None:
    units = gru.hidden_size
    for cell in gru.cells:
        for parameter in (cell.weight_x, cell.weight_h, cell.bias):
            parameter[units : 2 * units] *= -1


def other_reset(gru: GRU) -> None:
    gru.reset_mode = "before" if gru.reset_mode == "after" else "after"
    for cell in gru.cells:
        if gru.reset_mode == "before":
            cell.bias[2 * gru.hidden_size :] += cell.bias_hh
            cell.bias_hh = None
        else:
            cell.bias_hh = torch.nn.Parameter(torch.zeros(gru.hidden_size))


def no_start(gru: GRU) -> None:
    gru.h0 = None


def other_direction(gru: GRU) -> None:
    gru.backwards = not gru.backwards


def soft(gru: GRU) -> None:
    gru.gate_activation = "sigmoid"


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        *(
            (wrong, f"lbr{r}_{d}_plain")
            for wrong in (swap_gates, turn_z, other_reset)
            for r in (0, 1)
            for d in ("forward", "bidirectional")
        ),
        (no_start, "lbr0_forward_h0"),
        (other_direction, "lbr1_reverse_plain"),
        (soft, "lbr0_forward_fifth"),
        (soft, "lbr1_reverse_sixth"),
    ],
)
def test_a_wrong_reading_would_be_noticed(wrong: object, name: str) -> None:
    gru = load(ONNX / "variants.onnx")[name]
    assert callable(wrong)
    with torch.no_grad():
        wrong(gru)
    found = states(gru, VARIANTS_EXPECTED["X"])
    assert np.abs(found - VARIANTS_EXPECTED[f"{name}.Y"]).max() > 1e-2


CHAINS = load(ONNX / "chains.onnx")


def test_nodes_in_branches_and_functions_are_found() -> None:
    top, branches, functions = ["stacked", "sliced", "quantised"], ["else", "then"], ["first", "second"]
    assert list(CHAINS) == [*top, *branches, *(f"{name}/inner" for name in functions), "nameless.Y"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stacked", "a.Y"),
        ("sliced", "b.Y"),
        ("quantised", "c.Y"),
        ("then", "d.Y"),
        ("first/inner", "first.Y"),
        ("second/inner", "second.Y"),
        ("nameless.Y", "nameless.Y"),
    ],
)
def test_weights_that_the_graph_stacks_and_cuts(name: str, value: str) -> None:
    expected = np.load(ONNX / "chains_reference.npz")
    np.testing.assert_allclose(states(CHAINS[name], expected["X"]), expected[value], rtol=0, atol=1e-5)


def test_a_start_that_is_zeros_at_last_is_none() -> None:
    assert CHAINS["quantised"].h0 is None
    assert CHAINS["quantised"].notes == ()
    assert CHAINS["sliced"].h0 is not None


# One node, changed in one way -------------------------------------------------------------------------

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


def test_a_file_s_starts_are_those_of_the_sequences_of_a_batch_of_as_many() -> None:
    gru = load(ONNX / "hand_lbr1_forward_h0.onnx")["gru"]
    expected = np.load(ONNX / "hand_lbr1_forward_h0_reference.npz")
    assert gru.h0 is not None
    np.testing.assert_array_equal(gru.h0, expected["h0"])
    assert gru.notes == (
        "The file has an initial state for each of 2 sequences: a batch of 2 starts from them, any other "
        "from the first one's.",
    )
    np.testing.assert_allclose(states(gru, expected["X"]), expected["Y"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(states(gru, expected["X"][:, :1]), expected["Y"][:, :, :1], rtol=0, atol=1e-5)
    three = np.repeat(expected["X"][:, :1], 3, axis=1)
    np.testing.assert_allclose(
        states(gru, three), np.repeat(expected["Y"][:, :, :1], 3, axis=2), rtol=0, atol=1e-5
    )


def test_starts_of_a_batch_are_kept_in_the_project_s_own_file(tmp_path: Path) -> None:
    model = load_model(ONNX / "hand_lbr1_forward_h0.onnx")
    save_model(model, tmp_path / "own.safetensors")
    again = load(tmp_path / "own.safetensors")
    (gru,) = again.values()
    assert gru.fingerprint() == model.gru.fingerprint()


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
    made = model()
    for tensor in made.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if kind == "bfloat16":
            short = (array.view(np.uint32) >> 16).astype(np.uint16)
            tensor.CopyFrom(
                helper.make_tensor(tensor.name, TensorProto.BFLOAT16, array.shape, short.tobytes(), raw=True)
            )
        else:
            tensor.CopyFrom(numpy_helper.from_array(array.astype(kind), tensor.name))
    gru = only(made)
    assert gru.dtype == (torch.float64 if kind == "float64" else torch.float32)
    exact, found = (gru_.cell(0).weight_x.detach().numpy() for gru_ in (only(model()), gru))
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-7 if kind == "float64" else 2e-2)
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
