"""For everyone: nothing that axe-core holds against a page, text twins of pictures, keys for all.

Each page is opened once, with everything on it unfolded, and looked at in both schemes and both sizes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import pages_of
from tests.support.accessible import (
    SCHEMES,
    Finding,
    every_look,
    findings,
    open_everything,
    pictures,
    use_scheme,
)
from tests.support.keyboard import walk
from tests.support.motion import moving, played
from tests.support.pages import settled
from tests.support.screen import PROBED

OPENED = "[data-testid=stPopoverBody]"


@dataclass(frozen=True)
class State:
    """A page as somebody may have it: its address, how many pictures it shows, and how many of them play."""

    address: str
    pictures: int
    players: int


STATES = {
    "gates": State("?gates=custom&z=0.5&zmix=1&unit=4", 1, 1),
    "cell": State("cell?t=3&unit=5&edits=Z3_4_5_0&zmeans=updates&equation=other", 1, 1),
    "cell, its arithmetic": State("cell?t=7&unit=3&model=elnino&depth=arithmetic&lit=H_tilde", 1, 1),
    "extremes": State("extremes?gates=custom&z=0.5&zmix=1", 2, 1),
    "space": State("space?model=flipflop&t=9&pathcolour=answer", 1, 1),
    "gates, painted": State("?gates=painted&paintz=lx5_1x10_0&paintr=0x3", 1, 1),
    "memory": State("memory?model=brackets&t=12", 1, 0),
    "puzzles": State("puzzles?puzzle=only_one&puzzler=lx3_1&puzzlez=1x3_0_0.5x4", 0, 0),
    "gradients": State("gradients?flowto=cursor&t=9", 1, 0),
    "square": State("square?model=brackets&t=8&picked=1-3&unit=2", 2, 2),
    "gallery": State("gallery?hold=input_only&part=3", 1, 1),
    "gallery, a signal": State("gallery?real=walking", 1, 1),
    "ripple": State("ripple?model=elnino&t=20", 1, 0),
    "ripple, connectivity": State("ripple?ripple=connectivity", 0, 0),
    "find": State("find?model=brackets&begin=4&end=6&with=1&without=2", 1, 0),
    "saturation": State("saturation?unit=3", 1, 0),
    "phase": State("phase?model=bistable&reads=numbers&letgo=0.5,0.9", 1, 1),
    "compare": State("compare?rightgates=copy", 1, 1),
    "train": State("train", 1, 1),
    "race": State("race", 1, 0),
    "lessons": State("lessons", 0, 0),
    "a lesson": State("lessons?lesson=1-what-a-gru-is&step=3", 1, 1),
    "your data": State("your_data?model=adding", 0, 0),
}

STREAMLITS_OWN = {
    # A label on an element that only lays out; the button inside it, which can be reached, has a name.
    "presentation-role-conflict": (
        "[data-testid=stFileUploaderDropzone]",
        {"gallery, a signal", "your data", "lessons"},
    ),
}
"""What Streamlit's markup lacks and cannot be mended from here: rule -> elements, pages that have them.

An entry that nothing is found for any more is out of date, and fails the test.
"""


@dataclass(frozen=True)
class Visit:
    """A page that is open, and which it is."""

    name: str
    page: Page

    @property
    def state(self) -> State:
        return STATES[self.name]


@pytest.fixture(scope="module", params=STATES)
def visit(request: pytest.FixtureRequest, browser: Browser, app_url: str) -> Iterator[Visit]:
    """One page after the other, opened once for all that is asked of it."""
    with pages_of(browser) as new_page:
        page = new_page(f"{app_url}/{STATES[request.param].address}", allow=(PROBED,))
        yield Visit(request.param, page)


def is_streamlits(page: Page, finding: Finding) -> bool:
    """Whether a finding is about an element that the table above names."""
    selector, _ = STREAMLITS_OWN.get(finding.rule, ("", ()))
    matches = "(node, selector) => node.matches(selector)"
    return bool(selector) and bool(page.locator(finding.target).evaluate(matches, selector))


def test_axe_finds_nothing_wrong(visit: Visit) -> None:
    """In both schemes and both sizes, and in everything that opens."""
    page, wrong, excused = visit.page, [], set()

    def look(where: str, within: str | None = None) -> None:
        for finding in findings(page, within):
            if is_streamlits(page, finding):
                excused.add(finding.rule)
            else:
                wrong.append(f"{where}: {finding}")

    open_everything(page)
    for variant in every_look(page):
        look(variant)
    tabs = page.get_by_role("tab")
    for index in range(tabs.count()):
        tabs.nth(index).click()
        look(f"the tab {tabs.nth(index).inner_text()}")
    openers = page.locator("[data-testid=stPopoverButton]:visible")
    for index in range(openers.count()):
        openers.nth(index).click()
        page.locator(OPENED).wait_for()
        for scheme in SCHEMES:
            use_scheme(page, scheme)
            look(f"{scheme}, what opens at {openers.nth(index).inner_text()}", OPENED)
        page.keyboard.press("Escape")
        page.locator(OPENED).wait_for(state="hidden")
    assert not wrong, "\n".join(wrong)
    assert excused == {rule for rule, (_, pages) in STREAMLITS_OWN.items() if visit.name in pages}


def test_every_picture_has_a_text_twin(visit: Visit) -> None:
    """Computed from what it shows: it has numbers of it."""
    open_everything(visit.page)
    charts = visit.page.locator("[data-testid=stPlotlyChart]")
    for index in range(charts.count()):
        expect(charts.nth(index).locator(".main-svg").first).to_be_visible()
    told = pictures(visit.page)
    assert len(told) == visit.state.pictures
    for text in told:
        assert len(text.split()) >= 8, told
        assert any(letter.isdigit() for letter in text), told


def test_everything_is_reached_by_tab_and_seen_to_be(visit: Visit) -> None:
    """From the top of the page to its end, with no control left out and none that holds the focus."""
    open_everything(visit.page)
    found = walk(visit.page)
    assert len(found["stops"]) >= 12
    assert found["missed"] == []
    assert found["unseen"] == []
    assert found["away"] == []
    visit.page.keyboard.press("Shift+Tab")
    assert visit.page.evaluate("document.activeElement !== document.body")


def test_what_opens_is_opened_and_left_by_keys(visit: Visit) -> None:
    """Enter opens and goes in, Escape closes, and the focus is where it was before."""
    page = visit.page
    inside = "(opened) => document.activeElement.closest(opened) !== null"
    opener = page.locator("[data-testid=stPopoverButton]:visible").first
    opener.focus()
    page.keyboard.press("Enter")
    page.locator(OPENED).wait_for()
    page.wait_for_function(inside, arg=OPENED)
    page.locator(OPENED).locator("button").first.wait_for()
    settled(page)
    page.keyboard.press("Tab")
    assert page.evaluate(inside, OPENED)
    page.keyboard.press("Escape")
    page.locator(OPENED).wait_for(state="hidden")
    expect(opener).to_be_focused()
    settled(page)
    menus = page.locator(".picture .save > summary:visible")
    for index in range(menus.count()):
        menu = menus.nth(index)
        menu.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(menu.locator("xpath=..").locator(".item").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(menu).to_be_focused()
        expect(menu.locator("xpath=..")).not_to_have_attribute("open", "")


def test_pictures_say_which_keys_they_answer_to(visit: Visit) -> None:
    """And in words, which the stage is described by."""
    assert (
        visit.page.locator(".picture").count() == visit.page.locator(".picture [aria-keyshortcuts]").count()
    )
    stages = visit.page.locator(".picture [aria-keyshortcuts]")
    for index in range(stages.count()):
        stage = stages.nth(index)
        keys = (stage.get_attribute("aria-keyshortcuts") or "").split()
        assert {"ArrowLeft", "ArrowRight", "Home", "End"} <= set(keys)
        described = stage.evaluate(
            """(stage) => stage.getRootNode()
                .getElementById(stage.getAttribute("aria-describedby")).textContent"""
        )
        words = {
            "ArrowLeft": ("Arrow", "Left"),
            "Escape": ("Escape",),
            "Space": ("Space",),
            "Home": ("Home",),
        }
        for key in set(keys) & set(words):
            assert any(word in described for word in words[key]), (key, described)


def test_nothing_glides_for_who_asks_for_less_motion(visit: Visit) -> None:
    """Nothing starts by itself, and what plays goes from drawing to drawing, one for each place it is at."""
    page = visit.page
    page.emulate_media(reduced_motion="reduce")
    settled(page)
    assert moving(page) == []
    roots = page.locator(".picture:has([data-action=play])")
    assert roots.count() == visit.state.players
    for index in range(roots.count()):
        root = roots.nth(index)
        play = root.locator("[data-action=play]")
        root.locator("[data-action=first]").click()
        place = next(name for name in ("cursor", "step", "frame") if root.get_attribute(f"data-{name}"))
        play.focus()
        page.keyboard.press("Enter")
        expect(root).to_have_attribute("data-playing", "true")
        places, drawings = played(root, place, moves=2)
        page.keyboard.press("Enter")
        expect(root).to_have_attribute("data-playing", "false")
        # The drawing of a place may come one frame after it is said.
        assert drawings <= places
    page.emulate_media(reduced_motion="no-preference")
