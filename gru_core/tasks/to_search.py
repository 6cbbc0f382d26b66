"""The data set of a model as sequences that can be read, searched and opened: what its task holds out."""

import numpy as np
import torch

from gru_core.model import SequenceModel
from gru_core.recipes import RECIPES
from gru_core.sequences.encoders import NumberEncoder, SymbolEncoder
from gru_core.sequences.examples import demo_sequence, example_sequence
from gru_core.sequences.sequence import Sequence
from gru_core.sequences.symbols import sequence_from_symbols
from gru_core.tasks.base import Task
from gru_core.tasks.catalogue import TASKS, TaskSpec
from gru_core.tasks.elnino import ElNino
from gru_core.tasks.evaluation import HELD_OUT_SEED
from gru_core.tasks.letters import Letters

BATCH = 32


def task_of(model: SequenceModel) -> Task | None:
    """The task that a model was trained on, where it is known here and its data are not a person's own."""
    name = model.card.name
    tasks = [recipe.task for recipe in RECIPES if recipe.task.name == name]
    if name in TASKS and TASKS[name].kind != "own":
        tasks.append(TaskSpec(name).make())
    return next((task for task in tasks if task.encoder == model.encoder), None)


def sequences_of(model: SequenceModel, most: int) -> tuple[Sequence, ...]:
    """The model's data set, as many sequences as have `most` steps together; () where it has none.

    What its task holds out, or fresh sequences of it; without a task the examples on its card.
    """
    task = task_of(model)
    if task is None:
        count = len(model.card.examples)
        return _within(tuple(demo_sequence(model, index) for index in range(count)), most)
    return _within(_of_task(task, most), most)


def _of_task(task: Task, most: int) -> tuple[Sequence, ...]:
    if isinstance(task, Letters):
        return tuple(sequence_from_symbols(part, "") for part in task.stretches())
    if isinstance(task, ElNino):
        examples = task.examples()
        return tuple(
            example_sequence(examples[index], task.encoder, examples[index].title) for index in (1, 4)
        )
    return _drawn(task, most)


def _drawn(task: Task, most: int) -> tuple[Sequence, ...]:
    generator = torch.Generator().manual_seed(HELD_OUT_SEED)
    found: list[Sequence] = []
    steps, last = 0, None
    while steps < most:
        batch = task.held_out(BATCH, generator)
        if last is not None and torch.equal(batch.x, last):
            break
        last = batch.x
        for x, mask in zip(batch.x, batch.mask, strict=True):
            length = int(mask.nonzero().max()) + 1
            found.append(_sequence(task, x[:length].numpy()))
            steps += length
    return tuple(found)


def _sequence(task: Task, x: np.ndarray) -> Sequence:
    """What the model reads (time, inputs) as a person would have given it."""
    encoder = task.encoder
    if isinstance(encoder, SymbolEncoder):
        labels = tuple(encoder.vocabulary[index] for index in x.argmax(axis=1))
        return Sequence(x, labels, encoder.vocabulary, symbolic=True)
    assert isinstance(encoder, NumberEncoder)
    values = x * np.array(encoder.std, np.float32) + np.array(encoder.mean, np.float32)
    return Sequence(values, ("",) * len(values), encoder.names)


def _within(sequences: tuple[Sequence, ...], most: int) -> tuple[Sequence, ...]:
    """As many as have `most` steps together, from the first on."""
    steps = np.cumsum([len(sequence) for sequence in sequences])
    return sequences[: int(np.searchsorted(steps, most, side="right"))]
