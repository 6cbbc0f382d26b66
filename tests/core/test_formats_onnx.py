"""ONNX files: the states that onnxruntime and PyTorch computed, for every setting of the GRU node."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gru_core.formats import load, load_model, save_model
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
    (gru,) = load(tmp_path / "own.safetensors").values()
    assert gru.fingerprint() == model.gru.fingerprint()
