"""What the gate square is sent and what it may send back, without a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import streamlit as st

from gru_core import EXTREMES
from gru_core.analysis.square import gate_square
from gru_core.errors import LinkError, ShapeError
from gru_core.limits import MOST_INDEX_CHARACTERS
from gru_ui.components import square as component
from gru_ui.components.square import asked, build_square
from gru_ui.square.form import SQUARE_PROPERTIES, SquareForm, units_text
from gru_ui.square.page import clamp_of, taken
from gru_ui.workspace import Workspace, from_link, to_link
from tests.support.handmade import random_trace


def sent(t: Any, ticks: Any = ()) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the arrays of a message."""
    data = build_square(
        {}, trace=t, found=gate_square(t), ticks=ticks, held=0, scores=None, scores_of_some=False
    )
    start = 4 + int.from_bytes(data[:4], "little")
    header = json.loads(data[4:start])
    kinds = {"u1": np.uint8, "u2": np.uint16, "f4": np.float32}

    def array(reference: dict[str, Any]) -> np.ndarray:
        return np.frombuffer(
            data, kinds[reference["dtype"]], reference["length"], start + reference["offset"]
        )

    arrays = {name: array(header[name]) for name in ("R", "Z", "density")}
    return header, arrays | {f"near {index}": array(each) for index, each in enumerate(header["near"])}


def test_every_point_travels_and_every_step_is_counted() -> None:
    t = random_trace(seed=4, time=20, units=7)
    header, arrays = sent(t, [f"s{step}" for step in range(20)])
    for name in ("R", "Z"):
        values = arrays[name].reshape(7, 20) / 65535
        np.testing.assert_allclose(values.T, getattr(t, name)[0], atol=1e-5)
    assert arrays["near 2"].tolist() == (t.Z[0] >= 0.9).sum(axis=1).tolist()
    assert arrays["density"].sum() == pytest.approx(1.0)
    assert header["ticks"][3] == "s3"
    with pytest.raises(ShapeError, match="20 steps"):
        sent(t, ["one"])


def test_a_long_trace_travels_as_every_so_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(component, "MOST_POINTS", 40)
    t = random_trace(seed=4, time=21, units=5)
    header, arrays = sent(t, [str(step) for step in range(21)])
    assert (header["stride"], header["columns"]) == (3, 7)
    np.testing.assert_allclose(arrays["R"].reshape(5, 7).T / 65535, t.R[0, ::3], atol=1e-5)
    assert header["ticks"] == ["0", "3", "6", "9", "12", "15", "18"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"cursor": 20},
        {"cursor": "3"},
        {"cursor": True},
        {"unit": 7},
        {"selected": [1, 9]},
        {"selected": "12"},
        {"clamp": [0.5]},
        {"clamp": [0.5, 1.01]},
        {"clamp": {"r": 1}},
        {"clamp": [None, 0.2]},
    ],
)
def test_what_a_browser_may_not_say_is_left_out(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"key": wrong})
    assert asked("key", 20, 7) == {}
    monkeypatch.setattr(
        st, "session_state", {"key": {"selected": [3, 1, 3], "clamp": [1, 0.25], "unit": None}}
    )
    assert asked("key", 20, 7) == {"selected": (1, 3), "clamp": (1.0, 0.25), "unit": None}


def test_the_cross_hair_stands_where_both_gates_are_held_at_every_step() -> None:
    plain = Workspace()
    assert clamp_of(plain) is None
    assert clamp_of(plain.but(gates="rnn")) == (1.0, 0.0)
    assert clamp_of(plain.but(gates="input_only")) == (0.0, 0.0)
    assert clamp_of(plain.but(gates="copy")) is None
    assert clamp_of(plain.but(gates="painted", z_blend=1.0, r_blend=1.0)) is None
    held = taken(plain, "clamp", (1.0, 0.0), 8)
    assert clamp_of(held) == (1.0, 0.0)
    assert held.overrides == EXTREMES["rnn"]
    assert clamp_of(held.but(steps="3")) is None
    some = taken(taken(plain, "selected", (1, 2, 5), 8), "clamp", (0.5, 0.75), 8)
    assert {override.units for override in some.overrides} == {(1, 2, 5)}
    assert taken(some, "clamp", None, 8).overrides == ()


def test_selected_units_are_written_short_and_go_with_their_model() -> None:
    units = (0, 3, 4, 5, 9, 10)
    assert units_text(units) == "0,3-5,9-10"
    assert SquareForm(units_text(units)).selected(10) == (0, 3, 4, 5, 9)
    assert SquareForm().selected(10) == ()
    assert len(units_text(range(0, 256, 2))) < MOST_INDEX_CHARACTERS
    chosen = taken(Workspace(), "selected", units, 16).but(layer=0)
    link = to_link(chosen)
    assert link == {"picked": "0,3-5,9-10"}
    assert from_link(link) == (chosen, ())
    assert chosen.but(model="parity").square == replace(chosen.square, units="")
    read = {entry.field: entry.read for entry in SQUARE_PROPERTIES}["units"]
    for wrong in ("1,,2", "-1", "a", "1" * 9, ",".join("1" * 600), "3-"):
        with pytest.raises(LinkError):
            read(wrong)
