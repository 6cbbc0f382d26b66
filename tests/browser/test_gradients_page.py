"""Gradient flow on its page: what is drawn and said is what the core computes, after every touch."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from gru_core import EXTREMES
from gru_core.analysis.flow_lines import Question, gru_line
from gru_core.demo_baselines import load_baseline
from gru_core.demos import demo_path
from gru_core.formats import load_model
from gru_core.sequences.examples import demo_sequence
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, query

MODEL = load_model(demo_path("remember"))
X = MODEL.encoder.encode(demo_sequence(MODEL, 0))


def drawn(page: Page) -> dict[str, list[float]]:
    """The heights of the lines by their names, as they stand in the chart."""
    # Another chart takes the place of the one before, and for a moment both are there.
    expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=30_000)
    page.locator(".js-plotly-plot .legend2").wait_for()
    found: dict[str, list[float]] = page.locator(".js-plotly-plot").evaluate(
        "(node) => Object.fromEntries(node._fullData.filter((t) => t.type === 'scatter')"
        ".map((t) => [t.name.split(' ×')[0], Array.from(t.y)]))"
    )
    return found


def size_by_autograd(run: torch.nn.Module, last: int) -> np.ndarray:
    """log10 || d Y_T / d X_t || for t up to T, by torch through the whole model."""
    to_x = torch.autograd.functional.jacobian(lambda x: run(x[None])[0, last], torch.tensor(X))
    found: np.ndarray = to_x.square().sum(dim=(0, 2)).sqrt().log10().numpy()[: last + 1]
    return found


def test_lines_and_sentences_are_the_core_s_and_follow_every_touch(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/gradients?t=4", allow=(PROBED,))
    settled(page)
    lines = drawn(page)
    assert list(lines) == ["learned", "as RNN", "only input", "copy", "trained RNN", "trained LSTM"]
    for name, setting in (("learned", "learned"), ("as RNN", "rnn"), ("copy", "copy")):
        expected = gru_line(MODEL, X, EXTREMES[setting], Question()).norms
        np.testing.assert_allclose(lines[name], expected, atol=1e-5)
    facts = page.locator(".st-key-facts")
    expect(facts).to_contain_text("As learned: steady, × 1.000 per step.", timeout=30_000)
    expect(facts).to_contain_text("goes on 97% by copying")
    # Another gradient, from another step, chosen by keyboard; torch says what it is.
    page.get_by_role("radio", name="Input to answer").click()
    page.get_by_role("radio", name="From a step I choose").click()
    settled(page)
    slider = page.get_by_role("slider", name="Step T")
    slider.press("ArrowRight")
    page.locator(".gtitle", has_text="back from step 5").wait_for()
    settled(page)
    assert query(page) | {"flow": "answer", "flowto": "cursor", "t": "5"} == query(page)
    lines = drawn(page)
    np.testing.assert_allclose(lines["learned"], size_by_autograd(MODEL, 5), atol=1e-3)
    for kind in ("rnn", "lstm"):
        expected = size_by_autograd(load_baseline(MODEL, kind), 5)
        np.testing.assert_allclose(lines[f"trained {kind.upper()}"], expected, atol=1e-3)
    # Copying: no input matters, and that is exactly 0.
    page.get_by_role("radio", name="Copy").click()
    expect(facts).to_contain_text("Copying (Z=1): exactly 0 at every step.", timeout=30_000)
    settled(page)
    below = min(min(drawn(page)[name]) for name in ("learned", "trained RNN"))
    assert max(drawn(page)["copy"]) < below


@pytest.mark.parametrize("wide", [1366, 390])
def test_what_is_long_is_worked_out_by_a_worker_and_kept_for_the_report(
    app_url: str, new_page: NewPage, wide: int
) -> None:
    """A model of two layers on 240 letters goes to a worker.

    Its line as a plain RNN is not compared number by number: where a gradient grows by 10^43, the rounding of
    one engine or another decides where the states go.
    """
    page = new_page(f"{app_url}/gradients?model=letters", allow=(PROBED,), width=wide, height=800)
    facts = page.locator(".st-key-facts")
    expect(facts).to_contain_text("As learned: vanishing", timeout=120_000)
    settled(page)
    model = load_model(demo_path("letters"))
    x = model.encoder.encode(demo_sequence(model, 0))
    line = gru_line(model, x, (), Question())
    assert line.rate.per_step is not None
    assert f"× {line.rate.per_step:.2f} per step" in facts.inner_text()
    lines = drawn(page)
    np.testing.assert_allclose(lines["learned"], line.norms, atol=1e-3)
    assert lines["as RNN"][0] > 20
    # Nothing stands over the title, and the names fit beside each other.
    boxes = [page.locator(place).first.bounding_box() for place in (".gtitle", ".legend", ".legend2")]
    assert all(boxes)
    title, first, second = (box for box in boxes if box)
    assert title["y"] + title["height"] <= first["y"] + 1
    assert first["x"] + first["width"] <= second["x"] + 4
    assert second["x"] + second["width"] <= wide
    page.get_by_role("button", name="Keep in the report").click()
    expect(page.get_by_text(re.compile("Views in the report: 1"))).to_be_visible(timeout=30_000)
