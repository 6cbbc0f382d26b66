"""What the phase portrait sends and takes: bounded, and only what makes sense."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from gru_core.errors import LinkError, ShapeError
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.trace import trace
from gru_ui.components.portrait import Knob, PortraitData, _clean, build_portrait
from gru_ui.components.portrait_data import MOST_STEPS, MOST_SYMBOLS
from gru_ui.phase.form import PHASE_PROPERTIES, PhaseForm
from gru_ui.workspace import Workspace, from_link, to_link

READ = {entry.name: entry.read for entry in PHASE_PROPERTIES}


def made(steps: int = 6, inputs: int = 2, **more: Any) -> PortraitData:
    torch.manual_seed(0)
    gru = GRU(inputs, 2, bidirectional=True)
    overrides = more.pop("overrides", ())
    direction = more.pop("direction", 0)
    t = trace(gru, torch.randn(steps, inputs), overrides=overrides)[direction]
    return PortraitData.of(gru, t, overrides=overrides, **more)


def unpacked(data: bytes) -> tuple[dict[str, Any], Any]:
    base = 4 + int.from_bytes(data[:4], "little")
    header = json.loads(data[4:base])
    types = {"f8": np.float64, "i2": np.int16}

    def array(reference: dict[str, Any]) -> np.ndarray:
        return np.frombuffer(data, types[reference["dtype"]], reference["length"], base + reference["offset"])

    return header, array


@pytest.mark.parametrize("direction", [0, 1])
def test_weights_drives_and_gates_travel_to_the_last_bit(direction: int) -> None:
    held = (GateOverride("Z", 0.25, units=(1,), steps=slice(2, 4), blend=0.5),)
    data = made(overrides=held, direction=direction)
    header, array = unpacked(build_portrait(data, step=0, header={}))
    drives = array(header["drives"]).reshape(-1, 6)
    assert np.array_equal(drives, data.bias + data.X.astype(np.float64) @ data.weight_x.T)
    rows, gates = array(header["rows"]), array(header["held"]).reshape(-1, 8)
    assert gates[rows[3]].tolist() == [1, 1, 0, 0, 1, 0.5, 0, 0.125]
    assert gates[rows[0]].tolist() == [1, 1, 0, 0, 1, 1, 0, 0]
    assert header["start"] == data.H_prev[5 if direction else 0].tolist()
    assert header["reverse"] == bool(direction)


def test_a_long_sequence_travels_in_parts_and_a_large_vocabulary_is_not_listed() -> None:
    data = made(steps=MOST_STEPS + 3000, labels=["a"] * (MOST_STEPS + 3000))
    header, array = unpacked(build_portrait(data, step=MOST_STEPS + 1500, header={}))
    first = header["first"]
    assert header["steps"] == MOST_STEPS
    assert first <= MOST_STEPS + 1500 < first + MOST_STEPS
    assert header["start"] == data.H_prev[first].tolist()
    assert len(array(header["drives"])) == 6 * MOST_STEPS
    many = made(symbols=["s"] * (MOST_SYMBOLS + 1), symbol_rows=np.zeros((MOST_SYMBOLS + 1, 2)))
    assert many.symbol_rows is None
    gru = GRU(1, 3)
    t = trace(gru, torch.zeros(2, 1))[0]
    with pytest.raises(ShapeError, match="needs exactly 2 units, got 3"):
        PortraitData.of(gru, t)


def test_a_browser_can_send_anything() -> None:
    data = made(knobs=[Knob("a", 0, 1, -1, 1), Knob("b", 0, 1, -1, 1)])
    gates = {"z": 0.5, "z_blend": 1, "r": 0, "r_blend": 0, "units": "1"}
    fine = {
        "step": 5,
        "input": "numbers",
        "numbers": [0.5, -2],
        "gates": gates,
        "starts": [[0, 1], [-0.5, 0.2]],
    }
    assert _clean(fine, data) == {**fine, "gates": {name: gates[name] for name in gates}}
    for name, wrong in {
        "step": [6, -1, 1.5, True, "1", None, float("nan")],
        "input": ["symbol.0", "other", 3, None, "symbol.999999"],
        "numbers": [[1], [1, float("inf")], ["a", "b"], "ab", [1, 1e9]],
        "gates": [{}, {**gates, "z": 2}, {**gates, "units": "2"}, {**gates, "r": None}, 4],
        "starts": [[[0, 2]], [[0]], [0], [[0, 0]] * 9, "x", [[0, "a"]]],
    }.items():
        for value in wrong:
            assert name not in _clean({name: value}, data), (name, value)


def test_choices_go_through_the_link() -> None:
    form = PhaseForm("symbol.3", ("0.5", "-1"), ("0.25,-1", "0,0.5"))
    link = to_link(Workspace(phase=form))
    assert from_link(link) == (Workspace(phase=form), ())
    assert form.inputs == (0.5, -1.0)
    assert form.states == ((0.25, -1.0), (0.0, 0.5))
    for name, wrong in (
        ("reads", "symbol.x"),
        ("readx", "1|nan"),
        ("readx", "|".join("1" * 9)),
        ("letgo", "0.5"),
        ("letgo", "0,1.5"),
        ("letgo", "|".join(["0,0"] * 9)),
    ):
        with pytest.raises(LinkError):
            READ[name](wrong)
