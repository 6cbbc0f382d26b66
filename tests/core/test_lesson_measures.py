"""The measures that lessons rest on, against other ways to the same numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.equations import gru_step
from gru_core.lessons import Asked, LessonView, Stage, demo_stage, measure
from gru_core.lessons.measures import show


def staged(**view: Any) -> Stage:
    return demo_stage(LessonView(**view))


def measured(stage: Stage, name: str, **parameters: Any) -> Any:
    return measure(stage, Asked(name, tuple(parameters.items())))


def run(stage: Stage, x: np.ndarray, mode: str | None = None) -> torch.Tensor:
    """(time, units) by the equations, step by step."""
    gru = stage.model.gru
    state, states = torch.zeros(1, gru.hidden_size), []
    for row in torch.tensor(x):
        state = gru_step(row[None], state, gru.cell(0), mode or gru.reset_mode)[3]
        states.append(state[0])
    return torch.stack(states).detach()


@pytest.mark.parametrize("model", ["remember", "elnino"])
def test_gradients_are_those_of_autograd_through_the_equations(model: str) -> None:
    stage = staged(model=model)
    gru, first, last = stage.model.gru, 20, 27
    x = torch.tensor(stage.x)

    def on(state: torch.Tensor) -> torch.Tensor:
        for t in range(first + 1, last + 1):
            state = gru_step(x[t : t + 1], state[None], gru.cell(0), gru.reset_mode)[3][0]
        return state

    matrix = torch.autograd.functional.jacobian(on, run(stage, stage.x)[first])
    expected = float(torch.linalg.matrix_norm(matrix, 2))
    assert measured(stage, "gradient", since=first, until=last) == pytest.approx(expected, rel=1e-4)
    per_step = measured(stage, "gradient_per_step", since=first, until=last)
    assert per_step == pytest.approx(expected ** (1 / 7), rel=1e-4)


def test_the_gradient_of_the_rnn_corner_is_that_of_torch_rnn() -> None:
    stage = staged()
    cell, x = stage.model.gru.cell(0), torch.tensor(stage.x)
    rnn = nn.RNNCell(8, 16)
    with torch.no_grad():
        for theirs, ours in (("weight_ih", cell.W_xh.T), ("weight_hh", cell.W_hh.T), ("bias_ih", cell.b_h)):
            getattr(rnn, theirs).copy_(ours)
        rnn.bias_hh.zero_()
        state = torch.zeros(1, 16)
        for t in range(21):
            state = rnn(x[t : t + 1], state)

    def on(state: torch.Tensor) -> torch.Tensor:
        for t in range(21, 30):
            state = rnn(x[t : t + 1], state[None])[0]
        return state

    matrix = torch.autograd.functional.jacobian(on, state[0].detach())
    expected = float(torch.linalg.matrix_norm(matrix, 2))
    assert measured(stage, "gradient", since=20, under="rnn") == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("cell", "layer"), [("rnn", nn.RNN), ("gru", nn.GRU), ("lstm", nn.LSTM)])
def test_parameters_are_torchs_with_one_bias_instead_of_two(cell: str, layer: type) -> None:
    theirs = layer(8, 16)
    expected = sum(p.numel() for p in theirs.parameters()) - theirs.bias_hh_l0.numel()
    assert measured(staged(), "parameters", cell=cell) == expected
    own = sum(p.numel() for p in staged(model="elnino").model.gru.parameters())
    assert measured(staged(model="elnino"), "parameters", cell="gru") == own


def test_answers_are_those_of_the_model_itself() -> None:
    stage = staged(sequence="example.1", step=4)
    with torch.no_grad():
        odds = stage.model(torch.tensor(stage.x)[None])[0].softmax(-1)
    names = [stage.model.card.outputs[int(row.argmax())] for row in odds]
    assert measured(stage, "answer") == names[4]
    assert measured(stage, "confidence") == pytest.approx(float(odds[4].max()), abs=1e-5)
    right = np.mean([one == other for one, other in zip(names, stage.target, strict=True)])
    assert measured(stage, "right_share") == pytest.approx(right)


def test_a_change_of_the_input_is_followed_by_the_equations() -> None:
    stage = staged(model="brackets")
    x = stage.x.copy()
    x[3] = np.eye(3, dtype=np.float32)[stage.model.encoder.vocabulary.index("(")]
    expected = (run(stage, x)[9] - run(stage, stage.x)[9]).abs().max()
    found = measured(stage, "change_of_state", at=3, symbol="(", until=9)
    assert found == pytest.approx(float(expected), abs=1e-5)
    other = (run(stage, stage.x, "after") - run(stage, stage.x)).abs().max()
    # Rounding grows from step to step, and two engines round differently.
    assert measured(stage, "reset_modes_apart") == pytest.approx(float(other), rel=0.1)


def test_the_account_of_the_last_state_adds_up() -> None:
    stage = staged(model="brackets")
    Z = stage.trace.Z[0, :, 4].astype(np.float64)
    by_hand = [(1 - Z[t]) * math.prod(Z[t + 1 :]) for t in range(len(Z))]
    weights = [measured(stage, "weight_in_last", step=t, unit=4) for t in range(len(Z))]
    np.testing.assert_allclose(weights, by_hand, atol=1e-6)
    assert sum(weights) + math.prod(Z) == pytest.approx(1)


def test_small_things_by_hand() -> None:
    stage = staged(model="brackets", step=5)
    gate = measured(stage, "value", of="R", unit=2)
    assert measured(stage, "sigmoid", of=measured(stage, "sum_inside", gate="R", unit=2)) == pytest.approx(
        gate, abs=1e-5
    )
    steps, left = 0.0, 1.0
    while left > 0.5:
        steps, left = steps + 0.001, 0.9 ** (steps + 0.001)
    assert measured(stage, "half_life_at", z=0.9) == pytest.approx(steps, abs=0.002)
    assert measured(stage, "mixed", unit=2) == pytest.approx(
        measured(stage, "value", of="H", unit=2), abs=1e-6
    )
    at_x = [t for t, label in enumerate(stage.labels) if label == "x"]
    assert measured(stage, "mean_at_symbol", of="Z", symbol="x") == pytest.approx(
        float(stage.trace.Z[0, at_x].mean()), abs=1e-6
    )
    assert measured(stage, "count_above", of="Z", than=0.9, hold_z=1) == 10
    assert measured(stage, "count", what="units", on_model="parity") == 4


@pytest.mark.parametrize(
    ("value", "shown", "text"),
    [
        (1.0, "percent", "100%"),
        (0.9996, "percent", "99.9%"),
        (0.0004, "percent", "< 0.1%"),
        (9.5e-8, "tens", "9.5\u00a0×\u00a010⁻⁸"),
        (0.0, "tens", "0"),
        (-0.344, "number", "−0.34"),
        (1200, "whole", "1,200"),
        (math.inf, "number", "∞"),
        ("C", "auto", "C"),
    ],
)
def test_numbers_are_written_so_that_nothing_is_rounded_onto_an_end(
    value: Any, shown: str, text: str
) -> None:
    assert show(value, shown) == text
