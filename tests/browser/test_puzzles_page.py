"""Puzzles on a projector and on a telephone: painted by mouse, touch and keyboard, judged, sent as a link."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from gru_core.analysis.jacobian import StepDerivatives, influence
from gru_core.demos import demo_path
from gru_core.formats import load_model
from gru_core.overrides import GateOverride
from gru_core.sequences.symbols import sequence_from_symbols
from gru_core.trace import trace
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, query

TEXT, WANTED = "FACEBEADC", 3


def opened(new_page: NewPage, url: str, link: str, **how: object) -> Page:
    page = new_page(f"{url}/puzzles?{link}", allow=(PROBED,), **how)
    page.locator(".paint[data-revision]:not([data-revision='0'])").wait_for()
    return page


def cell(page: Page, gate: str, step: int) -> Locator:
    return page.locator(f".paint .cell[data-gate='{gate}'][data-step='{step}']")


def brush(page: Page, name: str) -> None:
    page.locator(f".paint .brush[data-brush='{name}']").click()


def stroke(page: Page, gate: str, first: int, last: int) -> None:
    """One drag with the mouse from a cell to another of its row, as a fast hand does it: in three moves."""
    cell(page, gate, first).scroll_into_view_if_needed()
    boxes = [cell(page, gate, step).bounding_box() for step in (first, last)]
    (x0, y0), (x1, y1) = ((b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in boxes if b)
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=3)
    page.mouse.up()


def rows(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.locator(".paint").evaluate("(node) => node.gatescope.rows()")
    return found


def expect_shares(page: Page, wanted: list[str]) -> None:
    """The strip says so once the server has answered the last stroke."""
    expect(page.locator(".paint .share .amount")).to_have_text(wanted, timeout=30_000)


def check(page: Page) -> str:
    """Presses Check and gives what is said."""
    page.get_by_role("button", name="Check").click()
    settled(page)
    verdict = page.locator(".st-key-verdict")
    verdict.wait_for()
    return verdict.inner_text()


def on_paper(*overrides: GateOverride) -> tuple[float, list[float]]:
    """The shares of H_0 and of each input in the last state, from the core."""
    model = load_model(demo_path("remember"))
    gru = model.gru.double()
    t = trace(gru, model.encoder.encode(sequence_from_symbols(TEXT, "")), overrides=overrides)[0]
    found = influence(StepDerivatives(gru, t, overrides))
    whole = found.start[0] + found.input[0].sum()
    return float(found.start[0] / whole), (found.input[0] / whole).tolist()


def test_a_puzzle_is_solved_by_mouse_after_a_wrong_answer_was_diagnosed(
    app_url: str, new_page: NewPage
) -> None:
    page = opened(new_page, app_url, "puzzle=only_one", scheme="dark")
    # The published answer: all zeros, a whole row with one press each.
    brush(page, "0")
    for gate in "RZ":
        page.get_by_role("button", name=f"Paint all of {gate}").click()
    assert rows(page) == {"R": "0x9", "Z": "0x9"}
    expect_shares(page, ["0"] * 9 + ["100%"])
    said = check(page)
    assert "input of step 8 (‘C’) still reaches the last state: it has 100.0% of all influence" in said
    assert "input of step 3 (‘E’) does not reach the last state at all" in said
    # Nearly right: everything kept but step 3, where R was left open.
    brush(page, "1")
    stroke(page, "Z", 0, 2)
    stroke(page, "Z", 4, 8)
    cell(page, "R", WANTED).click()
    assert rows(page)["Z"] == "1x3_0_1x5"
    start, inputs = on_paper(
        GateOverride("Z", 1.0, steps=(0, 1, 2, 4, 5, 6, 7, 8)),
        GateOverride("Z", 0.0, steps=WANTED),
        GateOverride("R", 1.0, steps=WANTED),
    )
    expect_shares(page, [f"{start:.0%}", *("0" if not share else f"{share:.0%}" for share in inputs)])
    assert np.flatnonzero(inputs).tolist() == [WANTED]
    said = check(page)
    assert f"The state before the first step still reaches the last one: it has {start:.1%}" in said
    assert "candidate at step 3 (‘E’) still reads the state before it through W_hh, because R is 1" in said
    # A second press takes the colour away; then the right one.
    cell(page, "R", WANTED).click()
    expect(cell(page, "R", WANTED)).to_have_class(re.compile("learned"))
    brush(page, "0")
    cell(page, "R", WANTED).click()
    right = ["0", "0", "0", "0", "100%", "0", "0", "0", "0", "0"]
    expect_shares(page, right)
    expect(page.get_by_text("Under these gates")).to_contain_text("answers E")
    assert "solved" in check(page)
    expect(page.get_by_role("radio", name="✓ Only this one")).to_be_visible()
    # The link opens the same painting for someone else, and so does the Gates page.
    link = query(page)
    assert link == {"puzzle": "only_one", "puzzler": rows(page)["R"], "puzzlez": "1x3_0_1x5"}
    other = opened(new_page, app_url, page.url.partition("?")[2])
    assert rows(other) == rows(page)
    expect_shares(other, right)
    page.get_by_role("button", name="Open on the Gates page").click()
    page.locator(".gatescope[data-revision]:not([data-revision='0'])").wait_for()
    settled(page)
    assert query(page)["paintz"] == "1x3_0_1x5"
    expect(page.get_by_text("says E")).to_be_visible()


def test_a_puzzle_is_solved_by_keyboard_on_a_telephone(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url, "puzzle=chapter", width=390, height=844)
    first = cell(page, "R", 0)
    first.focus()
    # Along to the first step of the chapter, a zero there, down, a zero there.
    for key in (*["ArrowRight"] * 4, "0", "ArrowDown", "0"):
        page.keyboard.press(key)
    expect(cell(page, "Z", 4)).to_be_focused()
    expect(cell(page, "Z", 4)).to_have_attribute("aria-label", "Z at step 4 (C): 0")
    expect(page).to_have_url(re.compile("puzzlez=lx4_0"))
    settled(page)
    assert "solved" in check(page)
    # Nothing hangs over the edge of a narrow screen.
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    boxes = [cell(page, gate, 7).bounding_box() for gate in "RZ"]
    assert all(box and box["x"] + box["width"] <= 390 and box["height"] >= 40 for box in boxes)
    # Home, and with Shift the arrows take the colour along; Delete gives a step back to what was learned.
    cell(page, "Z", 4).focus()
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("5")
    page.keyboard.press("ArrowRight")
    assert rows(page)["Z"] == "1_0.5_lx2_0"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Delete")
    assert rows(page)["Z"] == "1_lx3_0"
    expect(page).to_have_url(re.compile("puzzlez=1_lx3_0"))


def test_a_finger_paints_and_still_scrolls(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url, "puzzle=feed_forward", width=390, height=844, touch=True)
    brush(page, "0")
    for gate in "RZ":
        cell(page, gate, 0).scroll_into_view_if_needed()
        ends = [cell(page, gate, step).bounding_box() for step in (0, 6)]
        (x0, y0), (x1, _) = ((b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in ends if b)
        session = page.context.new_cdp_session(page)
        places = [("touchStart", x0), ("touchMove", (x0 + x1) / 2), ("touchMove", x1)]
        for kind, x in places:
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y0}]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page).to_have_url(re.compile("puzzlez=0x7"))
    settled(page)
    assert rows(page) == {"R": "0x7", "Z": "0x7"}
    assert "solved" in check(page)
    assert cell(page, "R", 0).evaluate("(node) => getComputedStyle(node).touchAction") == "pan-y"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_gates_are_painted_under_the_heatmaps_of_any_model(
    app_url: str, new_page: NewPage, scheme: str
) -> None:
    page = new_page(f"{app_url}/?model=parity&gates=painted", scheme=scheme, allow=(PROBED,))
    page.locator(".gatescope[data-revision]:not([data-revision='0'])").wait_for()
    brush(page, "1")
    stroke(page, "Z", 2, 5)
    expect(page).to_have_url(re.compile("paintz=lx2_1x4"))
    settled(page)
    steps = page.locator(".gatescope").evaluate(
        "(node) => Array.from({ length: 7 }, (_, step) => node.gatescope.valueAt(1, 0, step))"
    )
    assert steps[2:6] == [1, 1, 1, 1]
    assert steps[1] != 1 != steps[6]
    # What was painted goes with the sequence that it was painted for.
    page.get_by_role("radio", name="Copy").click()
    settled(page)
    assert not page.locator(".paint").count()
