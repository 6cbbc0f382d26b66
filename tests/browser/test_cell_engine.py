"""The numbers that the browser computes for the live cell, against gru_core in double, edits included."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np
import pytest

from gru_core.edits import apply_edits, read_edits, write_edits
from gru_core.trace import GateTrace, trace
from tests.browser.apps.cell_data import Example, answers, example
from tests.browser.cell_modules import CellModules
from tests.browser.conftest import NewPage
from tests.support.edit_texts import GOOD, SENSELESS, UNREADABLE

CLOSE = 1e-6
"""Weights, inputs and held gates travel in float32."""

MATTERS = 1e-3
"""What an edit changes somewhere at least, so that a comparison with it says something."""

ONE_OF_EACH = {
    "a gate held": "Z2_5_1.3_0.75",
    "a gate held in part, over others": "R0_9_a_0.1_0.5~R3_6_0-2_0.9_0.25~Z4_5_a_0.3_0.5",
    "an input": "x3_2_-1.25",
    "a symbol": "s5_1",
    "the state before": "h2_0.9",
    "weights of the input": "wxr_2_0_1.25~wxz_1_3_-0.8~wxh_3_4_2",
    "weights of the state": "whr_1_1_-2~whz_0_2_1.75~whh_4_0_1.5",
    "biases": "wbr_0_2_3~wbz_0_0_-1~wbh_0_4_0.5",
}
EVERYTHING = "~".join(ONE_OF_EACH.values())
VARIANTS = [*itertools.product(("before", "after"), ("sigmoid", "hard_sigmoid_fifth", "hard_sigmoid_sixth"))]


def under(made: Example, text: str = "") -> GateTrace:
    """What gru_core gives for the example under the edits of a link, in double."""
    found = apply_edits(
        copy.deepcopy(made.gru).double(),
        made.x.astype(np.float64),
        made.h0.astype(np.float64),
        read_edits(text),
        overrides=made.overrides,
        symbol_rows=made.symbol_rows,
    )
    return trace(found.gru, found.x, found.h0, found.overrides)[0]


@pytest.fixture
def modules(new_page: NewPage) -> CellModules:
    return CellModules(new_page())


def test_every_variant_agrees_with_the_core_without_and_with_every_edit(modules: CellModules) -> None:
    for mode, activation in VARIANTS:
        for direction, held in (("forward", ""), ("forward", "blended"), ("backward", "blended")):
            case = (mode, activation, direction, held)
            made = example(
                mode=mode, activation=activation, direction=direction, held=held, symbols="rows", units=6
            )
            modules.open(made.cells)
            assert modules.farthest(under(made)) < CLOSE, case
            assert modules.ask("farthest()") < CLOSE, case
            modules.edit(EVERYTHING)
            assert modules.farthest(under(made, EVERYTHING)) < CLOSE, case
            assert modules.farthest(under(made)) > MATTERS, case


def test_where_rounding_grows_the_browser_stays_with_double(modules: CellModules) -> None:
    """A plain RNN with large weights: single precision is lost after some steps, and that is told."""
    made = example(held="rnn", gain=6.0, units=32, steps=40)
    modules.open(made.cells)
    lost = np.abs(made.trace.H - under(made).H).max()
    assert lost > MATTERS
    assert modules.farthest(under(made)) < CLOSE
    assert modules.ask("farthest()") == pytest.approx(lost, rel=1e-3)


@pytest.mark.parametrize("what", ONE_OF_EACH)
def test_each_kind_of_edit_is_the_cores_and_undone_to_the_last_bit(modules: CellModules, what: str) -> None:
    text = ONE_OF_EACH[what]
    for mode, symbols in (("before", "one-hot"), ("after", "numbers" if what != "a symbol" else "rows")):
        made = example(mode=mode, symbols=symbols, held="blended", readout="numbers")
        modules.open(made.cells)
        before = modules.everything()
        modules.edit(text)
        after = modules.everything()
        assert modules.farthest(under(made, text)) < CLOSE
        assert modules.farthest(under(made)) > MATTERS
        while modules.ask("edits.canUndo"):
            modules.ask("changed(edits.undo())")
        assert modules.everything() == before
        while modules.ask("edits.canRedo"):
            modules.ask("changed(edits.redo())")
        assert modules.everything() == after
        modules.ask("changed(edits.clear())")
        assert modules.everything() == before


def test_nothing_changes_before_the_step_that_an_edit_names(modules: CellModules) -> None:
    for direction, text, first in (
        ("forward", "x7_1_3", 7),
        ("backward", "x7_1_3", 7),
        ("backward", "Z2_5_a_0", 4),
    ):
        made = example(direction=direction, mode="after")
        modules.open(made.cells)
        before = modules.numbers("H")
        assert modules.edit(text) == first
        moved = np.flatnonzero((modules.numbers("H") != before).any(axis=1))
        assert (moved.min() if direction == "forward" else moved.max()) == first


def test_only_the_steps_from_the_change_on_are_computed_again(modules: CellModules) -> None:
    modules.open(example(steps=12).cells)
    modules.ask("edits.add({ kind: 'x', step: 9, index: 0, value: 2 })")
    assert modules.ask("engine.done") == 9
    # One multiply-add is less than a step, and a step at a time is still the whole.
    assert modules.ask("[engine.advance(1), engine.done]") == [False, 10]
    assert modules.ask("[engine.advance(1), engine.advance(1), engine.done]") == [False, True, 12]
    sliced = modules.everything()
    modules.ask("engine.run()")
    assert modules.everything() == sliced


def test_a_link_gives_the_same_bits_as_the_hand_that_made_it(modules: CellModules) -> None:
    made = example(mode="before", steps=9)
    modules.open(made.cells)
    third = 1 / 3
    for edit in (
        {"kind": "gate", "gate": "Z", "steps": [1, 8], "units": [4, 0, 1], "value": third, "blend": third},
        {"kind": "x", "step": 2, "index": 3, "value": -third * 1e-7},
        {"kind": "weight", "name": "xr", "row": 1, "col": 2, "value": third * 1e5},
        {"kind": "h0", "unit": 0, "value": -0.0},
    ):
        assert modules.ask("changed(edits.add(v[0]))", edit) is not None
    by_hand, text = modules.everything(), modules.ask("edits.pack()")
    assert read_edits(write_edits(read_edits(text))) == read_edits(text)
    modules.open(made.cells)
    assert modules.ask("edits.load(v[0])", text) is True
    modules.ask("engine.advance()")
    assert modules.everything() == by_hand
    assert modules.ask("edits.pack()") == text
    assert modules.farthest(under(made, text)) < CLOSE


def test_a_drag_is_one_change_and_one_undo(modules: CellModules) -> None:
    modules.open(example(mode="after", held="blended").cells)
    before = modules.everything()
    hold = {"kind": "gate", "gate": "Z", "steps": [2, 3], "units": [1]}
    modules.ask("changed(edits.add({ kind: 'x', step: 1, index: 0, value: 5 }))")
    between = modules.everything()
    for share in (0.2, 0.5, 0.9):
        modules.ask("changed(edits.add(v[0], 'drag'))", {**hold, "value": share})
    modules.ask("changed(edits.add(v[0], 'drag'))", {**hold, "units": [2], "value": 0.4})
    # Back over the first cell: its later value is the one that holds.
    modules.ask("changed(edits.add(v[0], 'drag'))", {**hold, "value": 0.7})
    assert modules.ask("edits.pack()") == "x1_0_5~Z2_3_2_0.4~Z2_3_1_0.7"
    assert modules.numbers("Z")[2, 1] == 0.7
    modules.ask("changed(edits.undo())")
    assert modules.everything() == between
    modules.ask("changed(edits.undo())")
    assert modules.everything() == before
    assert modules.ask("edits.undo()") is None
    modules.ask("changed(edits.add(v[0], 'another'))", {**hold, "value": 0.7})
    assert modules.ask("edits.canRedo") is False, "a new change ends what could be had again"


def test_what_makes_no_sense_is_refused_and_a_link_never_overflows(modules: CellModules) -> None:
    modules.open(example(mode="before").cells)
    before = modules.everything()
    for edit in (
        {"kind": "gate", "gate": "H", "steps": [0, 1], "units": "all", "value": 1},
        {"kind": "gate", "gate": "Z", "steps": [0, 13], "units": "all", "value": 1},
        {"kind": "gate", "gate": "Z", "steps": [0, 1], "units": [5], "value": 1},
        {"kind": "gate", "gate": "Z", "steps": [0, 1], "units": "all", "value": 1.1},
        {"kind": "x", "step": 0, "index": 0, "value": "1"},
        {"kind": "weight", "name": "bhh", "row": 0, "col": 0, "value": 1},
        {"kind": "weight", "name": "constructor", "row": 0, "col": 0, "value": 1},
        {"kind": "symbol", "step": 0, "symbol": 4},
        {"kind": "exit"},
    ):
        assert modules.ask("edits.add(v[0])", edit) is None, edit
    assert modules.ask("edits.list") == []
    added = 0
    while modules.ask("changed(edits.add(v[0]))", {"kind": "h0", "unit": 0, "value": added / 7}) is not None:
        added += 1
    assert added == modules.ask("model.limits.edits")
    modules.ask("changed(edits.clear())")
    assert modules.everything() == before


def test_the_browser_reads_what_the_server_reads_and_refuses_what_it_refuses(modules: CellModules) -> None:
    modules.open(example(mode="before").cells)
    before = modules.everything()
    for text in GOOD:
        assert modules.ask("edits.load(v[0])", text) is True, text
        numbers = [getattr(edit, "value", None) for edit in read_edits(text)]
        assert [edit.get("value") for edit in modules.ask("edits.list")] == numbers, text
        assert [getattr(e, "value", None) for e in read_edits(modules.ask("edits.pack()"))] == numbers
    modules.ask("changed(edits.clear())")
    for text in (*UNREADABLE, *SENSELESS):
        assert modules.ask("edits.load(v[0])", text) is False, text
    assert modules.everything() == before


def test_answers_are_the_readouts(modules: CellModules) -> None:
    for kind in ("classes", "numbers"):
        made = example(readout=kind, mode="after")
        modules.open(made.cells)
        modules.edit(EVERYTHING)
        readout = made.cells.readout
        assert readout is not None
        assert modules.numbers("Y") == pytest.approx(
            answers(readout, under(made, EVERYTHING).H[0]), abs=CLOSE
        )
    assert modules.ask("engine.outputs") == 3
    modules.open(example(readout="none").cells)
    assert modules.ask("[engine.outputs, engine.Y.length]") == [0, 0]


@pytest.mark.parametrize("mode", ["before", "after"])
def test_the_terms_are_the_weights_times_what_they_read_and_add_up(modules: CellModules, mode: str) -> None:
    made = example(mode=mode, held="blended", symbols="numbers", direction="backward")
    modules.open(made.cells)
    text = "x4_0_0.5~whz_2_1_-1~Z3_5_a_0.5_0.5"
    modules.edit(text)
    expected = under(made, text)
    weights = {name: np.array(values, np.float64) for name, values in made.cells.weights.items()}
    weights["hz"][2, 1] = -1
    for t, i in ((4, 1), (11, 0), (0, 3)):
        x, h = expected.X[0, t], expected.H_prev[0, t]
        seen = {"R": h, "Z": h, "Hc": expected.R[0, t] * h if mode == "before" else h}
        for gate, letter in (("R", "r"), ("Z", "z"), ("Hc", "h")):
            found: dict[str, Any] = modules.ask("terms(v[0], v[1], v[2])", gate, t, i)
            for side, read in (("x", x), ("h", seen[gate])):
                sizes = [abs(term["product"]) for term in found[side]]
                assert sizes == sorted(sizes, reverse=True)
                assert {term["index"] for term in found[side]} == set(range(len(read)))
                for term in found[side]:
                    j = term["index"]
                    assert term["value"] == pytest.approx(read[j], abs=CLOSE)
                    assert term["product"] == pytest.approx(weights[side + letter][j, i] * read[j], abs=CLOSE)
                assert found[f"{side}Sum"] == pytest.approx(read @ weights[side + letter][:, i], abs=CLOSE)
            outside = mode == "after" and gate == "Hc"
            assert found["gate"] == pytest.approx(expected.R[0, t, i] if outside else 1, abs=CLOSE)
            assert (found["hBias"] != 0) is outside
            inner = found["gate"] * (found["hSum"] + found["hBias"])
            assert found["total"] == found["xSum"] + found["bias"] + inner
            proposed = {"R": "RP", "Z": "ZP", "Hc": "Hc"}[gate]
            assert found["activated"] == pytest.approx(modules.numbers(proposed)[t, i], abs=1e-14)
            assert found["applied"] == pytest.approx(modules.numbers(gate)[t, i], abs=1e-14)
    held = modules.ask("terms('Z', 4, 1)")
    assert abs(held["applied"] - held["activated"]) > MATTERS, "a held gate is not what the weights propose"


@pytest.mark.parametrize("mode", ["before", "after"])
def test_a_ripples_parts_add_up_to_it(modules: CellModules, mode: str) -> None:
    for held, direction in (("", "forward"), ("blended", "backward")):
        made = example(mode=mode, held=held, direction=direction)
        modules.open(made.cells)
        assert not np.any(modules.ask("Array.from(ripple().dH)")), "nothing was changed"
        modules.edit(EVERYTHING)
        found = modules.ask(
            "Object.fromEntries(Object.entries(ripple()).map(([k, v]) => [k, v.length ? [...v] : v]))"
        )
        parts = np.array([found[name] for name in ("copy", "Z", "R", "candidate")])
        expected = (under(made, EVERYTHING).H - under(made).H)[0].ravel()
        assert np.array(found["dH"]) == pytest.approx(expected, abs=CLOSE)
        assert parts.sum(axis=0) == pytest.approx(np.array(found["dH"]), abs=1e-14)
        assert (np.abs(parts).max(axis=1) > MATTERS).all(), "each of them carries something here"
        sizes = np.array([found["sizes"][name][t] for name in ("copy", "R") for t in range(12)])
        assert sizes == pytest.approx(np.abs(parts[[0, 2]]).reshape(2, 12, -1).sum(axis=2).ravel())


@pytest.mark.parametrize(
    ("text", "carrier"),
    [("Z4_5_a_0.5", "Z"), ("R4_5_a_0.02", "R"), ("wbh_0_2_4", "candidate"), ("h1_0.99", "copy")],
)
def test_a_ripple_names_what_carried_it(modules: CellModules, text: str, carrier: str) -> None:
    """Where one thing alone has changed, that alone is named, and nothing at all before."""
    made = example(mode="before", symbols="numbers")
    modules.open(made.cells)
    at = 4
    if carrier in ("copy", "candidate"):
        # Gates that no state and no input can move.
        modules.edit("Z0_12_a_0.25~R0_12_a_0")
        modules.ask("Object.assign(window, { before: engine.snapshot() })")
        at = 0
    modules.edit(text)
    sizes = modules.ask(
        "Object.fromEntries(Object.entries(ripple().sizes).map(([k, v]) => [k, Array.from(v)]))"
    )
    assert sizes[carrier][at] > MATTERS
    assert [name for name in sizes if name != carrier and sizes[name][at]] == []
    assert not any(any(sizes[name][:at]) for name in sizes)
    assert sizes["copy"][at + 1] > MATTERS, "a step later the state hands it on"


def test_what_is_too_large_to_be_changed_is_shown_as_the_core_computed_it(
    modules: CellModules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long sequence is computed in the part that is looked at; of a large layer the numbers are sent."""
    for limit, touch, size, steps in (
        ("MAX_LIVE_CELLS", "long", 9 * 20, 10),
        ("MAX_LIVE_WEIGHTS", "large", 100, 40),
    ):
        for direction in ("forward", "backward"):
            with monkeypatch.context() as patch:
                patch.setattr(f"gru_ui.components.cell_data.{limit}", size)
                if touch == "long":
                    patch.setattr(f"gru_ui.components.cell.{limit}", size)
                made = example(steps=40, mode="after", held="blended", direction=direction)
                assert made.cells.touch == touch
                modules.open(made.cells, step=23)
                modules.steps = steps
                first = modules.ask("model.first")
                assert first <= 23 < first + steps
                assert modules.ask("model.steps") == steps
                for field, name in (("R", "R"), ("Z", "Z"), ("H_tilde", "Hc"), ("H", "H")):
                    expected = getattr(under(made), field)[0, first : first + steps]
                    assert np.abs(modules.numbers(name) - expected).max() < CLOSE
                assert modules.ask("edits.load('Z0_1_a_1')") is False
                assert modules.ask("edits.add(v[0])", {"kind": "h0", "unit": 0, "value": 0.5}) is None
