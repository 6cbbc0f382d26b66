"""Made-up tasks at any length: answers worked out again in plain Python, and what guessing scores."""

from collections import Counter
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gru_core.demos import DEMOS
from gru_core.model import Example
from gru_core.recipes import RECIPES
from gru_core.tasks.adding import Adding
from gru_core.tasks.brackets import Brackets
from gru_core.tasks.catalogue import TASKS, TaskSpec
from gru_core.tasks.copying import Copying
from gru_core.tasks.counting import Counting
from gru_core.tasks.flipflop import FlipFlop
from gru_core.tasks.majority import Majority
from gru_core.tasks.parity import Parity
from gru_core.tasks.remember import RememberFirst

Symbolic = RememberFirst | Copying | Parity | Majority | Brackets | Counting
MADE = [name for name, entry in TASKS.items() if entry.kind == "made"]
SYMBOLIC = [name for name in MADE if name not in ("adding", "flipflop")]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def right_answers(name: str, symbols: list[str]) -> list[str]:
    """What a person with pencil and paper would answer at every step, "" where nothing is asked."""
    silent = [""] * (len(symbols) - 1)
    if name == "remember":
        return [*silent, symbols[0]]
    if name == "majority":
        ones = sum(symbol == "1" for symbol in symbols)
        assert 2 * ones != len(symbols)
        return [*silent, "more 1s" if 2 * ones > len(symbols) else "more 0s"]
    if name == "copying":
        letters = symbols[: symbols.index("·")]
        assert symbols[-len(letters)] == "?"
        assert symbols.count("?") == 1
        return [""] * (len(symbols) - len(letters)) + letters
    answers, count = [], 0
    for symbol in symbols:
        count = 0 if symbol == "R" else count + {"(": 1, ")": -1, "1": 1, "+": 1}.get(symbol, 0)
        said = {"parity": "even" if count % 2 == 0 else "odd", "brackets": str(count)}
        answers.append(said.get(name, str(count) if count < 7 else "7 or more"))
    return answers


def made(name: str, length: int | None = None) -> Symbolic:
    task = TaskSpec(name, length).make()
    assert isinstance(task, Symbolic)
    return task


@pytest.mark.parametrize("name", SYMBOLIC)
@given(data=st.data())
def test_answers_are_right_at_every_length(name: str, data: st.DataObject) -> None:
    bounds = TASKS[name].length
    assert bounds is not None
    length = data.draw(st.integers(bounds.least, bounds.most))
    task = made(name, length)
    batch = task.batch(3, seeded(data.draw(st.integers(0, 1000))))
    assert batch.x.shape[1] <= task.steps
    assert task.steps == {"remember": length + 1, "copying": length + 6}.get(name, length)
    assert torch.equal(batch.x.sum(dim=-1), torch.ones(batch.x.shape[:2]))
    for x, target, mask in zip(batch.x, batch.target.tolist(), batch.mask.tolist(), strict=True):
        symbols = [task.encoder.vocabulary[i] for i in x.argmax(dim=-1).tolist()]
        said = [task.outputs[i] if asked else "" for i, asked in zip(target, mask, strict=True)]
        assert said == right_answers(name, symbols)


@pytest.mark.parametrize("name", SYMBOLIC)
def test_examples_begin_with_the_length_that_was_chosen_and_have_the_right_answers(name: str) -> None:
    task = made(name, 23)
    examples = task.examples()
    assert len(examples[0].labels) == len(examples[1].labels) == task.steps
    assert len({len(example.labels) for example in examples}) == 3
    assert len({example.title for example in examples}) == len(examples) == 4
    for example in examples:
        assert list(example.target) == right_answers(name, list(example.labels)), example.title


def test_adding_examples_begin_with_the_length_that_was_chosen() -> None:
    examples = TaskSpec("adding", 23).make().examples()
    assert [len(example.target) for example in examples] == [23, 23, 11, 46]
    for example in examples:
        assert example.values is not None
        assert float(example.target[-1]) == pytest.approx(sum(v * m for v, m in example.values))


@pytest.mark.parametrize("name", MADE)
def test_the_demo_models_keep_the_examples_they_were_shipped_with(name: str) -> None:
    """Only a task of another length than the demo's own shows other sequences."""
    if name not in DEMOS:
        assert name in ("copying", "majority", "counting")
        return
    task = next(recipe.task for recipe in RECIPES if recipe.task.name == name)
    assert isinstance(task, RememberFirst | Parity | Brackets | Adding | FlipFlop)
    own = [plain(example) for example in task.examples()]
    other = [plain(example) for example in replace(task, shortest=7, longest=7).examples()]
    assert own[0] not in other
    assert len(other[0][1]) == 7
    assert len(own) >= 4


def plain(example: Example) -> tuple[str, tuple[str, ...]]:
    return example.title, example.target


def test_remember_asks_at_every_step_or_at_the_last_only() -> None:
    always, once = RememberFirst(9, 9), RememberFirst(9, 9, "last step")
    one, other = always.batch(4, seeded(0)), once.batch(4, seeded(0))
    assert torch.equal(one.x, other.x)
    assert torch.equal(one.target, other.target)
    assert bool(one.mask.all())
    assert other.mask.tolist() == [[False] * 8 + [True]] * 4
    assert ("at every step" in always.task, "at the end" in once.task) == (True, True)
    assert once.examples()[0].target[:-1] == ("",) * 8
    assert set(always.examples()[0].target) == {always.examples()[0].labels[0]}


@pytest.mark.parametrize("name", SYMBOLIC)
def test_chance_is_what_the_guesser_scores(name: str) -> None:
    """Where a guess is as good as another it is drawn; else it is the commonest answer there is."""
    task, generator = made(name), seeded(1)
    scores, counts = [], Counter[int]()
    for seed in range(300):
        batch = task.held_out(16, seeded(seed))
        counts.update(batch.target[batch.mask].tolist())
        guess = torch.zeros(*batch.target.shape, len(task.outputs))
        if name in ("brackets", "counting"):
            guess[..., task.outputs.index("0")] = 1
        else:
            guess = torch.rand(guess.shape, generator=generator)
        scores.append(task.score(guess, batch.target, batch.mask))
    assert sum(scores) / len(scores) == pytest.approx(task.chance, abs=0.02)
    assert set(counts) == set(range(len(task.outputs)))
    if name in ("brackets", "counting"):
        assert task.outputs[counts.most_common(1)[0][0]] == "0"
    else:
        assert max(counts.values()) / counts.total() == pytest.approx(task.chance, abs=0.02)


@pytest.mark.parametrize("length", [5, 6, 30, 31])
def test_majority_is_as_often_clear_as_narrow(length: int) -> None:
    batch = Majority(length, length).batch(6000, seeded(0))
    ones = Counter(batch.x[..., 1].sum(dim=1).int().tolist())
    possible = [count for count in range(length + 1) if 2 * count != length]
    assert sorted(ones) == possible
    share = 1 / len(possible)
    assert all(
        ones[count] / 6000 == pytest.approx(share, abs=5 * (share / 6000) ** 0.5) for count in possible
    )
    # The order is drawn as well: every place holds a one as often as the others.
    assert batch.x[..., 1].mean(dim=0).tolist() == pytest.approx([0.5] * length, abs=0.03)


def test_counting_draws_its_symbols_with_the_stated_shares() -> None:
    x = Counting(200, 200).batch(400, seeded(0)).x
    assert x.mean(dim=(0, 1)).tolist() == pytest.approx([0.18, 0.06, 0.76], abs=0.005)


def test_adding_counts_as_learned_only_when_both_numbers_are_known() -> None:
    task = Adding(40, 40)
    batch = task.batch(4000, seeded(0))
    numbers = batch.x * torch.tensor(task.encoder.std) + torch.tensor(task.encoder.mean)
    first, second = (
        (numbers[:, half, 0] * numbers[:, half, 1]).sum(dim=1) for half in (slice(20), slice(20, 40))
    )
    for guess, score in ((first + 0.5, 0.5), (first + second, 1.0)):
        output = ((guess - task.output_mean) / task.output_std)[:, None, None].expand(-1, 40, 1)
        assert task.score(output, batch.target, batch.mask) == pytest.approx(score, abs=0.03)
    assert 0.5 < task.learned < 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("remember", "the right answer is {first}, which came first."),
        ("copying", "the right answers are {answers}."),
        ("adding", "the right answer is their sum, {last}."),
        ("parity", "even or odd in number: {answers}"),
        ("majority", "the right answer is “{last}”."),
        ("brackets", "how many brackets are open: {answers}"),
        ("counting", "or since the beginning: {answers}"),
        ("flipflop", "the sign of every channel's last pulse: {answers}"),
    ],
)
@pytest.mark.parametrize("length", [10, 12])
def test_an_example_in_words_says_what_is_read_and_what_is_right(name: str, says: str, length: int) -> None:
    task = TaskSpec(name, length).make()
    example = task.examples()[0]
    words = task.in_words()
    answers = [answer for answer in example.target if answer]
    ending = "." if len(answers) == 10 else " …"
    shown = " ".join(answers) if name == "copying" else " ".join(answers[:10]) + ending
    assert words.endswith(
        says.format(first=example.labels[:1] and example.labels[0], last=example.target[-1], answers=shown)
    )
    read = example.labels or example.ticks
    assert (" ".join(read[:3]) if name == "copying" else " ".join(read[:10])) in words
    assert f"{length}" in words or name == "remember"
    assert task.in_words() == words
