"""What the live heatmaps are sent: read back by an independent reader and compared with numpy's own means."""

from __future__ import annotations

import json
import re
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gru_core.errors import InputError, ShapeError
from gru_ui.components.heatmaps import Outputs, Panel, build_payload, heatmaps
from gru_ui.components.payload import (
    FINE_CELLS,
    MAX_COLUMNS,
    Level,
    bin_means,
    plan_levels,
    quantise,
    wire_dtype,
)
from gru_ui.components.settled import settle

READ = {"u1": np.uint8, "u2": np.uint16, "i2": np.int16, "f4": np.float32}


def read(data: bytes) -> tuple[dict[str, Any], Any]:
    """The header, and a function from a reference to its array: the browser's part, with struct and json."""
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    assert (4 + length) % 8 == 0

    def array(reference: dict[str, Any]) -> NDArray[Any]:
        assert reference["offset"] % 8 == 0
        return np.frombuffer(
            data, READ[reference["dtype"]], reference["length"], 4 + length + reference["offset"]
        )

    return header, array


def pack(steps: int, units: int, *, window: tuple[int, int] | None = None, **changes: Any) -> bytes:
    """Four panels of random values with numbers as labels."""
    rng = np.random.default_rng(steps + units)
    arguments: dict[str, Any] = {
        "panels": [Panel(name, name, rng.random((steps, units), dtype=np.float32), "gate") for name in "RZ"]
        + [
            Panel(name, name, rng.uniform(-1, 1, (steps, units)).astype(np.float32), "state")
            for name in ("H_tilde", "H")
        ],
        "ticks": [str(step) for step in range(steps)],
        "outputs": None,
        "orders": {"index": np.arange(units)},
        "window": window,
        "header": {},
    }
    return build_payload(**(arguments | changes))


@given(
    steps=st.integers(1, 40_000),
    ends=st.none() | st.tuples(st.integers(-10, 41_000), st.integers(-10, 41_000)),
)
def test_levels_cover_everything_and_stay_small(steps: int, ends: tuple[int, int] | None) -> None:
    levels = plan_levels(steps, ends)
    assert (levels[0].start, levels[0].stop) == (0, steps)
    assert sum(level.columns for level in levels) <= MAX_COLUMNS + 500 + 1
    for level in levels:
        assert 0 <= level.start < level.stop <= steps
        assert (level.columns - 1) * level.bin < level.stop - level.start <= level.columns * level.bin
    if ends is not None:
        first = min(max(ends[0], 0), steps - 1)
        last = min(max(ends[1], first + 1), steps)
        finest = levels[-1]
        if last - first <= MAX_COLUMNS:
            assert finest.bin == 1
            assert finest.start <= first
            assert last <= finest.stop


def test_short_inputs_do_not_depend_on_the_window() -> None:
    assert plan_levels(1500, (3, 9)) == plan_levels(1500) == (Level(0, 1500, 1),)


def test_panning_a_little_asks_for_the_same_level() -> None:
    assert plan_levels(10_000, (5000, 5400)) == plan_levels(10_000, (5020, 5420))


@given(
    steps=st.integers(1, 400),
    width=st.integers(1, 7),
    size=st.integers(1, 50),
    cut=st.integers(0, 399),
)
def test_columns_are_means_of_their_steps(steps: int, width: int, size: int, cut: int) -> None:
    start = min(cut, steps - 1)
    values = np.random.default_rng(steps).normal(size=(steps, width))
    level = Level(start, steps, size)
    means = bin_means(values, level)
    expected = [values[t : min(t + size, steps)].mean(axis=0) for t in range(start, steps, size)]
    assert means.shape == (level.columns, width)
    np.testing.assert_allclose(means, expected, atol=2e-6)


@pytest.mark.parametrize(("dtype", "digits"), [("uint8", 2), ("uint16", 3)])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (-2.0, 2.0)])
def test_quantised_values_are_exact_to_half_a_step(dtype: str, digits: int, low: float, high: float) -> None:
    values = np.random.default_rng(0).uniform(low, high, (50, 30)).astype(np.float32)
    values[0, :3] = low, high, (low + high) / 2
    whole = quantise(values, low, high, np.dtype(dtype))
    top = np.iinfo(dtype).max
    back = low + whole.T.astype(np.float64) * (high - low) / top
    assert whole.shape == (30, 50)
    assert np.abs(back - values).max() <= (high - low) / top / 2 * 1.01
    assert back[0, 0] == low
    assert back[0, 1] == high
    assert wire_dtype(FINE_CELLS).itemsize == 2
    assert wire_dtype(FINE_CELLS + 1).itemsize == 1
    assert (high - low) / top / 2 <= 0.8 * 10**-digits


def test_payload_holds_every_value_of_a_short_input() -> None:
    rng = np.random.default_rng(3)
    z = rng.random((20, 5), dtype=np.float32)
    h = rng.uniform(-1, 1, (20, 5)).astype(np.float32)
    data = pack(
        20,
        5,
        panels=[Panel("Z", "Update gate", z, "gate", "1 keeps"), Panel("H", "State", h, "state")],
        ticks=[f"t{step}" for step in range(20)],
        orders={"index": np.arange(5), "odd": np.array([3, 1, 4, 0, 2])},
    )
    header, array = read(data)
    assert (header["steps"], header["units"], header["digits"]) == (20, 5, 3)
    assert [panel["label"] for panel in header["panels"]] == ["Z", "H"]
    assert [panel["colour"] for panel in header["panels"]] == ["#0072B2", "#009E73"]
    (level,) = header["levels"]
    assert level["ticks"][7] == "t7"
    for panel, reference, values in zip(header["panels"], level["panels"], (z, h), strict=True):
        low, high = panel["wire"]
        assert [low, high] == panel["range"]
        back = low + array(reference).reshape(5, 20) * (high - low) / 65535
        np.testing.assert_allclose(back, values.T, atol=2e-5)
    assert [entry["name"] for entry in header["orders"]] == ["index", "odd"]
    assert array(header["orders"][1]["rows"]).tolist() == [3, 1, 4, 0, 2]


def test_payload_does_not_grow_with_the_length_of_the_input() -> None:
    sizes = {steps: len(pack(steps, 64, window=(200, 900))) for steps in (3_000, 10_000, 40_000)}
    assert max(sizes.values()) <= 1.01 * min(sizes.values())
    assert len(pack(40_000, 64)) <= 64 * 4 * MAX_COLUMNS * 2 + 10_000


def test_a_window_of_a_long_input_is_sent_step_by_step() -> None:
    values = np.random.default_rng(5).random((10_000, 8), dtype=np.float32)
    data = pack(10_000, 8, window=(5003, 5100), panels=[Panel("Z", "Z", values, "gate")])
    header, array = read(data)
    coarse, fine = header["levels"]
    assert coarse["bin"] == 20
    assert "ticks" not in coarse
    assert fine["bin"] == 1
    assert fine["start"] <= 5003 < 5100 <= fine["stop"]
    assert fine["ticks"] == [str(step) for step in range(fine["start"], fine["stop"])]
    back = array(fine["panels"][0]).reshape(8, -1) / 65535
    np.testing.assert_allclose(back, values[fine["start"] : fine["stop"]].T, atol=1e-5)
    means = array(coarse["panels"][0]).reshape(8, -1) / 65535
    np.testing.assert_allclose(means, values.reshape(500, 20, 8).mean(axis=1).T, atol=1e-5)


def test_numbers_outside_the_locked_range_survive() -> None:
    values = np.array([[0.0, 1.75], [-3.0, 0.5]], dtype=np.float32)
    header, array = read(pack(2, 2, panels=[Panel("H", "H", values, "state")], ticks=["a", "b"]))
    panel = header["panels"][0]
    assert panel["range"] == [-1, 1]
    assert panel["wire"] == [-3, 1.75]
    back = -3 + array(header["levels"][0]["panels"][0]).reshape(2, 2) * 4.75 / 65535
    np.testing.assert_allclose(back, values.T, atol=1e-4)


def test_probabilities_and_their_right_answers() -> None:
    values = np.array([[0.2, 0.8], [1.0, 0.0], [0.5, 0.5]])
    outputs = Outputs("classes", ("no", "yes"), values, [1, None, 0], note="so far")
    header, array = read(pack(3, 2, outputs=outputs))
    level = header["levels"][0]
    np.testing.assert_allclose(array(level["outputs"]).reshape(2, 3) / 65535, values.T, atol=1e-5)
    assert array(level["targets"]).tolist() == [1, -1, 0]
    assert header["outputs"]["names"] == ["no", "yes"]


def test_a_mean_of_several_right_answers_is_none() -> None:
    values = np.full((2000, 2), 0.5)
    header, _ = read(pack(2000, 2, outputs=Outputs("classes", ("a", "b"), values, [1] * 2000)))
    assert header["levels"][0]["bin"] == 2
    assert "targets" not in header["levels"][0]


def test_numbers_travel_as_they_are_with_gaps_in_the_truth() -> None:
    values = np.array([[10.0], [20.0], [40.0]])
    truth = np.array([[np.nan], [30.0], [50.0]])
    header, array = read(pack(3, 2, outputs=Outputs("numbers", ("y",), values, truth)))
    level = header["levels"][0]
    assert array(level["outputs"]).tolist() == [10, 20, 40]
    np.testing.assert_array_equal(array(level["targets"]), np.array([np.nan, 30, 50], dtype=np.float32))
    low, high = header["outputs"]["span"]
    assert low < 10
    assert high > 50


def test_means_of_the_truth_leave_out_what_is_missing() -> None:
    truth = np.tile([[2.0], [np.nan]], (1000, 1))
    truth[10:12] = np.nan
    outputs = Outputs("numbers", ("y",), np.zeros((2000, 1)), truth)
    header, array = read(pack(2000, 2, outputs=outputs))
    targets = array(header["levels"][0]["targets"])
    assert targets[0] == 2.0
    assert np.isnan(targets[5])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_a_number_is_refused(bad: float) -> None:
    values = np.zeros((3, 2), dtype=np.float32)
    values[1, 1] = bad
    with pytest.raises(InputError, match="The panel Update gate holds values that are not finite"):
        pack(3, 2, panels=[Panel("Z", "Update gate", values, "gate")])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"panels": []}, "need at least one panel"),
        ({"ticks": ["a"]}, "one tick label per step: 1 labels for 3 steps"),
        (
            {
                "panels": [
                    Panel("Z", "Z", np.zeros((3, 2)), "gate"),
                    Panel("R", "Odd", np.zeros((2, 2)), "gate"),
                ]
            },
            r"Odd has \(2, 2\), the first panel \(3, 2\)",
        ),
        ({"panels": [Panel("Z", "Z", np.zeros((0, 2)), "gate")]}, "at least 1 x 1"),
        (
            {"outputs": Outputs("classes", ("a", "b"), np.zeros((3, 3)))},
            r"\(steps, names\) = \(3, 2\), got \(3, 3\)",
        ),
        ({"orders": {"twice": [0, 0]}}, "twice is not a permutation of the 2 units"),
    ],
)
def test_what_does_not_fit_together_is_said(changes: dict[str, Any], sentence: str) -> None:
    arguments: dict[str, Any] = {
        "key": "picture",
        "panels": [Panel("Z", "Z", np.zeros((3, 2)), "gate")],
        "ticks": ["a", "b", "c"],
    }
    with pytest.raises(ShapeError, match=sentence):
        heatmaps(**(arguments | changes))


def test_labels_travel_as_text_and_are_cut() -> None:
    hostile = "<img src=x onerror=alert(1)>" * 9
    header, _ = read(pack(2, 1, ticks=[hostile, "ok"]))
    assert header["levels"][0]["ticks"][0] == hostile[:40]
    assert re.search(r"[<>]", header["levels"][0]["ticks"][0])


START = {"cursor": 0, "unit": None, "order": "index"}


def test_a_page_that_repeats_itself_gives_no_new_order() -> None:
    store: dict[Any, Any] = {}
    first, _ = settle(store, "k", START, {})
    again, now = settle(store, "k", START, {"cursor": 9})
    assert first == again
    assert now == START | {"cursor": 9}


def test_a_page_that_passes_back_late_does_not_move_the_cursor() -> None:
    store: dict[Any, Any] = {}
    settle(store, "k", START, {})
    command, _ = settle(store, "k", START, {"cursor": 9})
    late, now = settle(store, "k", START | {"cursor": 9}, {"cursor": 12})
    assert late == command
    assert now["cursor"] == 12


def test_a_new_value_is_an_order_even_one_the_person_had_before() -> None:
    store: dict[Any, Any] = {}
    settle(store, "k", START, {})
    settle(store, "k", START, {"cursor": 9})
    command, now = settle(store, "k", START | {"cursor": 5}, {"cursor": 9})
    assert (command["serial"], command["changed"], now["cursor"]) == (2, ["cursor"], 5)
    command, now = settle(store, "k", START | {"cursor": 9}, {"cursor": 9})
    assert (command["serial"], command["set"]["cursor"], now["cursor"]) == (3, 9, 9)


def test_a_page_that_passes_back_every_event_can_order_what_it_ordered_before() -> None:
    """As when a person moves the cursor and then goes back in the browser's history."""
    store: dict = {}
    settle(store, "k", START, {}, passes_back=True)
    _, now = settle(store, "k", START, {"cursor": 9}, passes_back=True)
    assert now["cursor"] == 9
    command, now = settle(store, "k", START, {"cursor": 9}, passes_back=True)
    assert now["cursor"] == START["cursor"]
    assert command["changed"] == ["cursor"]
