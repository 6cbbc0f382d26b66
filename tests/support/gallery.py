"""What the original packages computed, and how the models of the gallery are compared with it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from gru_core import GRU, GateTrace
from gru_core.gallery import Run, read_model

CASES = Path(__file__).resolve().parents[1] / "cases"
TOLERANCE = 1e-5
TRACED = {"R": "R", "Z": "Z", "H_tilde": "Hcand", "H": "H"}


@cache
def reference(case: str) -> dict[str, np.ndarray]:
    with np.load(CASES / case / "reference.npz") as file:
        return {name: file[name] for name in file}


model = cache(read_model)


def apart(found: np.ndarray, wanted: np.ndarray) -> float:
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max())


def agree(t: GateTrace, wanted: dict[str, np.ndarray]) -> None:
    for name, array in wanted.items():
        assert apart(getattr(t, name)[0], array) < TOLERANCE, name


def swapped(gru: GRU) -> GRU:
    """The same weights read with the two gates exchanged."""
    wrong = GRU(
        gru.input_size,
        gru.hidden_size,
        gru.num_layers,
        gru.bidirectional,
        reset_mode=gru.reset_mode,
        gate_activation=gru.gate_activation,
    )
    units = gru.hidden_size
    rows = np.r_[units : 2 * units, :units, 2 * units : 3 * units]
    for index in range(len(gru.cells)):
        state = gru.cell(index).state_dict()
        for name in ("weight_x", "weight_h", "bias"):
            state[name] = state[name][rows]
        wrong.cell(index).load_state_dict(state)
    return wrong


def texts(run: Run) -> list[str]:
    return [piece.text for piece in run.said]
