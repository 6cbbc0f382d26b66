"""The sentences and the figure of a phase portrait say what its numbers say."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from gru_core.analysis.landscape import Landscape
from gru_core.analysis.portrait import portrait
from gru_core.analysis.portrait_facts import PHASE_TEXTS, Move, Reads, ends, portrait_facts
from gru_core.demos import demo_path
from gru_core.export.portrait_lines import portrait_lines
from gru_core.export.python import python_lines
from gru_core.figures.portrait import arrow_strokes, phase_portrait
from gru_core.formats import load_model
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences.examples import demo_sequence
from tests.core.test_portrait import OPEN, at_zero, drawn, set_by_hand

ZERO = Reads("zero")
MOVE = Move(3, np.zeros(2), np.array([0.5, -0.004]))


def said(land: Landscape, reads: Reads = ZERO, move: Move | None = MOVE) -> list[str]:
    return [fact.text for fact in portrait_facts(portrait(land), reads, move)]


def test_a_latch_in_sentences() -> None:
    """Unit 0 at the roots of h = tanh(2 h), 0.9575; the slopes there by hand; half of all starts to each."""
    first, second, third, fourth = said(at_zero(set_by_hand([[2, 0], [0, 0.5]]), OPEN))
    assert first == "With an input of zeros there are 3 fixed points: stable 2, saddles 1, unstable 0."
    # 21 columns of starts: 10 to either side, and the middle one on the border between them.
    share = f"{10 / 21:.0%}"
    assert second == (
        f"Of 441 states spread over the square {share} are at (-0.96, 0.00) after 200 steps and {share} at "
        "(0.96, 0.00)."
    )
    # Z is 1/2: unit 1 shrinks by 1/2 + 1/4 a step, slower than unit 0.
    steps = -1 / np.log(0.75)
    assert (
        third
        == f"Around (-0.96, 0.00), the slowest, a small distance shrinks to a third in {steps:.3g} steps."
    )
    assert fourth == "At step 3 the sequence took the state from (0.00, 0.00) to (0.50, 0.00)."


def test_what_each_extreme_is_said_to_be() -> None:
    gru = drawn(5)
    frozen = said(at_zero(gru, EXTREMES["copy"]))
    assert frozen[0].startswith("Z is 1 for both units: no state moves")
    assert len(frozen) == 2
    blind = said(at_zero(gru, EXTREMES["input_only"]))
    a, b = np.tanh(gru.cell(0).b_h.detach().numpy())
    assert blind[0].startswith(f"Z and R are 0: every state goes to ({a:.2f}, {b:.2f}) in one step")
    assert "one fixed point" in blind[1]
    plain = said(at_zero(gru, EXTREMES["rnn"]))
    assert plain[0].startswith("Z is 0 and R is 1: the layer is a plain RNN")
    closed = said(at_zero(gru, (GateOverride("R", 0.0),)))
    assert closed[0].startswith(f"R is 0, so the candidate is ({a:.2f}, {b:.2f}) from everywhere")
    half = said(at_zero(gru, (GateOverride("Z", 1.0, units=(1,)),)))
    assert half[0].startswith("Z of unit 1 is 1, so it keeps its value")


def test_a_ring_never_rests_and_a_hard_gate_may_keep_a_part_of_the_square() -> None:
    turning = set_by_hand([[2.0, 1.5], [-1.5, 2.0]])
    first, second, *_ = said(at_zero(turning, (*OPEN, GateOverride("Z", 0.9))), Reads("symbol", label="a"))
    assert first == (
        "With the input 'a' there is one fixed point, at (0.00, 0.00): an unstable focus, states near it "
        "leave it in circles."
    )
    assert second.startswith("Of 441 states spread over the square none has come to rest after 200 steps")
    hard = drawn(9, gate_activation="hard_sigmoid_fifth")
    with np.errstate(all="ignore"):
        hard.cell(0).b_z.data.fill_(1.5)
        hard.cell(0).W_hz.data.zero_()
        hard.cell(0).W_hz.data[0] = 2.0
    # Z = clip(0.2 (2 h0 + 1.5) + 0.5) is 1 from h0 = 1/2 on: 6 of 21 columns of the grid.
    assert said(at_zero(hard))[0].startswith(f"In {6 / 21:.0%} of the square Z is exactly 1 for both units")


def test_every_kind_of_point_has_its_words() -> None:
    kinds = ["stable", "saddle", "unstable", "neutral"]
    assert all(f"kind_{kind}" in PHASE_TEXTS for kind in kinds)
    # A pitchfork at its very moment: r w = 1, where dF/dh has an eigenvalue of exactly 1.
    (only,) = portrait(at_zero(set_by_hand([[1.0, 0], [0, 0.5]]), OPEN)).points
    assert only.stability == "neutral"
    assert only.index == 0


def test_shares_of_ends_are_those_of_following_every_start() -> None:
    land = at_zero(drawn(3, spread=2))
    found = portrait(land)
    line = np.linspace(-1, 1, 21)
    last = np.array([land.run(np.array([a, b]), 200)[-1] for a in line for b in line])
    near = [float((np.abs(last - point.h).max(axis=1) < 0.02).mean()) for point in found.points]
    assert ends(land, found.points) == pytest.approx(near)


def test_the_figure_draws_what_the_portrait_holds() -> None:
    land = at_zero(set_by_hand([[2, 0], [0, 0.5]]), OPEN)
    found = portrait(land)
    way = land.run(np.array([0.3, 0.8]), 20)
    figure = phase_portrait(found, said=("One.", "Two."), sequence=way, step=4, dropped=[way], theme="dark")
    by_name = {trace.name: trace for trace in figure.data}
    assert figure.layout.meta["text"] == "One. Two."
    assert np.array(by_name["stable"].x) == pytest.approx([-0.9575, 0.9575], abs=1e-4)
    assert np.array(by_name["saddle"].y) == pytest.approx([0], abs=1e-6)
    assert np.array(by_name["now"].x) == pytest.approx(way[4:6, 0])
    assert np.array(by_name["the sequence"].y) == pytest.approx(way[:, 1])
    assert set(np.round(np.array(by_name["unit 0 stands still"].x, dtype=float), 2)) >= {-0.96, 0.96}
    # An arrow grows with the root of its step, and points where the step goes.
    strokes = arrow_strokes(np.zeros((2, 2)), np.array([[0.04, 0.0], [0.0, -0.01]]), 0.1)
    assert strokes[:, 1] == pytest.approx(np.array([[0.95 * 0.1 * 0.2, 0], [0, -0.95 * 0.1 * 0.1]]))
    assert not arrow_strokes(np.zeros((1, 2)), np.zeros((1, 2)), 0.1).any()


def test_the_python_lines_give_the_points_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = load_model(demo_path("bistable"))
    held = (GateOverride("R", 0.9),)
    before = python_lines(model, demo_sequence(model, 0), held, model_name="bistable", example=0)
    for x, count in ((np.zeros(1), 3), (None, 1)):
        script = tmp_path / "lines.py"
        script.write_text(portrait_lines(before, held, layer=0, step=0, x=x), encoding="utf-8")
        runpy.run_path(str(script))
        assert len(capsys.readouterr().out.strip().splitlines()) == count
