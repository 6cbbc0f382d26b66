"""The phase portrait: what a real browser computes is what the core computes, however it is touched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from gru_core.analysis.landscape import Landscape
from gru_core.analysis.portrait import Portrait, portrait
from gru_core.overrides import GateOverride
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, choose_gates, demo, demo_trace, gates_chosen, query

WITHIN = 1e-5


class PhasePicture:
    """The component on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root: Locator = page.locator(".portrait")
        expect(self.root).to_have_attribute("data-theme", "light", timeout=30_000)

    def ask(self, call: str) -> Any:
        """The value of a call of the hook."""
        return self.root.evaluate(f"(node) => node.gatescope.{call}")

    def has(self, **attributes: object) -> None:
        """Waits until the data attributes say so."""
        for name, value in attributes.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value))

    def shows(self, found: Portrait) -> None:
        """Fixed points with their kinds and eigenvalues, and every arrow, are those of the core."""
        self.has(points=len(found.points), waiting="false")
        seen = self.ask("points()")
        assert [point["stability"] for point in seen] == [point.stability for point in found.points]
        for point, expected in zip(seen, found.points, strict=True):
            assert point["h"] == pytest.approx(expected.h, abs=WITHIN)
            values = [complex(value["re"], value["im"]) for value in point["eigenvalues"]]
            assert np.allclose(values, expected.eigenvalues, atol=WITHIN)
        arrows = np.array([arrow["step"] for arrow in self.ask("arrows()")]).reshape(found.arrows.shape)
        assert np.abs(arrows - found.arrows).max() < WITHIN
        for lines, expected in zip(self.ask("nullclines()"), found.nullclines, strict=True):
            assert len(lines) == len(expected)

    def pull(self, label: str, value: float) -> None:
        """A slider to a value, as an input event of the browser's own slider says it."""
        slider = self.root.get_by_role("slider", name=label)
        slider.fill(f"{value:g}")

    def place(self, a: float, b: float) -> tuple[float, float]:
        """Where a state stands on the page."""
        self.root.scroll_into_view_if_needed()
        x, y = self.ask(f"placeOf([{a}, {b}])")
        box = self.root.locator(".stage").bounding_box()
        assert box is not None
        return box["x"] + x, box["y"] + y


def expected(name: str, x: Any, *overrides: GateOverride) -> Portrait:
    return portrait(Landscape.of(demo(name)[0].gru, np.asarray(x), overrides=overrides))


def states(name: str, *overrides: GateOverride) -> NDArray[np.floating]:
    t = demo_trace(name, overrides=overrides)
    return np.concatenate([t.H0, t.H[0]])


def test_what_is_dragged_in_the_browser_is_what_the_core_computes(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/phase?model=two_units&t=4", allow=(PROBED,))
    picture = PhasePicture(page)
    x = demo("two_units")[2]
    picture.shows(expected("two_units", x[4]))
    assert np.abs(np.array(picture.ask("own()")) - states("two_units")).max() < WITHIN
    # Another input, and numbers on its slider.
    picture.root.get_by_label("Read again and again").select_option(label="zeros")
    picture.shows(expected("two_units", [0.0]))
    picture.root.get_by_label("Read again and again").select_option(label="numbers on sliders")
    picture.pull("pulse", -0.25)
    picture.shows(expected("two_units", [-0.25]))
    # R and Z of one unit, live: the sequence's own way is another too.
    picture.pull("Hold Z at a value", 0.9)
    picture.pull("Hold R at a value", 0.3)
    held = [GateOverride("Z", 0.9), GateOverride("R", 0.3)]
    picture.shows(expected("two_units", [-0.25], *held))
    assert np.abs(np.array(picture.ask("own()")) - states("two_units", *held)).max() < WITHIN
    picture.root.get_by_label("Hold the gates of").select_option(label="unit 1")
    held = [GateOverride("Z", 0.9, units=(1,)), GateOverride("R", 0.3, units=(1,))]
    picture.shows(expected("two_units", [-0.25], *held))
    expect(picture.root.locator(".note")).to_contain_text("Z is a function of the state")
    # What was settled on is the page's gate setting, and in the link.
    page.wait_for_function(
        "() => ['gates=custom', 'units=1', 'readx=-0.25'].every((part) => location.search.includes(part))"
    )
    settled(page)
    assert gates_chosen(page) == "custom"
    assert query(page) | {"z": "0.9", "r": "0.3", "reads": "numbers"} == query(page)
    picture.shows(expected("two_units", [-0.25], *held))
    said = page.locator(".st-key-facts").inner_text()
    assert "With the input on the sliders" in said
    # And the other way round: a setting of the page's reaches the picture.
    choose_gates(page, "copy")
    picture.has(points=0)
    assert picture.ask("kept()") == [True, True]
    assert not np.array([arrow["step"] for arrow in picture.ask("arrows()")]).any()
    expect(page.locator(".st-key-facts")).to_contain_text("every place in the square is a fixed point")


def test_states_are_let_go_by_hand_and_by_keyboard_and_the_sequence_is_played(
    app_url: str, new_page: NewPage
) -> None:
    page = new_page(f"{app_url}/phase?model=bistable&reads=zero", motion="reduce", allow=(PROBED,))
    picture = PhasePicture(page)
    land = Landscape.of(demo("bistable")[0].gru, np.zeros(1))
    page.mouse.click(*picture.place(0.3, 0.8))
    picture.has(dropped=1)
    (way,) = picture.ask("ways()")
    assert way[0] == pytest.approx([0.3, 0.8], abs=0.01)
    assert np.abs(np.array(way) - land.run(np.array(way[0]), len(way) - 1)).max() < WITHIN
    # Dragged over the border its way ends at the other place.
    assert way[-1][0] == pytest.approx(0.954, abs=0.01)
    page.mouse.move(*picture.place(*way[0]))
    page.mouse.down()
    page.mouse.move(*picture.place(-0.3, 0.5), steps=3)
    page.mouse.up()
    picture.has(dropped=1)
    assert picture.ask("ways()")[0][-1][0] == pytest.approx(-0.954, abs=0.01)
    stage = picture.root.locator(".stage")
    stage.focus()
    # The first press shows the cross, in the middle; the next ones move it.
    for _ in range(5):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    picture.has(dropped=2)
    assert picture.ask("chosen()")["starts"][1] == pytest.approx([0.2, 0.0])
    page.wait_for_function("() => decodeURIComponent(location.search).includes('|0.2,0')")
    settled(page)
    other = PhasePicture(new_page(page.url, motion="reduce", allow=(PROBED,)))
    other.has(dropped=2)
    assert other.ask("ways()") == picture.ask("ways()")
    page.keyboard.press("Delete")
    picture.has(dropped=1)
    page.keyboard.press("ArrowRight")
    picture.has(step=1)
    page.keyboard.press("End")
    picture.has(step=29)
    page.keyboard.press("Home")
    picture.has(step=0)
    page.keyboard.press("Space")
    picture.has(playing="true")
    expect(picture.root).not_to_have_attribute("data-step", "0")
    page.keyboard.press("Space")
    picture.has(playing="false")


def test_a_model_of_other_size_offers_one_of_two_units_on_a_phone(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/phase?model=parity", width=390, height=844, touch=True, allow=(PROBED,))
    expect(page.get_by_test_id("stAlert")).to_contain_text("This model has 4 units")
    page.get_by_role("button", name="Open: A latch of two units, set by hand").click()
    picture = PhasePicture(page)
    picture.has(input="zero", points=3, stable=2, wide="false")
    settled(page)
    page.touchscreen.tap(*picture.place(-0.5, -0.5))
    picture.has(dropped=1)
    assert picture.ask("chosen()")["starts"][0] == pytest.approx([-0.5, -0.5], abs=0.02)
