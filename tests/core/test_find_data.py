"""What is searched, a model's data set read as single sequences are; the words and pictures made of it."""

import json
import runpy

import numpy as np
import pytest
import torch

from gru_core.analysis.find import QUANTITIES, RANGES, Rule, decoded, find, telling_stretch, units_on
from gru_core.analysis.find_data import (
    most_steps,
    of_trace,
    parcel_of,
    read_all,
    read_parcel,
    search_work,
)
from gru_core.analysis.find_facts import FIND_TEXTS, Brushed, brushed_facts, found_facts
from gru_core.demos import DEMOS, demo_path
from gru_core.export.find_lines import find_lines
from gru_core.figures.find import find_figure
from gru_core.formats import load_model
from gru_core.jobs import Parcel
from gru_core.limits import MAX_FIND_CELLS, MAX_FIND_STEPS
from gru_core.model import GRU
from gru_core.overrides import EXTREMES
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.to_search import sequences_of, task_of
from gru_core.trace import trace


@pytest.mark.parametrize("options", [{}, {"bidirectional": True}, {"num_layers": 2, "reset_mode": "after"}])
def test_a_data_set_is_read_as_its_sequences_are_one_by_one(options: dict) -> None:
    torch.manual_seed(1)
    gru = GRU(2, 5, **options)
    inputs = [torch.randn(length, 2).numpy() for length in (4, 4, 1, 7, 7, 7, 2)]
    told: list[float] = []
    for layer in range(len(gru.cells)):
        found = read_all(gru, inputs, EXTREMES["learned"], layer, told.append)
        assert found.lengths == (4, 4, 1, 7, 7, 7, 2)
        for quantity in QUANTITIES:
            alone = [getattr(trace(gru, x)[layer], quantity)[0] for x in inputs]
            low, high = RANGES[quantity]
            off = np.abs(decoded(found.codes[quantity], quantity) - np.concatenate(alone))
            assert off.max() <= (high - low) / 508 + 1e-6
        assert found.nbytes == 4 * 32 * 5
    assert told[-1] == 1.0
    for goes_on, lengths in (([True, False], (4, 4)), ([False], ())):
        asked = iter(goes_on)
        assert read_all(gru, inputs, (), 0, wanted=lambda asked=asked: next(asked)).lengths == lengths


@pytest.mark.parametrize("name", DEMOS)
def test_every_demo_has_a_data_set_that_its_encoder_reads(name: str) -> None:
    model = load_model(demo_path(name))
    assert task_of(model) is not None
    sequences = sequences_of(model, 3_000)
    steps = sum(map(len, sequences))
    assert 300 < steps <= 3_000
    assert [s.fingerprint() for s in sequences] == [s.fingerprint() for s in sequences_of(model, 3_000)]
    for sequence in sequences[:40]:
        x = model.encoder.encode(sequence)
        assert x.shape == (len(sequence), model.gru.input_size)
        if isinstance(model.encoder, SymbolEncoder):
            assert tuple(model.encoder.vocabulary[i] for i in x.argmax(axis=1)) == sequence.labels


def test_a_size_is_bounded_before_anything_is_read() -> None:
    assert most_steps(GRU(1, 64)) == MAX_FIND_STEPS
    assert most_steps(GRU(1, 512)) == MAX_FIND_CELLS // 512
    assert most_steps(GRU(1, 512)) * 512 <= MAX_FIND_CELLS


def test_a_worker_gives_what_the_page_would_have_read() -> None:
    model = load_model(demo_path("parity"))
    told: list[Parcel] = []
    back = search_work(
        Parcel.from_bytes(parcel_of(model, EXTREMES["rnn"], 0).to_bytes()), told.append, lambda: None
    )
    found = read_parcel(Parcel.from_bytes(back.to_bytes()))
    sequences = sequences_of(model, most_steps(model.gru))
    assert found.lengths == tuple(map(len, sequences))
    assert told[-1].head["done"] == 1.0
    first = of_trace(trace(model.gru, model.encoder.encode(sequences[0]), overrides=EXTREMES["rnn"])[0])
    for quantity in QUANTITIES:
        assert np.array_equal(found.codes[quantity][: len(sequences[0])], first.codes[quantity])
    assert json.dumps(back.head)


def test_the_stretch_to_begin_with_has_more_units_on_than_any_other() -> None:
    rng = np.random.default_rng(3)
    codes = (rng.normal(size=(60, 9)).cumsum(axis=0) * 20 + 127).clip(0, 254).astype(np.uint8)
    codes[:, 0] = 254
    rule = Rule("H", 0.2)
    start, stop = telling_stretch(codes, rule, 5)
    seldom = [u for u in range(9) if rule.on(codes[:, u]).mean() <= 0.5]
    counts = [len(set(units_on(codes, t, t + 5, rule)) & set(seldom)) for t in range(56)]
    assert (counts[start], stop - start) == (max(counts), 5)
    # As long as it can be: two steps where nothing is on for longer.
    short = np.zeros((9, 1), np.uint8)
    short[[1, 4, 5]] = 254
    assert telling_stretch(short, rule, 5) == (4, 6)
    assert telling_stretch(short[:1], rule, 5) == (0, 1)


def test_sentences_say_what_was_counted() -> None:
    model = load_model(demo_path("letters"))
    sequences = sequences_of(model, 6_000)
    data = read_all(model.gru, [model.encoder.encode(s) for s in sequences], (), 0)
    codes, rule = data.codes["H"][: len(sequences[0])], Rule("H", 0.5)
    start, stop = telling_stretch(codes, rule, 4)
    on = units_on(codes, start, stop, rule)[:2]
    here = brushed_facts(Brushed(codes, rule, start, stop, on, on), sequences[0].labels, "H")
    assert len(here) == 1
    assert f"{len(on)} of 80 units have H at 0.50 or above at every step: {on[0]}" in here[0].text
    found = find(data.codes["H"], data.lengths, rule, on, least=len(on), steps=4, shortest=2)
    places, *meaning = found_facts(found, data.lengths, sequences)
    assert f"these 2 units are on together: {len(found):,}, with" in places.text
    share = (found.stop - found.start).sum() / data.steps
    assert f"{share:.1%} of the {data.steps:,} steps searched" in places.text
    assert len(meaning) == 2
    assert any("in quotation marks" in fact.text for fact in meaning)
    assert {fact.key for fact in (*here, places, *meaning)} <= set(FIND_TEXTS)


def test_an_extreme_is_said_to_leave_nothing_to_find() -> None:
    model = load_model(demo_path("elnino"))
    sequences = sequences_of(model, 2_000)
    data = read_all(model.gru, [model.encoder.encode(s) for s in sequences], EXTREMES["copy"], 0)
    for quantity, on in (("Z", 16), ("H", 0)):
        codes, rule = data.codes[quantity][:50], Rule(quantity, 0.5)
        units = units_on(codes, 3, 6, rule)
        assert len(units) == on
        still, said = brushed_facts(Brushed(codes, rule, 3, 6, units, units), sequences[0].labels, quantity)
        assert "there is nothing to find by it" in still.text
        assert ("no unit has" in said.text) == (on == 0)
    everywhere = find(data.codes["Z"], data.lengths, Rule("Z", 0.5), (2, 3), least=2, steps=3)
    (said,) = found_facts(everywhere, data.lengths, sequences)
    assert said.text.startswith(f"That is so at all of the {data.steps:,} steps searched")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_figure_shows_the_chosen_lines_and_the_best_places(theme: str) -> None:
    model = load_model(demo_path("brackets"))
    sequences = sequences_of(model, 1_000)
    t = trace(model.gru, model.encoder.encode(sequences[0]))[0]
    here = of_trace(t)
    data = read_all(model.gru, [model.encoder.encode(s) for s in sequences], (), 0)
    rule = Rule("Z", 0.6)
    units = units_on(here.codes["Z"], 2, 4, rule)
    found = find(data.codes["Z"], data.lengths, rule, units, least=len(units), steps=2)
    brushed = Brushed(here.codes["Z"], rule, 2, 4, units, units)
    labels = [s.labels for s in sequences]
    figure = find_figure(t, brushed, labels[0], found, labels, lengths=data.lengths, text="said", theme=theme)
    lines, (heat,) = figure.data[: len(units)], figure.data[len(units) :]
    for line, unit in zip(lines, units, strict=True):
        assert line.y == pytest.approx(t.Z[0, :, unit], abs=1 / 500)
    best = found.place(0)
    assert heat.z[0][12] == 1.0
    assert heat.text[0][12] == labels[best.sequence][best.start]
    assert figure.layout.meta["text"] == "said"
    alone = find_figure(t, brushed, labels[0], text="said", theme=theme)
    assert [a.text for a in alone.layout.annotations] == ["no other place was found"]


@pytest.mark.parametrize("here", [True, False])
def test_the_python_lines_find_the_same(here: bool, tmp_path) -> None:
    model = load_model(demo_path("parity"))
    sequence = sequences_of(model, 100)[0]
    x = model.encoder.encode(sequence)
    t = trace(model.gru, x, overrides=EXTREMES["rnn"])[0]
    rule = Rule("H", -0.25, "below")
    lines = find_lines(
        "", rule, (0, 2), (1, 4), least=1, layer=0, overrides=() if here else EXTREMES["rnn"], here=here
    )
    script = tmp_path / "lines.py"
    script.write_text(lines, encoding="utf-8")
    names = runpy.run_path(str(script), {"model": model, "t": t})
    data = of_trace(t) if here else names["data"]
    expected = find(
        data.codes["H"],
        data.lengths,
        rule,
        (0, 2),
        least=1,
        steps=3,
        shortest=2,
        leave_out=(0, 1, 4) if here else None,
    )
    assert names["places"] == [expected.place(rank) for rank in range(len(expected))]
    assert names["on"] == units_on(of_trace(t).codes["H"], 1, 4, rule)
