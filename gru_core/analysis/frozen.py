"""How well a task is still done when gates are frozen: the score at every place of the gate square.

At a place (R, Z) of a grid the gates of all units, or of some, are put there at every step, in all layers
and directions, and the task is done again on sequences that were not learned from. Each place gives the
score of `tasks.evaluation.held_out_score` with R and Z overridden.

All places of the grid run as one batch: a place is one more axis in front of the batch, and where every unit
is frozen no gate has to be computed at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gru_core.analysis.parcels import pack, unpack
from gru_core.equations import GATE_ACTIVATIONS
from gru_core.errors import InputError
from gru_core.jobs.parcel import Parcel
from gru_core.model import GRU, SequenceModel
from gru_core.recipes import RECIPES
from gru_core.tasks.base import Batch, Task
from gru_core.tasks.catalogue import TaskSpec
from gru_core.tasks.evaluation import HELD_OUT_SEED, held_out_score

GRID: Final = 11
"""Places along each side of the square: 0, 0.1, ... 1."""

BATCHES: Final = 8
BATCH: Final = 32
"""Sequences that a place is scored on: so many batches of so many."""

PIECE: Final = 4_000_000
"""Numbers that the states of one piece of work may have (16 MB); larger grids are worked off in pieces."""


@dataclass(frozen=True, eq=False)
class FrozenScores:
    """The score of a task at every place of a grid.

    values  (places,) where the gates are put, the same for R and Z, from 0 to 1
    scores  (places of Z, places of R)
    learned, chance  the score on the same sequences with the gates as learned, and that of guessing
    sequences  how many they are
    """

    values: NDArray[np.float64]
    scores: NDArray[np.float64]
    learned: float
    chance: float
    sequences: int

    @property
    def best(self) -> tuple[float, float, float]:
        """The highest score, and the R and the Z at which it is reached."""
        z, r = np.unravel_index(int(np.nanargmax(self.scores)), self.scores.shape)
        return float(self.scores[z, r]), float(self.values[r]), float(self.values[z])


def frozen_scores(
    model: SequenceModel,
    task: Task,
    units: Sequence[int] | None = None,
    *,
    grid: int = GRID,
    batches: int = BATCHES,
    size: int = BATCH,
    seed: int = HELD_OUT_SEED,
    on_progress: Callable[[float], bool] = lambda done: True,
) -> FrozenScores | None:
    """The scores at grid x grid places, of the gates of all units or of those named.

    `on_progress` is told the share that is done; where it answers False the work ends with None.
    Raises InputError for a model without a readout, and for a grid of less than 2 places a side.
    """
    if model.readout is None:
        raise InputError("This model has no readout, so it gives states but no answers to score.")
    if grid < 2:
        raise InputError(f"A grid needs at least 2 places a side, got {grid}.")
    values = np.linspace(0.0, 1.0, grid)
    Z, R = (side.reshape(-1) for side in np.meshgrid(values, values, indexing="ij"))
    drawn = held_out(task, batches, size, seed)
    scores = np.zeros((len(drawn), grid * grid))
    for row, batch in enumerate(drawn):
        piece = pieces(model.gru, batch, grid * grid)
        for start in range(0, grid * grid, piece):
            part = slice(start, start + piece)
            answers = frozen_readouts(model, batch.x, R[part], Z[part], units)
            scores[row, part] = [task.score(given, batch.target, batch.mask) for given in answers]
            if not on_progress((row + min(start + piece, grid * grid) / (grid * grid)) / len(drawn)):
                return None
    learned = held_out_score(model, task, batches=len(drawn), size=size, seed=seed)
    return FrozenScores(
        values=values,
        scores=scores.mean(axis=0).reshape(grid, grid),
        learned=learned,
        chance=task.chance,
        sequences=sum(len(batch.x) for batch in drawn),
    )


def held_out(task: Task, batches: int, size: int, seed: int = HELD_OUT_SEED) -> list[Batch]:
    """The batches that `held_out_score` draws; only the first where a task has the same ones every time."""
    generator = torch.Generator().manual_seed(seed)
    drawn = [task.held_out(size, generator) for _ in range(batches)]
    alike = all(torch.equal(batch.x, drawn[0].x) for batch in drawn[1:])
    return drawn[:1] if alike else drawn


def pieces(gru: GRU, batch: Batch, places: int) -> int:
    """How many places of a grid are computed together."""
    sequences, steps = batch.mask.shape
    width = max(gru.hidden_size * gru.num_directions, 1)
    return max(1, min(places, PIECE // (sequences * steps * width)))


@torch.no_grad()
def frozen_readouts(
    model: SequenceModel,
    x: Tensor,
    R: NDArray[np.floating[Any]],
    Z: NDArray[np.floating[Any]],
    units: Sequence[int] | None = None,
) -> Tensor:
    """The readouts (places, batch, time, outputs) of x (batch, time, inputs), gates frozen at each (R, Z)."""
    if model.readout is None:
        raise InputError("This model has no readout, so it gives states but no answers to score.")
    gru = model.gru
    x = x.to(gru.dtype)
    start = gru.initial_state(x)
    at_r, at_z = (torch.as_tensor(np.asarray(side), dtype=gru.dtype)[:, None, None] for side in (R, Z))
    free = None
    if units is not None:
        free = torch.ones(gru.hidden_size, dtype=torch.bool)
        free[list(units)] = False
    states = x[None]
    for layer in range(gru.num_layers):
        ways = [
            _scan(gru, layer * gru.num_directions + way, states, start, at_r, at_z, free, name == "backward")
            for way, name in enumerate(gru.directions)
        ]
        states = ways[0] if len(ways) == 1 else torch.cat(ways, dim=-1)
    answers: Tensor = model.readout(states.to(model.readout.weight.dtype))
    return answers


def _scan(
    gru: GRU,
    index: int,
    x: Tensor,
    start: Tensor,
    at_r: Tensor,
    at_z: Tensor,
    free: Tensor | None,
    backwards: bool,
) -> Tensor:
    """H (places, batch, time, units) of one layer and direction; x has one place, or all of them.

    `free` (units,) is True for the units whose gates move as learned; None where there are none.
    """
    cell = gru.cell(index)
    activate = GATE_ACTIVATIONS[gru.gate_activation]
    places, (_, batch, steps, _) = len(at_r), x.shape
    into_h = x @ cell.W_xh + cell.b_h
    into_r, into_z = (None, None) if free is None else (x @ cell.W_xr + cell.b_r, x @ cell.W_xz + cell.b_z)
    H = torch.empty(places, batch, steps, gru.hidden_size, dtype=x.dtype)
    h = start[index].expand(places, batch, gru.hidden_size)
    R, Z = at_r, at_z
    for t in reversed(range(steps)) if backwards else range(steps):
        if free is not None and into_r is not None and into_z is not None:
            R = torch.where(free, activate(into_r[:, :, t] + h @ cell.W_hr), at_r)
            Z = torch.where(free, activate(into_z[:, :, t] + h @ cell.W_hz), at_z)
        recurrent = (R * h) @ cell.W_hh if gru.reset_mode == "before" else R * (h @ cell.W_hh + cell.b_hh)
        candidate = torch.tanh(into_h[:, :, t] + recurrent)
        h = torch.lerp(candidate, h, Z.expand_as(candidate))
        H[:, :, t] = h
    return H


def demo_task(name: str) -> Task:
    """What a demo model is measured on. Raises InputError for another name."""
    for recipe in RECIPES:
        if recipe.task.name == name:
            return recipe.task
    raise InputError(f"There is no demo model {name!r}.")


def frozen_parcel(
    model: SequenceModel,
    task: str | TaskSpec,
    units: Sequence[int] | None = None,
    *,
    grid: int = GRID,
    batches: int = BATCHES,
) -> Parcel:
    """The work for `score_places`; `task` is the name of the demo model whose task it is, or a TaskSpec."""
    head: dict[str, Any] = {
        "task": {"demo": task} if isinstance(task, str) else {"spec": task.to_dict()},
        "units": None if units is None else list(units),
        "grid": grid,
        "batches": batches,
    }
    # The sequence of the parcel is not used: the task brings its own.
    return pack(model, np.zeros((1, 1), np.float32), **head)


def score_places(parcel: Parcel, tell: Callable[[Parcel], None], heard: Callable[[], str | None]) -> Parcel:
    """The work of a worker: `frozen_scores`, as `read_scores` reads it; ends early when it hears anything."""
    packed = unpack(parcel)
    if packed.model is None:
        raise InputError("A bare GRU has no answers to score: send the model around it.")
    head = packed.head
    asked = head["task"]
    task = demo_task(asked["demo"]) if "demo" in asked else TaskSpec.from_dict(asked["spec"]).make()

    def on_progress(done: float) -> bool:
        tell(Parcel({"done": done}))
        return heard() is None

    found = frozen_scores(
        packed.model,
        task,
        head["units"],
        grid=head["grid"],
        batches=head["batches"],
        on_progress=on_progress,
    )
    if found is None:
        return Parcel({})
    said = {"learned": found.learned, "chance": found.chance, "sequences": found.sequences}
    return Parcel(said, {"scores": found.scores.tobytes()})


def read_scores(parcel: Parcel) -> FrozenScores:
    """What `score_places` sent."""
    scores = np.frombuffer(parcel.blobs["scores"])
    grid = round(len(scores) ** 0.5)
    return FrozenScores(np.linspace(0.0, 1.0, grid), scores.reshape(grid, grid).copy(), **parcel.head)
