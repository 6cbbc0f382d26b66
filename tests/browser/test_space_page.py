"""The page "State space": its numbers are the core's, and it answers to hand, keys and link."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from gru_core import EXTREMES, trace
from gru_core.analysis.fixed_points import (
    FixedPoints,
    find_fixed_points,
    held_step,
    starting_states,
    starts_for,
)
from gru_core.analysis.space import state_space
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, choose_gates, demo, demo_trace


def picture(page: Page) -> Locator:
    """The picture, once it is drawn."""
    root = page.locator(".space.picture")
    root.and_(page.locator("[data-cursor]")).wait_for(timeout=30_000)
    return root


def searched(name: str) -> FixedPoints:
    """The fixed points of a demo model without any input, from the states of its first example."""
    model, _, _ = demo(name)
    t = demo_trace(name)
    states = np.concatenate([t.H0[:1], t.H[0]])
    step = held_step(model.gru, np.zeros(model.gru.input_size))
    return find_fixed_points(step, starting_states(states, starts_for(t.units)))


def places(root: Locator, setting: str) -> np.ndarray:
    """(points, 3) where a path is drawn, in the basis."""
    return np.array(root.evaluate("(node, name) => node.gatescope.placesOf(name)", setting)).reshape(-1, 3)


def at(root: Locator, hook: str, *what: object) -> tuple[float, float]:
    """Where a point or a step is drawn, in pixels of the window."""
    x, y = root.evaluate(f"(node, what) => node.gatescope.{hook}(...what)", list(what))
    box = root.locator(".stage").bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + y


def test_paths_points_and_eigenvalues_are_the_cores(app_url: str, new_page: NewPage) -> None:
    """And so under another gate setting, by which the points change and the directions do not."""
    page = new_page(f"{app_url}/space?model=flipflop", allow=(PROBED,))
    root, found = picture(page), searched("flipflop")
    shown = root.evaluate("(node) => node.gatescope.points()")
    assert [point["kind"] for point in shown] == [point.kind for point in found.points]
    for told, point in zip(shown, found.points, strict=True):
        values = np.array(told["values"]).reshape(-1, 2)
        assert np.abs(values[:, 0] + 1j * values[:, 1] - point.eigenvalues).max() < 1e-6
    stable = [point["answer"] for point in shown if point["kind"] == "stable"]
    model, _, x = demo("flipflop")
    assert sorted(stable) == sorted(model.card.outputs)
    space = state_space({name: trace(model.gru, x, overrides=gates)[0] for name, gates in EXTREMES.items()})
    for name, path in space.paths.items():
        assert np.abs(places(root, name) - path.places).max() < 1e-4
    sentence = f"{len(found.points)} fixed points were found from {found.starts} starts: 8 stable"
    expect(page.get_by_text(sentence)).to_be_visible()
    assert sentence in (root.locator(".stage").get_attribute("aria-label") or "")

    choose_gates(page, "input_only")
    expect(page.get_by_text("all 384 starts end at one fixed point")).to_be_visible()
    (only,) = root.evaluate("(node) => node.gatescope.points()")
    assert np.abs(only["values"]).max() == 0
    assert np.abs(places(root, "learned") - space.paths["learned"].places).max() < 1e-4
    choose_gates(page, "copy")
    expect(page.get_by_text("every state is a fixed point")).to_be_visible()
    assert root.evaluate("(node) => node.gatescope.points()") == []
    assert np.ptp(places(root, "copy"), axis=0).max() == 0


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["projector", "phone"])
def test_it_answers_to_hand_and_keys(size: tuple[int, int], app_url: str, new_page: NewPage) -> None:
    """Turned by dragging, asked by clicking, played by keys; the link then says what is shown."""
    address = f"{app_url}/space?model=flipflop&t=3&held=step"
    page = new_page(address, width=size[0], height=size[1], allow=(PROBED,))
    root = picture(page)
    expect(page.get_by_text("3 of 24 directions")).to_be_visible()
    stage = root.locator(".stage")
    expect(root).to_have_attribute("data-cursor", "3")
    stage.scroll_into_view_if_needed()
    x, y = at(root, "pointAt", 0)
    page.mouse.click(x, y)
    expect(root).to_have_attribute("data-point", "0")
    before = root.get_attribute("data-turn")
    assert before
    page.mouse.move(x - 30, y + 60)
    page.mouse.down()
    page.mouse.move(x + 50, y + 60, steps=4)
    page.mouse.up()
    expect(root).to_have_attribute("data-point", "0")
    expect(root).not_to_have_attribute("data-turn", before)
    assert max(abs(a - b) for a, b in zip(at(root, "pointAt", 0), (x, y), strict=True)) > 1
    stage.focus()
    page.keyboard.press("ArrowDown")
    expect(root).to_have_attribute("data-point", "1")
    expect(root.locator(".sentence")).to_contain_text("Point 2: stable")
    page.keyboard.press("Escape")
    expect(root).to_have_attribute("data-point", "")
    page.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-cursor", "4")
    expect(root.locator(".sentence")).to_contain_text("At step 4 ‘")
    page.keyboard.press(" ")
    expect(root).to_have_attribute("data-playing", "true")
    expect(root).to_have_attribute("data-cursor", re.compile(r"^([6-9]|\d\d)$"), timeout=30_000)
    page.keyboard.press("End")
    expect(root).to_have_attribute("data-playing", "false")
    expect(root).to_have_attribute("data-cursor", "59")
    root.get_by_label("seen in").select_option("2")
    expect(root).to_have_attribute("data-depth", "2")
    root.get_by_label("colour").select_option("answer")
    page.wait_for_function("() => location.search.includes('pathcolour') && location.search.includes('t=59')")
    settled(page)
    query = parse_qs(urlsplit(page.url).query)
    chosen = {"held": ["step"], "directions": ["2"], "pathcolour": ["answer"]}
    assert query == {"model": ["flipflop"], "t": ["59"], **chosen}
    # What is said follows in the same run.
    expect(page.get_by_text("2 of 24 directions")).to_be_visible()
    expect(page.get_by_text("While the input of step 59 is read")).to_be_visible()
    # A step is named where the pointer is on its state.
    index = 21
    page.mouse.move(*at(root, "stepAt", "learned", index))
    expect(root.locator(".tooltip")).to_contain_text("step")
