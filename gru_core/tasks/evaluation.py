"""How well a model does a task on sequences it never learned from, with its gates as learned or forced."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from gru_core.baselines import BaselineModel
from gru_core.errors import InputError
from gru_core.model import SequenceModel
from gru_core.overrides import GateOverride
from gru_core.tasks.base import Task
from gru_core.trace import last_output, trace

HELD_OUT_SEED = 20_260
"""Seed of the sequences that scores are measured on; training never draws from it."""


def held_out_score(
    model: SequenceModel,
    task: Task,
    overrides: Sequence[GateOverride] = (),
    *,
    batches: int = 32,
    size: int = 32,
    seed: int = HELD_OUT_SEED,
) -> float:
    """The task's metric over `batches` x `size` held-out sequences, the mean over the batches.

    Where the task has one held-out part, the same at every time of asking, that is scored once.

    Raises InputError for a model without a readout.
    """
    return _mean_score(task, lambda x: readouts(model, x, overrides), batches, size, seed)


@torch.no_grad()
def baseline_score(model: BaselineModel, task: Task, *, batches: int = 32, size: int = 32) -> float:
    """The same of an RNN or an LSTM, on the same sequences."""
    return _mean_score(task, model, batches, size, HELD_OUT_SEED)


def _mean_score(task: Task, answer: Callable[[Tensor], Tensor], batches: int, size: int, seed: int) -> float:
    generator = torch.Generator().manual_seed(seed)
    scores: list[float] = []
    last: Tensor | None = None
    for batch in (task.held_out(size, generator) for _ in range(batches)):
        if last is not None and torch.equal(batch.x, last):
            break
        scores.append(task.score(answer(batch.x), batch.target, batch.mask))
        last = batch.x
    return float(np.mean(scores))


@torch.no_grad()
def readouts(model: SequenceModel, x: Tensor, overrides: Sequence[GateOverride] = ()) -> Tensor:
    """Readout (batch, time, outputs) of x (batch, time, inputs) with some gates forced.

    Raises InputError for a model without a readout.
    """
    if model.readout is None:
        raise InputError("This model has no readout, so it gives states but no answers to score.")
    states = torch.tensor(last_output(trace(model.gru, x, overrides=overrides)), dtype=x.dtype)
    answers: Tensor = model.readout(states)
    return answers
