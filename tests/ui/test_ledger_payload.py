"""What the live ledger is sent, what it may send back, and what its page makes of that."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gru_core.analysis.ledger import memory_ledger
from gru_core.analysis.ledger_work import Measured, measure
from gru_core.errors import GateScopeError, ShapeError
from gru_core.trace import GateTrace
from gru_ui.components import ledger as component
from gru_ui.components.bundle import bundle
from gru_ui.components.ledger import ASSETS, Row, build_ledger, ledger_choice
from gru_ui.components.ledger_texts import LEDGER_PICTURE_TEXTS
from gru_ui.memory import page as memory_page
from gru_ui.memory.form import units_of, units_text
from gru_ui.memory.page import with_units
from gru_ui.workspace import Workspace, from_link, to_link
from tests.support.handmade import random_trace
from tests.ui.test_heatmap_payload import read
from tests.ui.test_pages import link, opened, payloads, words


def sent(t: GateTrace, measured: Measured, step: int = 0, **changes: Any) -> tuple[dict[str, Any], Any]:
    given: dict[str, Any] = {
        "found": measured.found,
        "row": Row(step, memory_ledger(t)[0, step].mean(axis=1)),
        "ages": measured.ages,
        "lives": measured.lives,
        "by_mean": np.ones(t.units),
        "ticks": [str(step) for step in range(t.steps)],
        "passage": False,
    }
    return read(build_ledger({"key": "ledger"}, **(given | changes)))


def ledgers(app: AppTest) -> list[dict[str, Any]]:
    return [header for header, _ in payloads(app) if header.get("key") == "ledger"]


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("quantity", ["share", "content"])
def test_a_map_travels_as_the_triangle_that_it_is(direction: Any, quantity: Any) -> None:
    t = random_trace(1, time=9, units=4, direction=direction)
    measured = measure(t, (), quantity)
    header, array = sent(t, measured)
    wire = header["wire"]
    whole = np.concatenate([array(header["start"])[:, None], np.zeros((9, 9))], axis=1)
    triangle = np.tri(9, dtype=bool)
    whole[:, 1:][triangle.T if direction == "backward" else triangle] = array(header["written"])
    roots = (whole / 32767.5 - 1 if wire["signed"] else whole / 65535) * wire["reach"]
    unread = np.zeros((9, 10), dtype=bool)
    unread[:, 1:] = ~(triangle.T if direction == "backward" else triangle)
    roots[unread] = 0
    np.testing.assert_allclose(np.sign(roots) * roots**2, measured.found.values, atol=1e-4)
    np.testing.assert_array_equal(array(header["lives"]), measured.lives.steps.astype(np.float32))
    assert header["backward"] == (direction == "backward")
    assert header["exact"] is None


def test_of_a_long_trace_one_row_travels_step_by_step() -> None:
    t = random_trace(2, time=1_000, units=2)
    measured = measure(t)
    header, array = sent(t, measured, step=700, ticks=[""] * 1_000)
    assert (header["bin"], header["rows"], header["exact"]["step"], header["named"]) == (3, 334, 700, False)
    np.testing.assert_allclose(
        array(header["exact"]["row"]), memory_ledger(t)[0, 700].mean(axis=1), atol=1e-6
    )
    assert len(array(header["ages"])) == 334
    assert array(header["ages"])[333] == pytest.approx(measured.ages[999], rel=1e-6)


def test_a_first_state_outside_the_scale_keeps_its_numbers() -> None:
    t = random_trace(2, time=4, units=2)
    far = replace(t, H0=np.full((1, 2), 4.0, np.float32))
    header, array = sent(far, measure(far, (), "content"))
    root = (array(header["start"])[0] / 32767.5 - 1) * header["wire"]["reach"]
    assert root**2 == pytest.approx(4 * t.Z[0, 0].mean(), abs=1e-3)


def test_what_does_not_fit_is_refused() -> None:
    t = random_trace()
    with pytest.raises(ShapeError, match="A ledger of 12 steps and 5 units needs labels"):
        sent(t, measure(t), ticks=["a"])


@pytest.mark.parametrize(
    ("report", "cursor", "units"),
    [
        (None, None, None),
        ({"cursor": 3, "units": "1,2"}, 3, "1,2"),
        ({"cursor": 12, "units": "5"}, None, None),
        ({"cursor": True, "units": "0; drop"}, None, None),
        ({"cursor": "3", "units": "-1"}, None, None),
        ({"cursor": float("nan"), "units": ""}, None, ""),
    ],
)
def test_a_browser_may_send_anything(
    report: Any, cursor: int | None, units: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(component.st, "session_state", {"ledger": report})
    choice = ledger_choice("ledger", 12, 5)
    assert (choice.cursor, choice.units) == (cursor, units)


def test_every_word_is_used_and_every_used_word_exists() -> None:
    script = bundle(ASSETS)
    named = {one or two for one, two in re.findall(r'texts(?:\.(\w+)|\["([^"]+)"\])', script)}
    reached = named | set(re.findall(r'"([^"\n]+)"', script))
    assert named - {"replace"} <= set(LEDGER_PICTURE_TEXTS)
    # Those of a layer that reads backwards get that word behind their own.
    assert {name.removesuffix(" backward") for name in LEDGER_PICTURE_TEXTS} <= reached | {
        "save png",
        "save svg",
    }


def test_units_are_read_and_written_as_people_type_them() -> None:
    assert units_of("0, 3-5, 3", 8) == (0, 3, 4, 5)
    assert units_of("::2", 5) == (0, 2, 4)
    assert units_of("all", 5) == units_of(" ", 5) == ()
    assert units_text((5, 0, 1, 2, 7, 8)) == "0-2, 5, 7-8"
    for text, why in (("8", "There is no unit 8"), ("-1", "There is no unit -1"), (",", "No unit is named")):
        with pytest.raises(GateScopeError, match=why):
            units_of(text, 8)


def test_one_unit_alone_is_the_unit_of_all_pages() -> None:
    chosen = with_units(Workspace(), "3")
    assert to_link(chosen) == {"unit": "3"}
    chosen = with_units(chosen, "1-3")
    assert to_link(chosen) == {"ledgerunits": "1-3"}
    assert from_link(to_link(chosen))[0] == chosen
    assert to_link(with_units(chosen, "")) == {}
    assert "units" not in to_link(chosen.but(model="parity")), "units are one model's"


def test_units_that_cannot_be_are_said_and_all_are_shown() -> None:
    app = opened("memory", ledgerunits="3, 99")
    assert "There is no unit 99: this model has 16 units, from 0 to 15" in words(app).replace("\\", "")
    (picture,) = ledgers(app)
    assert picture["chosen"] == list(range(16))
    assert link(app) == {"ledgerunits": "3, 99"}


def test_what_takes_long_is_not_worked_out_in_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn while a worker is at it; then what it sent is."""
    monkeypatch.setattr(memory_page, "SHORT", 0)
    monkeypatch.setattr(memory_page, "worked_out", lambda *_, **__: None)
    app = opened("memory", model="brackets", seq="example.2")
    assert not app.exception
    assert not ledgers(app)

    def at_once(what: str, key: Any, work: Any, parcel: Any, read: Any, *, size: Any) -> Measured:
        found: Measured = read(work(parcel(), lambda _: None, lambda: None))
        assert size(found) > 0
        return found

    monkeypatch.setattr(memory_page, "worked_out", at_once)
    app.run()
    (picture,) = ledgers(app)
    assert picture["title"] == "Who wrote the state, mean of all 10 units"
    assert picture["steps"] == 53
