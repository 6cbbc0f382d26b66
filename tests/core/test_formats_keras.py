"""Keras' files against what Keras itself gave for them: outputs, and the gates of the first sequence."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gru_core.equations import GateActivation
from gru_core.errors import ModelFileError
from gru_core.formats import Choices, inspect_file, load
from gru_core.model import GRU
from gru_core.trace import trace

CASES = Path(__file__).parent.parent / "cases" / "fw_keras"
TOLERANCE = 1e-5
FILES = sorted(path.name for path in CASES.iterdir() if path.suffix in (".keras", ".h5"))
WEIGHTS_ALONE = [name for name in FILES if "weights" in name]
HARD: dict[str, GateActivation] = {"keras3": "hard_sigmoid_sixth", "tfkeras2": "hard_sigmoid_fifth"}


def case_of(file: str) -> str:
    return file.split(".")[0].removesuffix("_weights_only_legacy")


def reference(case: str) -> dict[str, np.ndarray]:
    with np.load(CASES / f"{case}_reference.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


def choices_for(file: str) -> Choices:
    """What a person must add to weights alone of a model with hard gates."""
    hard = file in WEIGHTS_ALONE and "hardsig" in file
    return Choices(gate_activation=HARD[file.split("_")[0]]) if hard else Choices()


def test_there_is_a_file_of_every_kind() -> None:
    assert len(FILES) >= 13
    assert {"keras3_ra1_bi.keras", "tfkeras2_ra1_bi.h5", "keras3_ra0_single.weights.h5"} <= set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_states_and_gates_are_those_of_keras(file: str) -> None:
    expected = reference(case_of(file))
    grus = load(CASES / file, choices_for(file))
    values = expected["X"]
    for gru in grus.values():
        traces = trace(gru, values)
        values = np.concatenate([t.H for t in traces], axis=-1)
    np.testing.assert_allclose(values, expected["Y"], rtol=0, atol=TOLERANCE)
    name, gru = next(iter(grus.items()))
    for record in trace(gru, expected["X"]):
        key = {"forward": "fwd", "backward": "bwd"}[record.direction] if gru.bidirectional else name
        for letter, ours in (("R", record.R), ("Z", record.Z), ("Hcand", record.H_tilde), ("H", record.H)):
            theirs = expected[f"b0_{key}_{letter}"]
            # Keras recorded a backward layer in the order in which it read.
            theirs = theirs[::-1] if record.direction == "backward" else theirs
            np.testing.assert_allclose(ours[0], theirs, rtol=0, atol=TOLERANCE, err_msg=letter)


def swapped(gru: GRU) -> GRU:
    """The same weights with R and Z taken for each other."""
    wrong = GRU(gru.input_size, gru.hidden_size, 1, gru.bidirectional, gru.reset_mode, gru.gate_activation)
    wrong.load_state_dict(gru.state_dict())
    for cell in wrong.cells:
        for parameter in (cell.weight_x, cell.weight_h, cell.bias):
            r, z, h = parameter.detach().chunk(3)
            parameter.data = torch.cat([z, r, h])
    return wrong


def other_mode(gru: GRU) -> GRU:
    """The same weights with R on the other side of the matrix product."""
    mode = "after" if gru.reset_mode == "before" else "before"
    wrong = GRU(gru.input_size, gru.hidden_size, 1, gru.bidirectional, mode, gru.gate_activation)
    wrong.load_state_dict(gru.state_dict(), strict=False)
    for cell in wrong.cells:
        if mode == "after":
            cell.bias_hh.data.zero_()
    return wrong


@pytest.mark.parametrize("file", ["keras3_ra0_single.keras", "keras3_ra1_bi.keras"])
@pytest.mark.parametrize("wrong", [swapped, other_mode])
def test_a_wrong_reading_would_be_noticed(file: str, wrong: object) -> None:
    expected = reference(case_of(file))
    (gru,) = load(CASES / file).values()
    values = torch.from_numpy(expected["X"])
    with torch.no_grad():
        assert np.abs(wrong(gru)(values)[0].numpy() - expected["Y"]).max() > 1e-2


def test_the_two_hard_sigmoids_are_told_apart_by_the_version() -> None:
    expected = reference("keras3_ra0_hardsig")
    (gru,) = load(CASES / "keras3_ra0_hardsig.h5").values()
    assert gru.gate_activation == "hard_sigmoid_sixth"
    for wrong in ("hard_sigmoid_fifth", "sigmoid"):
        (other,) = load(CASES / "keras3_ra0_hardsig.weights.h5", Choices(gate_activation=wrong)).values()
        assert np.abs(trace(other, expected["X"])[0].H - expected["Y"]).max() > 1e-2


@pytest.mark.parametrize("file", WEIGHTS_ALONE)
def test_weights_alone_say_what_was_taken(file: str) -> None:
    (gru,) = load(CASES / file).values()
    assert gru.gate_activation == "sigmoid"
    assert "weights alone" in gru.notes[0]
    assert "a sigmoid" in gru.notes[0]
    (chosen,) = load(CASES / file, Choices(gate_activation="hard_sigmoid_fifth")).values()
    assert chosen.gate_activation == "hard_sigmoid_fifth"
    assert "as chosen" in chosen.notes[0]


@pytest.mark.parametrize("file", [name for name in FILES if name not in WEIGHTS_ALONE])
def test_the_readout_gives_the_answers_of_keras(file: str) -> None:
    expected = reference(case_of(file))
    (name,) = load(CASES / file)
    (head,) = [layer for layer in inspect_file(CASES / file).others if layer.kind == "Linear"]
    assert (head.name, head.activation, head.fits) == ("head", "softmax", (name,))
    logits = torch.from_numpy(expected["Y"]) @ head.weight.T + head.bias
    np.testing.assert_allclose(logits.softmax(-1).numpy(), expected["head"], rtol=0, atol=TOLERANCE)


def test_a_file_that_only_begins_as_hdf5_does() -> None:
    with pytest.raises(ModelFileError, match="is damaged: it cannot be read as an HDF5 file"):
        load(b"\x89HDF\r\n\x1a\n" + bytes(100))
