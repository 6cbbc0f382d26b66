"""The page of gradient flow where a model, a sequence or a race is not the usual one."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from gru_core.analysis.flow_facts import factor_text
from gru_core.analysis.flow_lines import Question, baseline_line, gru_line
from gru_core.learner import untrained_model
from gru_core.sequences import Sequence
from gru_core.sequences.examples import demo_sequence
from gru_core.tasks.remember import RememberFirst
from gru_core.training_spec import TrainSpec
from gru_ui import cache, view
from gru_ui.gradients.code import python_lines
from gru_ui.store import UploadedModel, keep_sequence, uploads
from gru_ui.workspace import Workspace
from tests.ui.test_pages import opened, words

SPECS = (
    TrainSpec(hidden_size=4),
    TrainSpec(cell="lstm", hidden_size=3),
    TrainSpec(cell="rnn", hidden_size=5),
)
KEY = "abcdefghjk"


def names(app: AppTest) -> list[str]:
    """The lines of the chart, by what stands in its legend before the factor."""
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    return [line["name"].split(" ×")[0] for line in figure["data"] if line["type"] == "scatter"]


@pytest.fixture(scope="module")
def both_ways(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An uploaded GRU of two layers that read in both directions, without a readout."""
    file: Path = tmp_path_factory.mktemp("models") / "both.pt"
    torch.manual_seed(0)
    torch.save(torch.nn.GRU(2, 3, num_layers=2, bidirectional=True).state_dict(), file)
    inspection, models = cache.reading_room().load_models(file)
    return f"file.{uploads().put(UploadedModel('both.pt', models, inspection, 1_000, ('both.pt',)))}.0"


@pytest.mark.parametrize("steps", [1, 6])
@pytest.mark.parametrize("layer", [0, 3])
def test_a_model_of_ones_own_without_readout_in_both_directions(
    both_ways: str, steps: int, layer: int
) -> None:
    values = np.random.default_rng(1).normal(size=(steps, 2)).astype(np.float32)
    brought = keep_sequence(Sequence(values, ("",) * steps, ("a", "b")), "mine")
    app = opened("gradients", model=both_ways, seq=brought, layer=str(layer), flow="answer")
    assert not app.exception
    said = words(app)
    assert "This model has no readout, so there is no answer to look back from" in said
    assert "No RNN or LSTM was trained beside this model" in said
    assert names(app) == ["learned", "as RNN", "only input", "copy"]
    if steps == 1:
        assert "As learned: step 0 is the first that was read" in said
    else:
        # A layer that reads backwards has read step 0 last, and looks back to the right.
        first, last = (0, 5) if layer == 0 else (5, 0)
        assert f"from step {last} back to step {first}." in said


def test_gates_of_ones_own_have_a_line_of_their_own_and_chinese_has_words_for_all() -> None:
    app = opened("gradients", gates="painted", paintz="1x3_0", paintr="0x4", lang="zh")
    assert names(app)[4] == "现在的门"
    assert "按现在的门：" in words(app)
    model = cache.demo_model("remember")
    app = opened("gradients", gates="custom", z="0.9", zmix="0.5", flowto="cursor", t="11", flow="answer")
    found = words(app)
    shown = app.session_state["workspace"]
    x = model.encoder.encode(demo_sequence(model, 0))
    line = gru_line(model, x, shown.overrides, Question("answer", last=11))
    assert line.rate.per_step is not None
    assert f"× {factor_text(line.rate.per_step)} per step" in found
    assert f"With these gates: {line.rate.kind}" in found


def test_a_model_of_a_race_stands_beside_the_others_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    models = [untrained_model(RememberFirst(), spec).eval() for spec in SPECS]
    lanes = [SimpleNamespace(spec=spec, frames=(SimpleNamespace(update=7),)) for spec in SPECS]
    race = SimpleNamespace(lanes=lanes, title="Race: remember")
    service = SimpleNamespace(look=lambda *_: race, model=lambda key, lane, update: models[lane])
    monkeypatch.setattr(cache, "run_service", lambda: service)
    monkeypatch.setattr(cache, "run_model", lambda key, lane, update: models[lane])
    app = opened("gradients", model=f"run.{KEY}.0.7")
    assert not app.exception
    assert names(app)[-2:] == ["trained RNN", "trained LSTM"]
    x = models[0].encoder.encode(demo_sequence(models[0], 0))
    for lane, name in ((2, "The trained RNN"), (1, "The trained LSTM")):
        factor = baseline_line(models[lane], x, Question()).rate.per_step
        assert factor is not None
        assert f"{name}: vanishing, × {factor_text(factor)} per step" in words(app)


@pytest.mark.parametrize("gates", ["learned", "rnn", "custom"])
def test_the_python_lines_give_the_line_again(gates: str, tmp_path: Path) -> None:
    chosen = Workspace(model="parity", gates=gates, z=0.75, z_blend=1.0, units="0,2")
    shown, question = view.build(chosen), Question("answer", last=9)
    script = tmp_path / "lines.py"
    script.write_text(python_lines(shown, question), encoding="utf-8")
    given = runpy.run_path(str(script))
    expected = gru_line(shown.model, shown.x, shown.overrides, question)
    np.testing.assert_array_equal(given["line"].norms, expected.norms)
