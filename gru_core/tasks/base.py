"""What every task offers: seeded batches, examples for people, and an honest score."""

from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from gru_core.model import Example, ModelCard
from gru_core.sequences.encoders import Encoder


@dataclass(frozen=True, eq=False)
class Batch:
    """Sequences of one length with their right answers.

    x       (batch, time, inputs) float32, as the encoder of the task gives it; zeros after the end of a
            sequence that is shorter than the longest of its batch
    target  class indices (batch, time) int64; or numbers (batch, time, outputs) float32, standardised
            by `output_mean` and `output_std` of the task
    mask    (batch, time) bool, True where an answer is asked; the target means nothing elsewhere
    """

    x: Tensor
    target: Tensor
    mask: Tensor


class Task(Protocol):
    """Something a small model can be trained on. A task is a frozen value: the same seed, the same batches.

    name, title  its key, and what it is called on the screen
    task         what is asked, one sentence for a newcomer
    remember     what one must keep in mind to answer
    answer       "class": logits over `outputs`; "number": one number per name in `outputs`
    when         at which steps an answer is asked
    metric       what `score` measures; 1 is perfect
    chance       what guessing scores, the guess said in `guess`
    learned      the held-out score from which the task counts as learned; None where there is no such score
    steps        steps of the longest sequence it is learned from
    source       where the task is from
    encoder      from symbols or numbers to what the model reads
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def task(self) -> str: ...
    @property
    def remember(self) -> str: ...
    @property
    def answer(self) -> Literal["class", "number"]: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...
    @property
    def when(self) -> Literal["every step", "last step"]: ...
    @property
    def metric(self) -> str: ...
    @property
    def chance(self) -> float: ...
    @property
    def guess(self) -> str: ...
    @property
    def learned(self) -> float | None: ...
    @property
    def steps(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def output_mean(self) -> float: ...
    @property
    def output_std(self) -> float: ...
    @property
    def encoder(self) -> Encoder: ...

    def batch(self, size: int, generator: torch.Generator) -> Batch:
        """`size` sequences to learn from; the generator decides everything that is random."""
        ...

    def held_out(self, size: int, generator: torch.Generator) -> Batch:
        """Sequences for the score: fresh ones, or the part of the data that is never learned from."""
        ...

    def examples(self) -> tuple[Example, ...]:
        """Sequences to look at, with their right answers; the first is an ordinary one of its length."""
        ...

    def in_words(self) -> str:
        """One example in words, always the same: what is read, what the right answer is, and when."""
        ...

    def score(self, output: Tensor, target: Tensor, mask: Tensor) -> float:
        """The metric of readouts (batch, time, outputs) against a Batch's target and mask."""
        ...


class ClassTask:
    """The parts that tasks with a class as answer share.

    A made-up task can be solved without a mistake: it counts as learned when 99 of 100 answers are right.
    """

    answer: Literal["class", "number"] = "class"
    learned: float | None = 0.99
    metric = "share of answers that are right"
    output_mean = 0.0
    output_std = 1.0

    def score(self, output: Tensor, target: Tensor, mask: Tensor) -> float:
        """The share of asked steps at which the likeliest class is the right one."""
        return float((output.argmax(dim=-1) == target)[mask].double().mean())


class NumberTask:
    """The parts that tasks with a number as answer share."""

    answer: Literal["class", "number"] = "number"
    metric = "share of the variance explained (R²)"

    def score(self, output: Tensor, target: Tensor, mask: Tensor) -> float:
        """R² = 1 - sum (target - output)² / sum (target - mean target)² over the asked steps."""
        wanted, given = target[mask].double(), output[mask].double()
        return float(1 - (wanted - given).square().sum() / (wanted - wanted.mean()).square().sum())


def every_step(x: Tensor) -> Tensor:
    """The mask (batch, time) that asks at every step of x (batch, time, inputs)."""
    return torch.ones(x.shape[:2], dtype=torch.bool)


def last_step(x: Tensor) -> Tensor:
    """The mask (batch, time) that asks at the last step of x (batch, time, inputs)."""
    mask = torch.zeros(x.shape[:2], dtype=torch.bool)
    mask[:, -1] = True
    return mask


def draw_length(shortest: int, longest: int, generator: torch.Generator) -> int:
    """A length between the two, both included, each as likely."""
    return int(torch.randint(shortest, longest + 1, (1,), generator=generator))


def card_of(task: Task, accuracy: float | None) -> ModelCard:
    """The ModelCard of a model trained on the task, with its held-out score."""
    return ModelCard(
        name=task.name,
        title=task.title,
        task=task.task,
        remember=task.remember,
        answer=task.answer,
        outputs=task.outputs,
        when=task.when,
        metric=task.metric,
        accuracy=accuracy,
        chance=task.chance,
        output_mean=task.output_mean,
        output_std=task.output_std,
        source=task.source,
        examples=task.examples(),
    )
