"""Measures of a model as a whole: sizes, the proofs of its extremes, and what its equations turn into."""

import copy
from typing import Literal

import numpy as np
import torch

from gru_core.analysis.extremes import Proof, prove
from gru_core.equations import candidate, reset_gate, update_gate
from gru_core.lessons.of_traces import At, step_of
from gru_core.lessons.stage import Stage
from gru_core.model import GRU
from gru_core.trace import trace

Setting = Literal["learned", "rnn", "input_only", "copy"]
Cell = Literal["rnn", "gru", "lstm"]
BLOCKS = {"rnn": 1, "gru": 3, "lstm": 4}


def count(stage: Stage, what: Literal["inputs", "units", "steps", "outputs", "layers"]) -> int:
    """A size: numbers that go in at a step, units, steps of the sequence, outputs, layers."""
    gru, readout = stage.model.gru, stage.model.readout
    return {
        "inputs": gru.input_size,
        "units": gru.hidden_size,
        "steps": len(stage.x),
        "outputs": readout.out_features if readout is not None else 0,
        "layers": gru.num_layers,
    }[what]


def parameters(stage: Stage, cell: Cell = "gru", bare: bool = False) -> int:
    """How many numbers one layer learns: blocks of (inputs + units + 1) x units, with one bias each.

    A GRU of reset mode "after" has one more bias per unit; `bare` leaves it out, to compare the kinds.
    """
    gru = stage.model.gru
    plain = BLOCKS[cell] * (gru.input_size + gru.hidden_size + 1) * gru.hidden_size
    extra = gru.hidden_size if cell == "gru" and gru.reset_mode == "after" and not bare else 0
    return plain + extra


def proof(stage: Stage, setting: Setting) -> float:
    """What the proof of an extreme leaves: 0 up to rounding where its claim is true."""
    return _proof(stage, setting).difference


def proof_as_learned(stage: Stage, setting: Setting) -> float:
    """The same number under the learned gates: not 0, so the proof could have failed."""
    return _proof(stage, setting).when_learned or 0.0


def proof_holds(stage: Stage, setting: Setting) -> bool:
    """Whether the proof of an extreme holds up to rounding."""
    return _proof(stage, setting).holds


def _proof(stage: Stage, setting: str) -> Proof:
    found: Proof = stage.kept(("proof", setting), lambda: prove(stage.model.gru, stage.x, setting))
    return found


@torch.no_grad()
def reset_modes_apart(stage: Stage) -> float:
    """max |H of reset mode "before" - H of "after"| on the same weights: they are two functions."""
    gru = stage.model.gru
    other = GRU(
        gru.input_size,
        gru.hidden_size,
        gru.num_layers,
        gru.bidirectional,
        "after" if gru.reset_mode == "before" else "before",
        gru.gate_activation,
    )
    for index in range(len(gru.cells)):
        mine, its = gru.cell(index), other.cell(index)
        its.weight_x.copy_(mine.weight_x)
        its.weight_h.copy_(mine.weight_h)
        its.bias.copy_(mine.bias)
    one, two = (trace(each, stage.x, overrides=stage.overrides)[-1].H for each in (gru, other))
    return float(np.abs(one - two).max())


@torch.no_grad()
def renamed_apart(stage: Stage) -> float:
    """max |H - H'| where H' calls 1 - Z the update gate and has the signs of its weights turned: 0.

    The turned GRU is run step by step by its own equation, H' = (1 - Z') H'_prev + Z' H~.
    """
    gru = stage.model.gru
    turned = copy.deepcopy(gru.cell(0)).double()
    units = gru.hidden_size
    for weights in (turned.weight_x, turned.weight_h, turned.bias):
        weights[units : 2 * units] *= -1
    x = torch.tensor(stage.x).double()
    state = torch.zeros(1, units, dtype=torch.float64)
    apart = 0.0
    for step, expected in enumerate(trace(gru, stage.x)[0].H[0]):
        X = x[step : step + 1]
        R = reset_gate(X, state, turned, gru.gate_activation)
        Z = update_gate(X, state, turned, gru.gate_activation)
        state = (1 - Z) * state + Z * candidate(X, state, R, turned, gru.reset_mode)
        apart = max(apart, float(np.abs(state[0].numpy() - expected).max()))
    return apart


@torch.no_grad()
def sum_inside(stage: Stage, gate: Literal["R", "Z"], unit: int, at: At = "here") -> float:
    """What stands inside the sigmoid of a gate: x W + h U + b of one unit at one step (layer 0)."""
    t, step = stage.traces()[0], step_of(stage, at)
    cell = stage.model.gru.cell(0)
    W_x, W_h, b = (cell.W_xr, cell.W_hr, cell.b_r) if gate == "R" else (cell.W_xz, cell.W_hz, cell.b_z)
    total = torch.tensor(t.X[0, step]) @ W_x + torch.tensor(t.H_prev[0, step]) @ W_h + b
    return float(total[unit])


def race_score(stage: Stage, cell: Cell) -> float:
    """The held-out score at the end of the shipped race of GRU, RNN and LSTM on the same data."""
    return _racer(cell)[0]


def race_learned_at(stage: Stage, cell: Cell) -> int:
    """The update at which it had learned the task; 0 for never."""
    return _racer(cell)[1]


def race_parameters(stage: Stage, cell: Cell) -> int:
    """How many numbers the racer learns, readout included."""
    return _racer(cell)[2]


def _racer(cell: str) -> tuple[float, int, int]:
    # A measure is asked for rarely; reading the run takes some milliseconds.
    from gru_core.runs.example import read_example

    lane = next(lane for lane in read_example("race").lanes if lane.spec.cell == cell)
    return lane.score or 0.0, lane.learned_at or 0, lane.parameters or 0
