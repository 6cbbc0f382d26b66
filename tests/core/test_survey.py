"""A survey against plain counting over full traces; the same to the last bit, whoever counts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from gru_core.analysis.timescale import time_scale
from gru_core.errors import InputError, LimitError, OverrideError
from gru_core.jobs import WorkerPool
from gru_core.model import GRU, ModelCard, SequenceModel
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences import Sequence, SymbolEncoder, plain_encoder, sequence_from_symbols
from gru_core.survey import Survey, merge, survey, survey_of_traces
from gru_core.survey import chunks as pieces
from gru_core.survey.statistics import About
from gru_core.survey.tally import check_units
from gru_core.survey.work import one_thread, places_of
from gru_core.trace import GateTrace, trace

ARRAYS = ("low", "high", "total", "square", "unit_square")
SHAPES = [
    # inputs, units, layers, both directions, reset mode
    (5, 33, 2, True, "before"),
    (3, 64, 1, False, "after"),
    (1, 7, 3, True, "after"),
    (2, 1, 1, False, "before"),
]


def model_of(inputs: int, units: int, layers: int, both: bool, mode: str) -> SequenceModel:
    """A model with weights three times as large as at the start, so that gates saturate."""
    torch.manual_seed(units)
    gru = GRU(inputs, units, layers, both, reset_mode=mode)
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter *= 3
    return SequenceModel(plain_encoder(inputs), gru, None, ModelCard("plain", "Plain"))


def numbers(values: np.ndarray) -> Sequence:
    names = tuple(f"input {i + 1}" for i in range(values.shape[1]))
    return Sequence(values, ("",) * len(values), names)


def some(inputs: int, count: int = 40, longest: int = 60) -> list[tuple[str, Sequence]]:
    draw = np.random.default_rng(7)
    return [(f"s{i}", numbers(draw.normal(size=(draw.integers(1, longest), inputs)))) for i in range(count)]


def same(one: Survey, other: Survey) -> bool:
    plain = ("sequences", "steps", "shortest", "longest", "left_out", "refused")
    return all(getattr(one, name) == getattr(other, name) for name in plain) and all(
        np.array_equal(getattr(one.tally, name), getattr(other.tally, name)) for name in ARRAYS
    )


def plain_counts(runs: list[list[GateTrace]]) -> dict[str, np.ndarray]:
    """Everything that is counted, in the plainest way there is."""
    cells, units = len(runs[0]), runs[0][0].units
    found = {
        "low": np.zeros((2, cells, units), int),
        "high": np.zeros((2, cells, units), int),
        "total": np.zeros((2, cells, units), int),
        "square": np.zeros((cells, 64, 64), int),
        "unit_square": np.zeros((cells, units, 16, 16), int),
    }
    for run in runs:
        for cell, t in enumerate(run):
            for gate, values in enumerate((t.R[0], t.Z[0])):
                found["low"][gate, cell] += (values < np.float32(0.1)).sum(axis=0)
                found["high"][gate, cell] += (values > np.float32(0.9)).sum(axis=0)
                for unit in range(units):
                    sums = (round(float(value) * 2**30) for value in values[:, unit])
                    found["total"][gate, cell, unit] += sum(sums)
            r, z = t.R[0].astype(float), t.Z[0].astype(float)
            for side, into in ((64, None), (16, range(units))):
                edges = np.linspace(0, 1, side + 1)
                for unit in into or [slice(None)]:
                    square = np.histogram2d(r[:, unit].ravel(), z[:, unit].ravel(), (edges, edges))[0]
                    if into is None:
                        found["square"][cell] += square.astype(int)
                    else:
                        found["unit_square"][cell, unit] += square.astype(int)
    return found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kernel", ["auto", "torch"])
def test_it_is_a_plain_count_over_full_traces(
    shape: tuple[int, int, int, bool, str], kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATESCOPE_KERNEL", kernel)
    model, data = model_of(*shape), some(shape[0], count=12)
    found = survey(model, data)
    with one_thread():
        expected = plain_counts([trace(model.gru, each.values) for _, each in data])
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found.tally, name), expected[name], err_msg=name)
    lengths = [len(each) for _, each in data]
    assert (found.sequences, found.steps) == (12, sum(lengths))
    assert (found.shortest, found.longest) == (min(lengths), max(lengths))


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_same_whatever_is_counted_together(
    shape: tuple[int, int, int, bool, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data = model_of(*shape), some(shape[0])
    whole = survey(model, data)
    for rows, chunk in ((1, 512), (7, 512), (32, 3), (5, 11)):
        monkeypatch.setattr(pieces.chunks, "__defaults__", (chunk,))
        assert same(whole, survey(model, data, rows=rows)), (rows, chunk)
    order = random.Random(0)
    for parts in (2, 5, 40):
        shuffled = order.sample(data, len(data))
        found = [survey(model, shuffled[start::parts]) for start in range(parts)]
        order.shuffle(found)
        assert same(whole, merge(found)), parts
        # Merging what was merged, from the left as from the right.
        left = right = found[0]
        for each in found[1:]:
            left, right = merge([left, each]), merge([each, right])
        assert same(whole, left)
        assert same(whole, right)


@pytest.mark.slow
def test_it_is_the_same_whoever_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces.chunks, "__defaults__", (4,))
    model = model_of(*SHAPES[0])
    data = [*some(5), ("wrong", numbers(np.ones((3, 4)))), ("short", numbers(np.ones((1, 5))))]
    setting = (GateOverride("Z", 0.25, units=(2,), steps=(1,)),)
    here = survey(model, data, setting)
    assert here.left_out == 1 + sum(len(each) < 2 for _, each in data if each.values.shape[1] == 5)
    with WorkerPool(2) as jobs:
        assert same(here, survey(model, data, setting, jobs=jobs, under_way=3))


def test_symbols_are_counted_as_their_one_hot_inputs() -> None:
    torch.manual_seed(3)
    gru = GRU(3, 20, 2, True)
    model = SequenceModel(SymbolEncoder(("a", "b", "c")), gru, None, ModelCard("abc", "ABC"))
    draw = random.Random(1)
    texts = ["".join(draw.choices("abc", k=draw.randint(1, 30))) for _ in range(20)]
    found = survey(model, [(text, sequence_from_symbols(text, text)) for text in texts])
    with one_thread():
        eye = np.eye(3, dtype=np.float32)
        expected = plain_counts([trace(gru, eye[["abc".index(c) for c in text]]) for text in texts])
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found.tally, name), expected[name], err_msg=name)


@pytest.mark.parametrize(
    "setting",
    [
        *EXTREMES.values(),
        (GateOverride("R", 0.3, units=(0, 4), steps=slice(-3, None), blend=0.5),),
        (GateOverride("Z", 0.9, layers=(1,), direction="backward"),),
    ],
)
def test_gates_that_are_set_are_counted_as_set(setting: tuple[GateOverride, ...]) -> None:
    """Steps counted from the end are those of each sequence's own end."""
    model, data = model_of(*SHAPES[0]), some(5, count=15, longest=9)
    found = survey(model, data, setting)
    with one_thread():
        expected = plain_counts([trace(model.gru, each.values, overrides=setting) for _, each in data])
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found.tally, name), expected[name], err_msg=name)


def test_shares_means_and_time_scales_are_those_of_the_traces() -> None:
    model, data = model_of(*SHAPES[1]), some(3, count=1)
    t = trace(model.gru, data[0][1].values)[0]
    found = survey(model, data)
    np.testing.assert_allclose(found.left_saturated("R")[0], (t.R[0] < 0.1).mean(axis=0))
    np.testing.assert_allclose(found.right_saturated("Z")[0], (t.Z[0] > 0.9).mean(axis=0))
    np.testing.assert_allclose(found.mean("R")[0], t.R[0].astype(float).mean(axis=0), rtol=0, atol=5e-10)
    np.testing.assert_allclose(found.time_scale()[0], time_scale(t), rtol=1e-6)
    expected = np.histogram(t.Z[0].astype(float), np.linspace(0, 1, 65))[0]
    np.testing.assert_array_equal(found.histogram("Z")[0], expected)
    expected = np.histogram(t.R[0].astype(float), np.linspace(0, 1, 65))[0]
    np.testing.assert_array_equal(found.histogram("R")[0], expected)
    copied = survey(model, data, EXTREMES["copy"])
    assert np.isinf(copied.time_scale()).all()
    assert (copied.right_saturated("Z") == 1).all()
    assert (survey(model, data, EXTREMES["rnn"]).time_scale() == 1).all()


def test_traces_that_are_there_give_the_same_survey() -> None:
    model, data = model_of(*SHAPES[0]), some(5, count=1)
    with one_thread():
        traces = trace(model.gru, data[0][1].values)
    about = About("", (), places_of(model.gru))
    assert same(survey(model, data), survey_of_traces(traces, about))


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_no_more_is_read_than_is_being_counted(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data are drawn as they are needed: an endless stream would never fill the memory."""
    monkeypatch.setattr(pieces.chunks, "__defaults__", (10,))
    model = model_of(*SHAPES[3])
    drawn, ahead = 0, []

    def stream() -> Iterator[tuple[str, Sequence]]:
        nonlocal drawn
        for number in range(400):
            drawn += 1
            yield f"s{number}", numbers(np.ones((3, 2)))

    def told(sequences: int, steps: int) -> None:
        assert steps == 3 * sequences
        ahead.append(drawn - sequences)

    if workers:
        with WorkerPool(workers) as jobs:
            found = survey(model, stream(), jobs=jobs, under_way=4, told=told)
        # Four chunks are with the workers, and one sequence began the chunk after them.
        assert max(ahead) <= 4 * 10 + 1
    else:
        found = survey(model, stream(), told=told)
        assert max(ahead) <= 1
    assert found.sequences == drawn == 400


def test_what_cannot_be_counted_is_named_and_left_out() -> None:
    model, data = model_of(*SHAPES[1]), some(3, count=5)
    given = [
        *data,
        ("narrow", numbers(np.ones((4, 2)))),
        ("lost", InputError("It is gone.")),
    ]
    found = survey(model, given)
    assert (found.sequences, found.left_out) == (5, 2)
    assert [name for name, _ in found.refused] == ["lost", "narrow"]
    said = dict(found.refused)
    assert said["lost"] == "It is gone."
    assert said["narrow"].startswith("This model reads 3 columns")
    assert same(replace(found, left_out=0, refused=()), survey(model, data))
    with pytest.raises(InputError, match=r"^narrow: This model reads 3 columns"):
        survey(model, given, strict=True)
    with pytest.raises(InputError, match=r"No sequence of these data can be used; lost: It is gone\."):
        survey(model, given[6:])
    with pytest.raises(InputError, match="There is no sequence in these data"):
        survey(model, [])
    with torch.no_grad():
        model.gru.cell(0).bias[70] = float("nan")
    for strict, says in (
        (False, "can be used; s0: Its gates are no numbers"),
        (True, "^s0: Its gates are no"),
    ):
        with pytest.raises(InputError, match=says):
            survey(model, data, strict=strict)


def test_a_setting_that_cannot_be_is_refused_before_anything_is_read() -> None:
    model = model_of(*SHAPES[1])

    def stream() -> Iterator[tuple[str, Sequence]]:
        raise AssertionError
        yield

    with pytest.raises(OverrideError, match="There is no unit 64"):
        survey(model, stream(), (GateOverride("Z", 1.0, units=(64,)),))
    with pytest.raises(LimitError, match=r"at most 16,384 units .* 5 x 4,096 = 20,480"):
        check_units(5, 4_096)


def test_surveys_of_different_things_are_not_merged() -> None:
    model, data = model_of(*SHAPES[3]), some(2, count=2)
    one = survey(model, data)
    with pytest.raises(InputError, match="under different gates"):
        merge([one, survey(model, data, EXTREMES["copy"])])
    other = model_of(*SHAPES[3])
    with torch.no_grad():
        other.gru.cell(0).bias += 1
    with pytest.raises(InputError, match="of different models"):
        merge([one, survey(other, data)])
    with pytest.raises(InputError, match="nothing to merge"):
        merge([])
