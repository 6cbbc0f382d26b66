"""Paths in one basis, what is said of them, their figure and its lines, and the search in another process."""

import runpy

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from gru_core.analysis.fixed_points import find_fixed_points, held_step, starting_states
from gru_core.analysis.fixed_points.far import found_in, search, search_parcel
from gru_core.analysis.space import NAMED, Held, StateSpace, kinds_of, state_space
from gru_core.analysis.space_facts import SPACE_TEXTS, space_facts
from gru_core.demos import demo_path
from gru_core.export import python_lines
from gru_core.export.space_lines import space_lines
from gru_core.figures.space import space_figure
from gru_core.formats import load_model
from gru_core.jobs import Parcel
from gru_core.model import GRU
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences.examples import demo_sequence
from gru_core.trace import GateTrace, trace

MODEL = load_model(demo_path("flipflop"))
X = MODEL.encoder.encode(demo_sequence(MODEL, 0))


def traces_of(gru: GRU, x: np.ndarray, layer: int = 0) -> dict[str, GateTrace]:
    return {name: trace(gru, x, overrides=gates)[layer] for name, gates in EXTREMES.items()}


TRACES = traces_of(MODEL.gru, X)


def held_under(gates: tuple[GateOverride, ...] = ()) -> Held:
    step = held_step(MODEL.gru, np.zeros(3), gates)
    t = trace(MODEL.gru, X, overrides=gates)[0]
    found = find_fixed_points(step, starting_states(t.H[0], 200))
    logits = MODEL.readout(torch.tensor(found.states, dtype=torch.float32))
    answers = tuple(MODEL.card.outputs[i] for i in logits.argmax(dim=-1))
    return Held("zero", 0, found, answers)


def said(space: StateSpace, main: str, held: Held | None = None, **more: int) -> list[str]:
    return [str(fact) for fact in space_facts(space, main, held, **more)]


@pytest.mark.parametrize("fitted", ["learned", "all"])
def test_paths_start_at_h0_and_lie_in_one_basis(fitted: str) -> None:
    space = state_space(TRACES, fitted)
    base = [TRACES["learned"]] if fitted == "learned" else list(TRACES.values())
    states = np.concatenate([np.concatenate([t.H0, t.H[0]]) for t in base]).astype(np.float64)
    values, vectors = np.linalg.eigh(np.cov(states.T))
    assert space.basis.shares == pytest.approx(values[::-1][:3] / values.sum(), rel=1e-9)
    for name, path in space.paths.items():
        assert path.steps.tolist() == [-1, *range(60)]
        own = np.concatenate([TRACES[name].H0, TRACES[name].H[0]]).astype(np.float64)
        expected = (own - states.mean(axis=0)) @ vectors[:, ::-1][:, :3]
        assert np.abs(path.places) == pytest.approx(np.abs(expected), abs=1e-9)
    assert space.paths["copy"].reach == 0
    assert space.paths["copy"].shown == 1
    assert space.every == 1


def test_a_layer_that_reads_backwards_has_its_path_in_the_order_of_reading() -> None:
    torch.manual_seed(0)
    gru = GRU(2, 5, num_layers=2, bidirectional=True)
    space = state_space(traces_of(gru, np.ones((4, 2), np.float32), layer=3))
    assert space.paths["learned"].steps.tolist() == [-1, 3, 2, 1, 0]
    one = state_space(traces_of(GRU(2, 1), np.ones((1, 2), np.float32)))
    assert one.paths["learned"].places.shape == (2, 1)


def test_a_long_sequence_is_thinned_and_says_so() -> None:
    gru = GRU(1, 3)
    space = state_space(traces_of(gru, np.random.default_rng(0).random((7001, 1)).astype(np.float32)))
    steps = space.paths["learned"].steps
    assert (space.every, steps[0], steps[1], steps[2], steps[-1]) == (3, -1, 0, 3, 7000)
    assert len(steps) <= 3002
    figure = space_figure(space, trace(gru, np.ones((2, 1)))[0])
    assert figure.layout.meta["notes"] == ["Of every 3 steps one is drawn and counted."]


def test_kinds_are_the_commonest_labels() -> None:
    assert kinds_of(list("abcab")) == kinds_of(["a", "b", "c", "a", "b"])
    few = kinds_of(list("ba"))
    assert (few.names, few.codes) == (("a", "b"), (1, 0))
    many = kinds_of([*"abcdefghij", *"jihgfed"])
    assert many.names == tuple("defghij")
    assert many.codes[:4] == (NAMED, NAMED, NAMED, 0)


def test_the_flip_flop_is_told_by_its_points() -> None:
    space, held = state_space(TRACES), held_under()
    sentences = said(space, "learned", held, outputs=8)
    share = space.basis.shares.sum()
    assert sentences[0] == (
        f"3 of 24 directions show {share:.0%} of how the learned state varies over this sequence."
    )
    assert sentences[1].endswith(f"these directions show {space.paths['rnn'].shown:.0%}.")
    growing = len(held.found.points) - 8
    assert sentences[2] == (
        f"While an input of zeros is read again and again, {len(held.found.points)} fixed points were found "
        f"from 200 starts: 8 stable, {growing} from which a push leads away."
    )
    assert sentences[3] == "The stable points are memories: at them the model gives 8 of its 8 answers."


def test_every_extreme_is_said_to_be_what_it_has_become() -> None:
    space = state_space(TRACES)
    copied = said(space, "copy", held_under(EXTREMES["copy"]))
    assert copied[1:] == [SPACE_TEXTS["copies"]]
    inputs = len(np.unique(X, axis=0))
    alone = said(space, "input_only", held_under(EXTREMES["input_only"]), different_inputs=inputs)
    assert alone[1].startswith(f"With Z and R at 0 nothing of the past is left: {inputs} different inputs")
    assert f"lead to {inputs} places" in alone[1]
    assert alone[2].endswith("all 200 starts end at one fixed point, which is stable.")
    assert alone[3] == "There a push is gone after one step."
    frozen = held_under((GateOverride("Z", 1.0, units=(0, 1)),))
    assert "Z at 1 holds 2 of 24 units; the points are those of the others." in said(space, "custom", frozen)


def test_where_a_picture_shows_the_plain_rnn_as_well_it_is_said_how_far_that_moves() -> None:
    """Two units: each path is seen whole, and steps are as long as by Pythagoras."""
    torch.manual_seed(1)
    x = np.random.default_rng(0).standard_normal((20, 2)).astype(np.float32)
    space = state_space(traces_of(GRU(2, 2), x))
    lengths = {
        name: np.sqrt(np.square(np.diff(path.states.astype(np.float64), axis=0)).sum(axis=1)).mean()
        for name, path in space.paths.items()
    }
    assert said(space, "learned")[1] == (
        f"As a plain RNN the state moves by {lengths['rnn']:.2f} per step on average, as learned by "
        f"{lengths['learned']:.2f}."
    )


def test_small_states_are_said_to_be_small() -> None:
    x = np.ones((1, 2), np.float32)
    assert said(state_space(traces_of(GRU(2, 1), x)), "learned")[0] == SPACE_TEXTS["shown_one"]
    whole = said(state_space(traces_of(GRU(2, 2), x)), "learned")[0]
    assert whole == "The picture shows the state whole: it has 2 units, and as many directions."
    still = GRU(2, 3)
    with torch.no_grad():
        for parameter in still.parameters():
            parameter.zero_()
    assert said(state_space(traces_of(still, x)), "learned") == [SPACE_TEXTS["still"]]


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_figure_has_the_places_the_points_and_all_eigenvalues(depth: int, theme: str) -> None:
    space, held = state_space(TRACES), held_under()
    figure = space_figure(space, TRACES["learned"], held=held, depth=depth, theme=theme, text="A twin.")
    assert isinstance(figure.data[0], go.Scatter3d if depth == 3 else go.Scatter)
    assert [line.name for line in figure.data[:4]] == [
        "as learned",
        "plain RNN",
        "only the input",
        "pure copy",
    ]
    for line, path in zip(figure.data, space.paths.values(), strict=False):
        assert np.asarray(line.x) == pytest.approx(path.places[:, 0])
        assert np.asarray(line.y) == pytest.approx(path.places[:, 1])
    stable = next(data for data in figure.data if data.name == "stable")
    places = space.basis.project(np.array([point.state for point in held.found.of_kind("stable")]))
    assert np.asarray(stable.x) == pytest.approx(places[:, 0])
    assert sorted(stable.text) == sorted(MODEL.card.outputs)
    eigenvalues = figure.data[-1]
    assert len(eigenvalues.x) == 24 * len(held.found.points)
    assert float(np.hypot(eigenvalues.x, eigenvalues.y).max()) == pytest.approx(
        max(point.sizes[0] for point in held.found.points)
    )
    assert (figure.layout.meta["theme"], figure.layout.meta["text"]) == (theme, "A twin.")
    assert "layer 0 forward · 24 units · 60 steps" in figure.layout.title.text


def test_a_figure_of_one_direction_is_a_line() -> None:
    space = state_space(traces_of(GRU(2, 1), np.ones((3, 2), np.float32)))
    figure = space_figure(space, TRACES["learned"], depth=3)
    assert list(figure.data[0].y) == [0] * 4


def test_a_search_elsewhere_finds_what_a_search_here_finds() -> None:
    step = held_step(MODEL.gru, np.zeros(3), (GateOverride("Z", 1.0, units=(3,)),))
    starts = starting_states(TRACES["learned"].H[0], 60)
    here = find_fixed_points(step, starts, starts[1])
    told: list[float] = []
    sent = Parcel.from_bytes(search_parcel(step, starts, starts[1]).to_bytes())
    back = search(sent, lambda parcel: told.append(parcel.head["done"]), lambda: None)
    there = found_in(Parcel.from_bytes(back.to_bytes()))
    assert np.array_equal(there.states, here.states)
    for one, other in zip(there.points, here.points, strict=True):
        assert np.array_equal(one.eigenvalues, other.eigenvalues)
        assert (one.kind, one.arrivals, one.error) == (other.kind, other.arrivals, other.error)
    assert (there.starts, there.lost, there.everything) == (60, here.lost, False)
    assert there.frozen.tolist() == here.frozen.tolist()
    assert np.array_equal(there.slow, here.slow)
    assert told == sorted(told)
    stopped = found_in(search(sent, lambda parcel: None, lambda: "stop"))
    assert stopped.points == ()


@pytest.mark.parametrize("gates", [(), (GateOverride("Z", 0.4), GateOverride("R", 1.0, units=(0, 2)))])
def test_the_lines_give_the_places_and_points_again(
    gates: tuple[GateOverride, ...], capsys, tmp_path
) -> None:
    lines = python_lines(MODEL, demo_sequence(MODEL, 0), gates, model_name="flipflop", example=0)
    t = trace(MODEL.gru, X, overrides=gates)[0]
    script = tmp_path / "space.py"
    script.write_text(space_lines(lines, t, 0, gates, held=("step", 3)), encoding="utf-8")
    made = runpy.run_path(str(script))
    space = state_space({"learned": TRACES["learned"], "custom": t})
    # A trace in float32 is rounded anew by each engine.
    assert made["places"] == pytest.approx(space.paths["custom"].places, abs=1e-5)
    states = np.concatenate([t.H0, t.H[0]])
    found = find_fixed_points(held_step(MODEL.gru, t.X[0, 3], gates), starting_states(states, 384))
    stable = [point.state for point in made["found"].of_kind("stable")]
    assert len(stable) == len(found.of_kind("stable")) >= 1
    for point in found.of_kind("stable"):
        assert min(np.abs(point.state - state).max() for state in stable) < 1e-6
