"""The page "Ripple": what the browser computes under the hand is what the core computes; so is the text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from gru_core.analysis.change import change_symbol
from gru_core.analysis.connectivity import answer_seeds, connectivity
from gru_core.analysis.jacobian import ROUTES
from gru_core.analysis.ripple import Ripple, change_input, ripple
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.trace import last_output, trace
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, choose, choose_gates, demo, query


def of_core(
    name: str, step: int, symbol: int, overrides: tuple[GateOverride, ...] = ()
) -> tuple[Ripple, np.ndarray]:
    """The ripple of the core, and how far the probabilities of the answers move."""
    model, sequence, x = demo(name)
    change = change_symbol(model.encoder, sequence, x, step, symbol)
    before, after = change_input(model.gru, x, step, change.row, overrides)
    answers = [model.answers(last_output(traces))[0].astype(np.float64) for traces in (before, after)]
    return ripple(model.gru, before[0], after[0], step), np.abs(answers[1] - answers[0]).sum(axis=1) / 2


def shown(page: Page) -> dict[str, Any]:
    """What the picture has computed: its hook says it."""
    found: dict[str, Any] = page.locator(".ripple.picture").evaluate(
        "({ gatescope: g }) => ({ size: g.sizes(), parts: g.parts(), fate: g.fate(), moved: g.moved() })"
    )
    return found


def agrees(page: Page, found: Ripple, moved: np.ndarray) -> None:
    seen = shown(page)
    assert seen["size"] == pytest.approx(found.size, abs=1e-9)
    for name in ROUTES:
        assert seen["parts"][name] == pytest.approx(found.sizes[name], abs=1e-9)
    assert seen["fate"]["died"] == found.died
    assert seen["fate"]["main"] == found.main_carrier
    # The readout of the core is in float32.
    assert seen["moved"] == pytest.approx(moved, abs=1e-5)


def test_a_dragged_change_is_computed_here_and_said_by_the_core(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/ripple?t=2&instead=4", allow=(PROBED,))
    picture = page.locator(".ripple.picture")
    expect(picture).to_have_attribute("data-live", "true")
    agrees(page, *of_core("remember", 2, 4))

    stage = picture.locator(".stage")
    box = stage.bounding_box()
    assert box is not None
    at = [picture.evaluate(f"(node) => node.gatescope.stepAt({step})") for step in (2, 0)]
    page.mouse.move(box["x"] + at[0]["x"], box["y"] + at[0]["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + at[1]["x"], box["y"] + at[1]["y"], steps=4)
    # Under the hand, before anything was told.
    expect(picture).to_have_attribute("data-step", "0")
    agrees(page, *of_core("remember", 0, 4))
    assert query(page)["t"] == "2"
    page.mouse.up()
    page.wait_for_function("() => !new URL(location).searchParams.has('t')")
    settled(page)
    found, _ = of_core("remember", 0, 4)
    expect(page.get_by_text(f"the states differ by {found.start:.3g},")).to_be_visible()
    share = found.sizes["copy"][1:].sum() / sum(size[1:].sum() for size in found.sizes.values())
    expect(page.get_by_text(f"{share:.0%} is copying")).to_be_visible()

    # By key another step; the extremes leave no doubt.
    stage.focus()
    page.keyboard.press("ArrowRight")
    expect(picture).to_have_attribute("data-step", "1")
    choose_gates(page, "input_only")
    agrees(page, *of_core("remember", 1, 4, EXTREMES["input_only"]))
    expect(picture).to_have_attribute("data-died", "2")
    expect(page.get_by_text("and one step later not at all.")).to_be_visible()
    choose_gates(page, "copy")
    expect(page.get_by_text("Z is 1 in every unit at step 1")).to_be_visible()
    assert not any(shown(page)["size"])


def test_a_click_on_a_symbol_asks_what_its_answer_hangs_on(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/ripple?ripple=connectivity", width=390, height=844, allow=(PROBED,))
    text = page.locator(".connectivity.picture")
    model, _, x = demo("remember")
    traces = trace(model.gru, x)

    def agrees_with(step: int, output: int | None) -> None:
        expected = connectivity(model.gru, traces, answer_seeds(model, step, output))
        found = text.evaluate("(node, steps) => steps.map((t) => node.gatescope.value(t))", [*range(len(x))])
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-7)

    agrees_with(len(x) - 1, None)
    text.get_by_role("button", name="Step 7").click()
    page.wait_for_function("() => location.search.includes('asked=7')")
    settled(page)
    expect(text.locator(".chip.asked")).to_have_attribute("data-step", "7")
    agrees_with(7, None)
    expect(page.get_by_text("Asked about: the answer at step 7")).to_be_visible()
    # A step further by key, and one answer alone.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('asked=8')")
    choose(page, "Asked about", "the answer B")
    assert query(page)["askedof"] == "1"
    agrees_with(8, 1)
