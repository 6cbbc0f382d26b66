"""Lines of gradient flow together: by a worker as at once, in sentences, and in the picture."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from gru_core.analysis.flow_facts import FLOW_TEXTS, all_rates, factor_text, flow_facts, power_text, rate_fact
from gru_core.analysis.flow_lines import (
    QUICK,
    FlowLine,
    Question,
    baseline_line,
    gru_line,
    lines,
    received,
    seconds,
    send,
    work_out,
)
from gru_core.demo_baselines import load_baseline
from gru_core.demos import demo_path
from gru_core.errors import InputError
from gru_core.figures.flow import ROUTES, flow_figure
from gru_core.formats import load_model
from gru_core.jobs.parcel import Parcel
from gru_core.model import GRU, ModelCard, SequenceModel
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences.encoders import plain_encoder
from gru_core.sequences.examples import demo_sequence

SETTINGS = {**EXTREMES, "now": (GateOverride("Z", 0.7, units=(1,), blend=0.5),)}


@pytest.fixture(scope="module")
def remember():
    model = load_model(demo_path("remember"))
    return model, model.encoder.encode(demo_sequence(model, 0))


@pytest.fixture(scope="module")
def beside(remember):
    return [load_baseline(remember[0], kind) for kind in ("rnn", "lstm")]


def bare(gru, readout=None):
    return SequenceModel(plain_encoder(gru.input_size), gru, readout, ModelCard("own", "Own"))


def test_answers_equal_autograd_of_the_whole_model(remember, beside):
    """torch goes through the model as it is trained: its own scan, its own readout."""
    model, x = remember
    found = lines(model, x, {"learned": ()}, Question("answer", last=20), beside)
    for name, run in (("learned", model), ("trained_rnn", beside[0]), ("trained_lstm", beside[1])):
        to_x = torch.autograd.functional.jacobian(lambda x, run=run: run(x[None])[0, 20], torch.tensor(x))
        expected = to_x.square().sum(dim=(0, 2)).sqrt().numpy()
        line = found[name]
        assert line.last == 20
        assert np.isnan(line.norms[21:]).all()
        np.testing.assert_allclose(10 ** line.norms[:21], expected[:21], rtol=1e-3, atol=1e-9)


def test_a_worker_gives_the_same_lines_and_tells_how_far_it_is(remember, beside):
    model, x = remember
    for question in (Question(), Question("answer", last=7), Question("state", last=3)):
        here = lines(model, x, SETTINGS, question, beside)
        told: list[Parcel] = []
        parcel = Parcel.from_bytes(send(model, x, SETTINGS, question, beside).to_bytes())
        made = work_out(parcel, told.append, lambda: None)
        there = received(Parcel.from_bytes(made.to_bytes()))
        assert list(there) == list(here) == [*SETTINGS, "trained_rnn", "trained_lstm"]
        for name, line in here.items():
            for part in ("norms", "parts", "shares"):
                np.testing.assert_array_equal(getattr(there[name], part), getattr(line, part))
            assert (there[name].last, there[name].backward, there[name].error) == (line.last, False, 0.0)
        done = [one.head["done"] for one in told]
        assert done == sorted(done)
        assert 0 <= done[0] < done[-1] < 1
    assert received(work_out(parcel, lambda p: None, lambda: "stop")) == {}


def test_the_extremes_are_unmistakable(remember):
    model, x = remember
    found = lines(model, x, EXTREMES, Question())
    copied = found["copy"]
    assert (copied.rate.kind, copied.rate.per_step) == ("whole", 1.0)
    np.testing.assert_array_equal(copied.portions, np.array([[1.0], [0], [0], [0]]).repeat(len(x), axis=1))
    cut = found["input_only"]
    assert (cut.rate.kind, cut.rate.per_step) == ("nothing", 0.0)
    assert (cut.norms[:-1] == -np.inf).all()
    plain = found["rnn"]
    np.testing.assert_array_equal(plain.portions, np.array([[0.0], [0], [1], [0]]).repeat(len(x), axis=1))
    assert plain.rate.kind == "vanishing"
    assert found["learned"].rate.kind == "steady"
    answers = lines(model, x, EXTREMES, Question("answer"))
    assert (answers["copy"].norms == -np.inf).all()
    assert np.isfinite(answers["input_only"].norms).tolist() == [False] * (len(x) - 1) + [True]


def test_backward_and_stacked_layers_one_unit_and_one_step():
    torch.manual_seed(0)
    both = bare(GRU(2, 3, num_layers=2, bidirectional=True))
    x = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    line = gru_line(both, x, (), Question("state", layer=3))
    assert (line.backward, line.last) == (True, 0)
    assert line.rate.earliest == 4
    assert not np.isnan(line.norms).any()
    early = gru_line(both, x, (), Question("state", layer=3, last=3))
    assert np.isnan(early.norms).tolist() == [True] * 3 + [False] * 2
    with pytest.raises(InputError, match="There is no layer 4 in this model"):
        gru_line(both, x, (), Question("state", layer=4))
    with pytest.raises(InputError, match="This model has no readout"):
        gru_line(both, x, (), Question("answer"))
    readout = torch.nn.Linear(6, 2)
    answered = gru_line(bare(GRU(2, 3, bidirectional=True), readout), x, (), Question("answer", last=2))
    # What stands behind T reaches it by the layer that reads backwards.
    assert np.isfinite(answered.norms).all()
    assert answered.rate.steps == 2
    single = bare(GRU(2, 1), torch.nn.Linear(1, 2))
    for question in (Question(), Question("answer")):
        one = gru_line(single, x[:1], (), question)
        assert (one.rate.kind, one.last) == ("single", 0)
        assert rate_fact("learned", one).key == "single"


def test_what_is_quick_is_decided_by_size(remember):
    model, x = remember
    assert seconds(model, len(x), 6, "state") < QUICK
    assert seconds(bare(GRU(16, 256)), 2_000, 4, "state") > 10 * QUICK
    assert seconds(model, 100_000, 6, "answer") > 10 * QUICK


def test_the_sentences_say_what_was_computed(remember, beside):
    model, x = remember
    found = lines(model, x, SETTINGS, Question(), beside)
    scores = {"gru": 1.0, "rnn": 0.98, "lstm": 0.5}
    said = [fact.text for fact in flow_facts(found, "rnn", found["rnn"], scores)]
    line = found["rnn"]
    total = 10 ** (line.norms[0] - line.norms[-1])
    assert said[0] == (
        f"As a plain RNN (Z=0, R=1): vanishing, × {line.rate.per_step:.2f} per step. The gradient is "
        f"multiplied by {power_text(math.log10(total))} from step 29 back to step 0."
    )
    assert said[1].startswith("At every step all of it goes on by one route: through the candidate;")
    rates = [found[f"trained_{kind}"].rate.per_step for kind in ("rnn", "lstm")]
    assert said[2] == (
        f"An RNN and an LSTM trained on the same task: × {factor_text(rates[0])} and × "
        f"{factor_text(rates[1])} per step. They score 0.98 and 0.50, this GRU 1.00."
    )
    assert len(said) == 3
    learned = flow_facts(found, "learned", found["learned"], {})
    shares = found["learned"].portions.mean(axis=1)
    assert learned[1].text.startswith(
        f"Step by step the gradient goes on {shares[0]:.0%} by copying, {shares[1]:.0%} through Z,"
    )
    alone = flow_facts({"copy": found["copy"]}, "copy", found["copy"], {})
    assert "from step 29 back to step 0" in alone[0].text
    assert alone[-1].key == "untrained"
    nothing = flow_facts({"input_only": found["input_only"]}, "input_only", found["input_only"], {})
    assert [fact.key for fact in nothing] == ["nothing", "no route", "untrained"]
    every = " ".join(fact.text for fact in all_rates(found))
    assert len(re.findall("per step|exactly 0", every)) == 7
    assert {fact.key for fact in (*learned, *alone, *nothing)} < set(FLOW_TEXTS)


@pytest.mark.parametrize(
    ("factor", "text"),
    [(0.0, "0"), (1.0, "1"), (0.999999, "1.000"), (0.998, "0.998"), (0.712, "0.71"), (2.3e-4, "0.00023")],
)
def test_factors_in_words(factor, text):
    assert factor_text(factor) == text


def test_powers_in_words():
    said = [power_text(value) for value in (0, math.log10(0.032), -390.4, 2.5, 5.999999)]
    assert said == ["1", "0.032", "4·10⁻³⁹¹", "316", "1·10⁶"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_draws_every_line_and_keeps_0_apart(remember, beside, theme):
    model, x = remember
    found = lines(model, x, EXTREMES, Question(), beside)
    figure = flow_figure(found, "state", "learned", found["learned"], factors={"rnn": "0.55"}, theme=theme)
    drawn = figure.data[: len(found)]
    for trace, line in zip(drawn, found.values(), strict=True):
        known = np.isfinite(line.norms)
        np.testing.assert_allclose(np.array(trace.y)[known], line.norms[known])
        lowest = min(each.norms[np.isfinite(each.norms)].min() for each in found.values())
        assert (np.array(trace.y)[~known] < lowest - 0.05 * abs(lowest)).all()
        assert [symbol == "x-thin" for symbol in trace.marker.symbol] == (~known).tolist()
    assert drawn[1].name == "as RNN ×0.55"
    assert drawn[0].line.width > drawn[1].line.width
    bars = figure.data[len(found) :]
    assert [bar.marker.color for bar in bars] == [colour for _, colour in ROUTES]
    np.testing.assert_allclose(sum(np.array(bar.y) for bar in bars), 1)
    assert figure.layout.meta["title"] == "State to state, back from step 29"
    json.loads(figure.to_json())
    answers = lines(model, x, EXTREMES, Question("answer"))
    heights = [{*trace.y} for trace in flow_figure(answers, "answer", "copy", theme=theme).data[2:4]]
    # Two lines that are 0 together can both be seen.
    assert not heights[0] & heights[1]
    with pytest.raises(InputError, match="nothing to draw"):
        flow_figure({}, "state", "learned")


def test_a_long_picture_stays_small_and_says_so():
    steps = 20_000
    norms = -np.linspace(3_000, 0, steps)
    parts = np.random.default_rng(0).normal(size=(4, steps))
    line = FlowLine(norms, steps - 1, False, parts, np.full((4, steps), 0.25), 0.125)
    figure = flow_figure({"learned": line}, "state", "learned", line)
    assert len(figure.data[0].x) <= 3_000
    assert all(len(bar.x) <= 300 for bar in figure.data[1:])
    thinned, binned, estimated = figure.layout.meta["notes"]
    assert list(figure.layout.yaxis.tickvals) == [-3_000, -2_500, -2_000, -1_500, -1_000, -500, 0]
    assert "Of every 14 steps" in thinned
    assert "mean of 67 steps" in binned
    assert "13%" in estimated or "12%" in estimated
    ends = (figure.data[0].y[0], figure.data[0].y[-1])
    assert ends == (-3_000, 0)


def test_baselines_of_two_layers_are_followed_through_both():
    model = load_model(demo_path("letters"))
    x = model.encoder.encode(demo_sequence(model, 0))[:12]
    other = load_baseline(model, "lstm")
    line = baseline_line(other, x, Question("answer"))
    to_x = torch.autograd.functional.jacobian(lambda x: other(x[None])[0, -1], torch.tensor(x))
    np.testing.assert_allclose(10**line.norms, to_x.square().sum(dim=(0, 2)).sqrt(), rtol=1e-3)


def test_the_numbers_of_the_docs_page():
    said = Path("docs/views/gradients.md").read_text(encoding="utf-8")
    rates = {}
    for name in ("remember", "parity", "flipflop"):
        model = load_model(demo_path(name))
        line = gru_line(model, model.encoder.encode(demo_sequence(model, 0)), (), Question())
        rates[name] = factor_text(line.rate.per_step)
    assert f"× {rates['remember']} per step, 97 % by copying" in said
    assert f"(× {rates['flipflop']} and × {rates['parity']} per step)" in said
    letters = load_model(demo_path("letters"))
    other = load_baseline(letters, "rnn")
    line = baseline_line(other, letters.encoder.encode(demo_sequence(letters, 0)), Question())
    assert (
        f"× {factor_text(line.rate.per_step)} per step and guesses {other.card.accuracy:.0%}"
        in said.replace(" %", "%")
    )
