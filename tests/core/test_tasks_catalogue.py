"""Every task of the menu keeps the promises of a Task, and its spec is enough to make it again."""

import json
import math
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gru_core.errors import GateScopeError, InputError, LimitError
from gru_core.formats import load_model
from gru_core.formats.gatescope import save_model
from gru_core.model import GRU, SequenceModel
from gru_core.sequences import read_sequence
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.sequences.examples import demo_sequence, example_sequence
from gru_core.sequences.sequence import Sequence
from gru_core.tasks.base import Task, card_of
from gru_core.tasks.catalogue import TASKS, TaskSpec
from gru_core.tasks.evaluation import held_out_score

SERIES = tuple((math.sin(t / 5), math.cos(t / 7) + t / 50) for t in range(120))
OWN: dict[str, dict[str, Any]] = {
    "text": {"text": "The gate closes, and what was known is kept.\n" * 8},
    "forecast": {"values": SERIES, "names": ("height", "tide")},
}
SPECS = [TaskSpec(name, **OWN.get(name, {})) for name in TASKS]
by_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
LENGTHS = [(name, entry.length) for name, entry in TASKS.items() if entry.length is not None]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def untrained(task: Task) -> SequenceModel:
    torch.manual_seed(0)
    gru = GRU(task.encoder.width, 3)
    return SequenceModel(task.encoder, gru, nn.Linear(3, len(task.outputs)), card_of(task, None))


def test_the_menu() -> None:
    assert list(TASKS) == [
        "remember",
        "copying",
        "adding",
        "parity",
        "majority",
        "brackets",
        "counting",
        "flipflop",
        "elnino",
        "sentiment",
        "digits",
        "text",
        "forecast",
    ]
    assert [entry.kind for entry in TASKS.values()] == ["made"] * 8 + ["real"] * 3 + ["own"] * 2
    assert {name for name, _ in LENGTHS} == {name for name, entry in TASKS.items() if entry.kind == "made"}
    remember = TASKS["remember"].length
    assert remember is not None
    assert (remember.least, remember.most, remember.default) == (5, 200, 50)
    with pytest.raises(TypeError):
        TASKS["mine"] = TASKS["text"]  # it is the same for everybody


@by_spec
def test_an_entry_says_of_its_task_what_the_task_says(spec: TaskSpec) -> None:
    entry, task = TASKS[spec.name], spec.make()
    assert (entry.name, entry.title, entry.task, entry.remember) == (
        task.name,
        task.title,
        task.task,
        task.remember,
    )
    assert all((task.title, task.task, task.remember, task.guess, task.source, task.metric))
    assert 0 < entry.updates <= 1500
    assert 0 < entry.hidden <= 64
    assert 0 < entry.learning_rate <= 0.01
    if task.learned is None:
        assert entry.kind == "own"
    else:
        assert task.chance + 0.1 < task.learned < 1


@by_spec
def test_batches_keep_their_promises(spec: TaskSpec) -> None:
    task = spec.make()
    for draw in (task.batch, task.held_out):
        one, again = draw(5, seeded(3)), draw(5, seeded(3))
        assert all(torch.equal(getattr(one, part), getattr(again, part)) for part in ("x", "target", "mask"))
        size, time, inputs = one.x.shape
        assert (inputs, one.x.dtype, bool(one.x.isfinite().all())) == (
            task.encoder.width,
            torch.float32,
            True,
        )
        assert (one.mask.shape, one.mask.dtype) == ((size, time), torch.bool)
        # Every sequence is asked as often as the others, and at least once.
        assert len(set(one.mask.sum(dim=1).tolist())) == 1
        assert bool(one.mask.any())
        if task.answer == "class":
            assert (one.target.shape, one.target.dtype) == ((size, time), torch.int64)
            assert 0 <= int(one.target.min()) <= int(one.target.max()) < len(task.outputs)
        else:
            assert (one.target.shape, one.target.dtype) == ((size, time, len(task.outputs)), torch.float32)
        if task.when == "last step":
            assert one.mask.sum(dim=1).tolist() == [1] * size
            assert not bool(
                (one.x.abs().sum(dim=-1) > 0)[one.mask.int().cumsum(dim=1) > one.mask.int()].any()
            )
    assert task.batch(5, seeded(0)).x.shape[0] == 5
    assert max(task.batch(2, seeded(seed)).x.shape[1] for seed in range(30)) <= task.steps
    one, other = task.batch(64, seeded(1)), task.batch(64, seeded(2))
    assert one.x.shape != other.x.shape or not torch.equal(one.x, other.x)


@by_spec
def test_every_example_is_what_its_model_reads_with_answers_it_can_give(spec: TaskSpec) -> None:
    task = spec.make()
    examples = task.examples()
    assert len({example.title for example in examples}) == len(examples) >= 3
    for example in examples:
        x = task.encoder.encode(example_sequence(example, task.encoder))
        assert x.shape == (len(example.target), task.encoder.width)
        asked = [answer for answer in example.target if answer]
        assert asked
        if task.answer == "class":
            assert set(asked) <= set(task.outputs)
        else:
            assert all(math.isfinite(float(answer)) for answer in asked)
        if task.when == "last step":
            assert example.target[-1] == asked[0] == asked[-1]
            assert len(asked) == 1
    assert task.in_words() == spec.make().in_words()
    assert task.in_words().startswith("It reads ")
    assert task.in_words().endswith((".", "…"))


@by_spec
def test_a_model_of_the_task_goes_through_a_file(spec: TaskSpec, tmp_path: Path) -> None:
    task = spec.make()
    model = untrained(task)
    score = held_out_score(model, task, batches=1, size=8)
    assert math.isfinite(score)
    save_model(model, tmp_path / "model.safetensors")
    loaded = load_model(tmp_path / "model.safetensors")
    assert (loaded.encoder, loaded.gru.fingerprint()) == (model.encoder, model.gru.fingerprint())
    ours, theirs = vars(model.card) | {"examples": ()}, vars(loaded.card) | {"examples": ()}
    assert ours == theirs
    assert [vars(e) for e in loaded.card.examples] == [vars(e) for e in task.examples()]
    assert held_out_score(loaded, task, batches=1, size=8) == score
    for index in range(len(loaded.card.examples)):
        assert len(demo_sequence(loaded, index)) == len(task.examples()[index].target)


@by_spec
def test_a_spec_goes_through_json_and_makes_the_same_task(spec: TaskSpec) -> None:
    again = TaskSpec.from_dict(json.loads(json.dumps(spec.to_dict())))
    assert (again, hash(again)) == (spec, hash(spec))
    one, other = spec.make(), again.make()
    assert one == other
    assert torch.equal(one.batch(8, seeded(4)).x, other.batch(8, seeded(4)).x)
    with pytest.raises(FrozenInstanceError):
        spec.name = "other"  # type-checked code cannot do this either


@pytest.mark.parametrize(("name", "bounds"), LENGTHS, ids=[name for name, _ in LENGTHS])
@given(data=st.data())
def test_every_length_in_range_makes_a_task_and_no_other_does(
    name: str, bounds: Any, data: st.DataObject
) -> None:
    length = data.draw(st.integers(-10, 2 * bounds.most))
    if bounds.least <= length <= bounds.most:
        spec = TaskSpec(name, length)
        assert TaskSpec.from_dict(spec.to_dict()) == spec
        task = spec.make()
        assert length <= task.steps <= length + 6
        assert bool(task.batch(2, seeded(0)).mask.any())
    else:
        with pytest.raises(LimitError) as caught:
            TaskSpec(name, length)
        assert str(caught.value) == (
            f"{name!r} may have {bounds.least} to {bounds.most} {bounds.what}, got {length:,}: "
            "choose one in between."
        )


def test_no_length_is_the_default_one() -> None:
    for name, bounds in LENGTHS:
        assert bounds is not None
        assert TaskSpec(name) == TaskSpec(name, bounds.default)
        assert TaskSpec(name).to_dict() == {"name": name, "length": bounds.default}
        assert TaskSpec.from_dict({"name": name}) == TaskSpec(name)
    assert TaskSpec("digits").to_dict() == {"name": "digits"}


@pytest.mark.parametrize(
    ("plain", "says"),
    [
        ({}, "A task needs a name."),
        ([], "A task is described by named settings, got '[]'."),
        ({"name": "poetry"}, "There is no task 'poetry': choose one of remember, copying, adding, "),
        ({"name": 3}, "The setting 'name' of a task must be text, got '3'."),
        ({"name": "digits", "size": 3}, "A task has no setting 'size'."),
        ({"name": "parity", "length": "9"}, "The length of 'parity' must be a whole number, got '9'."),
        ({"name": "parity", "length": 9.0}, "The length of 'parity' must be a whole number, got 9.0."),
        ({"name": "parity", "length": True}, "The length of 'parity' must be a whole number, got True."),
        ({"name": "digits", "length": 9}, "The task 'digits' has no length to choose: leave it out."),
        (
            {"name": "parity", "text": "abc"},
            "The task 'parity' takes no text: leave them out, or choose 'text'.",
        ),
        (
            {"name": "text", "values": [[1.0]]},
            "The task 'text' takes no values: leave them out, or choose 'forecast'.",
        ),
        (
            {"name": "text", "names": ["a"]},
            "The task 'text' takes no names: leave them out, or choose 'forecast'.",
        ),
        ({"name": "text", "text": ["a"]}, "The setting 'text' of a task must be text, got \"['a']\"."),
        ({"name": "forecast", "values": 3}, "'values' of a task must be a list of rows of numbers, got '3'."),
        ({"name": "forecast", "values": [1.0]}, "must be a list of rows of numbers, got '[1.0]'."),
        ({"name": "forecast", "values": [["1"]]}, "must be a list of rows of numbers, got \"[['1']]\"."),
        ({"name": "forecast", "values": [[10**400]]}, "must be a list of rows of numbers, got '[[1000"),
        ({"name": "forecast", "names": "ab"}, "The setting 'names' of a task must be a list of texts"),
    ],
)
def test_what_is_no_spec_is_refused(plain: Any, says: str) -> None:
    with pytest.raises(InputError) as caught:
        TaskSpec.from_dict(plain)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "kind", "says"),
    [
        (TaskSpec("text"), InputError, "There is no text to learn from: paste at least 200 characters."),
        (TaskSpec("text", text="aaaa"), InputError, "has only 'a': there is nothing to predict"),
        (TaskSpec("text", text="ab" * 60_000), LimitError, "at most 100,000 characters"),
        (TaskSpec("forecast"), InputError, "needs at least 40 steps"),
        (TaskSpec("forecast", values=((1.0,),) * 50), InputError, "has the same value, 1, at all 40 steps"),
    ],
)
def test_a_text_or_series_is_checked_when_the_task_is_made(
    spec: TaskSpec, kind: type[GateScopeError], says: str
) -> None:
    with pytest.raises(kind) as caught:
        spec.make()
    assert says in str(caught.value)


def test_a_sequence_that_was_read_becomes_a_forecast(tmp_path: Path) -> None:
    file = tmp_path / "tides.csv"
    lines = (f"2024-01-{1 + t // 10:02d},{a:.3f},{b:.3f}" for t, (a, b) in enumerate(SERIES))
    file.write_text("day,height,tide\n" + "\n".join(lines), encoding="utf-8")
    sequence = read_sequence(file)
    spec = TaskSpec.of_series(sequence)
    task = spec.make()
    assert task.outputs == ("next height",)
    assert spec.names == sequence.names
    assert np.array_equal(np.array(spec.values, np.float32), sequence.values)
    # What a trained model will read of the same file is what it was trained on.
    encoded = torch.tensor(task.encoder.encode(sequence))
    assert torch.allclose(task.held_out(1, seeded(0)).x[0], encoded[96 - task.steps : -1], atol=1e-6)


@pytest.mark.parametrize(
    ("values", "symbolic", "kind", "says"),
    [
        (np.eye(60), True, InputError, "A forecast needs numbers, and this sequence is symbols: choose"),
        (
            np.ones((60, 17)),
            False,
            LimitError,
            "at most 10,000 steps and 16 columns, and this one has 60 and 17",
        ),
        (np.ones((10_001, 1)), False, LimitError, "and this one has 10,001 and 1: cut it, or choose some of"),
    ],
)
def test_a_sequence_that_cannot_be_forecast_is_refused(
    values: Any, symbolic: bool, kind: type[GateScopeError], says: str
) -> None:
    steps, columns = values.shape
    names = tuple(f"c{i}" for i in range(columns))
    with pytest.raises(kind, match=says):
        TaskSpec.of_series(Sequence(values, ("",) * steps, names, symbolic=symbolic))


def test_a_text_model_reads_the_text_it_was_trained_on() -> None:
    task = TaskSpec("text", **OWN["text"]).make()
    assert isinstance(task.encoder, SymbolEncoder)
    assert task.encoder.vocabulary == tuple(sorted(set(OWN["text"]["text"])))
