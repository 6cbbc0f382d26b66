"""The live heatmaps in a real browser: what is painted, read, chosen, zoomed and played."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from gru_core.figures.colours import GATE, STATE_DARK, STATE_LIGHT
from tests.browser.apps.heatmaps_data import example
from tests.browser.conftest import NewPage, Serve
from tests.browser.heatmaps_picture import NAMES, Picture, expected_colour, open_picture
from tests.support.pages import settled


@pytest.mark.parametrize(("scheme", "state"), [("light", STATE_LIGHT), ("dark", STATE_DARK)])
def test_pixels_are_the_colours_of_the_values(
    serve: Serve, new_page: NewPage, scheme: str, state: tuple[str, ...]
) -> None:
    picture = open_picture(serve, new_page, scheme=scheme)
    picture.has(theme=scheme)
    data = example(24, 16)
    # Not column 0, where the cursor stands; the step between two of 256 colours is at most 4 of 255.
    for unit, step in ((0, 5), (3, 20), (15, 23), (8, 11)):
        for panel, name in enumerate(NAMES):
            value = data[name][step, unit]
            table, share = (GATE, value) if name in "RZ" else (state, (value + 1) / 2)
            seen = picture.pixel(panel, unit, step)
            assert np.abs(seen - expected_colour(table, share)).max() <= 5, (name, unit, step)


def test_values_in_the_browser_are_the_arrays(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    data = example(24, 16)
    for panel, name in enumerate(NAMES):
        for unit, step in ((0, 0), (15, 23), (7, 12)):
            assert picture.value(panel, unit, step) == pytest.approx(data[name][step, unit], abs=2e-5)


def test_the_tooltip_reads_one_cell_in_every_panel(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    data = example(24, 16)
    picture.page.mouse.move(*picture.point(2, 6, 9))
    tooltip = picture.root.locator(".tooltip")
    expect(tooltip).to_be_visible()
    text = tooltip.inner_text()
    assert "Step 9 (‘d’)" in text
    assert "unit 6" in text
    for name, label in zip(NAMES, ("R", "Z", "H̃", "H"), strict=True):
        shown = f"{data[name][9, 6]:.3f}".replace("-", "−")
        assert re.search(rf"{label}\s+{re.escape(shown)}", text), (label, shown, text)
    assert picture.runs() == 1
    picture.page.mouse.move(5, 5)
    expect(tooltip).to_be_hidden()


def test_the_sentence_is_computed_from_the_step_under_the_cursor(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    data = example(24, 16)
    picture.stage.focus()
    for _ in range(7):
        picture.page.keyboard.press("ArrowRight")
    picture.has(cursor=7)
    z, r = data["Z"][7], data["R"][7]
    expect(picture.root.locator(".sentence")).to_have_text(
        f"Step 7 (‘_’): {(z > 0.9).sum()} of 16 units keep over 90%, "
        f"{(z < 0.5).sum()} of 16 rewrite more than half; mean R {r.mean():.2f}."
    )
    picture.event("7 None index None")


def test_keys_move_play_and_stay_inside(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    keyboard = picture.page.keyboard
    picture.stage.focus()
    keyboard.press("End")
    picture.has(cursor=23)
    keyboard.press("ArrowRight")
    picture.has(cursor=23)
    keyboard.press("Home")
    keyboard.press("ArrowLeft")
    picture.has(cursor=0)
    keyboard.press("ArrowDown")
    picture.has(unit=0)
    keyboard.press("Escape")
    picture.has(unit="")
    keyboard.press("+")
    expect(picture.root).not_to_have_attribute("data-window", "")
    keyboard.press("0")
    picture.has(window="")
    # Reports wait for a pause in typing.
    picture.page.wait_for_timeout(600)
    settled(picture.page)
    picture.event("0 None index None")
    runs = picture.runs()
    # r would rerun the app, c would offer to clear its cache.
    keyboard.press("r")
    keyboard.press("c")
    picture.page.wait_for_timeout(500)
    assert picture.runs() == runs
    expect(picture.page.get_by_role("dialog")).to_have_count(0)
    keyboard.press(" ")
    picture.has(playing="true")
    keyboard.press(" ")
    picture.has(playing="false")


def test_playing_asks_nothing_of_the_server_until_it_stops(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    sent: list[int] = []
    picture.page.on(
        "websocket", lambda socket: socket.on("framesent", lambda payload: sent.append(len(payload)))
    )
    picture.page.reload()
    settled(picture.page)
    picture = Picture(picture.page)
    picture.root.locator(".speed select").select_option("25")
    picture.root.evaluate(
        """(node) => {
          node.cursors = [];
          new MutationObserver(() => node.cursors.push(Number(node.dataset.cursor))).observe(
            node, { attributes: true, attributeFilter: ["data-cursor"] });
        }"""
    )
    before = len(sent)
    picture.button("play").click()
    # It stops by itself at the end, and only then reports, once.
    picture.has(cursor=23, playing="false")
    picture.event("23 None index None")
    assert len(sent) == before + 1
    cursors = picture.root.evaluate("(node) => node.cursors")
    assert len(set(cursors)) > 4
    assert cursors == sorted(cursors)


def test_the_cursor_can_be_dragged_by_its_handle(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.drag(picture.axis(0), picture.axis(13))
    picture.has(cursor=13, window="")
    picture.event("13 None index None")
    assert picture.runs() == 2


def test_a_click_chooses_a_unit_and_a_second_one_lets_go(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    height = picture.stage.bounding_box()
    picture.page.mouse.click(*picture.point(1, 4, 12))
    picture.has(unit=4)
    opened = picture.stage.bounding_box()
    assert height is not None
    assert opened is not None
    assert opened["height"] > height["height"] + 80
    picture.event("0 4 index None")
    picture.page.mouse.click(*picture.point(3, 4, 15))
    picture.has(unit="")
    picture.event("0 None index None")
    picture.page.mouse.click(*picture.point(0, 2, 15))
    picture.root.locator("button.close").click()
    picture.has(unit="")


def test_the_order_of_the_units_changes_at_once(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    rows = np.argsort(example(24, 16)["Z"].mean(axis=0)).tolist()
    picture.root.locator(".order select").select_option("time scale")
    picture.has(order="time scale")
    heights = [picture.cell(0, unit, 3)[1] for unit in range(16)]
    assert np.argsort(heights).tolist() == rows
    value = example(24, 16)["R"][20, rows[0]]
    assert np.abs(picture.pixel(0, rows[0], 20) - expected_colour(GATE, value)).max() <= 5
    picture.event("0 None time scale None")


def test_dragging_zooms_and_a_double_click_shows_everything(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.drag(picture.point(1, 3, 6), picture.point(1, 3, 15))
    picture.has(window="6,16", unit="")
    picture.event("0 None index (6, 16)")
    # Shift pans: half the width to the right is five steps back.
    start, end = picture.point(1, 3, 8), picture.point(1, 3, 13)
    picture.page.keyboard.down("Shift")
    picture.drag(start, end)
    picture.page.keyboard.up("Shift")
    picture.has(window="1,11")
    picture.page.mouse.dblclick(*picture.point(1, 3, 6))
    picture.has(window="", unit="")
    picture.event("0 None index None")


def test_the_wheel_zooms_on_the_axis_and_scrolls_elsewhere(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.page.mouse.move(*picture.point(1, 3, 12))
    picture.page.mouse.wheel(0, -400)
    picture.page.wait_for_timeout(300)
    picture.has(window="")
    picture.page.mouse.move(*picture.axis(12))
    for _ in range(4):
        picture.page.mouse.wheel(0, -200)
    expect(picture.root).not_to_have_attribute("data-window", "")
    for action in ("zoom in", "zoom out", "zoom reset"):
        picture.button(action).click()
    picture.has(window="")
