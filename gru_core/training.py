"""Training a small model, step by step: `train` is a generator of frozen events and knows no screen.

    for event in train(RememberFirst(), TrainSpec()):
        if isinstance(event, Measured):
            print(event.update, event.loss, event.score)
    model = event.model                                   # the last event is an Ended

The same task and spec give the same events on one machine, to the last bit, also when the training was
interrupted and goes on from a checkpoint in between.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gru_core.baselines import BaselineModel
from gru_core.checkpoint import Checkpoint, Progress, checkpoint_of, go_back_to
from gru_core.learner import GateSummary, Learner, Traces
from gru_core.limits import MAX_TRAIN_SECONDS
from gru_core.model import Example, SequenceModel
from gru_core.scan import warm_kernels
from gru_core.sequences.examples import example_sequence
from gru_core.tasks.base import Task
from gru_core.training_spec import TrainSpec

DIVERGED = 10.0
"""A held-out loss this many times that of the untrained model (or 1, if that is more) counts as diverged."""

DATA_SEED = 1_000_003
"""Added to the seed for the generator of the data, which the first weights must not depend on."""

Reason = Literal["finished", "reached", "paused", "stopped", "time", "diverged"]


@dataclass(frozen=True, eq=False)
class Measured:
    """The model after `update` updates.

    train_loss  mean over the updates since the last measurement; train_score on the last batch; both None
                before the first update
    loss, score on held-out sequences, always the same ones
    first_step_gradient  mean norm of d loss / d X_1 over held-out sequences: what reaches the first step
    gates       per gate, a summary over held-out sequences
    seconds     computed so far; update_seconds of it spent on updates, the rest on measuring
    """

    update: int
    train_loss: float | None
    train_score: float | None
    loss: float
    score: float
    first_step_gradient: float
    gates: Mapping[str, GateSummary]
    learned_at: int | None
    seconds: float
    update_seconds: float


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The probe under the weights after `update` updates, and where the training stands.

    traces   one per layer, of `probe_of(task)`; answers (time, outputs) to it
    weights  copies of the model's parameters by name
    """

    update: int
    traces: Traces
    answers: NDArray[Any]
    weights: Mapping[str, Tensor] = field(repr=False)
    checkpoint: Checkpoint = field(repr=False)


@dataclass(frozen=True, eq=False)
class Ended:
    """The last event.

    reason      "finished": all updates are done; "reached": the score of `stop_at`; "paused": `until`;
                "stopped": somebody said so; "time": the time allowed is over; "diverged": the loss is not a
                number any more, or grew beyond DIVERGED times what it was
    model       as it is now; after a divergence as it was when last measured well
    checkpoint  to go on from
    learned_at  the first measured update at which the task counted as learned
    """

    update: int
    reason: Reason
    model: SequenceModel | BaselineModel
    checkpoint: Checkpoint = field(repr=False)
    learned_at: int | None
    score: float


Event = Measured | Snapshot | Ended


def train(
    task: Task,
    spec: TrainSpec,
    *,
    resume: Checkpoint | None = None,
    until: int | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    on_update: Callable[[int], None] = lambda update: None,
    seconds: float = MAX_TRAIN_SECONDS,
) -> Iterator[Event]:
    """Trains a new model; yields Measured and Snapshot events, and one Ended as the last.

    resume       goes on from there, with exactly the numbers that an uninterrupted training has
    until        pauses after that many updates in all
    should_stop  asked at every update; what was learned is kept
    on_update    told after every update how many are done
    seconds      time allowed for this call, by the clock on the wall

    Raises InputError when `resume` belongs to a training of other sizes.
    """
    return _Training(task, spec, resume).run(until, should_stop, on_update, seconds)


def probe_of(task: Task) -> tuple[Example, NDArray[np.float32]]:
    """The sequence that snapshots trace, and what the model reads of it (time, inputs)."""
    example = task.examples()[0]
    return example, task.encoder.encode(example_sequence(example, task.encoder))


class _Training:
    """The state of one call of `train`."""

    def __init__(self, task: Task, spec: TrainSpec, resume: Checkpoint | None) -> None:
        warm_kernels()  # one engine from the first update to the last: another one rounds differently
        self.task, self.spec = task, spec
        self.learner = Learner(task, spec)
        self.optimiser = torch.optim.Adam(self.learner.trained, lr=spec.learning_rate)
        self.generator = torch.Generator().manual_seed(spec.seed + DATA_SEED)
        self.probe = probe_of(task)[1]
        self.progress = Progress()
        self.resumed = resume is not None
        if resume is not None:
            self.progress = go_back_to(resume, self.learner.model, self.optimiser, self.generator)
        self.good = self.stand()
        self.score = math.nan
        self.batch_score: Callable[[], float] | None = None

    def run(
        self,
        until: int | None,
        should_stop: Callable[[], bool],
        on_update: Callable[[int], None],
        seconds: float,
    ) -> Iterator[Event]:
        spec, start = self.spec, time.perf_counter()
        last = spec.steps if until is None else min(until, spec.steps)
        evaluations, snapshots = frozenset(spec.evaluations), spec.snapshot_updates
        reason: Reason | None = None
        if not self.resumed:
            yield self.measured()
            self.good = self.stand()
            yield self.snapshot()
        while reason is None and self.progress.update < last:
            if should_stop():
                reason = "stopped"
            elif time.perf_counter() - start > seconds:
                reason = "time"
            elif not self.step():
                reason = "diverged"
            else:
                on_update(self.progress.update)
                if self.progress.update not in evaluations:
                    continue
                event = self.measured()
                if self.has_diverged(event.loss):
                    reason = "diverged"
                    break
                yield event
                self.progress = replace(self.progress, loss_sum=0.0, loss_count=0)
                self.good = self.stand()
                if self.progress.update in snapshots:
                    yield self.snapshot()
                if spec.stop_at is not None and self.progress.streak >= 2:
                    reason = "reached"
        yield from self.end(reason or ("finished" if last == spec.steps else "paused"))

    def end(self, reason: Reason) -> Iterator[Event]:
        """The model is measured and snapped where it ended, wherever that is."""
        if reason == "diverged":
            self.progress = go_back_to(self.good, self.learner.model, self.optimiser, self.generator)
        elif self.batch_score and self.progress.update not in frozenset(self.spec.evaluations):
            # Beside the plan: nothing that decides the further training may come to know of it.
            planned = self.progress
            yield self.measured()
            self.progress = replace(planned, seconds=self.progress.seconds)
        if self.progress.update not in self.spec.snapshot_updates:
            yield self.snapshot()
        _, score = self.learner.measure()
        model = copy.deepcopy(self.learner.model).eval()
        model.card = replace(model.card, accuracy=score)
        yield Ended(self.progress.update, reason, model, self.stand(), self.progress.learned_at, score)

    def step(self) -> bool:
        """One update; False when the loss is not a number any more."""
        began = time.perf_counter()
        batch = self.task.batch(self.spec.batch_size, self.generator)
        self.optimiser.zero_grad()
        output = self.learner.readout(batch.x)
        loss = self.learner.loss(output, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(self.learner.trained, self.spec.clip)
        self.optimiser.step()
        value = float(loss.detach())
        self.batch_score = lambda: self.task.score(output.detach(), batch.target, batch.mask)
        took = time.perf_counter() - began
        self.progress = replace(
            self.progress,
            update=self.progress.update + 1,
            seconds=self.progress.seconds + took,
            update_seconds=self.progress.update_seconds + took,
            loss_sum=self.progress.loss_sum + value,
            loss_count=self.progress.loss_count + 1,
        )
        return math.isfinite(value)

    def measured(self) -> Measured:
        began = time.perf_counter()
        loss, score = self.learner.measure()
        now, spec = self.progress, self.spec
        first = loss if now.first_loss is None else now.first_loss
        reached = spec.stop_at is not None and score >= spec.stop_at
        learned = now.learned_at
        if learned is None and self.task.learned is not None and score >= self.task.learned:
            learned = now.update
        gradient = self.learner.first_step_gradient()
        gates = self.learner.gate_summaries() if math.isfinite(loss) else {}
        self.progress = replace(
            now,
            first_loss=first,
            streak=now.streak + 1 if reached else 0,
            learned_at=learned,
            seconds=now.seconds + time.perf_counter() - began,
        )
        return Measured(
            update=now.update,
            train_loss=now.loss_sum / now.loss_count if now.loss_count else None,
            train_score=self.batch_score() if self.batch_score else None,
            loss=loss,
            score=score,
            first_step_gradient=gradient,
            gates=gates,
            learned_at=learned,
            seconds=self.progress.seconds,
            update_seconds=now.update_seconds,
        )

    def has_diverged(self, loss: float) -> bool:
        return not math.isfinite(loss) or loss > DIVERGED * max(self.progress.first_loss or 1.0, 1.0)

    def snapshot(self) -> Snapshot:
        weights = {name: tensor.clone() for name, tensor in self.learner.model.state_dict().items()}
        traces = self.learner.trace(self.probe[None])
        answers = self.learner.answers(self.probe)
        return Snapshot(self.progress.update, traces, answers, weights, self.stand())

    def stand(self) -> Checkpoint:
        return checkpoint_of(self.learner.model, self.optimiser, self.generator, self.progress)


def race(
    task: Task,
    specs: Sequence[TrainSpec],
    *,
    resume: Sequence[Checkpoint | None] = (),
    until: int | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    on_update: Callable[[int, int], None] = lambda lane, update: None,
    seconds: float = MAX_TRAIN_SECONDS,
) -> Iterator[tuple[int, Event]]:
    """Several models on the same task, in turns from one measurement to the next: (lane, event) pairs.

    With the same seed all of them learn from the same batches. `seconds` is for all of them together;
    `on_update` is told the lane and its updates done.
    """
    given = [*resume, *[None] * (len(specs) - len(resume))]
    running: dict[int, Iterator[Event]] = {
        lane: train(
            task,
            spec,
            resume=checkpoint,
            until=until,
            should_stop=should_stop,
            on_update=partial(on_update, lane),
            seconds=seconds,
        )
        for lane, (spec, checkpoint) in enumerate(zip(specs, given, strict=True))
    }
    while running:
        for lane, events in list(running.items()):
            for event in events:
                yield lane, event
                if isinstance(event, Ended):
                    del running[lane]
                if isinstance(event, Measured):
                    break
