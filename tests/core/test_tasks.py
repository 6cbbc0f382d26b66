"""The tasks of the demo models: right answers worked out again by hand, honest chances, seeded batches."""

import csv
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from gru_core.demos import demo_path
from gru_core.equations import gru_step
from gru_core.errors import InputError
from gru_core.formats import load_model
from gru_core.model import SequenceModel
from gru_core.overrides import EXTREMES
from gru_core.recipes import RECIPES, Recipe
from gru_core.sequences.encoders import plain_encoder
from gru_core.tasks.adding import Adding
from gru_core.tasks.base import Task
from gru_core.tasks.brackets import Brackets
from gru_core.tasks.elnino import SERIES, ElNino
from gru_core.tasks.evaluation import held_out_score, readouts
from gru_core.tasks.flipflop import FlipFlop
from gru_core.tasks.letters import Letters
from gru_core.tasks.parity import Parity
from gru_core.tasks.remember import RememberFirst
from gru_core.tasks.two_units import Latch, TwoUnits
from gru_core.train_demos import fit

TASKS: tuple[Task, ...] = (
    *(RememberFirst(), Parity(), Brackets(), Adding(), ElNino(), FlipFlop(), Letters()),
    *(TwoUnits(), Latch()),
)
SYMBOLIC: tuple[RememberFirst | Parity | Brackets, ...] = (RememberFirst(), Parity(), Brackets())
by_name = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def right_answers(name: str, symbols: str) -> list[str]:
    """What a person with pencil and paper would answer at every step."""
    answers, depth, odd = [], 0, False
    for symbol in symbols:
        depth += {"(": 1, ")": -1}.get(symbol, 0)
        odd ^= symbol == "1"
        answers.append(
            {"remember": symbols[0], "parity": "odd" if odd else "even", "brackets": str(depth)}[name]
        )
    return answers


@by_name
def test_the_same_seed_gives_the_same_batches(task: Task) -> None:
    for draw in (task.batch, task.held_out):
        one, again = draw(5, seeded(3)), draw(5, seeded(3))
        assert torch.equal(one.x, again.x)
        assert torch.equal(one.target, again.target)
        assert torch.equal(one.mask, again.mask)
    one, other = task.batch(64, seeded(1)), task.batch(64, seeded(2))
    assert one.x.shape != other.x.shape or not torch.equal(one.x, other.x)


@by_name
def test_batches_have_the_shapes_that_are_promised(task: Task) -> None:
    batch = task.batch(6, seeded(0))
    size, time, inputs = batch.x.shape
    assert (size, inputs, batch.x.dtype) == (6, task.encoder.width, torch.float32)
    assert (batch.mask.shape, batch.mask.dtype) == ((6, time), torch.bool)
    if task.answer == "class":
        assert (batch.target.shape, batch.target.dtype) == ((6, time), torch.int64)
        assert int(batch.target.min()) >= 0
        assert int(batch.target.max()) < len(task.outputs)
    else:
        assert (batch.target.shape, batch.target.dtype) == ((6, time, len(task.outputs)), torch.float32)
    if task.when == "last step":
        assert batch.mask.sum(dim=1).tolist() == [1] * 6
        assert bool(batch.mask[:, -1].all())


@pytest.mark.parametrize("task", SYMBOLIC, ids=lambda task: task.name)
def test_targets_of_symbols_are_right_at_every_step(task: RememberFirst | Parity | Brackets) -> None:
    lengths = set()
    for seed in range(30):
        batch = task.batch(8, seeded(seed))
        lengths.add(batch.x.shape[1])
        assert bool(batch.mask.all())
        assert torch.equal(batch.x.sum(dim=-1), torch.ones(batch.x.shape[:2]))
        for rows, targets in zip(batch.x.argmax(dim=-1).tolist(), batch.target.tolist(), strict=True):
            symbols = "".join(task.encoder.vocabulary[i] for i in rows)
            assert [task.outputs[i] for i in targets] == right_answers(task.name, symbols)
    assert task.shortest <= min(lengths) < max(lengths) <= task.longest


def test_uneven_parity_has_runs_that_fair_bits_do_not_have() -> None:
    ones = Parity(20, 20, uneven=True).batch(400, seeded(0)).x[..., 1].sum(dim=1)
    fair = Parity(20, 20).batch(400, seeded(0)).x[..., 1].sum(dim=1)
    assert (int(ones.min()), int(ones.max())) == (0, 20)
    assert int(fair.min()) > 0
    assert int(fair.max()) < 20


def test_adding_asks_for_the_sum_of_one_mark_in_each_half() -> None:
    task = Adding()
    for seed in range(20):
        batch = task.batch(8, seeded(seed))
        numbers = batch.x.numpy() * np.array(task.encoder.std) + np.array(task.encoder.mean)
        answers = batch.target[:, -1, 0].numpy() * task.output_std + task.output_mean
        for row, answer in zip(numbers, answers, strict=True):
            marked = np.flatnonzero(row[:, 1] > 0.5)
            assert len(marked) == 2
            assert marked[0] < len(row) // 2 <= marked[1]
            assert ((row[:, 0] > -1e-6) & (row[:, 0] < 1 + 1e-6)).all()
            assert answer == pytest.approx(row[marked, 0].sum(), abs=1e-5)


def test_the_shipped_series_is_complete() -> None:
    with SERIES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["month"] for row in rows] == [f"{y}-{m:02d}" for y in range(1950, 2011) for m in range(1, 13)]
    values = [float(row["temperature"]) for row in rows]
    assert (values[0], values[-1]) == (23.11, 22.07)
    assert (min(values), max(values)) == (18.95, 29.24)


def series() -> np.ndarray:
    return np.loadtxt(SERIES, delimiter=",", skiprows=1, usecols=1)


def test_the_forecast_learns_from_nothing_in_the_tail() -> None:
    task, values = ElNino(), series()
    known = values[: 45 * 12]  # 1950 to 1994
    assert (task.output_mean, task.output_std) == (round(known.mean(), 4), round(known.std(), 4))
    windows = np.lib.stride_tricks.sliding_window_view(known, task.window + 1)
    batch = task.batch(40, seeded(0))
    assert batch.mask.float().mean(dim=0).tolist() == [0.0] * 12 + [1.0] * (task.window - 12)
    for x, target in zip(batch.x[..., 0].numpy(), batch.target[..., 0].numpy(), strict=True):
        drawn = np.append(x, target[-1]) * task.output_std + task.output_mean
        assert np.array_equal(x[1:], target[:-1])
        assert np.abs(windows - drawn).max(axis=1).min() < 1e-4


def test_the_forecast_is_scored_on_the_whole_tail_against_two_guesses() -> None:
    task, values = ElNino(), series()
    held_out = task.held_out(1, seeded(0))
    asked = np.flatnonzero(held_out.mask[0].numpy())
    assert asked.tolist() == list(range(45 * 12 - 1, len(values) - 1))  # forecasts for 1995-01 to 2010-12
    wanted = values[asked + 1]
    spread = ((wanted - wanted.mean()) ** 2).sum()
    assert task.chance == pytest.approx(1 - ((wanted - values[asked]) ** 2).sum() / spread, abs=1e-5)
    usual = np.tile(values[: 45 * 12].reshape(45, 12).mean(axis=0), 61)
    seasonal = usual[asked + 1] + values[asked] - usual[asked]
    assert task.seasonal_score() == pytest.approx(1 - ((wanted - seasonal) ** 2).sum() / spread, abs=1e-5)


def test_examples_of_symbols_have_the_right_answers() -> None:
    for task in SYMBOLIC:
        for example in task.examples():
            assert list(example.target) == right_answers(task.name, "".join(example.labels)), example.title
            assert set(example.labels) <= set(task.encoder.vocabulary)


def test_examples_of_numbers_have_the_right_answers() -> None:
    for example in Adding().examples():
        assert example.values is not None
        marked = [value for value, mark in example.values if mark == 1]
        assert len(marked) == 2
        assert example.target == ("",) * (len(example.values) - 1) + (f"{sum(marked):.2f}",)
        assert [tick.endswith("*") for tick in example.ticks] == [mark == 1 for _, mark in example.values]
        assert [float(tick.rstrip("*")) for tick in example.ticks] == [value for value, _ in example.values]
    with SERIES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    months, values = [row["month"] for row in rows], [float(row["temperature"]) for row in rows]
    for example in ElNino().examples():
        assert example.values is not None
        start = months.index(example.ticks[0])
        stop = start + len(example.ticks)
        assert list(example.ticks) == months[start:stop]
        assert [value for (value,) in example.values] == values[start:stop]
        assert [float(text) for text in example.target] == values[start + 1 : stop + 1]


@by_name
def test_there_are_examples_of_differing_lengths(task: Task) -> None:
    examples = task.examples()
    assert len(examples) >= 4
    assert len({len(example.target) for example in examples}) >= 3
    assert len({example.title for example in examples}) == len(examples)


def test_chance_is_what_guessing_scores() -> None:
    for task in SYMBOLIC:
        shares = []
        for seed in range(600):
            counts = Counter(task.held_out(64, seeded(seed)).target.flatten().tolist())
            shares.append([counts[i] / counts.total() for i in range(len(task.outputs))])
        assert max(np.mean(shares, axis=0)) == pytest.approx(task.chance, abs=0.015), task.name
    scores = []
    for seed in range(50):
        batch = Adding().held_out(200, seeded(seed))
        scores.append(Adding().score(torch.zeros_like(batch.target), batch.target, batch.mask))
    assert np.mean(scores) == pytest.approx(Adding().chance, abs=0.02)


def test_scores_by_hand() -> None:
    logits = torch.tensor([[[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]]])
    mask = torch.tensor([[True, True, False]])
    assert Parity().score(logits, torch.tensor([[0, 0, 1]]), mask) == 0.5
    target = torch.tensor([[[1.0], [3.0], [9.0]]])
    assert Adding().score(torch.tensor([[[1.0], [2.0], [0.0]]]), target, mask) == 0.5  # 1 - 1 / 2
    assert Adding().score(torch.full((1, 3, 1), 2.0), target, mask) == 0.0


def test_readouts_equal_a_loop_over_the_equations() -> None:
    model = load_model(demo_path("elnino"))
    x = ElNino().batch(2, seeded(0)).x
    h, expected = torch.zeros(2, model.gru.hidden_size), []
    for step in range(x.shape[1]):
        h = gru_step(x[:, step], h, model.gru.cells[0], "after")[3]
        expected.append(model.readout(h))
    assert torch.allclose(readouts(model, x), torch.stack(expected, dim=1), atol=2e-5)
    copied = readouts(model, x, EXTREMES["copy"])
    assert torch.allclose(copied, model.readout.bias.expand_as(copied))


def test_a_model_without_a_readout_cannot_be_scored() -> None:
    demo = load_model(demo_path("parity"))
    bare = SequenceModel(plain_encoder(2), demo.gru, None, replace(demo.card, answer="none"))
    with pytest.raises(InputError, match="has no readout, so it gives states but no answers to score"):
        held_out_score(bare, Parity())


SHORT = Recipe(
    Parity(longest=6),
    ((Parity(longest=6), 6),),
    units=3,
    chrono=5,
    price_recurrent=0.1,
    price_reset=0.1,
    price_undecided=0.1,
    price_writing=0.1,
    price_readout=0.1,
)


def test_training_gives_the_same_weights_for_the_same_seed() -> None:
    assert fit(SHORT).gru.fingerprint() == fit(SHORT).gru.fingerprint()


@pytest.mark.parametrize(
    "change",
    [
        {"task": RememberFirst(longest=6), "lessons": ((RememberFirst(longest=6), 6),)},
        {"lessons": ((Parity(longest=6), 7),)},
        {"units": 4},
        {"layers": 2},
        {"seed": 1},
        {"reset_mode": "after"},
        {"batch": 32},
        {"learning_rate": 0.02},
        {"chrono": None},
        {"price_recurrent": 0.0},
        {"price_reset": 0.0},
        {"price_undecided": 0.0},
        {"price_writing": 0.0},
        {"price_readout": 0.0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_entry_of_a_recipe_has_an_effect(change: dict[str, object]) -> None:
    assert fit(replace(SHORT, **change)).gru.fingerprint() != fit(SHORT).gru.fingerprint()


def test_prices_do_what_they_say() -> None:
    """Paid dearly, each one lowers what it is a price of."""
    free = replace(
        SHORT, price_recurrent=0, price_reset=0, price_undecided=0, price_writing=0, price_readout=0
    )
    free = replace(free, lessons=((Parity(longest=6), 60),))
    x = Parity(6, 6).batch(32, seeded(0)).x

    def paid(model: SequenceModel) -> dict[str, float]:
        h = torch.zeros(len(x), model.gru.hidden_size)
        gates = []
        for step in range(x.shape[1]):
            R, Z, _, h = gru_step(x[:, step], h, model.gru.cells[0])
            gates.append((R.mean().item(), (Z * (1 - Z)).mean().item(), (1 - Z).mean().item()))
        R_open, undecided, writing = np.mean(gates, axis=0)
        return {
            "price_recurrent": model.gru.cells[0].W_hh.square().sum().item(),
            "price_reset": R_open,
            "price_undecided": undecided,
            "price_writing": writing,
            "price_readout": model.readout.weight.square().sum().item(),
        }

    without = paid(fit(free))
    for price in without:
        assert paid(fit(replace(free, **{price: 3.0})))[price] < 0.8 * without[price], price


def test_there_is_one_recipe_per_task() -> None:
    assert [type(recipe.task) for recipe in RECIPES] == [type(task) for task in TASKS]
