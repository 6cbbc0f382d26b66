"""A few updates of `train` are what torch's own layers, loss, clipping and Adam make of the same batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gru_core.equations import gru_step
from gru_core.learner import Learner
from gru_core.tasks.base import Batch
from gru_core.training import DATA_SEED, Ended, Measured, Snapshot, train
from gru_core.training_spec import TrainSpec
from tests.support.small_task import FirstOfThree, Kept, MeanOfThree

UNITS, UPDATES = 5, 5
CLOSE = 1e-5
IN_TORCH = {"weight_x": "weight_ih", "weight_h": "weight_hh", "bias": "bias_ih"}

Weights = Mapping[str, Tensor]


class ByHand(nn.Module):
    """A layer of torch's with a readout, or equations written out, from a training's first weights."""

    def __init__(self, weights: Weights, outputs: int = 3) -> None:
        super().__init__()
        self.readout = nn.Linear(UNITS, outputs)
        self.readout.load_state_dict({name: weights[f"readout.{name}"] for name in ("weight", "bias")})


class TorchGRU(ByHand):
    """torch.nn.GRU, two biases a gate: the second of R and of Z stays where it is, at 0."""

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self.layers = sum(name.endswith("weight_x") for name in weights)
        self.layer = nn.GRU(3, UNITS, self.layers, batch_first=True)
        learns = (torch.arange(3 * UNITS) >= 2 * UNITS).float()
        given: dict[str, Tensor] = {}
        for index in range(self.layers):
            cell = {name: weights[f"gru.cells.{index}.{name}"] for name in (*IN_TORCH, "bias_hh")}
            given |= {f"{theirs}_l{index}": cell[ours] for ours, theirs in IN_TORCH.items()}
            given[f"bias_hh_l{index}"] = torch.cat([torch.zeros(2 * UNITS), cell["bias_hh"]])
            second = getattr(self.layer, f"bias_hh_l{index}")
            second.register_hook(lambda gradient: gradient * learns)
        self.layer.load_state_dict(given)

    def forward(self, x: Tensor) -> Tensor:
        return self.readout(self.layer(x)[0])

    def as_trained(self) -> Weights:
        found: dict[str, Tensor] = {}
        for index in range(self.layers):
            found |= {
                f"gru.cells.{index}.{ours}": getattr(self.layer, f"{theirs}_l{index}")
                for ours, theirs in IN_TORCH.items()
            }
            second = getattr(self.layer, f"bias_hh_l{index}")
            assert not second[: 2 * UNITS].any()
            found[f"gru.cells.{index}.bias_hh"] = second[2 * UNITS :]
        return found


class Equations(ByHand):
    """The textbook's equations under autograd, one matrix for each symbol; "before"."""

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        x, h, b = (weights[f"gru.cells.0.{name}"].clone() for name in ("weight_x", "weight_h", "bias"))
        for index, gate in enumerate("rzh"):
            rows = slice(index * UNITS, (index + 1) * UNITS)
            setattr(self, f"W_x{gate}", nn.Parameter(x[rows].t().contiguous()))
            setattr(self, f"W_h{gate}", nn.Parameter(h[rows].t().contiguous()))
            setattr(self, f"b_{gate}", nn.Parameter(b[rows].clone()))

    def forward(self, x: Tensor) -> Tensor:
        H, answers = x.new_zeros(len(x), UNITS), []
        for t in range(x.shape[1]):
            H = gru_step(x[:, t], H, self, "before")[3]
            answers.append(self.readout(H))
        return torch.stack(answers, dim=1)

    def as_trained(self) -> Weights:
        joined = {
            name: torch.cat([getattr(self, f"{part}{gate}").t() for gate in "rzh"])
            for name, part in (("weight_x", "W_x"), ("weight_h", "W_h"))
        }
        joined["bias"] = torch.cat([getattr(self, f"b_{gate}") for gate in "rzh"])
        return {f"gru.cells.0.{name}": tensor for name, tensor in joined.items()}


class TorchLayer(ByHand):
    """torch.nn.RNN or torch.nn.LSTM with the second bias left at 0."""

    def __init__(self, weights: Weights, layer: type[nn.RNN | nn.LSTM]) -> None:
        super().__init__(weights)
        self.layer = layer(3, UNITS, num_layers=2, batch_first=True)
        core = {name.removeprefix("core."): w for name, w in weights.items() if name.startswith("core.")}
        self.layer.load_state_dict(core)
        for name, parameter in self.layer.named_parameters():
            if name.startswith("bias_hh"):
                assert not parameter.any()
                parameter.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        return self.readout(self.layer(x)[0])

    def as_trained(self) -> Weights:
        return {f"core.{name}": tensor for name, tensor in self.layer.state_dict().items()}


class CandidateRNN(ByHand):
    """torch.nn.RNN on the candidate's weights: what a GRU is whose Z is 0 and whose R is 1."""

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self.layer = nn.RNN(3, UNITS, batch_first=True)
        rows = slice(2 * UNITS, None)
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")
        given = [weights[f"gru.cells.0.{name}"][rows] for name in ("weight_x", "weight_h", "bias")]
        inner = weights.get("gru.cells.0.bias_hh")
        second = torch.zeros(UNITS) if inner is None else inner
        self.layer.load_state_dict(dict(zip(names, given, strict=True)) | {"bias_hh_l0": second})
        self.layer.bias_hh_l0.requires_grad_(inner is not None)

    def forward(self, x: Tensor) -> Tensor:
        return self.readout(self.layer(x)[0])


def train_by_hand(model: nn.Module, batches: list[Batch], clip: float) -> tuple[list[float], list[float]]:
    """The loss of every update, and the norm of its gradient before it was clipped."""
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.Adam(learning, lr=0.01)
    losses, norms = [], []
    for batch in batches:
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(model(batch.x)[:, -1], batch.target[:, -1])
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(learning, clip)))
        optimiser.step()
        losses.append(float(loss.detach()))
    return losses, norms


def events_of(task: Any, **changed: Any) -> tuple[list[Measured], list[Snapshot], Ended]:
    spec = TrainSpec(
        **{"hidden_size": UNITS, "batch_size": 9, "steps": UPDATES, "evaluate_every": 3} | changed
    )
    found = list(train(task, spec))
    assert isinstance(found[-1], Ended)
    measured = [event for event in found if isinstance(event, Measured)]
    return measured, [event for event in found if isinstance(event, Snapshot)], found[-1]


def distance(found: Weights, expected: Weights) -> float:
    return max(float((found[name] - tensor).detach().abs().max()) for name, tensor in expected.items())


CELLS: dict[str, tuple[dict[str, Any], Callable[[Weights], Any]]] = {
    "gru after": ({"reset_mode": "after"}, TorchGRU),
    "two layers": ({"reset_mode": "after", "num_layers": 2}, TorchGRU),
    "gru before": ({"reset_mode": "before"}, Equations),
    "rnn": ({"cell": "rnn", "num_layers": 2}, lambda weights: TorchLayer(weights, nn.RNN)),
    "lstm": ({"cell": "lstm", "num_layers": 2}, lambda weights: TorchLayer(weights, nn.LSTM)),
}


@pytest.mark.parametrize("clip", [0.05, 1000.0])
@pytest.mark.parametrize("cell", CELLS)
def test_five_updates_are_those_of_torch(cell: str, clip: float) -> None:
    settings, by_hand = CELLS[cell]
    task = Kept()
    measured, snapshots, ended = events_of(task, clip=clip, **settings)
    model = by_hand(snapshots[0].weights)
    assert len(task.drawn) == UPDATES
    losses, norms = train_by_hand(model, task.drawn, clip)
    assert all((norm > clip) == (clip < 1) for norm in norms)
    weights = ended.model.state_dict()
    expected = dict(model.as_trained()) | {
        f"readout.{name}": w for name, w in model.readout.state_dict().items()
    }
    assert set(expected) == set(weights)
    assert distance(weights, expected) < CLOSE
    # The weights went further than that.
    assert distance(snapshots[0].weights, weights) > 0.02
    assert [event.update for event in measured] == [0, 3, 5]
    assert measured[0].train_loss is measured[0].train_score is None
    assert measured[1].train_loss == pytest.approx(np.mean(losses[:3]), abs=CLOSE)
    assert measured[2].train_loss == pytest.approx(np.mean(losses[3:]), abs=CLOSE)


def test_the_score_of_the_last_batch_is_of_the_weights_it_was_learned_with() -> None:
    task = Kept()
    measured, snapshots, _ = events_of(task, evaluate_every=1, reset_mode="after")
    for event, before, batch in zip(measured[1:], snapshots, task.drawn, strict=False):
        with torch.no_grad():
            answers = TorchGRU(before.weights)(batch.x)[:, -1].argmax(dim=-1)
        assert event.train_score == int((answers == batch.target[:, -1]).sum()) / 9


def test_numbers_are_learned_by_their_mean_squared_error() -> None:
    measured, snapshots, _ = events_of(MeanOfThree(), steps=1, evaluate_every=1, batch_size=64)
    batch = MeanOfThree().batch(64, torch.Generator().manual_seed(DATA_SEED))
    by_hand = equations_of(snapshots[0].weights)
    errors = [
        float((by_hand(batch.x[row : row + 1])[0, step, 0] - batch.target[row, step, 0]).square())
        for row, step in batch.mask.nonzero().tolist()
    ]
    assert measured[1].train_loss == pytest.approx(np.mean(errors), rel=1e-5)


def equations_of(weights: Weights) -> Callable[[Tensor], Tensor]:
    """Readouts of a GRU "before" with one output, by the equations, for any width of the input."""
    w = SimpleNamespace()
    for index, gate in enumerate("rzh"):
        rows = slice(index * UNITS, (index + 1) * UNITS)
        for part, name in (("W_x", "weight_x"), ("W_h", "weight_h"), ("b_", "bias")):
            setattr(w, f"{part}{gate}", weights[f"gru.cells.0.{name}"][rows].t())

    def readouts(x: Tensor) -> Tensor:
        H, states = x.new_zeros(len(x), UNITS), []
        for t in range(x.shape[1]):
            H = gru_step(x[:, t], H, w, "before")[3]
            states.append(H)
        return torch.stack(states, 1) @ weights["readout.weight"].t() + weights["readout.bias"]

    return readouts


@pytest.mark.parametrize("mode", ["before", "after"])
def test_a_gru_held_at_its_extreme_learns_as_a_plain_rnn_does(mode: str) -> None:
    task = Kept()
    _, snapshots, ended = events_of(task, reset_mode=mode, frozen_z=0.0, frozen_r=1.0, clip=0.05)
    model = CandidateRNN(snapshots[0].weights)
    train_by_hand(model, task.drawn, 0.05)
    weights, rows = ended.model.state_dict(), slice(2 * UNITS, None)
    expected = {
        "weight_x": model.layer.weight_ih_l0,
        "weight_h": model.layer.weight_hh_l0,
        "bias": model.layer.bias_ih_l0,
    }
    found = {name: weights[f"gru.cells.0.{name}"][rows] for name in expected}
    assert distance(found, expected) < CLOSE
    assert distance({"w": weights["readout.weight"]}, {"w": model.readout.weight}) < CLOSE
    if mode == "after":
        assert distance({"b": weights["gru.cells.0.bias_hh"]}, {"b": model.layer.bias_hh_l0}) < CLOSE


def gradients_of(spec: TrainSpec) -> dict[str, Tensor]:
    learner, batch = Learner(FirstOfThree(), spec), FirstOfThree().batch(9, torch.Generator())
    learner.loss(learner.readout(batch.x), batch).backward()
    return {name: p.grad for name, p in learner.model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(
    ("frozen", "stays"),
    [
        ({"frozen_z": 0.25}, ("z",)),
        ({"frozen_r": 0.75}, ("r",)),
        ({"frozen_z": 0.5, "frozen_r": 0.0}, ("r", "z")),
    ],
)
def test_a_frozen_gate_learns_nothing_and_is_where_it_was_put(
    frozen: dict[str, float], stays: tuple[str, ...], layers: int
) -> None:
    _, snapshots, ended = events_of(Kept(), num_layers=layers, **frozen)
    first, last = snapshots[0].weights, ended.model.state_dict()
    gradients = gradients_of(TrainSpec(hidden_size=UNITS, num_layers=layers, **frozen))
    for layer in range(layers):
        for name in ("weight_x", "weight_h", "bias"):
            key = f"gru.cells.{layer}.{name}"
            parts = (weights[key].chunk(3) for weights in (first, last, gradients))
            for gate, before, after, gradient in zip("rzh", *parts, strict=True):
                # With R at 0 the candidate does not see the old state, and learns nothing about it.
                blind = (gate, name) == ("h", "weight_h") and frozen.get("frozen_r") == 0
                still = gate in stays or blind
                assert torch.equal(before, after) == (not gradient.any()) == still, (key, gate)
    for trace in (trace for snapshot in snapshots for trace in snapshot.traces):
        for gate in stays:
            applied = getattr(trace, gate.upper())
            assert np.unique(applied).tolist() == [frozen[f"frozen_{gate}"]]
