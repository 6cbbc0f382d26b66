"""Trains the RNN and the LSTM beside each demo model, with gru_core.training and the demo's own recipe.

Seeded and on one thread, so a second run on the same machine gives the same files.
"""

from dataclasses import replace

from gru_core.baselines import Baseline, BaselineModel
from gru_core.checkpoint import Checkpoint
from gru_core.recipes import Recipe
from gru_core.tasks.evaluation import baseline_score
from gru_core.training import Ended, train
from gru_core.training_spec import TrainSpec

MOST_SECONDS = 3600.0
"""Beyond this a training is given up."""


def spec_of(recipe: Recipe, kind: Baseline) -> TrainSpec:
    """The demo's own settings, for another cell; without prices, which are about R and Z."""
    return TrainSpec(
        cell=kind,
        hidden_size=recipe.units,
        num_layers=recipe.layers,
        learning_rate=recipe.learning_rate,
        batch_size=recipe.batch,
        steps=recipe.updates,
        gate_bias="standard" if recipe.chrono is None else "chrono",
        seed=recipe.seed,
        evaluate_every=recipe.updates,
        snapshots=2,
    )


def fit_baseline(recipe: Recipe, kind: Baseline) -> BaselineModel:
    """The baseline after the recipe's lessons one after the other, its held-out score on its card."""
    spec, done = spec_of(recipe, kind), 0
    stand: Checkpoint | None = None
    model: object = None
    for task, updates in recipe.lessons:
        done += updates
        for event in train(task, spec, resume=stand, until=done, seconds=MOST_SECONDS):
            if isinstance(event, Ended):
                stand, model = event.checkpoint, event.model
    assert isinstance(model, BaselineModel)
    model.card = replace(model.card, accuracy=round(baseline_score(model, recipe.task), 4))
    return model
