"""One model in training, whatever its cell: built from a task and a spec, run, traced and measured."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gru_core.baselines import BaselineModel, LSTMTrace, RNNTrace, trace_baseline
from gru_core.model import GRU, SequenceModel
from gru_core.tasks.base import Batch, Task, card_of
from gru_core.tasks.evaluation import HELD_OUT_SEED
from gru_core.trace import GateTrace, trace
from gru_core.training_spec import TrainSpec

BINS = 20
"""Bars of a gate's histogram, over [0, 1]."""

HELD_OUT_BATCHES, HELD_OUT_SIZE = 4, 64
"""How many held-out batches of how many sequences a training is measured on, always the same ones."""

TRACED_SEQUENCES = 32
"""How many held-out sequences the gate summaries and the gradient at the first step are over."""

Traces = Sequence[GateTrace | RNNTrace | LSTMTrace]


@dataclass(frozen=True)
class GateSummary:
    """One gate over held-out sequences, all layers, steps and units.

    counts  values in each of BINS equal parts of [0, 1]; closed, opened: share below 0.1 and above 0.9
    """

    mean: float
    closed: float
    opened: float
    counts: tuple[int, ...]


class Learner:
    """A model and what its training needs; `model` is a SequenceModel, or a BaselineModel to compare with."""

    def __init__(self, task: Task, spec: TrainSpec) -> None:
        self.task, self.spec = task, spec
        self.model = untrained_model(task, spec)
        self._start()
        drawn = torch.Generator().manual_seed(HELD_OUT_SEED)
        self.held_out = [task.held_out(HELD_OUT_SIZE, drawn)]
        # A held-out tail is one series, the same each time it is asked for.
        if len(self.held_out[0].x) == HELD_OUT_SIZE:
            self.held_out += [task.held_out(HELD_OUT_SIZE, drawn) for _ in range(HELD_OUT_BATCHES - 1)]

    @property
    def trained(self) -> list[nn.Parameter]:
        """The parameters that learn."""
        return [parameter for parameter in self.model.parameters() if parameter.requires_grad]

    @torch.no_grad()
    def _start(self) -> None:
        """The first weights, out of a generator of their own: nothing else may change what a seed gives."""
        generator = torch.Generator().manual_seed(self.spec.seed)
        bound = 1 / math.sqrt(self.spec.hidden_size)
        for parameter in self.trained:
            parameter.uniform_(-bound, bound, generator=generator)
        if self.spec.gate_bias == "chrono":
            self._chrono(generator)
        if isinstance(self.model, SequenceModel):
            for rows, value in held_rows(self.spec):
                _hold(self.model.gru, rows, value)

    def _chrono(self, generator: torch.Generator) -> None:
        units, longest = self.spec.hidden_size, max(self.task.steps, 3)
        for layer in range(self.spec.num_layers):
            drawn = torch.log(1 + torch.rand(units, generator=generator) * (longest - 2))
            if isinstance(self.model, SequenceModel):
                self.model.gru.cell(layer).bias[units : 2 * units] = drawn
            elif self.model.kind == "lstm":
                bias = getattr(self.model.core, f"bias_ih_l{layer}")
                bias[units : 2 * units], bias[:units] = drawn, -drawn

    def readout(self, x: Tensor) -> Tensor:
        """Readout (batch, time, outputs) of x (batch, time, inputs), frozen gates frozen."""
        if isinstance(self.model, BaselineModel):
            return self.model(x)
        states = self.model.gru(x, None, self.spec.overrides)[0]
        assert self.model.readout is not None
        result: Tensor = self.model.readout(states)
        return result

    def losses(self, output: Tensor, batch: Batch) -> Tensor:
        """Of each asked step: cross entropy in nats, or the mean squared error of standardised numbers."""
        given, wanted = output[batch.mask], batch.target[batch.mask]
        if self.task.answer == "class":
            return nn.functional.cross_entropy(given, wanted, reduction="none")
        return (given - wanted).square().mean(dim=-1)

    def loss(self, output: Tensor, batch: Batch) -> Tensor:
        """The mean over all asked steps of all sequences."""
        return self.losses(output, batch).mean()

    @torch.no_grad()
    def measure(self) -> tuple[float, float]:
        """Loss and score on held-out sequences, the means over the batches."""
        found = [(self.readout(batch.x), batch) for batch in self.held_out]
        losses = [float(self.loss(output, batch)) for output, batch in found]
        scores = [self.task.score(output, batch.target, batch.mask) for output, batch in found]
        return float(np.mean(losses)), float(np.mean(scores))

    def first_step_gradient(self) -> float:
        """Mean over held-out sequences of the norm of d loss / d X_1, the loss being the sequence's own."""
        batch = self.held_out[0]
        x = batch.x[:TRACED_SEQUENCES].clone().requires_grad_()
        part = Batch(x, batch.target[: len(x)], batch.mask[: len(x)])
        losses = self.losses(self.readout(x), part)
        # The sum of the sequences' own means: one that is asked more often does not count for more.
        share = (1 / part.mask.sum(dim=1, keepdim=True)).expand_as(part.mask)[part.mask]
        (gradient,) = torch.autograd.grad(losses @ share, x)
        return float(gradient[:, 0].norm(dim=-1).mean())

    def trace(self, x: Tensor | NDArray[np.float32]) -> Traces:
        """One trace per layer on x (batch, time, inputs), frozen gates frozen."""
        if isinstance(self.model, BaselineModel):
            return trace_baseline(self.model.core, x)
        return trace(self.model.gru, x, overrides=self.spec.overrides)

    def gate_summaries(self) -> Mapping[str, GateSummary]:
        """R and Z of a GRU, F, I and O of an LSTM, nothing of an RNN, on held-out sequences.

        Steps after the last question of a sequence do not count: a short sequence is filled up with them.
        """
        names = {"gru": ("R", "Z"), "lstm": ("F", "I", "O"), "rnn": ()}[self.spec.cell]
        if not names:
            return {}
        batch = self.held_out[0]
        traces = self.trace(batch.x[:TRACED_SEQUENCES])
        counts = batch.mask[:TRACED_SEQUENCES].flip(1).cummax(dim=1).values.flip(1).numpy()
        return {name: summarise([getattr(t, name)[counts] for t in traces]) for name in names}

    def answers(self, x: NDArray[np.float32]) -> NDArray[Any]:
        """Probabilities, or numbers in the units of the data (time, outputs) for x (time, inputs)."""
        with torch.no_grad():
            raw = self.readout(torch.tensor(x)[None])[0]
        if self.task.answer == "class":
            return torch.softmax(raw, dim=-1).numpy()
        return (raw * self.task.output_std + self.task.output_mean).numpy()


def held_rows(spec: TrainSpec) -> list[tuple[slice, float]]:
    """The rows of a GRU's weights that belong to gates held in training, and where each is held."""
    units = spec.hidden_size
    held = ((slice(0, units), spec.frozen_r), (slice(units, 2 * units), spec.frozen_z))
    return [(rows, value) for rows, value in held if value is not None]


def _hold(gru: GRU, rows: slice, value: float) -> None:
    """Weights that put a gate where training holds it, so that the model is the same wherever it goes.

    Nothing of the input or the state enters, and the bias is the logit; at 100 the sigmoid of a float is 1.
    """
    logit = math.log(value / (1 - value)) if 0 < value < 1 else math.copysign(100.0, value - 0.5)
    for index in range(len(gru.cells)):
        cell = gru.cell(index)
        cell.weight_x[rows], cell.weight_h[rows], cell.bias[rows] = 0.0, 0.0, logit


def learning_parameters(task: Task, spec: TrainSpec) -> int:
    """How many numbers learn; those of a held gate do not."""
    model = untrained_model(task, spec)
    count = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    if not isinstance(model, SequenceModel):
        return count
    rows = sum(part.stop - part.start for part, _ in held_rows(spec))
    cells = (model.gru.cell(index) for index in range(len(model.gru.cells)))
    return count - rows * sum(cell.input_size + cell.hidden_size + 1 for cell in cells)


def untrained_model(task: Task, spec: TrainSpec) -> SequenceModel | BaselineModel:
    """A model of the spec's sizes for the task, its weights not yet those of the spec's seed."""
    card, outputs = card_of(task, None), len(task.outputs)
    if spec.cell == "gru":
        gru = GRU(task.encoder.width, spec.hidden_size, spec.num_layers, reset_mode=spec.reset_mode)
        gru.notes = _frozen_note(spec)
        return SequenceModel(task.encoder, gru, nn.Linear(spec.hidden_size, outputs), card)
    return BaselineModel(spec.cell, task.encoder, spec.hidden_size, spec.num_layers, outputs, card)


def summarise(values: Sequence[NDArray[np.floating]]) -> GateSummary:
    """The summary of arrays of gate values in [0, 1]."""
    flat = np.concatenate([array.ravel() for array in values])
    counts, _ = np.histogram(flat, bins=BINS, range=(0.0, 1.0))
    closed, opened = float((flat < 0.1).mean()), float((flat > 0.9).mean())
    return GateSummary(float(flat.mean()), closed, opened, tuple(int(count) for count in counts))


def _frozen_note(spec: TrainSpec) -> tuple[str, ...]:
    gates = (("Z", spec.frozen_z), ("R", spec.frozen_r))
    held = [f"{gate} held at {value:g}" for gate, value in gates if value is not None]
    return (f"It was trained with {' and '.join(held)}, and its weights hold it there.",) if held else ()
