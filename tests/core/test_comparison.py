"""Two traces side by side: steps beside steps, units beside units, and where that makes no sense, sorted."""

import numpy as np
import pytest
import torch

from gru_core.analysis.comparison import LEVELS, Overlap, compare, overlap_of
from gru_core.analysis.comparison_facts import comparison_facts
from gru_core.errors import InputError, ShapeError
from gru_core.figures.comparison import comparison_figure
from gru_core.model import GRU
from gru_core.overrides import EXTREMES
from gru_core.trace import trace


def keys(facts):
    return [fact.key for fact in facts]


@pytest.mark.parametrize("from_end", [False, True])
@pytest.mark.parametrize("offset", range(-6, 7))
def test_every_step_stands_beside_the_one_the_offset_says(offset, from_end):
    """Against the pairs written out one by one."""
    left, right = 5, 7
    shift = offset + (right - left if from_end else 0)
    pairs = [(t, t + shift) for t in range(left) if 0 <= t + shift < right]
    if not pairs:
        with pytest.raises(InputError, match=f"offset of {offset}"):
            overlap_of(left, right, offset, from_end=from_end)
        return
    found = overlap_of(left, right, offset, from_end=from_end)
    assert [(found.left + k, found.right + k) for k in range(found.steps)] == pairs


def test_units_are_compared_one_by_one_and_sorted_where_they_have_no_common_numbers():
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(5, 4)), rng.normal(size=(6, 4))
    found = compare(left, right, Overlap(1, 2, 4), by_units=True)
    assert (found.difference == right[2:6] - left[1:5]).all()
    assert (found.rows, found.sorted) == ((0, 1, 2, 3), False)
    # What unit is what does not matter to sorted rows: the smallest, the middle and the largest of each step.
    turned = compare(left, left[:, ::-1], overlap_of(5, 5), by_units=False)
    assert not turned.difference.any()
    assert turned.rows == LEVELS
    wide = compare(left, rng.normal(size=(5, 9)), overlap_of(5, 5), by_units=False)
    assert wide.left.shape == wide.right.shape == (5, 11)
    assert wide.left[:, 0] == pytest.approx(left.min(axis=1))
    assert wide.left[:, -1] == pytest.approx(left.max(axis=1))
    assert wide.left[:, 5] == pytest.approx(np.median(left, axis=1))
    with pytest.raises(ShapeError, match="got 4 and 9"):
        compare(left, np.zeros((5, 9)), overlap_of(5, 5), by_units=True)
    alone = compare(np.ones((1, 1)), np.zeros((1, 1)), overlap_of(1, 1), by_units=False)
    assert (alone.difference == -1).all()


def test_two_settings_differ_from_where_the_gates_do():
    torch.manual_seed(0)
    gru, x = GRU(3, 5), np.random.default_rng(1).normal(size=(8, 3)).astype(np.float32)
    learned, copied = trace(gru, x)[0].H[0], trace(gru, x, overrides=EXTREMES["copy"])[0].H[0]
    found = compare(learned, copied, overlap_of(8, 8), by_units=True)
    assert found.difference == pytest.approx(-learned, abs=1e-7), "H_0 is 0, and stays"
    said = comparison_facts(found, "H", are_the_same_units=True)
    assert keys(said) == ["units", "summary", "beside"]
    apart = np.abs(learned)
    step, unit = np.unravel_index(apart.argmax(), apart.shape)
    assert f"by {apart.mean():.3g} on average, and most in unit {unit} at step {step}" in said[0].text
    # Another input at step 3 changes nothing before it.
    other = x.copy()
    other[3] += 1
    later = compare(learned, trace(gru, other)[0].H[0], overlap_of(8, 8), by_units=True)
    assert later.begins == 3
    said = comparison_facts(later, "H", are_the_same_units=True)
    assert said[1].text == "Before step 3 of the left there is no difference at all."
    same = compare(learned, learned, overlap_of(8, 8), by_units=True)
    assert same.begins is None
    assert keys(comparison_facts(same, "H", are_the_same_units=True)) == ["same", "beside"]
    chance = comparison_facts(found, "H", are_the_same_units=False)
    assert keys(chance) == ["units", "summary", "chance", "beside"]
    shifted = compare(learned, copied, overlap_of(8, 8, 2), by_units=False)
    said = comparison_facts(shifted, "H", are_the_same_units=False)
    assert keys(said) == ["sorted", "summary", "as many", "beside"]
    assert said[-1].text == "6 steps stand beside each other: 0 to 5 on the left, 2 to 7 on the right."
    sizes = compare(learned, np.zeros((8, 2)), overlap_of(8, 8), by_units=False)
    assert "not as many" in keys(comparison_facts(sizes, "H", are_the_same_units=False))


@pytest.mark.parametrize(("quantity", "most"), [("Z", 1.0), ("H", 2.0)])
def test_the_figure_has_both_sides_and_a_locked_difference(quantity, most):
    rng = np.random.default_rng(2)
    found = compare(rng.random((6, 4)), rng.random((6, 4)), overlap_of(6, 6), by_units=True)
    figure = comparison_figure(found, quantity, ("one", "<b>other</b>"), list("abcdef"), text="said")
    for picture, values in zip(figure.data, (found.left, found.right, found.difference), strict=True):
        assert picture.z == pytest.approx(values.T, abs=1e-6)
    assert (figure.layout.coloraxis2.cmin, figure.layout.coloraxis2.cmax) == (-most, most)
    assert "<b>other" not in figure.to_json()
    assert figure.layout.meta["text"] == "said"
    ranked = compare(rng.random((6, 4)), rng.random((6, 9)), overlap_of(6, 6), by_units=False)
    assert comparison_figure(ranked, quantity, ("one", "other")).data[0].y[-1] == "100%"
