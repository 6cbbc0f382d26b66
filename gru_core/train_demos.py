"""Trains the demo models as their recipes say, measures them and writes assets/README.md.

Seeded and on one thread, so a second run on the same machine gives the same files.
"""

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn

from gru_core.demo_baselines import BASELINES, save_baseline
from gru_core.demo_report import write_readme
from gru_core.demos import DEMOS, demo_path
from gru_core.formats.gatescope import save_model
from gru_core.model import GRU, SequenceModel
from gru_core.recipes import RECIPES, Recipe
from gru_core.scan import gru_scan, warm_kernels
from gru_core.tasks.base import Batch, card_of
from gru_core.tasks.evaluation import held_out_score
from gru_core.train_baselines import fit_baseline


def fit(recipe: Recipe) -> SequenceModel:
    """A model trained as the recipe says: Adam, cosine learning rate, gradients clipped at norm 1.

    Or set by hand, where the recipe has that.

    Draws from, and seeds, torch's global generator.
    """
    warm_kernels()  # one engine from the first update to the last: another one rounds differently
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    task = recipe.task
    gru = GRU(task.encoder.width, recipe.units, recipe.layers, reset_mode=recipe.reset_mode)
    readout = nn.Linear(recipe.units, len(task.outputs))
    _start_biases(gru, recipe.chrono)
    model = SequenceModel(task.encoder, gru, readout, card_of(task, None))
    if recipe.by_hand is not None:
        recipe.by_hand(gru, readout)
        return model.eval()
    optimiser = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate)
    for update, batch in enumerate(_batches(recipe, generator)):
        done = update / recipe.updates
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * (0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2)
        optimiser.zero_grad()
        _loss(model, readout, batch, recipe, done).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    return model.eval()


def _batches(recipe: Recipe, generator: torch.Generator) -> Iterator[Batch]:
    for task, updates in recipe.lessons:
        for _ in range(updates):
            yield task.batch(recipe.batch, generator)


@torch.no_grad()
def _start_biases(gru: GRU, chrono: float | None) -> None:
    units = gru.hidden_size
    for bias in (parameter for name, parameter in gru.named_parameters() if name.endswith("bias")):
        bias.zero_()
        if chrono is not None:
            bias[units : 2 * units] = torch.log(1 + torch.rand(units) * (chrono - 2))


def _loss(model: SequenceModel, readout: nn.Linear, batch: Batch, recipe: Recipe, done: float) -> Tensor:
    gru = model.gru
    start = gru.initial_state(batch.x)
    scans, read = [], batch.x
    for layer in range(recipe.layers):
        scans.append(gru_scan(read, start[layer], *gru.cell_weights(layer), **gru.scan_options))
        read = H = scans[-1][3]
    R, Z = scans[0][:2]
    W_hh = gru.cell_weights(0)[1][2 * recipe.units :]
    output = readout(H)[batch.mask]
    wanted = batch.target[batch.mask]
    if recipe.task.answer == "class":
        loss = nn.functional.cross_entropy(output, wanted)
    else:
        loss = nn.functional.mse_loss(output, wanted)
    loss = loss + recipe.price_recurrent * W_hh.square().sum() + recipe.price_reset * R.mean()
    loss = loss + recipe.price_readout * readout.weight.square().sum()
    if done > 1 / 3:
        # The first step is one of many but the one that writes, so it counts as much as all the others.
        undecided = Z * (1 - Z)
        loss = loss + recipe.price_undecided * (undecided[:, 0].mean() + undecided[:, 1:].mean())
        loss = loss + recipe.price_writing * (1 - Z).mean()
    return loss


def main(names: list[str], baselines: bool = False) -> None:
    """Train, measure, save and report: the demo models, or the RNN and the LSTM beside each."""
    torch.set_num_threads(1)
    for recipe in RECIPES:
        if recipe.task.name in names:
            for line in _train_baselines(recipe) if baselines else (_train_demo(recipe),):
                print(line)
    write_readme()


def _train_demo(recipe: Recipe) -> str:
    began = time.perf_counter()
    model = fit(recipe)
    seconds = time.perf_counter() - began
    accuracy = round(held_out_score(model, recipe.task), 4)
    model.card = replace(model.card, accuracy=accuracy)
    path = demo_path(recipe.task.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(model, path)
    path.chmod(0o644)  # readable by whoever serves the app, as every other file of the project
    return f"{recipe.task.name}: {accuracy} after {recipe.updates} updates in {seconds:.0f} s"


def _train_baselines(recipe: Recipe) -> Iterator[str]:
    for kind in BASELINES:
        model = fit_baseline(recipe, kind)
        path = save_baseline(model, recipe.task.name)
        yield f"{path.stem}: {model.card.accuracy} after {recipe.updates} updates"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the demo models again.")
    parser.add_argument("names", nargs="*", choices=[[], *DEMOS], help="which ones; all without a name")
    parser.add_argument("--baselines", action="store_true", help="the RNN and the LSTM beside them instead")
    options = parser.parse_args()
    main(options.names or list(DEMOS), options.baselines)
