"""One changed input: its ripple is the difference of two runs, part by part, and what an answer hangs on is
what autograd says."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gru_core.analysis.change import NUDGE, InputChange, change_number, change_symbol, symbol_choices
from gru_core.analysis.connectivity import answer_seeds, connectivity, state_seeds
from gru_core.analysis.connectivity_facts import connectivity_facts
from gru_core.analysis.fact import rounded
from gru_core.analysis.jacobian import ROUTES
from gru_core.analysis.ripple import Ripple, change_input, ripple
from gru_core.analysis.ripple_facts import ripple_facts
from gru_core.analysis.ripple_work import (
    MAX_RIPPLE_CELLS,
    connectivity_parcel,
    make_connectivity,
    make_ripple,
    read_connectivity,
    read_ripple,
    ripple_parcel,
    work_connectivity,
    work_ripple,
)
from gru_core.equations import candidate, hidden_state
from gru_core.errors import InputError, LimitError, ShapeError
from gru_core.figures.ripple import connectivity_figure, ink, ripple_figure
from gru_core.model import GRU, ModelCard, SequenceModel
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences import Sequence, sequence_from_symbols
from gru_core.sequences.encoders import EmbeddingEncoder, NumberEncoder, SymbolEncoder, plain_encoder
from gru_core.trace import last_output, trace

STEPS, UNITS, INPUTS = 9, 5, 3
HELD = (GateOverride("Z", 0.3, steps=(1, 2), units=(0, 3)), GateOverride("R", 0.9, blend=0.4))


def model(reset_mode="before", seed=0, **shape):
    """A GRU in float64 whose gates are well away from one half."""
    torch.manual_seed(seed)
    gru = GRU(INPUTS, UNITS, reset_mode=reset_mode, **shape).double()
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.mul_(2.0)
    return gru


def inputs(seed=1):
    return np.random.default_rng(seed).normal(size=(STEPS, INPUTS))


def rippled(gru, overrides=(), step=3, cell=0, by=1.0):
    x = inputs()
    before, after = change_input(gru, x, step, x[step] + by, overrides)
    return ripple(gru, before[cell], after[cell], step), before[cell], after[cell]


@pytest.mark.parametrize("overrides", [(), HELD, *EXTREMES.values()])
@pytest.mark.parametrize("mode", ["before", "after"])
def test_the_four_parts_are_the_difference_of_two_runs(mode, overrides):
    for shape in ({}, {"backwards": True}, {"num_layers": 2, "bidirectional": True}):
        gru = model(mode, **shape)
        for cell in range(len(gru.cells)):
            found, before, after = rippled(gru, overrides, cell=cell)
            assert found.difference == pytest.approx(after.H[0] - before.H[0], abs=1e-15)
            parts = sum(getattr(found, name) for name in ROUTES)
            assert parts == pytest.approx(found.difference, abs=1e-14)


@pytest.mark.parametrize("mode", ["before", "after"])
def test_each_part_is_what_the_equations_give_with_the_rest_as_it_was(mode):
    """One step at a time, from the equations: one thing after the other is put back to what it was."""
    gru = model(mode)
    found, before, after = rippled(gru)
    cell = gru.cell(0)
    for t in range(3, STEPS):
        old, new = (
            {n: torch.tensor(getattr(tr, n)[0, t][None]) for n in ("X", "R", "Z", "H_tilde", "H_prev")}
            for tr in (before, after)
        )
        old_reset = candidate(new["X"], new["H_prev"], old["R"], cell, mode)

        def state(Z, H_prev, N):
            return hidden_state(H_prev, Z, N).detach().numpy()[0]

        now = state(new["Z"], new["H_prev"], new["H_tilde"])
        without_reset = state(new["Z"], new["H_prev"], old_reset)
        without_candidate = state(new["Z"], new["H_prev"], old["H_tilde"])
        without_copy = state(new["Z"], old["H_prev"], old["H_tilde"])
        was = state(old["Z"], old["H_prev"], old["H_tilde"])
        assert found.reset[t] == pytest.approx(now - without_reset, abs=1e-14)
        assert found.candidate[t] == pytest.approx(without_reset - without_candidate, abs=1e-14)
        assert found.copy[t] == pytest.approx(without_candidate - without_copy, abs=1e-14)
        assert found.update[t] == pytest.approx(without_copy - was, abs=1e-14)
        assert np.abs(found.reset[t]).max() > 1e-4 or t == 3, "what is compared is not nothing"


def test_a_small_change_is_the_derivative():
    gru, x = model("after"), inputs()
    found, *_ = rippled(gru, by=np.array([0.0, 1e-6, 0.0]))
    wanted = torch.autograd.functional.jacobian(
        lambda row: gru(torch.cat([torch.tensor(x[:3]), row[None], torch.tensor(x[4:])])[None])[0][0],
        torch.tensor(x[3]),
    )[..., 1]
    assert found.difference / 1e-6 == pytest.approx(wanted.numpy(), abs=1e-5)


def test_under_the_extremes_it_dies_at_once_or_never_enters():
    gru = model()
    gone, *_ = rippled(gru, EXTREMES["input_only"])
    assert gone.start > 0.1
    assert not gone.difference[4:].any()
    assert not gone.difference[:3].any()
    assert (gone.died, gone.left, gone.main_carrier) == (4, 0.0, None)
    never, *_ = rippled(gru, EXTREMES["copy"])
    assert not never.difference.any()
    assert never.died is None
    assert (never.carriers == -1).all()
    plain, *_ = rippled(gru, EXTREMES["rnn"])
    assert not plain.copy.any()
    assert not plain.update.any()
    assert not plain.reset.any()
    assert set(np.unique(plain.carriers)) == {-1, ROUTES.index("candidate")}


def of_sizes(*sizes, step=0, backward=False, carried=0):
    """A ripple of one unit with these sizes, all carried in one way."""
    values, nothing = np.array(sizes, float)[:, None], np.zeros((len(sizes), 1))
    parts = [values if way == carried else nothing for way in range(4)]
    return Ripple(step, values, *parts, backward=backward)


def test_it_has_died_where_less_than_one_percent_is_left_for_good():
    assert of_sizes(0, 4, 2, -0.03, 0.5, 0.02, 0.01, step=1).died == 5, "it came back once"
    assert of_sizes(4, 2, 0.01).died == 2
    assert of_sizes(4, 2, 0.05).died is None
    assert of_sizes(4, 2, 0.05).left == pytest.approx(0.0125)
    assert of_sizes(0.01, 0.01, 2, 4, 0, step=3, backward=True).died == 1
    assert of_sizes(4, 2, 0.01, carried=1).main_carrier == "update"
    assert (of_sizes(4).died, of_sizes(4).left) == (None, 1.0), "one step, nothing after it"


def answering(gru, answer="class"):
    torch.manual_seed(5)
    readout = torch.nn.Linear(UNITS * gru.num_directions, 4).double()
    card = ModelCard("m", "m", answer=answer, outputs=tuple("abcd"), output_std=3.0)
    return SequenceModel(plain_encoder(INPUTS), gru, readout, card)


@pytest.mark.parametrize("overrides", [(), HELD, EXTREMES["rnn"]])
@pytest.mark.parametrize(
    "shape", [{}, {"backwards": True}, {"num_layers": 3}, {"num_layers": 2, "bidirectional": True}]
)
def test_connectivity_is_what_autograd_says_through_all_layers(shape, overrides, monkeypatch):
    made = answering(model("after" if overrides else "before", **shape))
    x = torch.tensor(inputs(), requires_grad=True)
    traces = trace(made.gru, x.detach(), overrides=overrides)
    # Room for one row at a time: what goes down in pieces is the same.
    monkeypatch.setattr("gru_core.analysis.connectivity.CHUNK_BYTES", 1)
    for step, output in ((6, 2), (4, None)):
        logits = made.readout(made.gru(x[None], overrides=overrides)[0])[0, step]
        rows = torch.stack([torch.autograd.grad(y, x, retain_graph=True)[0] for y in logits])
        rows = rows if output is None else rows[output : output + 1]
        found = connectivity(made.gru, traces, answer_seeds(made, step, output), overrides)
        assert found == pytest.approx(rows.square().sum(dim=(0, 2)).sqrt().numpy(), abs=1e-10)
    states = made.gru(x[None], overrides=overrides)[0][0, 5, :UNITS]
    wanted = torch.stack([torch.autograd.grad(h, x, retain_graph=True)[0] for h in states])
    cell = (made.gru.num_layers - 1) * made.gru.num_directions
    found = connectivity(made.gru, traces, state_seeds(made.gru, cell, 5), overrides)
    assert found == pytest.approx(wanted.square().sum(dim=(0, 2)).sqrt().numpy(), abs=1e-10)
    one = connectivity(made.gru, traces, state_seeds(made.gru, cell, 5, unit=1), overrides)
    assert one == pytest.approx(wanted[1].square().sum(dim=1).sqrt().numpy(), abs=1e-10)


def test_a_number_is_asked_about_in_its_own_units():
    made = answering(model(), answer="number")
    traces = trace(made.gru, inputs())
    found = connectivity(made.gru, traces, answer_seeds(made, 6, 1))
    x = torch.tensor(inputs(), requires_grad=True)
    number = torch.nn.functional.linear(made.gru(x[None])[0][0, 6], made.readout.weight)[1] * 3.0
    assert found == pytest.approx(torch.autograd.grad(number, x)[0].norm(dim=1).numpy(), abs=1e-12)
    assert last_output(traces).shape == (1, STEPS, UNITS)


def test_what_does_not_exist_is_refused():
    gru = model()
    with pytest.raises(InputError, match="no step 9"):
        change_input(gru, inputs(), 9, np.zeros(INPUTS))
    with pytest.raises(ShapeError, match="has 3 numbers, the new one 2"):
        change_input(gru, inputs(), 2, np.zeros(2))
    long, short = trace(gru, inputs()), trace(gru, inputs()[:4])
    with pytest.raises(ShapeError, match="two runs of one layer"):
        ripple(gru, long[0], short[0], 1)
    with pytest.raises(InputError, match="no output 4"):
        answer_seeds(answering(gru), 0, 4)
    with pytest.raises(InputError, match="no unit 5"):
        state_seeds(gru, 0, 0, unit=5)


def test_the_facts_say_what_the_numbers_say():
    gru = model()
    x = inputs()
    change = InputChange(3, x[3] + 1.0, "a", "b", symbol=1)
    card = ModelCard("m", "m", answer="class", outputs=("yes", "no"))
    before, after = np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([[0.9, 0.1], [0.3, 0.7]])
    learned, *_ = rippled(gru)
    said = [str(fact) for fact in ripple_facts(learned, change, card, (before, after))]
    assert said[0] == "At step 3 the model reads 'b' in place of 'a'."
    assert f"the states differ by {rounded(learned.start)}" in said[1]
    carried = sum(size[4:].sum() for size in learned.sizes.values())
    assert f"{learned.sizes['copy'][4:].sum() / carried:.0%} is copying" in said[2]
    assert said[3] == (
        "1 of 2 steps are answered otherwise, most clearly step 1: 'no' (70.0%) in place of 'yes' (80.0%)."
    )
    texts = {}
    for name in EXTREMES:
        found, *_ = rippled(gru, EXTREMES[name])
        texts[name] = [fact.key for fact in ripple_facts(found, change, card)]
    assert texts["copy"] == ["symbol", "kept out"]
    assert texts["input_only"] == ["symbol", "at once"]
    assert texts["rnn"][2] == "carried"
    last, *_ = rippled(gru, step=STEPS - 1)
    assert [fact.key for fact in ripple_facts(last, change, card)] == ["symbol", "read last"]
    nothing = InputChange(3, x[3], "a", "a")
    assert [fact.key for fact in ripple_facts(learned, nothing, card)] == ["same"]
    nudged = InputChange(3, x[3], "0.1", "0.2", name="height", share=NUDGE)
    keys = [fact.key for fact in ripple_facts(learned, nudged, card, (before, after))]
    assert keys[0] == "nudged number"
    assert "answer class" not in keys, "of a thousandth nobody wants to know the answer"
    both_ways, *_ = rippled(model(num_layers=2, bidirectional=True), cell=2)
    assert "elsewhere" in [fact.key for fact in ripple_facts(both_ways, change, card)]


def test_the_facts_of_connectivity():
    strength = np.array([0.0, 8.0, 0.5, 0.04, 1.0])
    said = [str(fact) for fact in connectivity_facts(strength, 4, ("", "b", "", "", "e"))]
    assert said == [
        "It hangs most on step 1 ('b') (8); then on step 4 ('e'), 12% as strongly.",
        "What is read at step 4 ('e') itself counts 12% as much as the strongest.",
        "It takes 1 of the 5 steps, the strongest first, to make half of the sum.",
        "The farthest step with at least 1% of the strongest is step 1 ('b'), 3 steps away.",
    ]
    assert [fact.key for fact in connectivity_facts(np.array([0.0, 2.0]), 1)] == ["alone"]
    assert [fact.key for fact in connectivity_facts(np.zeros(2), 1)] == ["none"]


def test_a_step_may_read_another_symbol_or_another_number():
    encoder = SymbolEncoder(("a", "b", "c"))
    sequence = sequence_from_symbols(list("cab"), "typed in")
    x = encoder.encode(sequence)
    following = change_symbol(encoder, sequence, x, 0, -1)
    assert (following.was, following.now, following.row.tolist()) == ("c", "a", [1.0, 0.0, 0.0])
    part = change_symbol(encoder, sequence, x, 1, 2, share=0.25)
    assert part.row.tolist() == [0.75, 0.0, 0.25]
    numbers = NumberEncoder(("u", "v"), (10.0, 0.0), (2.0, 1.0))
    warmer = change_number(numbers, np.array([[0.5, 0.0]]), 0, 0, 1.5)
    assert (warmer.was, warmer.now, warmer.name) == ("11", "14", "u")
    assert warmer.row.tolist() == [2.0, 0.0]
    matrix = np.arange(2000.0).reshape(1000, 2)
    ids = Sequence(np.array([[7.0], [3.0]]), ("", ""), ("id",))
    assert symbol_choices(EmbeddingEncoder(matrix), ids) == ((7, "7"), (3, "3")), "of many, those that occur"


def test_a_worker_makes_the_same_ripple_and_the_same_connectivity():
    torch.manual_seed(0)
    made = answering(GRU(INPUTS, UNITS, num_layers=2))
    made.gru.double()
    x = inputs().astype(np.float32)
    told = []
    here = make_ripple(made, x, HELD, layer=1, step=2, row=x[2] + 0.5)
    there = read_ripple(
        work_ripple(ripple_parcel(made, x, HELD, 1, 2, x[2].astype(float) + 0.5), told.append, lambda: None)
    )
    for name in ("difference", *ROUTES):
        assert getattr(there.found, name) == pytest.approx(getattr(here.found, name), rel=1e-5, abs=1e-7)
    assert (there.found.step, there.found.layer, there.found.died) == (2, 1, here.found.died)
    assert there.answers[1] == pytest.approx(here.answers[1], abs=1e-6)
    wanted = make_connectivity(made, x, HELD, layer=1, step=5, about=None)
    parcel = connectivity_parcel(made, x, HELD, 1, 5, None)
    found = read_connectivity(work_connectivity(parcel, told.append, lambda: None))
    assert found == pytest.approx(wanted, rel=1e-5)
    done = [parcel.head["done"] for parcel in told[1:]]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1.0)
    stopped = read_connectivity(work_connectivity(parcel, told.append, lambda: "stop"))
    assert np.count_nonzero(stopped) < np.count_nonzero(found), "it ends when nobody waits"
    with pytest.raises(LimitError, match="at most 4,000,000"):
        make_ripple(
            SimpleNamespace(gru=SimpleNamespace(hidden_size=1)),
            np.zeros((MAX_RIPPLE_CELLS + 1, 1)),
            (),
            layer=0,
            step=0,
            row=np.zeros(1),
        )


def test_the_figures_colour_each_cell_by_its_way():
    found, *_ = rippled(model())
    change = InputChange(3, inputs()[3] + 1, "a", "b")
    figure = ripple_figure(found, change, text="said")
    inked = found.carriers.T >= 0
    z = figure.data[0].z
    assert (np.floor(z)[inked] == found.carriers.T[inked]).all()
    assert z - np.floor(z) == pytest.approx(0.998 * ink(np.abs(found.difference.T)), abs=1e-5)
    assert figure.data[0].customdata == pytest.approx(found.difference.T, abs=1e-6)
    assert figure.data[-1].y == pytest.approx(np.maximum(found.size / found.start, 1e-3), rel=1e-5)
    assert figure.layout.meta["text"] == "said"
    bars = connectivity_figure(np.array([1.0, 4.0]), 1)
    assert bars.data[0].y.tolist() == [0.25, 1.0]
    never, *_ = rippled(model(), EXTREMES["copy"])
    assert not (ripple_figure(never, change).data[0].z).any()
    assert ink(np.array([0.0, 0.001, 0.1, 1.0, 2.0])) == pytest.approx([0, 0, 2 / 3, 1, 1])
