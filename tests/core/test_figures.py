"""Figures by their numbers: what is drawn, on which locked range, with which words, in both themes."""

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

import gru_core.figures
from gru_core.analysis.facts import facts
from gru_core.errors import InputError, ShapeError
from gru_core.figures.colours import COLOUR_MAPS, STOPS
from gru_core.figures.compare import state_difference
from gru_core.figures.heatmaps import gate_heatmaps
from gru_core.figures.lines import unit_lines
from gru_core.figures.outputs import answer_figure
from gru_core.figures.style import PALETTES, plain
from gru_core.figures.texts import FIGURE_TEXTS
from gru_core.figures.timeaxis import MAX_COLUMNS, MAX_POINTS, thinned, time_axis
from gru_core.symbols import LSTM_TRACED, TRACED
from tests.support.handmade import handmade_trace, random_trace

THEMES = ("light", "dark")


@dataclass
class Card:
    """What the figures read of a model card."""

    answer: str = "class"
    outputs: tuple[str, ...] = ("no", "yes")
    title: str = "A task"


T = random_trace(1, time=12, units=5)
PROBABILITIES = np.array([[1 - p, p] for p in np.linspace(0, 1, 12)], np.float32)


def every_figure(theme):
    others = {"learned": T, "rnn": random_trace(2), "copy": random_trace(3)}
    return {
        "gates": gate_heatmaps(T, list("abcdefghijkl"), theme=theme),
        "gates and answers": gate_heatmaps(T, outputs=PROBABILITIES, card=Card(), theme=theme),
        "lines": unit_lines(T, 2, theme=theme),
        "classes": answer_figure(PROBABILITIES, Card(), theme=theme),
        "numbers": answer_figure(PROBABILITIES, Card("number"), theme=theme),
        "difference": state_difference(others, theme=theme),
    }


@pytest.mark.parametrize("theme", THEMES)
def test_every_figure_has_title_axes_reading_and_text_twin(theme):
    for name, figure in every_figure(theme).items():
        meta = figure.layout.meta
        assert meta["theme"] == theme
        assert meta["title"] in figure.layout.title.text, name
        for key in ("how", "text"):
            assert meta[key].endswith("."), name
        assert figure.layout.xaxis.title.text == "step"
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color == PALETTES[theme].text
        # Plotly's own default template, which has a coloured background, is not mixed in.
        assert figure.layout.template.layout.plot_bgcolor is None
        json.loads(figure.to_json())


def test_themes_differ_in_their_neutral_colours_only():
    light, dark = (every_figure(theme) for theme in THEMES)
    for name in light:
        assert light[name].layout.font.color != dark[name].layout.font.color
        assert [trace.name for trace in light[name].data] == [trace.name for trace in dark[name].data]
        assert light[name].layout.meta["text"] == dark[name].layout.meta["text"]


@pytest.mark.parametrize("order", [None, (4, 0, 3, 1, 2)])
def test_gate_heatmaps_show_the_trace_itself(order):
    figure = gate_heatmaps(T, order=order)
    rows = list(order or range(5))
    assert [panel.name for panel in figure.data] == [symbol.label for symbol in TRACED]
    for panel, symbol in zip(figure.data, TRACED, strict=True):
        np.testing.assert_array_equal(panel.z, getattr(T, symbol.name)[0].T[rows])
        assert panel.z.dtype == np.float32
        assert list(panel.y) == [str(unit) for unit in rows]
        assert panel.xaxis in (None, "x")
    assert len({panel.yaxis for panel in figure.data}) == 4


def test_ranges_are_locked_whatever_the_values():
    quiet = handmade_trace(np.full((6, 3), 0.5), 0.5, 0.1)
    for figure in (gate_heatmaps(quiet), gate_heatmaps(T)):
        gates, states = figure.layout.coloraxis, figure.layout.coloraxis2
        assert (gates.cmin, gates.cmax, gates.cauto) == (0, 1, False)
        assert (states.cmin, states.cmax, states.cauto) == (-1, 1, False)
        assert [panel.coloraxis for panel in figure.data] == ["coloraxis"] * 2 + ["coloraxis2"] * 2
    lines = unit_lines(quiet, 0).layout
    assert (lines.yaxis.range, lines.yaxis2.range) == ((0, 1), (-1, 1))
    others = {"learned": quiet, "same": quiet}
    difference = state_difference(others).layout
    assert (difference.coloraxis.cmin, difference.coloraxis.cmax) == (-2, 2)
    assert difference.yaxis2.range == (0, 2)
    answers = answer_figure(np.full((6, 2), 0.5), Card()).layout
    assert (answers.coloraxis.cmin, answers.coloraxis.cmax) == (0, 1)


@pytest.mark.parametrize("theme", THEMES)
def test_colours_are_those_of_the_one_table(theme):
    layout = gate_heatmaps(T, theme=theme).layout
    for axis, kind in ((layout.coloraxis, "gate"), (layout.coloraxis2, "state")):
        assert [colour for _, colour in axis.colorscale] == list(COLOUR_MAPS[kind][theme])
        places = [place for place, _ in axis.colorscale]
        assert (places[0], places[-1], len(places)) == (0, 1, STOPS)
    lines = {line.name.split()[0]: line.line.color for line in unit_lines(T, 0, theme=theme).data}
    assert lines == {symbol.label: symbol.colour for symbol in TRACED}


def lightness(colour):
    """Roughly how light an sRGB colour looks: its relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


def test_colour_maps_keep_order_in_a_grey_print():
    for kind in ("gate", "answer"):
        for theme in THEMES:
            steps = np.diff([lightness(colour) for colour in COLOUR_MAPS[kind][theme]])
            assert (steps > 0).all() or (steps < 0).all()
    for kind in ("state", "difference"):
        for theme in THEMES:
            steps = np.diff([lightness(colour) for colour in COLOUR_MAPS[kind][theme]])
            half = len(steps) // 2
            assert (np.sign(steps[:half]) == -np.sign(steps[half:])).all()


def test_text_twin_of_the_gates_is_the_computed_facts():
    labels = list("abcdefghijkl")
    assert gate_heatmaps(T, labels).layout.meta["text"] == " ".join(fact.text for fact in facts(T, labels))


def test_answers_of_a_classifier_stand_below_the_gates():
    figure = gate_heatmaps(T, outputs=PROBABILITIES[None], card=Card())
    np.testing.assert_array_equal(figure.data[4].z, PROBABILITIES.T)
    assert list(figure.data[4].y) == ["no", "yes"]
    assert figure.layout.yaxis5.domain[0] == 0
    assert "answers 'yes' with a probability of 100%" in figure.layout.meta["text"]
    assert len(gate_heatmaps(T, outputs=PROBABILITIES, card=Card("number")).data) == 4


def test_panels_do_not_overlap_and_fill_the_height():
    for name, figure in every_figure("light").items():
        axes = [value for key, value in figure.layout.to_plotly_json().items() if key.startswith("yaxis")]
        domains = sorted(tuple(axis.get("domain", (0, 1))) for axis in axes)
        assert domains[0][0] == pytest.approx(0, abs=1e-9), name
        for (_, top), (bottom, _) in pairwise(domains):
            assert bottom > top, name
        assert 200 <= figure.layout.height <= 1100, name


def test_long_traces_are_drawn_as_means_and_say_so():
    time = MAX_COLUMNS * 3 + 1
    t = random_trace(4, time=time, units=2)
    figure = gate_heatmaps(t)
    (panel, *_) = figure.data
    assert panel.z.shape == (2, -(-time // 4))
    np.testing.assert_allclose(panel.z[:, 1], t.R[0, 4:8].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(panel.z[:, -1], t.R[0, -(time % 4) :].mean(axis=0), atol=1e-6)
    np.testing.assert_array_equal(panel.x[:2], [1.5, 5.5])
    assert figure.layout.meta["notes"] == ["Each column is the mean of 4 steps."]
    assert gate_heatmaps(T).layout.meta["notes"] == []


def test_lines_are_the_units_own_numbers():
    figure = unit_lines(T, -1, list("abcdefghijkl"))
    assert "Unit 4" in figure.layout.title.text
    for line, symbol in zip(figure.data, TRACED, strict=True):
        np.testing.assert_array_equal(line.y, getattr(T, symbol.name)[0, :, 4])
        np.testing.assert_array_equal(line.x, np.arange(12))
        assert line.text[2] == "step 2 (c)"
    text = figure.layout.meta["text"]
    step = int(T.Z[0, :, 4].argmin())
    assert f"Z is {T.Z[0, :, 4].mean():.2f} on average, lowest at step {step}" in text
    assert text.endswith(f"ends at {T.H[0, -1, 4]:.2f}.")


def test_a_line_of_a_backward_layer_ends_where_it_has_read_everything():
    t = random_trace(5, direction="backward")
    assert unit_lines(t, 0).layout.meta["text"].endswith(f"ends at {t.H[0, 0, 0]:.2f}.")


def test_a_state_outside_the_range_is_not_cut_off():
    layout = unit_lines(handmade_trace(np.ones((3, 1)), H0=1.7), 0).layout
    assert layout.yaxis2.range == pytest.approx((-1, 1.7))


def test_thinning_a_line_keeps_every_peak():
    rng = np.random.default_rng(0)
    values = rng.standard_normal(50_001)
    steps, stretch = thinned(values)
    assert stretch > 1
    assert len(steps) <= MAX_POINTS + 4
    assert (np.diff(steps) > 0).all()
    assert (steps[0], steps[-1]) == (0, 50_000)
    for start in range(0, 50_001, stretch):
        part = values[start : start + stretch]
        shown = values[steps[(steps >= start) & (steps < start + stretch)]]
        assert (shown.min(), shown.max()) == (part.min(), part.max())
    np.testing.assert_array_equal(thinned(values[:MAX_POINTS])[0], np.arange(MAX_POINTS))


def test_answers_in_numbers_and_their_targets():
    values = np.arange(4.0)[:, None] * 10
    figure = answer_figure(values, Card("number", ("sum",)), target=("", "", "18", "33"))
    np.testing.assert_array_equal(figure.data[0].y, [0, 10, 20, 30])
    assert figure.data[0].name == "sum"
    assert (list(figure.data[1].x), list(figure.data[1].y)) == ([2, 3], [18, 33])
    assert figure.layout.meta["text"] == (
        "At step 3 the model answers sum = 30. Where the right answer is known the model is off by 2.5 "
        "on average."
    )


def test_answers_of_classes_and_their_targets():
    figure = answer_figure(PROBABILITIES, Card(), target=("",) * 10 + ("no", "yes"))
    np.testing.assert_array_equal(figure.data[0].z, PROBABILITIES.T)
    assert (list(figure.data[1].x), list(figure.data[1].y)) == ([10, 11], ["no", "yes"])
    assert "Of 2 answers that are known, 1 are right." in figure.layout.meta["text"]
    assert len(answer_figure(PROBABILITIES, Card()).data) == 1


def test_differences_are_against_the_first():
    a, b, c = (random_trace(seed) for seed in (1, 2, 3))
    figure = state_difference({"learned": a, "rnn": b, "same": a, "c": c}, order=(4, 3, 2, 1, 0))
    maps, bars = figure.data[::2], figure.data[1::2]
    assert [bar.name for bar in bars] == ["rnn", "same", "c"]
    for other, picture, bar in zip((b, a, c), maps, bars, strict=True):
        difference = (other.H - a.H)[0]
        np.testing.assert_allclose(picture.z, difference.T[::-1], atol=1e-6)
        np.testing.assert_allclose(bar.y, np.abs(difference).max(axis=1), atol=1e-6)
    largest = np.abs(b.H - a.H)[0]
    text = figure.layout.meta["text"]
    step = int(largest.max(axis=1).argmax())
    assert f"rnn: the state differs from learned by up to {largest.max():.2f}, at step {step}." in text
    assert "same: the state is the same as under learned at every step." in text


@pytest.mark.parametrize(
    ("labels", "ticks"),
    [
        (list("abcdefghijkl"), list("abcdefghijkl")),
        ([f"19{year}-01" for year in range(40, 52)], ["1940-01", "1943-01", "1946-01", "1949-01"]),
        ([str(t) for t in range(12)], None),
        ([""] * 12, None),
        (None, None),
    ],
)
def test_ticks_are_labels_where_they_fit(labels, ticks):
    axis = gate_heatmaps(T, labels).layout.xaxis
    assert (None if axis.ticktext is None else list(axis.ticktext)) == ticks
    assert axis.range == (-0.5, 11.5)


def test_many_short_labels_give_way_to_step_numbers():
    assert "tickvals" not in time_axis(500, 4, ["a", "b"] * 250).layout("light", "step")


def test_labels_are_shown_as_text_never_as_markup():
    t = random_trace(time=2)
    nasty = ["<b>x</b>", "$a$ %{y}\n"]
    figure = gate_heatmaps(t, nasty, outputs=PROBABILITIES[:2], card=Card(outputs=("<i>", "ok")))
    assert list(figure.layout.xaxis.ticktext) == ["&lt;b&gt;x&lt;/b&gt;", "&#36;a&#36; &#37;{y}⏎"]
    assert figure.data[0].text[0][0] == "step 0 (&lt;b&gt;x&lt;/b&gt;)"
    assert list(figure.data[4].y) == ["&lt;i&gt;", "ok"]
    # The text twin is plain text: whoever puts it on a page escapes it there.
    assert (
        "answers '<i>' with" in answer_figure(PROBABILITIES, Card(outputs=("a", "<i>"))).layout.meta["text"]
    )
    assert plain("x" * 99, 10) == "x" * 9 + "…"


def test_hover_says_value_unit_and_step():
    panel = gate_heatmaps(T, list("abcdefghijkl")).data[1]
    assert panel.hovertemplate == "Z = %{z:.3f}<br>unit %{y}<br>%{text}<extra></extra>"
    assert panel.text[3][7] == "step 7 (h)"
    large = gate_heatmaps(random_trace(time=1000, units=64)).data[1]
    assert large.text is None
    assert "step %{x:.0f}" in large.hovertemplate


def test_every_word_can_be_said_in_another_language():
    other = {key: f"«{text}»" for key, text in FIGURE_TEXTS.items()}
    for function, arguments in (
        (gate_heatmaps, (T,)),
        (unit_lines, (T, 0)),
        (answer_figure, (PROBABILITIES, Card())),
        (state_difference, ({"a": T, "b": random_trace(2)},)),
    ):
        figure = function(*arguments, texts=other)
        assert figure.layout.title.text.startswith("<b>«")
        assert figure.layout.meta["how"].startswith("«")
        assert figure.layout.xaxis.title.text == "«step»"


def test_every_text_is_used():
    files = Path(gru_core.figures.__file__).parent.glob("*.py")
    source = "".join(file.read_text(encoding="utf-8") for file in files if file.stem != "texts")
    named = {symbol.name for symbol in (*TRACED, *LSTM_TRACED)} | {"forward", "backward"}
    assert {key for key in FIGURE_TEXTS if f'"{key}"' not in source} <= named


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match="A picture of 12 steps needs as many labels, got 2"):
        gate_heatmaps(T, ["a", "b"])
    with pytest.raises(ShapeError, match="The order of 5 units must name each of them once, got 4 entries"):
        gate_heatmaps(T, order=(0, 1, 2, 3))
    with pytest.raises(ShapeError, match=r"must be \(steps, outputs\) = \(12, 2\), got \(3, 2\)"):
        gate_heatmaps(T, outputs=PROBABILITIES[:3], card=Card())
    with pytest.raises(InputError, match="There is no unit 5: this trace has 5 units, from 0 to 4"):
        unit_lines(T, 5)
    with pytest.raises(InputError, match="no readout"):
        answer_figure(PROBABILITIES, Card("none"))
    with pytest.raises(ShapeError, match="Answers at 12 steps need as many targets, got 1"):
        answer_figure(PROBABILITIES, Card(), target=("yes",))
    with pytest.raises(InputError, match="at least two settings, got 1"):
        state_difference({"learned": T})
    with pytest.raises(ShapeError, match=r"learned has .* rnn has"):
        state_difference({"learned": T, "rnn": random_trace(time=3)})
    with pytest.raises(InputError, match="must be 'light' or 'dark', got 'sepia'"):
        gate_heatmaps(T, theme="sepia")


def test_figures_are_plain_plotly():
    for figure in every_figure("light").values():
        assert isinstance(figure, go.Figure)
