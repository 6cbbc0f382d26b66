"""Tasks on a person's own text or series: the tail stays out, and what cannot be learned from is refused."""

import math
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gru_core.errors import GateScopeError, InputError, LimitError, ShapeError
from gru_core.limits import (
    MAX_FORECAST_COLUMNS,
    MAX_FORECAST_STEPS,
    MAX_TEXT_CHARACTERS,
    MAX_TEXT_SYMBOLS,
)
from gru_core.tasks.forecast import Forecast
from gru_core.tasks.text import Text

Rows = tuple[tuple[float, ...], ...]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def running_text(length: int) -> str:
    """A text in which every stretch of four characters stands at one place only, so places can be told."""
    words = (f"{number:04d}" for number in range(length))
    return "".join(f"{word} and so on. " if int(word) % 7 else f"{word}\n" for word in words)[:length]


def waves(steps: int, columns: int = 1) -> Rows:
    return tuple(
        tuple(math.sin(t / (3 + c)) * 10 + t / 100 + c for c in range(columns)) for t in range(steps)
    )


def spelled(task: Text, indices: torch.Tensor) -> str:
    return "".join(task.outputs[i] for i in indices.tolist())


@given(st.integers(200, 3000), st.integers(0, 1000))
def test_a_text_is_learned_from_before_its_tail_and_scored_on_it(length: int, seed: int) -> None:
    text = running_text(length)
    task = Text(text)
    tail = length - int(0.15 * length)
    assert task.first_held_out == tail
    batch = task.batch(5, seeded(seed))
    assert batch.x.shape == (5, 64, len(set(text)))
    for x, target in zip(batch.x.argmax(dim=-1), batch.target, strict=True):
        read = spelled(task, x) + task.outputs[int(target[-1])]
        assert spelled(task, target) == read[1:]
        assert read in text[:tail]
    held_out = task.held_out(3, seeded(seed))
    asked = "".join(spelled(task, row) for row in held_out.target)
    window = held_out.x.shape[1]
    assert asked == text[tail + 1 :][: len(asked)]
    assert len(text) - tail - 1 - len(asked) < window
    assert bool(batch.mask.all())
    assert bool(held_out.mask.all())


def test_the_tail_of_a_long_text_is_sampled_all_along_it() -> None:
    text = running_text(60_000)
    held_out = Text(text).held_out(1, seeded(0))
    assert held_out.x.shape[:2] == (100, 64)
    task = Text(text)
    places = [text.index(spelled(task, row.argmax(dim=-1))) for row in held_out.x]
    assert (places[0], places == sorted(places)) == (task.first_held_out, True)
    assert len(text) - places[-1] < 200
    assert min(np.diff(places)) >= 64


def test_chance_of_a_text_is_what_naming_its_commonest_character_scores() -> None:
    text = running_text(2000)
    task = Text(text)
    commonest = Counter(text[:1700]).most_common(1)[0][0]
    assert task.guess == f"always the commonest character, {commonest!r}"
    batch = task.held_out(1, seeded(0))
    guess = torch.zeros(*batch.target.shape, len(task.outputs))
    guess[..., sorted(set(text)).index(commonest)] = 1
    assert task.score(guess, batch.target, batch.mask) == pytest.approx(task.chance)
    assert 0 < task.chance < 0.5


def test_examples_of_a_text_begin_with_a_stretch_that_was_held_out() -> None:
    text = running_text(2000)
    for example in Text(text).examples():
        at = text.index("".join(example.labels))
        assert "".join(example.target) == text[at + 1 : at + 1 + len(example.labels)]
        assert ("held out" in example.title) == (at >= 1700)
    first = Text(text).examples()[0]
    assert len(first.labels) == 64
    words = Text(text).in_words()
    assert words.startswith(f"It reads 64 characters, “{''.join(first.labels[:12])}…”")
    assert f"after “{first.labels[0]}” it is “{first.target[0]}”" in words
    assert f"after “{''.join(first.labels[:2])}” it is “{first.target[1]}”" in words


def test_a_text_is_read_as_everywhere_else_in_the_project() -> None:
    made = Text("Cafe\u0301 \ud800 and\r\nmore\rlines " * 20).text
    assert made.startswith("Caf\u00e9 \ufffd and\nmore\nlines ")


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("", InputError, "There is no text to learn from: paste at least 200 characters."),
        (" \n\t ", InputError, "There is no text to learn from: paste at least 200 characters."),
        (
            "a" * 5000,
            InputError,
            "A text to learn from needs at least 2 different characters, and this one has only 'a': there is "
            "nothing to predict. Paste another text.",
        ),
        (
            "ab" * 99,
            InputError,
            "A text to learn from needs at least 200 characters, so that a part can be held out, and this "
            "one has 198: paste more of it.",
        ),
        (
            "ab" * 50_001,
            LimitError,
            "A text to learn from may have at most 100,000 characters, and this one has 100,002: paste a "
            "part of it.",
        ),
        (
            "".join(chr(0x4E00 + i) for i in range(201)) * 3,
            LimitError,
            "A text to learn from may have at most 200 different characters, and this one has 201: paste a "
            "shorter part of it, or leave rare characters out.",
        ),
    ],
)
def test_a_text_that_cannot_be_learned_from_is_refused(
    text: str, kind: type[GateScopeError], says: str
) -> None:
    with pytest.raises(kind) as caught:
        Text(text)
    assert str(caught.value) == says


def test_texts_and_series_of_the_largest_size_are_taken() -> None:
    characters = [chr(0x4E00 + i) for i in range(MAX_TEXT_SYMBOLS)]
    task = Text("".join(characters * (MAX_TEXT_CHARACTERS // len(characters))))
    assert task.batch(2, seeded(0)).x.shape == (2, 64, MAX_TEXT_SYMBOLS)
    series = Forecast(waves(MAX_FORECAST_STEPS, MAX_FORECAST_COLUMNS))
    assert series.held_out(1, seeded(0)).x.shape == (1, 100 + 2000 - 1, MAX_FORECAST_COLUMNS)


@given(st.integers(40, 700), st.integers(1, 4), st.integers(0, 1000))
def test_a_series_is_learned_from_before_its_tail_and_scored_on_it(
    steps: int, columns: int, seed: int
) -> None:
    values = waves(steps, columns)
    task = Forecast(values)
    tail = steps - steps // 5
    known = np.array(values)[:tail]
    mean, std = known.mean(axis=0), known.std(axis=0)
    assert task.encoder.mean == pytest.approx(mean, rel=1e-4)
    assert task.encoder.std == pytest.approx(std, rel=1e-4)
    assert (task.output_mean, task.output_std) == (task.encoder.mean[0], task.encoder.std[0])
    batch = task.batch(4, seeded(seed))
    assert batch.x.shape == (4, min(100, tail // 2), columns)
    firsts = ((known - mean) / std)[:, 0]
    windows = np.lib.stride_tricks.sliding_window_view(firsts, task.steps + 1)
    for x, target in zip(batch.x[..., 0].numpy(), batch.target[..., 0].numpy(), strict=True):
        assert np.array_equal(x[1:], target[:-1])
        assert np.abs(windows - np.append(x, target[-1])).max(axis=1).min() < 1e-3
    assert batch.mask.int().sum(dim=1).tolist() == [task.steps - task.steps // 10] * 4
    held_out = task.held_out(9, seeded(seed))
    asked = held_out.target[held_out.mask][:, 0].numpy() * std[0] + mean[0]
    assert asked == pytest.approx(np.array(values)[tail:, 0], abs=1e-3)


def test_chance_of_a_series_is_what_repeating_the_present_value_scores() -> None:
    values = waves(300, 2)
    wanted = np.array(values)[240:, 0]
    repeated = np.array(values)[239:-1, 0]
    spread = ((wanted - wanted.mean()) ** 2).sum()
    assert Forecast(values).chance == pytest.approx(1 - ((wanted - repeated) ** 2).sum() / spread, abs=1e-5)


def test_examples_of_a_series_have_the_first_column_s_next_value_as_the_answer() -> None:
    values = waves(300, 2)
    task = Forecast(values, ("height", "tide"))
    for example in task.examples():
        assert example.values is not None
        at = int(example.ticks[0]) - 1
        assert example.values == values[at : at + len(example.values)]
        assert [float(text) for text in example.target] == pytest.approx(
            [row[0] for row in values[at + 1 : at + 1 + len(example.values)]], rel=1e-5
        )
    first = task.examples()[0]
    assert (len(first.target), first.ticks[-1]) == (100, "299")
    assert task.outputs == ("next height",)
    words = task.in_words()
    assert words.startswith(f"It reads 100 values of height, {values[199][0]:.6g} {values[200][0]:.6g} ")
    assert "and 1 more columns along with it" in words
    assert f"the value that follows: {values[200][0]:.6g} " in words


def test_columns_without_names_are_numbered() -> None:
    assert Forecast(waves(50, 2)).encoder.names == ("column 1", "column 2")


def changed(values: Rows, step: int, value: float, column: int = 0) -> Rows:
    row = tuple(value if c == column else v for c, v in enumerate(values[step]))
    return (*values[:step], row, *values[step + 1 :])


@pytest.mark.parametrize(
    ("values", "names", "kind", "says"),
    [
        (
            waves(39),
            (),
            InputError,
            "A series to learn from needs at least 40 steps, so that a tail can be held out, and this one "
            "has 39: bring a longer one.",
        ),
        ((), (), InputError, "this one has 0: bring a longer one."),
        (
            waves(10_001),
            (),
            LimitError,
            "A series to learn from may have at most 10,000 steps, and this one has 10,001: cut it, or keep "
            "every tenth step.",
        ),
        (
            waves(40, 17),
            (),
            LimitError,
            "A series to learn from may have at most 16 columns, and this one has 17: choose some of them.",
        ),
        ((*waves(40), (1.0, 2.0)), (), ShapeError, "needs the same columns at every step, at least one."),
        (((),) * 40, (), ShapeError, "needs the same columns at every step, at least one."),
        (
            waves(40, 2),
            ("a", "a"),
            InputError,
            "A series of 2 columns needs as many different names, got 'a', 'a'.",
        ),
        (waves(40, 2), ("a",), InputError, "A series of 2 columns needs as many different names, got 'a'."),
        (
            changed(waves(60, 2), 6, math.nan, column=1),
            ("a", "b"),
            InputError,
            "A series to learn from needs a number between -1e30 and 1e30 at every step, and 'b' has nan at "
            "step 7: fill or drop such steps first.",
        ),
        (changed(waves(60), 59, math.inf), (), InputError, "'column 1' has inf at step 60"),
        (changed(waves(60), 0, -2e30), (), InputError, "'column 1' has -2e+30 at step 1"),
        (
            ((3.5,),) * 60,
            ("level",),
            InputError,
            "'level' has the same value, 3.5, at all 48 steps that are learned from: there is nothing to "
            "forecast from it. Leave the column out, or bring a series that changes.",
        ),
        (
            tuple((*row, 0.1) for row in waves(60)),
            (),
            InputError,
            "'column 2' has the same value, 0.1, at all 48",
        ),
        (
            (*waves(48), *(((2.0,),) * 12)),
            (),
            InputError,
            "'column 1' does not change over the 12 steps that are held out to test on, the last fifth (it "
            "is 2 there): a forecast of it cannot be scored. Bring a series that changes to its end.",
        ),
        (
            changed(waves(60), 55, 1e20),
            (),
            InputError,
            "'column 1' has 1e+20 among the last 12 steps, more than a million standard deviations away from "
            "what is learned from: is that number a mistake?",
        ),
    ],
)
def test_a_series_that_cannot_be_learned_from_is_refused(
    values: Rows, names: tuple[str, ...], kind: type[GateScopeError], says: str
) -> None:
    with pytest.raises(kind) as caught:
        Forecast(values, names)
    assert says in str(caught.value)


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=40, max_size=60),
)
def test_whatever_series_is_taken_gives_finite_numbers(numbers: list[float]) -> None:
    try:
        task = Forecast(tuple((number,) for number in numbers))
    except InputError:
        return
    for batch in (task.batch(3, seeded(0)), task.held_out(1, seeded(0))):
        assert bool(batch.x.isfinite().all())
        assert bool(batch.target.isfinite().all())
    assert math.isfinite(task.chance)


@given(st.text(min_size=0, max_size=300))
def test_whatever_text_is_taken_gives_batches(text: str) -> None:
    try:
        task = Text(text)
    except (InputError, LimitError):
        return
    batch = task.batch(2, seeded(0))
    assert torch.equal(batch.x.sum(dim=-1), torch.ones(2, 64))
    assert 0 <= task.chance <= 1
