"""Trains the RNN and the LSTM beside each demo model, with gru_core.training and the demo's own recipe.

Seeded and on one thread, so a second run on the same machine gives the same files.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import torch

from gru_core.baselines import Baseline, BaselineModel
from gru_core.checkpoint import Checkpoint
from gru_core.demo_baselines import BASELINES, save_baseline
from gru_core.recipes import RECIPES, Recipe
from gru_core.training import Ended, train
from gru_core.training_spec import TrainSpec

MOST_SECONDS = 3600.0
"""Beyond this a training is given up."""


def spec_of(recipe: Recipe, kind: Baseline) -> TrainSpec:
    """The demo's own settings, for another cell; without prices, which are about R and Z."""
    return TrainSpec(
        cell=kind,
        hidden_size=recipe.units,
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
    for task, updates in recipe.lessons:
        done += updates
        *_, ended = train(task, spec, resume=stand, until=done, seconds=MOST_SECONDS)
        assert isinstance(ended, Ended)
        stand = ended.checkpoint
    assert isinstance(ended.model, BaselineModel)
    return ended.model


def main(names: Sequence[str]) -> None:
    """Train, measure and save the baselines of these demo models."""
    torch.set_num_threads(1)
    for recipe in RECIPES:
        if recipe.task.name not in names:
            continue
        for kind in BASELINES:
            began = time.perf_counter()
            model = fit_baseline(recipe, kind)
            assert model.card.accuracy is not None
            model.card = replace(model.card, accuracy=round(model.card.accuracy, 4))
            path = save_baseline(model, recipe.task.name)
            seconds = time.perf_counter() - began
            print(f"{path.stem}: {model.card.accuracy} after {recipe.updates} updates in {seconds:.0f} s")
