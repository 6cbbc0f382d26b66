"""What is taken home from a training gives the same numbers elsewhere."""

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from gru_core import load_model, trace
from gru_core.errors import InputError
from gru_core.export.training import model_file, torch_state_dict, training_script
from gru_core.learner import untrained_model
from gru_core.model import SequenceModel
from gru_core.tasks.catalogue import TaskSpec
from gru_core.training import Ended, train
from gru_core.training_spec import TrainSpec
from tests.support.training import SMALL, run_of, weights_alone

ROOT = Path(__file__).resolve().parent.parent.parent


def model_of(spec: TrainSpec) -> SequenceModel:
    model = untrained_model(TaskSpec("remember", 5).make(), spec)
    assert isinstance(model, SequenceModel)
    return model


@pytest.mark.parametrize("layers", [1, 2])
def test_a_state_dict_for_torch_computes_the_same(layers: int) -> None:
    model = model_of(replace(SMALL, reset_mode="after", num_layers=layers))
    theirs = nn.GRU(8, SMALL.hidden_size, layers, batch_first=True)
    theirs.load_state_dict(torch.load(io.BytesIO(torch_state_dict(model)), weights_only=True))
    x = torch.randn(3, 7, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(theirs(x)[0], model.gru(x)[0], atol=1e-6, rtol=0)


@pytest.mark.parametrize("value", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("mode", ["before", "after"])
def test_a_model_trained_with_gates_held_takes_them_along(value: float, mode: str) -> None:
    """Without any override the weights alone hold the gate, in the file and in torch's layer."""
    spec = replace(SMALL, steps=5, reset_mode=mode, frozen_z=value, frozen_r=1 - value, num_layers=2)
    *_, ended = train(TaskSpec("remember", 5).make(), spec)
    assert isinstance(ended, Ended)
    assert isinstance(ended.model, SequenceModel)
    x = torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(0))
    held = trace(ended.model.gru, x, overrides=spec.overrides)
    for free, forced in zip(trace(ended.model.gru, x), held, strict=True):
        for name in ("R", "Z", "H"):
            assert abs(getattr(free, name) - getattr(forced, name)).max() < 1e-6
    if mode == "after":
        theirs = nn.GRU(8, SMALL.hidden_size, 2, batch_first=True)
        theirs.load_state_dict(torch.load(io.BytesIO(torch_state_dict(ended.model)), weights_only=True))
        assert abs(theirs(x)[0].detach().numpy() - held[-1].H).max() < 1e-6


def test_reset_mode_before_is_refused_with_the_reason() -> None:
    with pytest.raises(InputError, match=r"no torch\.nn\.GRU computes the same"):
        torch_state_dict(model_of(SMALL))


def test_a_model_file_is_read_back(tmp_path: Path) -> None:
    model = model_of(SMALL)
    (tmp_path / "m.safetensors").write_bytes(model_file(model))
    again = load_model(tmp_path / "m.safetensors")
    assert again.gru.fingerprint() == model.gru.fingerprint()
    assert again.card == model.card or again.card.title == model.card.title


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_script_trains_the_very_same_model(cell: str, tmp_path: Path) -> None:
    run = run_of(replace(SMALL, cell=cell, learning_rate=0.02))
    script = tmp_path / "again.py"
    script.write_text(training_script(run), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "OMP_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "finished after 120 updates" in done.stdout
    expected = weights_alone(run)
    if cell == "gru":
        found = load_model(tmp_path / "remember.safetensors").state_dict()
    else:
        found = torch.load(tmp_path / "remember-lstm.pt", weights_only=True)
    assert found.keys() == expected.keys()
    for name, weights in expected.items():
        assert torch.equal(found[name], weights), name


def test_a_script_holds_the_data_of_ones_own() -> None:
    text = "say 'hello' and \"goodbye\"\n" * 30
    run = replace(run_of(SMALL), task=TaskSpec("text", text=text))
    script = training_script(run)
    assert repr(text) in script
    compile(script, "again.py", "exec")
