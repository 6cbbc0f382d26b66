"""A training tells what is so: its events against sums, torch's layers and traces worked out again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.model import GRU
from gru_core.tasks.base import Task
from gru_core.tasks.evaluation import HELD_OUT_SEED
from gru_core.tasks.remember import RememberFirst
from gru_core.tasks.sentiment import Sentiment
from gru_core.trace import trace
from gru_core.training import Ended, Measured, Snapshot, probe_of, race, train
from gru_core.training_spec import TrainSpec
from tests.support.plain import plain
from tests.support.small_task import FirstOfThree, Kept, MeanOfThree

SMALL: dict[str, Any] = {"hidden_size": 5, "batch_size": 9, "steps": 12, "evaluate_every": 4}
CELLS: dict[str, dict[str, Any]] = {
    "before": {"num_layers": 2},
    "after": {"num_layers": 2, "reset_mode": "after"},
    "frozen": {"frozen_z": 0.32, "num_layers": 2},
    "rnn": {"cell": "rnn", "num_layers": 2},
    "lstm": {"cell": "lstm", "num_layers": 2},
}
each_cell = pytest.mark.parametrize("cell", CELLS)


def small(**changed: Any) -> TrainSpec:
    return TrainSpec(**SMALL | changed)


def of_kind(kind: type, events: Any) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def held_out(task: Task) -> list[Any]:
    generator = torch.Generator().manual_seed(HELD_OUT_SEED)
    return [task.held_out(64, generator) for _ in range(4)]


def gru_of(spec: TrainSpec, weights: Any, inputs: int) -> GRU:
    gru = GRU(inputs, spec.hidden_size, spec.num_layers, reset_mode=spec.reset_mode)
    gru.load_state_dict({n.removeprefix("gru."): w for n, w in weights.items() if n.startswith("gru.")})
    return gru


def torch_layer(spec: TrainSpec, weights: Any, inputs: int) -> nn.Module:
    """The same function out of torch: a GRU in mode "after", an RNN or an LSTM."""
    kinds: dict[str, Any] = {"gru": nn.GRU, "rnn": nn.RNN, "lstm": nn.LSTM}
    layer = kinds[spec.cell](inputs, spec.hidden_size, spec.num_layers, batch_first=True)
    given = {name.removeprefix("core."): w for name, w in weights.items() if name.startswith("core.")}
    for index in range(spec.num_layers if spec.cell == "gru" else 0):
        part = {name: weights[f"gru.cells.{index}.{name}"] for name in ("weight_x", "weight_h", "bias")}
        zeros = torch.zeros(2 * spec.hidden_size)
        given |= {
            f"weight_ih_l{index}": part["weight_x"],
            f"weight_hh_l{index}": part["weight_h"],
            f"bias_ih_l{index}": part["bias"],
            f"bias_hh_l{index}": torch.cat([zeros, weights[f"gru.cells.{index}.bias_hh"]]),
        }
    layer.load_state_dict(given)
    return layer


def readout(weights: Any, states: torch.Tensor) -> torch.Tensor:
    return nn.functional.linear(states, weights["readout.weight"], weights["readout.bias"])


def test_the_events_come_in_order_and_as_often_as_the_spec_says() -> None:
    events = list(train(FirstOfThree(), small(snapshots=3)))
    kinds = [(type(event).__name__, event.update) for event in events]
    assert kinds == [
        ("Measured", 0), ("Snapshot", 0), ("Measured", 4), ("Measured", 8), ("Snapshot", 8), ("Measured", 12),
        ("Snapshot", 12), ("Ended", 12),
    ]  # fmt: skip
    assert events[-1].reason == "finished"
    seconds = [(event.update_seconds, event.seconds) for event in of_kind(Measured, events)]
    assert seconds == sorted(seconds)
    assert seconds[0][0] == 0
    assert all(updates < both for updates, both in seconds)
    assert not events[-1].model.training
    assert events[-1].model.card.accuracy == events[-1].score == of_kind(Measured, events)[-1].score


@each_cell
def test_the_same_seed_gives_the_same_events_to_the_last_bit(cell: str) -> None:
    spec = small(**CELLS[cell])
    expected = plain(list(train(FirstOfThree(), spec)))
    torch.manual_seed(1)
    again = []
    for event in train(FirstOfThree(), spec):
        again.append(plain(event))
        # What others draw meanwhile is their business.
        torch.rand(7)
        np.random.default_rng().random()
    assert tuple(again) == expected
    other = plain(list(train(FirstOfThree(), small(**CELLS[cell] | {"seed": 1}))))
    assert other != expected
    assert [event[1]["update"] for event in other] == [event[1]["update"] for event in expected]


def test_updates_and_measurements_draw_nothing_from_the_generator_of_others() -> None:
    """Building a model does, as every torch module does; from then on a training keeps to its own."""
    events = train(FirstOfThree(), small())
    before = torch.get_rng_state()
    list(events)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("task", [FirstOfThree(), MeanOfThree()], ids=lambda task: task.name)
@pytest.mark.parametrize("cell", ["after", "rnn", "lstm"])
def test_loss_and_score_are_those_of_held_out_sequences(task: Any, cell: str) -> None:
    spec = small(**CELLS[cell])
    events = list(train(task, spec))
    for measured, snapshot in zip(of_kind(Measured, events), of_kind(Snapshot, events), strict=True):
        layer = torch_layer(spec, snapshot.weights, task.encoder.width)
        losses, scores = [], []
        for batch in held_out(task):
            with torch.no_grad():
                output = readout(snapshot.weights, layer(batch.x)[0])[batch.mask]
            wanted = batch.target[batch.mask]
            if task.answer == "class":
                losses.append(float(-output.log_softmax(-1)[range(len(wanted)), wanted].mean()))
                scores.append(float((output.argmax(-1) == wanted).double().mean()))
            else:
                losses.append(float((output - wanted).square().mean()))
                scores.append(1 - losses[-1] / float(wanted.var(correction=0)))
        assert measured.loss == pytest.approx(np.mean(losses), abs=1e-5)
        assert measured.score == pytest.approx(np.mean(scores), abs=1e-5)


@pytest.mark.parametrize("task", [FirstOfThree(), MeanOfThree()], ids=lambda task: task.name)
@pytest.mark.parametrize("cell", ["after", "rnn", "lstm"])
def test_the_gradient_at_the_first_step_is_the_mean_over_sequences_taken_one_by_one(
    task: Any, cell: str
) -> None:
    spec = small(**CELLS[cell])
    events = list(train(task, spec))
    batch = held_out(task)[0]
    for measured, snapshot in zip(of_kind(Measured, events), of_kind(Snapshot, events), strict=True):
        layer = torch_layer(spec, snapshot.weights, task.encoder.width)
        norms = []
        for row in range(32):
            x, asked = batch.x[row : row + 1].clone().requires_grad_(), batch.mask[row]
            output, wanted = readout(snapshot.weights, layer(x)[0])[0, asked], batch.target[row, asked]
            compute: Any = nn.functional.cross_entropy if task.answer == "class" else nn.functional.mse_loss
            compute(output, wanted).backward()
            assert x.grad is not None
            norms.append(float(x.grad[0, 0].norm()))
        assert measured.first_step_gradient == pytest.approx(np.mean(norms), rel=1e-4)


def test_what_comes_after_the_last_question_is_not_summarised() -> None:
    """Sentences are of many lengths: each is filled up with steps that mean nothing."""
    task, spec = Sentiment(), small(steps=1, evaluate_every=1)
    measured, snapshot = (of_kind(kind, train(task, spec))[-1] for kind in (Measured, Snapshot))
    batch = held_out(task)[0]
    (layer,) = trace(gru_of(spec, snapshot.weights, task.encoder.width), batch.x[:32])
    lengths = [int(asked.nonzero()[0, 0]) + 1 for asked in batch.mask[:32]]
    assert min(lengths) < max(lengths)
    values = np.concatenate([layer.Z[row, :length].ravel() for row, length in enumerate(lengths)])
    assert measured.gates["Z"].counts == tuple(np.histogram(values, bins=20, range=(0, 1))[0])
    assert measured.gates["Z"].mean == pytest.approx(values.astype(np.float64).mean(), abs=1e-6)


def test_every_update_is_told_and_changes_nothing() -> None:
    told: list[int] = []
    heard = list(train(FirstOfThree(), small(), on_update=told.append))
    assert told == list(range(1, 13))
    quiet = list(train(FirstOfThree(), small()))
    assert [event.update for event in heard] == [event.update for event in quiet]
    for left, right in zip(of_kind(Measured, heard), of_kind(Measured, quiet), strict=True):
        assert left.loss == right.loss


@pytest.mark.parametrize("cell", ["before", "after", "frozen"])
def test_the_gates_of_a_measurement_are_those_of_a_trace(cell: str) -> None:
    task, spec = FirstOfThree(), small(**CELLS[cell])
    events = list(train(task, spec))
    for measured, snapshot in zip(of_kind(Measured, events), of_kind(Snapshot, events), strict=True):
        gru = gru_of(spec, snapshot.weights, 3)
        traces = trace(gru, held_out(task)[0].x[:32], overrides=spec.overrides)
        assert set(measured.gates) == {"R", "Z"}
        for gate, summary in measured.gates.items():
            values = np.stack([getattr(layer, gate) for layer in traces]).astype(np.float64)
            assert summary.counts == tuple(np.histogram(values, bins=20, range=(0, 1))[0])
            assert sum(summary.counts) == 2 * 32 * 5 * 5
            assert summary.mean == pytest.approx(values.mean(), abs=1e-6)
            assert summary.closed == (values < 0.1).mean()
            assert summary.opened == (values > 0.9).mean()
    if cell == "frozen":
        at = np.histogram([0.32], bins=20, range=(0, 1))[0].argmax()
        assert measured.gates["Z"].counts[at] == 2 * 32 * 5 * 5


def test_an_lstm_has_three_gates_to_summarise_and_an_rnn_has_none() -> None:
    gates = {
        cell: of_kind(Measured, train(FirstOfThree(), small(cell=cell)))[-1].gates for cell in ("rnn", "lstm")
    }
    assert gates["rnn"] == {}
    assert set(gates["lstm"]) == {"F", "I", "O"}
    assert all(sum(summary.counts) == 32 * 5 * 5 for summary in gates["lstm"].values())


@each_cell
@pytest.mark.parametrize("task", [FirstOfThree(), MeanOfThree()], ids=lambda task: task.name)
def test_a_snapshot_shows_the_probe_under_its_own_weights(task: Any, cell: str) -> None:
    spec = small(**CELLS[cell])
    snapshots = of_kind(Snapshot, train(task, spec))
    example, probe = probe_of(task)
    assert plain(example) == plain(task.examples()[0])
    for snapshot in snapshots:
        if spec.cell == "gru":
            gru = gru_of(spec, snapshot.weights, task.encoder.width)
            expected = trace(gru, probe, overrides=spec.overrides)
            assert plain(snapshot.traces) == plain(expected)
            states = torch.tensor(expected[-1].H)
        else:
            with torch.no_grad():
                states = torch_layer(spec, snapshot.weights, task.encoder.width)(torch.tensor(probe)[None])[0]
            np.testing.assert_allclose(snapshot.traces[-1].H, states, atol=1e-6)
        raw = readout(snapshot.weights, states)[0]
        answers = raw.softmax(-1) if task.answer == "class" else raw * 2 + 5
        np.testing.assert_allclose(snapshot.answers, answers, atol=1e-5)
    # Each shows its own moment: later updates do not reach back.
    assert len({plain(snapshot.answers) for snapshot in snapshots}) == len(snapshots) == 4


@pytest.mark.parametrize(("others", "longest"), [(0, 3), (4, 5), (60, 61)])
@pytest.mark.parametrize("cell", ["before", "after", "lstm", "rnn"])
def test_chrono_starts_units_with_every_time_scale_up_to_the_longest_sequence(
    others: int, longest: int, cell: str
) -> None:
    settings = CELLS[cell] | {"hidden_size": 64, "steps": 1}
    chrono, standard = (
        of_kind(Snapshot, train(FirstOfThree(others), small(**settings, gate_bias=bias)))[0].weights
        for bias in ("chrono", "standard")
    )
    most, units = math.log(longest - 1), 64
    for layer in range(2):
        if cell == "rnn":
            continue
        name = f"core.bias_ih_l{layer}" if cell == "lstm" else f"gru.cells.{layer}.bias"
        keep = chrono[name][units : 2 * units]
        assert 0 <= float(keep.min()) <= float(keep.max()) <= most + 1e-6
        # Every time scale from 1 to T_max - 1 is as likely.
        scales = (keep.exp() - 1) / (longest - 2)
        assert float(scales.min()) < 0.1
        assert float(scales.max()) > 0.9
        assert float(scales.mean()) == pytest.approx(0.5, abs=0.11)  # three standard deviations
        if cell == "lstm":
            assert torch.equal(chrono[name][:units], -keep)
        # Without it, as all weights: U(-1, 1) / sqrt(units).
        drawn = standard[name][units : 2 * units]
        assert float(drawn.abs().max()) <= 1 / 8
        assert float(drawn.std()) == pytest.approx(1 / 8 / math.sqrt(3), rel=0.25)
        rest = slice(2 * units, None)
        assert torch.equal(chrono[name][rest], standard[name][rest])
    biases = [name for name in chrono if name.endswith(("bias", "bias_ih_l0", "bias_ih_l1"))]
    assert all(torch.equal(chrono[name], standard[name]) for name in set(chrono) - set(biases))
    assert (cell == "rnn") == all(torch.equal(chrono[name], standard[name]) for name in biases)


def lanes_of(events: Iterator[tuple[int, Any]], count: int) -> list[list[Any]]:
    found: list[list[Any]] = [[] for _ in range(count)]
    for lane, event in events:
        found[lane].append(event)
    return found


def test_a_race_is_its_trainings_in_turns() -> None:
    specs = [small(), small(cell="lstm", steps=8), small(cell="rnn", seed=4, evaluate_every=3)]
    pairs = list(race(FirstOfThree(), specs))
    alone = [plain(list(train(FirstOfThree(), spec))) for spec in specs]
    assert [plain(events) for events in lanes_of(iter(pairs), 3)] == alone
    measured = [lane for lane, event in pairs if isinstance(event, Measured)]
    assert measured[:9] == [0, 1, 2] * 3
    assert [lane for lane, event in pairs if isinstance(event, Ended)] == [1, 0, 2]


def test_lanes_with_the_same_seed_learn_from_the_same_batches() -> None:
    task = Kept()
    list(race(task, [small(steps=4), small(steps=4, cell="rnn"), small(steps=4, seed=1)]))
    first, second, other = (task.drawn[lane * 4 : lane * 4 + 4] for lane in range(3))
    assert plain(first) == plain(second) != plain(other)
    assert len({plain(batch.x) for batch in first}) == 4


def test_a_race_pauses_and_goes_on_and_its_time_is_for_all() -> None:
    specs = [small(), small(cell="lstm")]
    stopped = lanes_of(race(FirstOfThree(), specs, seconds=0), 2)
    assert [events[-1].reason for events in stopped] == ["time", "time"]
    paused = lanes_of(race(FirstOfThree(), specs, until=5), 2)
    assert [(events[-1].reason, events[-1].update) for events in paused] == [("paused", 5)] * 2
    checkpoints = [events[-1].checkpoint for events in paused]
    whole = lanes_of(race(FirstOfThree(), specs), 2)
    # A lane without a checkpoint starts at the beginning.
    for given in (checkpoints, checkpoints[:1]):
        went_on = lanes_of(race(FirstOfThree(), specs, resume=given), 2)
        for lane, events in enumerate(went_on):
            later = [event for event in whole[lane] if event.update > 5 or lane >= len(given)]
            assert plain(events) == plain(later)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_the_default_training_learns_to_remember_over_fifty_steps(seed: int) -> None:
    task = RememberFirst(51, 51, "last step")
    events = list(train(task, TrainSpec(seed=seed)))
    ended = events[-1]
    assert (ended.reason, ended.update) == ("finished", 600)
    assert ended.score >= 0.99
    reached = [event.update for event in of_kind(Measured, events) if event.score >= 0.99]
    assert ended.learned_at == reached[0]
    batch = task.batch(200, torch.Generator().manual_seed(99))
    with torch.no_grad():
        answers = ended.model(batch.x)[:, -1].argmax(-1)
    assert float((answers == batch.x[:, 0].argmax(-1)).float().mean()) > 0.97
