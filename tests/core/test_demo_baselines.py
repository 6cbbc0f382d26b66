"""The RNN and the LSTM beside each demo model: as good as they say, and refused where there are none."""

import pytest

from gru_core import demo_baselines
from gru_core.demo_baselines import BASELINES, has_baselines, load_baseline
from gru_core.demos import DEMOS, demo_path
from gru_core.errors import InputError, ModelFileError
from gru_core.formats import load_model
from gru_core.recipes import RECIPES
from gru_core.tasks.evaluation import baseline_score

RECIPE = {recipe.task.name: recipe for recipe in RECIPES}


@pytest.mark.parametrize("name", DEMOS)
@pytest.mark.parametrize("kind", BASELINES)
def test_a_baseline_is_as_large_as_its_demo_and_as_good_as_its_card_says(name, kind):
    demo, task = load_model(demo_path(name)), RECIPE[name].task
    model = load_baseline(demo, kind)
    assert (model.kind, model.core.hidden_size) == (kind, demo.gru.hidden_size)
    assert model.core.num_layers == demo.gru.num_layers
    assert not model.training
    assert model.card.accuracy == pytest.approx(baseline_score(model, task), abs=1e-4)
    # Each has learned its task: what is compared is how, not whether.
    assert model.card.accuracy > task.chance + 0.15


def test_a_model_without_baselines_is_told_apart(tmp_path, monkeypatch):
    assert all(has_baselines(name) for name in DEMOS)
    assert not has_baselines("somebody's own")
    demo = load_model(demo_path(DEMOS[0]))
    monkeypatch.setattr(demo_baselines, "demo_path", lambda name: tmp_path / name)
    assert not has_baselines(DEMOS[0])
    with pytest.raises(
        ModelFileError, match=r"remember-rnn\.safetensors of the RNN .* is missing or damaged"
    ):
        load_baseline(demo, "rnn")
    monkeypatch.undo()
    demo.card = load_model(demo_path(DEMOS[0])).card.__class__("own", "Own")
    with pytest.raises(InputError, match="There is no demo model 'own'"):
        load_baseline(demo, "rnn")
