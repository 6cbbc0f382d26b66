"""What the live cell is sent, read back by a reader of its own, and what it may report."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import streamlit as st

from gru_core.errors import InputError, LinkError, ShapeError
from gru_core.limits import MAX_LIVE_CELLS, MAX_LIVE_STEPS, MAX_LIVE_WEIGHTS
from gru_ui.components import cell as module
from gru_ui.components.cell import CellChoice, CellData, CellEvent, Readout, build_payload, cell
from tests.browser.apps.cell_data import example
from tests.ui.test_heatmap_payload import read


def sent(cells: CellData, step: int = 0, **header: Any) -> tuple[dict[str, Any], Any]:
    return read(build_payload(cells, step=step, header={"key": "cell", **header}))


def bare(steps: int, inputs: int, units: int) -> CellData:
    """Zeros of a size, without going through a GRU."""
    rows, weights = np.zeros((steps, units), np.float32), np.zeros((units, units), np.float32)
    return CellData(
        weights={"xr": np.zeros((inputs, units), np.float32), "hr": weights, "hz": weights, "hh": weights},
        reset_mode="before",
        gate_activation="sigmoid",
        X=np.zeros((steps, inputs), np.float32),
        H0=np.zeros(units, np.float32),
        held={},
        recorded=dict.fromkeys(("R", "Z", "H_tilde", "H"), rows),
    )


def test_all_that_the_layer_is_travels_in_float32() -> None:
    made = example(mode="after", symbols="rows", held="blended")
    header, array = sent(made.cells)
    assert array(header["x"]).reshape(12, 4) == pytest.approx(made.x)
    assert array(header["h0"]) == pytest.approx(made.h0)
    cell_of = made.gru.cell(0)
    for name, weight in (("xr", cell_of.W_xr), ("hz", cell_of.W_hz), ("bhh", cell_of.b_hh)):
        assert array(header["weights"][name]).tolist() == weight.detach().numpy().ravel().tolist()
    assert made.symbol_rows is not None
    assert array(header["symbolRows"]).tolist() == made.symbol_rows.ravel().tolist()
    assert (header["touch"], header["first"], header["steps"], header["total"]) == ("on", 0, 12, 12)


def test_a_gate_that_is_held_alike_at_all_steps_travels_as_one_row() -> None:
    header, array = sent(example(held="copy").cells)
    assert header["held"]["R"] is None
    assert array(header["held"]["Z"]["value"]).tolist() == [1] * 5
    header, array = sent(example(held="blended").cells)
    # At step 3 unit 0: first half way to 0.9, then a quarter of the way to 0.2.
    blend = array(header["held"]["Z"]["blend"]).reshape(12, 5)
    value = array(header["held"]["Z"]["value"]).reshape(12, 5)
    assert blend[3, 0] == pytest.approx(1 - 0.5 * 0.75)
    assert value[3, 0] == pytest.approx((0.5 * 0.9 * 0.75 + 0.2 * 0.25) / 0.625)
    assert (blend[3, 1], value[3, 1]) == pytest.approx((0.25, 0.2))


def test_the_source_is_the_numbers_and_not_what_is_chosen() -> None:
    made = example()
    source = sent(made.cells)[0]["source"]
    assert sent(made.cells, command={"serial": 4})[0]["source"] == source
    others = [
        example(mode="after"),
        example(held="copy"),
        example(readout="numbers"),
        example(symbols="rows"),
    ]
    assert len({source, *(sent(other.cells)[0]["source"] for other in others)}) == 5


def test_its_size_is_bounded_however_large_layer_and_sequence_are() -> None:
    largest = 4 * (MAX_LIVE_WEIGHTS + 4 * MAX_LIVE_CELLS) + 60 * MAX_LIVE_STEPS
    touches = set()
    for steps, inputs, units in itertools.product((1, 300, 20_000), (1, 4_000), (1, 64, 2_000)):
        if steps * inputs > 5_000_000:
            continue
        cells = replace(bare(steps, inputs, units), labels=["a label of some length, to be cut off"] * steps)
        data = build_payload(cells, step=steps // 2, header={})
        assert len(data) < largest, (steps, inputs, units)
        header, array = read(data)
        touches.add(header["touch"])
        assert header["first"] <= steps // 2 < header["first"] + header["steps"] <= steps
        assert array(header["x"]).size == header["steps"] * inputs
    assert touches == {"on", "long", "large"}


def test_a_part_of_a_long_sequence_starts_from_the_state_before_it() -> None:
    cells = bare(20_000, 1, 64)
    H = np.random.default_rng(0).uniform(-1, 1, (20_000, 64)).astype(np.float32)
    for reverse in (False, True):
        given = replace(cells, recorded={**cells.recorded, "H": H}, reverse=reverse)
        for step in (0, 4_000, 4_001, 19_999):
            header, array = sent(given, step)
            first, stop = header["first"], header["first"] + header["steps"]
            before = stop if reverse else first - 1
            start = H[before] if 0 <= before < 20_000 else np.zeros(64, np.float32)
            assert array(header["h0"]).tolist() == start.tolist()
            assert array(header["recorded"]["H"]).tolist() == H[first:stop].ravel().tolist()


def test_a_step_further_asks_for_nothing_new_most_of_the_time() -> None:
    cells = bare(20_000, 1, 64)
    firsts = [module._part(cells, step)[0] for step in range(20_000)]
    assert len(set(firsts)) < 20


def test_what_cannot_be_changed_refuses_changes_with_the_limit() -> None:
    with pytest.raises(LinkError, match=f"{MAX_LIVE_WEIGHTS:,}"):
        bare(20_000, 1, 64).edits("Z0_1_a_1")
    assert bare(20_000, 1, 64).edits("") == ()


def test_symbols_and_answers_that_are_too_many_stay_behind() -> None:
    cells = bare(3, 501, 4)
    many = replace(cells, symbols=[str(k) for k in range(501)])
    header, _ = sent(many)
    assert (header["symbols"], header["moreSymbols"]) == ([], True)
    with pytest.raises(LinkError):
        many.edits("s0_0")
    wide = Readout(np.zeros((4, 200_000), np.float32), np.zeros(200_000, np.float32), "classes", ())
    assert sent(replace(cells, readout=wide))[0]["readout"] is None


def test_what_does_not_fit_or_is_not_finite_is_refused() -> None:
    cells = bare(3, 2, 4)
    with pytest.raises(ShapeError, match="label"):
        replace(cells, labels=["a"])
    with pytest.raises(ShapeError, match="symbol"):
        replace(cells, symbols=["a"])
    with pytest.raises(InputError, match="finite"):
        build_payload(replace(cells, H0=np.array([0, np.nan, 0, 0])), step=0, header={})


class Session(dict[str, Any]):
    """A session's state and what was mounted in it."""


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    state = Session()
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(module, "_mount", lambda: lambda **given: state.update(given=given))
    return state


def test_it_returns_what_the_person_left_and_keeps_nonsense_out(session: Session) -> None:
    cells = example().cells
    assert cell(key="cell", cells=cells, chosen=CellChoice(step=99, unit=-1)) == CellEvent(step=11)
    left = {"step": 4.0, "unit": 2, "depth": "arithmetic", "lit": "H_tilde", "edits": "Z0_3_a_1"}
    session["cell"] = dict(left)
    event = cell(key="cell", cells=cells, chosen=CellChoice(step=99, unit=-1))
    assert event == CellEvent(4, 2, "arithmetic", "H_tilde", edits="Z0_3_a_1")
    session["cell"] = {
        "step": 12,
        "unit": True,
        "depth": "attic",
        "lit": ["Z"],
        "z_means": None,
        "edits": "Z0_13_a_1",
        "shows_reset": "other",
    }
    event = cell(key="cell", cells=cells, chosen=CellChoice(step=99, unit=-1))
    assert event == CellEvent(4, 2, "arithmetic", "H_tilde", shows_reset="other", edits="Z0_3_a_1")
    assert set(session["given"]) == {
        "key",
        "data",
        *(f"on_{name}_change" for name in CellChoice.__dataclass_fields__),
    }


def test_changes_of_a_link_are_checked_before_anything_is_shown(session: Session) -> None:
    with pytest.raises(LinkError, match="step"):
        cell(key="cell", cells=example().cells, chosen=CellChoice(edits="Z0_13_a_1"))
    assert "given" not in session


def test_changes_that_no_longer_fit_are_left_behind(session: Session) -> None:
    session["cell"] = {"edits": "Z0_12_a_1"}
    assert cell(key="cell", cells=example().cells).edits == "Z0_12_a_1"
    assert cell(key="cell", cells=example(steps=6).cells).edits == ""
