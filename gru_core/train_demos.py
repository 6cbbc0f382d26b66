"""How each demo model is trained: one `Recipe` each, and the loop that follows it.

Seeded and on one thread, so a second run on the same machine gives the same files. A recipe may add
prices to the loss. None is needed to solve the task; they choose, among the solutions, one whose
gates do the work and can be read off a picture, and the card of the model says so.
"""

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from gru_core.demo_report import measure, write_readme
from gru_core.demos import DEMOS, demo_path
from gru_core.equations import ResetMode
from gru_core.formats.gatescope import save_model
from gru_core.model import GRU, SequenceModel
from gru_core.scan import gru_scan
from gru_core.tasks.adding import Adding
from gru_core.tasks.base import Batch, Task, card_of
from gru_core.tasks.brackets import Brackets
from gru_core.tasks.elnino import ElNino
from gru_core.tasks.parity import Parity
from gru_core.tasks.remember import RememberFirst


@dataclass(frozen=True)
class Recipe:
    """How one demo model is trained.

    task            what it is measured on
    lessons         (task, updates) one after the other: short sequences first, where that helps
    units           of the one layer
    chrono          longest time scale for the chrono initialisation of b_z (Tallec & Ollivier 2018,
                    arXiv:1804.11188, section 2.2: b_z = log U[1, T_max - 1]); None leaves b_z at 0
    price_recurrent times sum W_hh², so that the candidate cannot hold on to the past and Z has to
    price_reset     times mean R: R is open only where it is needed
    price_undecided times mean Z (1 - Z), from the second third on: Z keeps or overwrites, little between
    price_writing   times mean 1 - Z, from the second third on: a unit that need not change is left alone
    price_readout   times sum of the readout's weights²: H has to use its range to be heard
    """

    task: Task
    lessons: tuple[tuple[Task, int], ...]
    units: int
    seed: int = 0
    reset_mode: ResetMode = "before"
    batch: int = 64
    learning_rate: float = 1e-2
    chrono: float | None = None
    price_recurrent: float = 0.0
    price_reset: float = 0.0
    price_undecided: float = 0.0
    price_writing: float = 0.0
    price_readout: float = 0.0

    @property
    def updates(self) -> int:
        """Updates in all."""
        return sum(updates for _, updates in self.lessons)


RECIPES: tuple[Recipe, ...] = (
    Recipe(
        RememberFirst(),
        ((RememberFirst(longest=15), 300), (RememberFirst(), 900)),
        units=16,
        seed=1,
        chrono=15,
        price_recurrent=3e-4,
        price_reset=0.05,
        price_undecided=6.0,
    ),
    Recipe(
        Parity(),
        ((Parity(longest=6), 300), (Parity(shortest=10, longest=20, uneven=True), 900)),
        units=4,
        seed=1,
        price_reset=0.05,
        price_undecided=1.0,
    ),
    Recipe(
        Brackets(),
        ((Brackets(longest=10), 300), (Brackets(longest=40), 700), (Brackets(), 1200)),
        units=10,
        chrono=20,
        price_reset=0.02,
        price_undecided=0.1,
        price_writing=0.5,
    ),
    Recipe(
        Adding(),
        ((Adding(longest=15), 400), (Adding(), 1600)),
        units=16,
        chrono=40,
        price_undecided=0.02,
    ),
    Recipe(
        ElNino(),
        ((ElNino(), 600),),
        units=16,
        batch=32,
        reset_mode="after",
        learning_rate=5e-3,
        chrono=12,
    ),
)
"""In the order of DEMOS."""


def fit(recipe: Recipe) -> SequenceModel:
    """A model trained as the recipe says: Adam, cosine learning rate, gradients clipped at norm 1."""
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    task = recipe.task
    gru = GRU(task.encoder.width, recipe.units, reset_mode=recipe.reset_mode)
    readout = nn.Linear(recipe.units, len(task.outputs))
    _start_biases(gru, recipe.chrono)
    model = SequenceModel(task.encoder, gru, readout, card_of(task, None))
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
    start = gru.initial_state(batch.x)[0]
    weight_x, weight_h, bias, bias_hh = gru.cell_weights(0)
    R, Z, _, H = gru_scan(batch.x, start, weight_x, weight_h, bias, bias_hh, **gru.scan_options)
    W_hh = weight_h[2 * recipe.units :]
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


def main(names: list[str]) -> None:
    """Train, measure, save and report."""
    torch.set_num_threads(1)
    for recipe in RECIPES:
        if recipe.task.name not in names:
            continue
        began = time.perf_counter()
        model = fit(recipe)
        seconds = time.perf_counter() - began
        accuracy = round(measure(model, recipe.task)["learned"], 4)
        model.card = replace(model.card, accuracy=accuracy)
        path = demo_path(recipe.task.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        save_model(model, path)
        print(f"{recipe.task.name}: {accuracy} after {recipe.updates} updates in {seconds:.0f} s")
    write_readme()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the demo models again.")
    parser.add_argument("names", nargs="*", choices=[[], *DEMOS], help="which ones; all without a name")
    main(parser.parse_args().names or list(DEMOS))
