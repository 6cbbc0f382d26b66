"""Finding units and places, against loops that do it the long way, and one case counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_core.analysis.find import QUANTITIES, RANGES, Place, Rule, coded, decoded, find, units_on
from gru_core.errors import InputError, ShapeError

COLUMNS = {"a": "001110011111", "b": "001110001110", "c": "111100001110"}
"""Three units over twelve steps, of which the first seven are one sequence: 1 is on."""

lengths_of = st.lists(st.integers(1, 12), min_size=1, max_size=5)


def by_hand() -> np.ndarray:
    return np.array([[float(sign) for sign in column] for column in COLUMNS.values()]).T


def drawn(data: st.DataObject, steps: int, units: int) -> np.ndarray:
    """Values with long runs, as states have."""
    seed = data.draw(st.integers(0, 10_000))
    walk = np.random.default_rng(seed).normal(size=(steps, units)).cumsum(axis=0)
    return np.tanh(walk)


@given(st.data())
def test_codes_are_near_the_values_and_keep_their_order(data: st.DataObject) -> None:
    quantity = data.draw(st.sampled_from(QUANTITIES))
    low, high = RANGES[quantity]
    values = np.array(data.draw(st.lists(st.floats(low, high), min_size=2, max_size=20)))
    codes = coded(values, quantity)
    assert np.abs(decoded(codes, quantity) - values).max() <= (high - low) / 508 + 1e-6
    order = np.argsort(values)
    assert (np.diff(codes[order].astype(int)) >= 0).all()
    assert coded(np.array([low - 1.0, high + 1.0]), quantity).tolist() == [0, 254]


def test_zero_of_a_state_is_exact() -> None:
    assert decoded(coded(np.zeros(1), "H"), "H").tolist() == [0.0]


@given(st.data())
def test_units_on_are_those_that_a_loop_finds(data: st.DataObject) -> None:
    steps, units = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 6))
    values = drawn(data, steps, units)
    start = data.draw(st.integers(0, steps - 1))
    stop = data.draw(st.integers(start + 1, steps))
    side = data.draw(st.sampled_from(["above", "below"]))
    edges = data.draw(st.booleans())
    rule = Rule("H", data.draw(st.floats(-1, 1)), side)
    codes = coded(values, "H")

    def on(step: int, unit: int) -> bool:
        code = int(codes[step, unit])
        return code >= rule.code if side == "above" else code <= rule.code

    expected = []
    for unit in range(units):
        through = all(on(step, unit) for step in range(start, stop))
        apart = not any(on(step, unit) for step in (start - 1, stop) if 0 <= step < steps)
        if through and (apart or not edges):
            expected.append(unit)
    assert units_on(codes, start, stop, rule, edges) == tuple(expected)


@given(st.data())
def test_places_and_their_order_are_those_of_a_loop(data: st.DataObject) -> None:
    lengths = data.draw(lengths_of)
    units = data.draw(st.integers(1, 6))
    chosen = tuple(data.draw(st.permutations(range(units))))[: data.draw(st.integers(1, units))]
    least = data.draw(st.integers(1, len(chosen)))
    wanted = data.draw(st.integers(1, 6))
    rule = Rule(
        "H", data.draw(st.sampled_from([-0.8, 0.0, 0.3])), data.draw(st.sampled_from(["above", "below"]))
    )
    codes = coded(drawn(data, sum(lengths), units), "H")
    shortest = data.draw(st.integers(1, 3))
    out = data.draw(st.none() | st.just((0, 0, max(1, lengths[0] // 2))))

    on = codes >= rule.code if rule.side == "above" else codes <= rule.code
    expected, offset = [], 0
    for index, length in enumerate(lengths):
        step = 0
        while step < length:
            stop = step
            while stop < length and sum(on[offset + stop, u] for u in chosen) >= least:
                stop += 1
            overlaps = out is not None and index == out[0] and step < out[2] and stop > out[1]
            if stop - step >= shortest and not overlaps:
                part = on[offset + step : offset + stop].all(axis=0)
                through = tuple(unit for unit in chosen if part[unit])
                others = sum(bool(part[u]) for u in range(units) if u not in chosen)
                expected.append(Place(index, step, stop, through, others))
            step = max(stop, step + 1)
        offset += length
    expected.sort(key=lambda p: (-len(p.on), abs(p.steps - wanted), p.others, p.sequence, p.start))

    found = find(codes, lengths, rule, chosen, least=least, steps=wanted, shortest=shortest, leave_out=out)
    assert [found.place(rank) for rank in range(len(found))] == expected
    assert found.counts.tolist() == on[:, list(chosen)].sum(axis=1).tolist()


def test_a_case_that_a_hand_can_count() -> None:
    """The stretch is steps 2 to 3 of the first seven, where all three are on."""
    codes, rule = coded(by_hand(), "Z"), Rule("Z", 0.5)
    assert units_on(codes, 2, 4, rule) == (0, 1, 2)
    assert units_on(codes, 2, 4, rule, edges=True) == ()
    assert units_on(codes, 2, 5, rule, edges=True) == (0, 1)
    assert units_on(codes, 5, 7, Rule("Z", 0.5, "below")) == (0, 1, 2)
    assert units_on(codes, 4, 7, Rule("Z", 0.5, "below")) == (2,)
    both = find(codes, [7, 5], rule, (0, 1, 2), least=3, steps=2, leave_out=(0, 2, 4))
    assert [both.place(rank) for rank in range(len(both))] == [Place(1, 1, 4, (0, 1, 2), 0)]
    two = find(codes, [7, 5], rule, (0, 1), least=1, steps=3)
    assert [two.place(rank) for rank in range(len(two))] == [
        Place(0, 2, 5, (0, 1), 0),
        Place(1, 0, 5, (0,), 0),
    ]


def test_what_cannot_be_looked_for_is_refused() -> None:
    codes, rule = coded(by_hand(), "Z"), Rule("Z", 0.5)
    with pytest.raises(ShapeError, match="within the 12 steps, got steps 5 to 4"):
        units_on(codes, 5, 5, rule)
    with pytest.raises(ShapeError, match="add up to the 12 steps, got 11"):
        find(codes, [11], rule, (0,), least=1, steps=1)
    for units, least in (((), 1), ((0, 0), 1), ((0,), 2), ((0,), 0)):
        with pytest.raises(InputError, match="Choose at least one unit, none twice"):
            find(codes, [12], rule, units, least=least, steps=1)
    with pytest.raises(InputError, match=r"threshold of Z must be in \[0, 1\], got -0\.5"):
        Rule("Z", -0.5)
    with pytest.raises(InputError, match="looks at one of H, H_tilde, R, Z"):
        Rule("X")
