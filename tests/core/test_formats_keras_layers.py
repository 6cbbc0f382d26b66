"""Every way in which Keras puts a GRU into a model, against the output of each layer in the framework."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gru_core.formats import Choices, inspect_file, load

CASES = Path(__file__).parent.parent / "cases" / "fw_keras_layers"
TOLERANCE = 1e-5


def reference(case: str) -> dict[str, np.ndarray]:
    with np.load(CASES / f"{case}_reference.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


def compare(file: str, case: str, names: list[str]) -> None:
    """The GRUs of these names, each on its own input, give the output of the layer of that name."""
    expected, grus = reference(case), load(CASES / file)
    values = expected["X"]
    assert list(grus) == names
    for name in names:
        values = expected.get(f"in__{name}", values)
        with torch.no_grad():
            output = grus[name](torch.from_numpy(values))[0].numpy()
        theirs = expected[f"Y__{name}"]
        theirs = theirs[:, ::-1] if grus[name].backwards else theirs
        np.testing.assert_allclose(output, theirs, rtol=0, atol=TOLERANCE, err_msg=name)
        values = expected[f"Y__{name}"]


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("k3_nested.keras", ["encoder.gru", "middle.deep.gru", "gru"]),
        ("tf2_nested.h5", ["encoder.gru", "middle.deep.gru", "gru"]),
        ("k3_cells.keras", ["pile"]),
        ("k3_nobias_ra0.keras", ["nb"]),
        ("k3_goback_ra1.keras", ["back"]),
        ("tf2_goback_ra0.h5", ["back"]),
        ("k3_stack2_ra0.weights.h5", ["first", "second"]),
        ("tf2_stack2_ra1.keras", ["first", "second"]),
        ("tf2_hard_ra0.h5", ["hard"]),
        ("k3_custom.keras", ["blk.rec"]),
    ],
)
def test_the_states_are_those_of_the_layer(file: str, names: list[str]) -> None:
    compare(file, file.split(".")[0], names)


def test_a_pile_of_cells_is_one_gru_of_as_many_layers() -> None:
    (gru,) = load(CASES / "k3_cells.keras").values()
    assert (gru.num_layers, gru.bidirectional) == (2, False)


def test_weights_alone_of_nested_models_keep_them_apart() -> None:
    expected, grus = reference("tf2_nested"), load(CASES / "tf2_nested_legacy.h5")
    assert list(grus) == ["encoder.gru", "middle.gru", "gru"]
    with torch.no_grad():
        output = grus["middle.gru"](torch.from_numpy(expected["in__middle.deep.gru"]))[0].numpy()
    np.testing.assert_allclose(output, expected["Y__middle.deep.gru"], rtol=0, atol=TOLERANCE)


def test_directions_that_are_added_stand_side_by_side() -> None:
    expected, (gru,) = reference("k3_bi_sum"), load(CASES / "k3_bi_sum.keras").values()
    with torch.no_grad():
        forward, backward = np.split(gru(torch.from_numpy(expected["X"]))[0].numpy(), 2, axis=-1)
    assert "adds the states of the two directions; here they stand side by side" in gru.notes[0]
    np.testing.assert_allclose(forward + backward, expected["Y__bi"], rtol=0, atol=TOLERANCE)


def test_directions_of_different_sizes_are_two_grus() -> None:
    expected, grus = reference("k3_bi_units"), load(CASES / "k3_bi_units.keras")
    assert {name: gru.backwards for name, gru in grus.items()} == {"bi.forward": False, "bi.backward": True}
    with torch.no_grad():
        sides = [gru(torch.from_numpy(expected["X"]))[0].numpy() for gru in grus.values()]
    np.testing.assert_allclose(np.concatenate(sides, axis=-1), expected["Y__bi"], rtol=0, atol=TOLERANCE)


def test_lstm_and_simple_rnn_are_torchs_own() -> None:
    expected = reference("k3_lstm")
    others = {layer.name: layer for layer in inspect_file(CASES / "k3_lstm.keras").others}
    for name, kind, before in (("l", "LSTM", "X"), ("s", "RNN", "Y__g"), ("bl", "LSTM", "Y__s")):
        assert others[name].kind == kind
        with torch.no_grad():
            output = others[name].core(torch.from_numpy(expected[before]))[0].numpy()
        np.testing.assert_allclose(output, expected[f"Y__{name}"], rtol=0, atol=TOLERANCE)


def test_the_graph_says_what_feeds_a_gru_and_what_reads_it() -> None:
    found = inspect_file(CASES / "k3_encdec.keras")
    others = {layer.name: layer for layer in found.others}
    assert others["emb_src"].fits == ("encoder",)
    assert others["emb_dst"].fits == ("decoder",)
    assert tuple(others["emb_src"].weight.shape) == (11, 4)
    assert (others["logits"].fits, others["logits"].activation) == (("decoder",), "softmax")
    notes = {gru.name: " ".join(gru.notes) for gru in found.grus}
    assert "starts from what 'encoder' gives" in notes["decoder"]
    assert "masked steps (of 'emb_src')" in notes["encoder"]
    assert "starts from" not in notes["encoder"]


def test_a_candidate_that_is_no_tanh_is_refused_by_name_and_the_others_load() -> None:
    found = inspect_file(CASES / "k3_relu.keras")
    assert [gru.name for gru in found.grus] == ["good"]
    (bad,) = [layer for layer in found.others if layer.name == "bad"]
    assert "'bad' has the activation 'relu'" in bad.refused


def test_own_code_says_nothing_of_its_gates() -> None:
    (gru,) = load(CASES / "k3_custom.keras").values()
    assert "'blk' is a layer of the model's own code" in gru.notes[0]
    (chosen,) = load(CASES / "k3_custom.keras", Choices(gate_activation="hard_sigmoid_sixth")).values()
    assert chosen.gate_activation == "hard_sigmoid_sixth"
