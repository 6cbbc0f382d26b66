"""The facts and pictures of a survey, against counting by hand and the model's own traces."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest

from gru_core.analysis.saturation_facts import SATURATION_TEXTS, saturation_facts
from gru_core.demos import DEMOS, demo_path
from gru_core.errors import InputError
from gru_core.figures.saturation import saturation_figure, square_figure, time_scale_figure
from gru_core.formats import load_model
from gru_core.jobs import Parcel
from gru_core.overrides import EXTREMES
from gru_core.survey import Survey, survey
from gru_core.survey.of_model import count_data, data_parcel, survey_of_data
from gru_core.survey.statistics import About
from gru_core.survey.tally import Tally
from gru_core.survey.work import counts_of
from gru_core.tasks.to_search import sequences_of
from tests.core.test_survey import SHAPES, model_of, same, some

MAKERS = (saturation_figure, time_scale_figure, square_figure)


def by_hand() -> Survey:
    """Two layers of two units over four steps, with gates that can be counted on one's fingers."""
    tally = Tally.empty(2, 2)
    R = np.array([[0.0, 1.0], [0.05, 0.95], [0.5, 0.5], [0.95, 0.95]], np.float32)
    Z = np.array([[1.0, 0.0], [1.0, 0.05], [1.0, 0.5], [1.0, 0.5]], np.float32)
    tally.add(0, R, Z)
    tally.add(1, np.full((4, 2), 0.5, np.float32), np.full((4, 2), 0.75, np.float32))
    places = ((0, "forward"), (0, "backward"))
    return Survey(About("", (), places), tally, 2, 4, 1, 3, left_out=1, refused=(("x", "It is gone."),))


def test_shares_counted_by_hand() -> None:
    found = by_hand()
    np.testing.assert_array_equal(found.left_saturated("R"), [[0.5, 0], [0, 0]])
    np.testing.assert_array_equal(found.right_saturated("R"), [[0.25, 0.75], [0, 0]])
    np.testing.assert_array_equal(found.left_saturated("Z"), [[0, 0.5], [0, 0]])
    np.testing.assert_array_equal(found.right_saturated("Z"), [[1, 0], [0, 0]])
    np.testing.assert_allclose(found.time_scale(), [[np.inf, 1 / (1 - 1.05 / 4)], [4, 4]])


def test_sentences_counted_by_hand() -> None:
    said = [str(each) for each in saturation_facts(by_hand())]
    assert said == [
        "Z is above 0.9 at 25% of all steps of all units and below 0.1 at 12%. Of 4 units 1 mostly keep what "
        "they have, and 0 mostly take what is new.",
        "R is above 0.9 at 25% of all steps and below 0.1 at 12%: 1 of 4 units mostly show the candidate "
        "their old state, and 0 mostly hide it.",
        "In 1 of 4 units Z is 1 at every step: what they hold lasts for ever.",
        "Counted over 4 steps of 2 sequences, which have 1 to 3 steps.",
        "1 sequence could not be read and is not in it.",
    ]
    of_unit = [str(each) for each in saturation_facts(by_hand(), 1, 0)][2]
    assert of_unit == (
        "Unit 0 in layer 0 backward: Z is above 0.9 at 0% of the steps and below 0.1 at 0%, R at 0% and 0%; "
        "at its mean Z what it holds lasts 4 steps."
    )
    assert "Z is 1 at every step, so that it keeps for ever" in str(saturation_facts(by_hand(), 0, 0)[2])


@pytest.mark.parametrize(
    ("setting", "z", "r"),
    [("rnn", "z_zero", "r_one"), ("input_only", "z_zero", "r_zero"), ("copy", "z_one", None)],
)
def test_the_extremes_say_what_they_are(setting: str, z: str, r: str | None) -> None:
    model, data = model_of(*SHAPES[0]), some(5, count=3)
    facts = saturation_facts(survey(model, data, EXTREMES[setting]))
    assert facts[0].key == z
    assert r is None or facts[1].key == r
    assert facts[2].key == ("forever" if setting == "copy" else "shortest")
    assert all(fact.key in SATURATION_TEXTS for fact in facts)


def test_a_dot_is_a_units_shares() -> None:
    model, data = model_of(*SHAPES[0]), some(5, count=4)
    found = survey(model, data)
    figure = saturation_figure(found, cell=3, unit=7)
    dots = [trace for trace in figure.data if trace.customdata is not None]
    assert len(dots) == 2 * 4
    for index, trace in enumerate(dots):
        gate, cell = "RZ"[index // 4], index % 4
        np.testing.assert_array_equal(trace.x, found.right_saturated(gate)[cell])
        np.testing.assert_array_equal(trace.y, found.left_saturated(gate)[cell])
        assert [tuple(place) for place in trace.customdata] == [(cell, unit) for unit in range(33)]
    ring = next(trace for trace in figure.data if trace.marker.symbol == "circle-open" and len(trace.x) == 1)
    assert (ring.x[0], ring.y[0]) == (found.right_saturated("R")[3, 7], found.left_saturated("R")[3, 7])


def test_time_scales_and_squares_are_drawn_as_counted() -> None:
    model, data = model_of(*SHAPES[1]), some(3, count=4)
    found = survey(model, data)
    line = time_scale_figure(found).data[0]
    np.testing.assert_allclose(line.y, np.sort(found.time_scale()[0])[::-1])
    units = [unit for _, unit in line.customdata]
    np.testing.assert_array_equal(found.time_scale()[0][units], line.y)
    picture = square_figure(found).data[0]
    # Rows of a heatmap run up the y axis, which is Z.
    np.testing.assert_allclose(np.asarray(picture.customdata).T, found.tally.square[0] / found.steps / 64)
    picture = square_figure(found, unit=9).data[0]
    np.testing.assert_allclose(np.asarray(picture.customdata).T, found.tally.unit_square[0, 9] / found.steps)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("make", MAKERS)
def test_every_figure_has_its_words(make: Callable[..., go.Figure], theme: str) -> None:
    for unit in (-1, 1):
        figure = make(by_hand(), cell=1, unit=unit, theme=theme, text="What it shows.")
        meta = figure.layout.meta
        assert meta["text"] == "What it shows."
        assert meta["title"]
        assert meta["how"]
        assert meta["theme"] == theme


def test_a_models_own_data_are_counted_by_a_worker_as_here() -> None:
    model = load_model(demo_path("parity"))
    found = survey_of_data(model, EXTREMES["copy"], steps=500)
    data = sequences_of(model, 500)
    expected = survey(model, [(str(i), each) for i, each in enumerate(data)], EXTREMES["copy"])
    assert same(found, expected)
    told: list[float] = []
    parcel = data_parcel(model, EXTREMES["copy"], steps=500)
    counted = count_data(parcel, lambda parcel: told.append(parcel.head["done"]), lambda: None)
    assert same(counts_of(Parcel.from_bytes(counted.to_bytes()), found.about), expected)
    assert told == sorted(told)
    assert all(0 <= done < 1 for done in told)
    stopped = count_data(parcel, lambda parcel: None, lambda: "stop")
    assert stopped.head["sequences"] == 0


@pytest.mark.parametrize("name", DEMOS)
def test_every_demo_has_data_of_its_own(name: str) -> None:
    found = survey_of_data(load_model(demo_path(name)), steps=1_000)
    assert 0 < found.steps <= 1_000
    assert len(saturation_facts(found)) == 4


def test_a_model_without_data_says_so() -> None:
    with pytest.raises(InputError, match="comes with no data of its own"):
        survey_of_data(model_of(*SHAPES[0]))


@pytest.mark.slow
def test_the_letters_model_beside_the_published_picture() -> None:
    """The numbers in docs/views/saturation.md."""
    found = survey_of_data(load_model(demo_path("letters")))
    assert (found.sequences, found.steps) == (112, 64_597)
    right, left = (
        {gate: share(gate) for gate in "RZ"} for share in (found.right_saturated, found.left_saturated)
    )
    first, second = 0, 1
    assert round(right["R"][first].mean(), 3) == 0.055
    assert round(right["Z"][first].mean(), 3) == 0.126
    assert round(left["R"][first].mean(), 2) == 0.71
    assert round(left["Z"][first].mean(), 2) == 0.60
    assert [round(right[gate][second].mean(), 3) for gate in "RZ"] == [0.345, 0.221]
    assert [round(left[gate][second].mean(), 2) for gate in "RZ"] == [0.55, 0.71]
    assert (right["Z"][first] > 0.5).sum() == 0
    assert (right["R"][first] > 0.5).sum() == 0
    assert (right["Z"][second] > 0.9).sum() == 8
    assert (left["Z"][second] > 0.9).sum() == 40
    assert not any(((left[gate] < 0.1) & (right[gate] < 0.1)).any() for gate in "RZ")
    assert 2.4 < found.time_scale()[first].max() < 2.5
    assert (found.time_scale()[second] > 50).sum() == 8
