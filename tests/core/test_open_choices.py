"""What a file leaves open of a GRU: named for the page, carried by the reading room, honoured when said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gru_core import GRU
from gru_core.errors import ModelFileError
from gru_core.formats import Choices, inspect_file, load, load_models, save_model
from gru_core.formats.choices import NO_CHOICES
from gru_core.jobs import Parcel
from gru_core.model import ModelCard, SequenceModel
from gru_core.reading_room.work import order_of, read_models, unpacked
from gru_core.sequences.encoders import plain_encoder
from tests.support.files import npz, torch_file

CASES = Path(__file__).parent.parent / "cases"
ALL = ("gate_activation", "z_sense", "backwards")
GATES_AND_WAY = ("gate_activation", "backwards")
BOOK = CASES / "fw_d2l_scratch" / "params.npz"

LEFT_OPEN = [
    ("fw_keras/keras3_ra0_single.weights.h5", GATES_AND_WAY),
    ("fw_keras/tfkeras2_ra0_single_weights_only_legacy.h5", GATES_AND_WAY),
    ("fw_tf_checkpoints/tfk_weights", GATES_AND_WAY),
    ("fw_flax/linen_GRUCell.msgpack", GATES_AND_WAY),
    ("fw_flax/nnx.msgpack", GATES_AND_WAY),
    ("fw_mxnet_gluon/cell.params", GATES_AND_WAY),
    ("fw_tf1_grucell", ("backwards",)),
    ("fw_tf_checkpoints/tf1_stack", ("backwards",)),
    ("fw_paddle_legacy/two_grus", ALL),
]
SAID = [
    "fw_keras/keras3_ra0_single.keras",
    "fw_keras/keras3_ra0_single.h5",
    "fw_onnx/torch_export_gru1_legacy.onnx",
    "fw_torch/gru1_state_dict.pt",
    "fw_mxnet_gluon/layer.params",
    "fw_mlx/gru.safetensors",
    "fw_chainer/nstep_gru_chainer.npz",
    "fw_paddle/gru1.pdparams",
    "fw_d2l_scratch/params.npz",
]


def cho() -> dict[str, np.ndarray]:
    """The textbook's GRU in Cho's letters: W_z x + U_z h + b_z."""
    names = {f"W_x{g}": f"W_{g}" for g in "rzh"} | {f"W_h{g}": f"U_{g}" for g in "rzh"}
    with np.load(BOOK) as file:
        return {names.get(name, name): file[name].T for name in file.files if name in names or name[0] == "b"}


def own() -> dict[str, np.ndarray]:
    """GateScope's own names without its description."""
    torch.manual_seed(0)
    return {f"cells.{name}": value.numpy() for name, value in GRU(3, 4).cells.state_dict().items()}


def first_of(source: object, choices: Choices = NO_CHOICES) -> tuple[str, GRU]:
    return next((name, gru) for name, gru in load(source, choices).items() if not gru.bidirectional)


def states(gru: GRU, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return gru(x)[0]


@pytest.mark.parametrize(("file", "open_choices"), LEFT_OPEN)
def test_what_a_file_leaves_open_is_named(file: str, open_choices: tuple[str, ...]) -> None:
    found = next(gru for gru in inspect_file(CASES / file).grus if not gru.bidirectional)
    assert found.open_choices == open_choices
    assert "The file does not say which way it reads: taken as forwards." in found.notes
    assert any("activation of the gates" in note for note in found.notes) == (
        "gate_activation" in open_choices
    )


def test_letters_of_two_papers_and_names_of_this_project_leave_something_open() -> None:
    assert inspect_file(npz(**cho())).grus[0].open_choices == ("z_sense",)
    assert inspect_file(npz(**own())).grus[0].open_choices == GATES_AND_WAY


@pytest.mark.parametrize("file", SAID)
def test_of_other_files_nothing_is_open(file: str) -> None:
    assert inspect_file(CASES / file).grus[0].open_choices == ()


def test_both_directions_leave_no_direction_open() -> None:
    found = {gru.name: gru.open_choices for gru in inspect_file(CASES / "fw_tf_checkpoints/tfk_weights").grus}
    assert found == {"first": GATES_AND_WAY, "both": ("gate_activation",)}


@pytest.mark.parametrize("file", [file for file, _ in LEFT_OPEN])
def test_a_gru_that_is_said_to_read_backwards_does_so_in_every_format(file: str) -> None:
    name, forwards = first_of(CASES / file)
    same, backwards = first_of(CASES / file, Choices(backwards=(name,)))
    assert (name, forwards.backwards, backwards.backwards) == (same, False, True)
    x = torch.randn(2, 7, forwards.input_size, generator=torch.Generator().manual_seed(0))
    x = x.to(forwards.dtype)
    expected = states(forwards, x.flip(1)).flip(1)
    assert torch.allclose(states(backwards, x), expected, rtol=0, atol=1e-6)
    assert float((states(forwards, x) - expected).abs().max()) > 1e-2
    assert sum("which way it reads" in note for note in backwards.notes) == 0
    assert sum("backwards" in note or "from the last step" in note for note in backwards.notes) == 1
    # What can be said stays named when it was said, so that it can be said otherwise.
    assert backwards.open_choices == forwards.open_choices


@pytest.mark.parametrize("file", [SAID[0], SAID[2]])
def test_a_direction_that_the_file_says_cannot_be_said_otherwise(file: str) -> None:
    name, _ = first_of(CASES / file)
    with pytest.raises(ModelFileError, match=f"says itself that '{name}' reads forwards"):
        load(CASES / file, Choices(backwards=(name,)))


def test_the_direction_of_a_whole_model_of_this_project_is_said(tmp_path: Path) -> None:
    save_model(
        SequenceModel(plain_encoder(3), GRU(3, 4), None, ModelCard("a", "b")), tmp_path / "m.safetensors"
    )
    assert inspect_file(tmp_path / "m.safetensors").grus[0].open_choices == ()
    with pytest.raises(ModelFileError, match="says itself that 'gru' reads forwards"):
        load(tmp_path / "m.safetensors", Choices(backwards=("gru",)))


def test_a_gru_of_torch_may_be_said_to_read_backwards() -> None:
    assert load(torch_file(nn.GRU(3, 4).state_dict()), Choices(backwards=("gru",)))["gru"].backwards


def test_gates_of_this_projects_own_names_can_be_chosen() -> None:
    plain, hard = (
        load(npz(**own()), Choices(gate_activation=gates))["gru"] for gates in (None, "hard_sigmoid_sixth")
    )
    assert (plain.gate_activation, hard.gate_activation) == ("sigmoid", "hard_sigmoid_sixth")
    assert "clip(a / 6 + 0.5), as chosen" in hard.notes[0]
    x = 3 * torch.randn(2, 9, 3, generator=torch.Generator().manual_seed(0))
    cell = hard.cells[0]
    with torch.no_grad():
        Z = torch.clip(x[:, 0] @ cell.W_xz + cell.b_z, -3, 3) / 6 + 0.5
        expected = (1 - Z) * torch.tanh(x[:, 0] @ cell.W_xh + cell.b_h)
    assert torch.allclose(states(hard, x)[:, 0], expected, rtol=0, atol=1e-5)
    assert float((states(plain, x)[:, 0] - expected).abs().max()) > 1e-2


def test_the_reading_room_carries_what_is_open() -> None:
    files = {"gru.npz": npz(**own())}
    there = load_models(files)
    inspection, models = unpacked(
        Parcel.from_bytes(read_models(order_of(files, Choices()), print, list).to_bytes())
    )
    assert inspection.grus[0].open_choices == there[0].grus[0].open_choices == GATES_AND_WAY
    assert models["gru"].gru.open_choices == GATES_AND_WAY
    # What a reader sends is judged as a file is.
    parcel = read_models(order_of(files, Choices()), print, list)
    parcel.head["models"][0]["open"] = ["backwards", "anything"]
    assert unpacked(parcel)[1]["gru"].gru.open_choices == ("backwards",)
