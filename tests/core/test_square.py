"""The gate square: where points lie is counted by hand and by numpy, and each extreme is where it must be."""

import numpy as np
import pytest

from gru_core import EXTREMES, GRU, GateOverride, trace
from gru_core.analysis import square as square_module
from gru_core.analysis.frozen import FrozenScores
from gru_core.analysis.square import BINS, gate_square
from gru_core.analysis.square_facts import SQUARE_TEXTS, square_facts
from gru_core.errors import InputError
from gru_core.figures.square import square_figure
from tests.support.handmade import handmade_trace, random_trace

POINTS = [
    # R, Z, where
    (1.0, 0.0, "rnn"),
    (0.9, 0.1, "rnn"),
    (0.89, 0.05, ""),
    (0.0, 0.0, "input_only"),
    (0.1, 0.1, "input_only"),
    (0.05, 0.11, ""),
    (0.0, 1.0, "copy"),
    (1.0, 0.9, "copy"),
    (0.5, 0.5, ""),
    (0.5, 0.0, ""),
]


def facts(t, **more):
    return [fact.key for fact in square_facts(gate_square(t), **more)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_point_is_where_its_definition_puts_it(dtype):
    """One unit that is at ten places one after the other; the edges of a place belong to it."""
    R, Z, where = zip(*POINTS, strict=True)
    found = gate_square(handmade_trace(np.array(Z)[:, None], np.array(R)[:, None], dtype=dtype))
    for place, shares in found.shares.items():
        assert shares[0] == pytest.approx(where.count(place) / len(POINTS)), place
    assert found.elsewhere == pytest.approx(where.count("") / len(POINTS))
    assert found.R[0] == pytest.approx(np.mean(R), rel=1e-6)
    assert found.Z[0] == pytest.approx(np.mean(Z), rel=1e-6)
    assert found.spread[0] == pytest.approx(1.0)
    assert [found.counts[at] for at in ((-1, 0), (0, -1), (0, 0))] == [1, 1, 1]
    assert found.counts.sum() == found.points == len(POINTS)


def test_the_counts_are_numpys_histogram_whatever_the_blocks(monkeypatch):
    t = random_trace(seed=3, batch=2, time=40, units=7)
    whole = gate_square(t)
    by_numpy = np.histogram2d(t.Z.ravel(), t.R.ravel(), bins=BINS, range=[[0, 1], [0, 1]])[0]
    assert (whole.counts == by_numpy).all()
    monkeypatch.setattr(square_module, "_BLOCK", 30)
    parts = gate_square(t)
    assert (parts.counts == whole.counts).all()
    np.testing.assert_allclose(parts.R, t.R.mean(axis=(0, 1)), rtol=1e-6)
    np.testing.assert_allclose(parts.Z, t.Z.mean(axis=(0, 1)), rtol=1e-6)
    assert parts.shares["copy"].tolist() == whole.shares["copy"].tolist()
    assert (parts.spread == whole.spread).all()


def test_some_units_are_the_square_of_a_trace_of_those_alone():
    t = random_trace(seed=5, time=20, units=6)
    some = gate_square(t, (4, 1, 4))
    alone = gate_square(handmade_trace(t.Z[..., [1, 4]], t.R[..., [1, 4]]))
    assert (some.counts == alone.counts).all()
    assert (some.units, some.share("rnn")) == (2, alone.share("rnn"))
    for wrong in ((6,), (-1,), ()):
        with pytest.raises(InputError, match="0 to 5"):
            gate_square(t, wrong)


@pytest.mark.parametrize("steps", [1, 9])
@pytest.mark.parametrize("setting", ["rnn", "input_only", "copy"])
def test_an_extreme_has_all_its_points_in_its_place_and_says_so(setting, steps):
    gru = GRU(3, 5, num_layers=2, bidirectional=True)
    for t in trace(gru, np.random.default_rng(0).normal(size=(steps, 3)), overrides=EXTREMES[setting]):
        found = gate_square(t)
        assert found.share(setting) == 1.0
        told = square_facts(found)
        assert told[0].key == f"all_{setting}"
        assert f"{5 * steps} points" in told[0].text


def test_nearly_an_extreme_is_not_called_one():
    almost = (GateOverride("Z", 0.05), GateOverride("R", 1.0))
    t = trace(GRU(2, 4), np.ones((6, 2)), overrides=almost)[0]
    assert facts(t) == ["all_near_rnn"]


def test_what_is_said_of_units_is_true_of_the_gates():
    held = (GateOverride("Z", 0.25, units=(1, 2)), GateOverride("R", 0.75, units=(1, 2)))
    t = trace(GRU(2, 4), np.random.default_rng(1).normal(size=(30, 2)), overrides=held)[0]
    told = square_facts(gate_square(t), gate_square(t, (1, 2)), (1, 2))
    said = {fact.key: dict(fact.values) for fact in told}
    assert said["still"] == {"still": 2, "units": 4}
    means = t.Z[0].mean(axis=0)
    assert (said["means"]["most"], said["means"]["least"]) == (means.argmax(), means.argmin())
    assert said["means"]["most_z"] == pytest.approx(means.max(), rel=1e-5)
    assert said["selected"] == {"count": 2, "copy": 0.0, "rnn": 0.0, "input_only": 0.0}
    everywhere = (GateOverride("Z", 0.25), GateOverride("R", 0.75))
    assert facts(trace(GRU(2, 4), np.ones((5, 2)), overrides=everywhere)[0]) == ["one_place"]
    assert facts(trace(GRU(2, 1), np.ones((1, 2)))[0]) == ["one_place"]
    assert facts(trace(GRU(2, 1), np.random.default_rng(1).normal(size=(9, 2)))[0])[1] == "mean"


def test_the_shares_that_are_said_add_up_to_all():
    values = dict(square_facts(gate_square(random_trace(seed=9, time=200, units=8)))[0].values)
    assert sum(values[name] for name in ("copy", "rnn", "input_only", "rest")) == pytest.approx(1.0)
    assert SQUARE_TEXTS["shares"].format(**values).count("%") == 4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_figure_draws_the_points_the_counts_and_the_scores(theme):
    t = random_trace(seed=2, time=15, units=6)
    found = gate_square(t)
    figure = square_figure(t, found, 4, selected=(1, 5), theme=theme)
    behind, others, chosen = figure.data
    where = found.counts > 0
    assert (np.isfinite(behind.z) == where).all()
    np.testing.assert_allclose(10 ** behind.z[where], found.counts[where] / found.counts.max())
    assert chosen.customdata.tolist() == [1, 5]
    np.testing.assert_array_equal(chosen.x, t.R[0, 4, [1, 5]])
    np.testing.assert_array_equal(others.y, t.Z[0, 4, [0, 2, 3, 4]])
    named = " ".join(note.text for note in figure.layout.annotations)
    assert all(f"{found.share(place):.0%}" in named for place in found.shares)
    assert square_facts(found)[0].text in figure.layout.meta["text"]

    scores = FrozenScores(np.linspace(0, 1, 3), np.arange(9.0).reshape(3, 3) / 8, 0.9, 0.25, 64)
    scored = square_figure(t, found, 0, scores=scores, theme=theme).data[0]
    assert scored.z[2, 1] == 7 / 8
    assert (scored.x[1], scored.y[2]) == (0.5, 1.0)
    assert (scored.zmin, scored.zmax) == (0.25, 1.0)
    with pytest.raises(InputError, match="no step 15"):
        square_figure(t, found, 15)


def test_the_best_place_is_said_with_its_numbers():
    scores = FrozenScores(
        np.linspace(0, 1, 3), np.array([[0.1, 0.2, 0.3], [0.8, 0.4, 0.3], [0, 0, 0]]), 1, 0, 9
    )
    told = square_facts(gate_square(random_trace()), scores=scores)[-1]
    assert dict(told.values) == {"best": 0.8, "r": 0.0, "z": 0.5, "learned": 1, "chance": 0}
