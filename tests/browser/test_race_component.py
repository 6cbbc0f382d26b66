"""A race in a real browser: what its lanes and charts say, how they are read, and how they grow."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from gru_ui.components.race import LANE_COLOURS, Lane
from tests.browser.apps.race_data import LEARNED, UPDATES, lanes
from tests.browser.conftest import NewPage, Serve
from tests.browser.drawn_texts import drawn_texts, overprinted
from tests.browser.film_picture import watch_socket

APP = Path(__file__).parent / "apps" / "race_app.py"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SPACE = "{http://www.w3.org/2000/svg}"


def power(value: float, digits: int = 1) -> str:
    """The number as the race writes it, by way of Python's own exponents."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(RAISED)}"


def percent(score: float) -> str:
    return f"{score * 100:.1f}".removesuffix(".0") + "%"


def open_race(page: Page) -> Locator:
    root = page.locator(".race")
    expect(root).to_have_attribute("data-revision", re.compile("[1-9]"), timeout=30_000)
    return root


def saved_texts(root: Locator) -> tuple[list[str], Any]:
    """Every text of the picture, as the drawing that is saved holds it."""
    root.locator("summary").click()
    with root.page.expect_download() as download:
        root.locator('[data-action="save svg"]').click()
    assert download.value.suggested_filename == "made-up-race.svg"
    drawing = ElementTree.parse(download.value.path())
    return [(node.text or "").replace("\xa0", " ") for node in drawing.iter(f"{SPACE}text")], drawing


def test_lanes_show_the_numbers(serve: Serve, new_page: NewPage) -> None:
    root = open_race(new_page(serve(APP, LANES="6")))
    texts, drawing = saved_texts(root)
    for lane in lanes(6):
        assert {lane.name, lane.note, f"{lane.parameters:,}"} <= set(texts)
        assert f"{lane.milliseconds_per_update:.1f} ms" in texts
        assert percent(lane.curves["score"][-1] or 0.0) in texts
        assert power(late_gradient(lane, math.ceil(0.75 * UPDATES))) in texts
        if lane.learned_at is not None:
            assert f"learned at update {lane.learned_at}" in texts
    assert texts.count("not learned") == 3
    assert {"A race on the same sequences", "guessing 12.5%", "learned from 99%"} <= set(texts)
    assert "Gradient that reaches the first step (50 letters in between)" in texts
    assert str(drawing.findtext(f"{SPACE}desc")).startswith("A made-up race Learned: GRU")
    # For those who listen, the same as a table.
    rows = root.locator("table tr")
    expect(rows).to_have_count(7)
    expect(rows.nth(1)).to_contain_text("GRU")
    expect(rows.nth(1)).to_contain_text("4,232")


def test_bars_flags_and_lines_stand_where_they_should(serve: Serve, new_page: NewPage) -> None:
    root = open_race(new_page(serve(APP)))
    _, drawing = saved_texts(root)
    places = root.evaluate("(node) => node.gatescope.places()")
    track = places["layout"]["track"]
    widths = {
        (node.get("fill") or "").upper(): float(node.get("width") or 0)
        for node in drawing.iter(f"{SPACE}rect")
    }
    lines = list(drawing.iter(f"{SPACE}polyline"))
    score, gradient = places["charts"]
    for at, lane in enumerate(lanes(4)):
        colour = LANE_COLOURS["light"][at]
        share = max((lane.curves["score"][-1] or 0) - 0.125, 0) / 0.875
        assert widths.get(colour, 0.0) == pytest.approx(share * track["width"], abs=1.01)
        mine = [
            node
            for node in lines
            if node.get("stroke") == colour and len(str(node.get("points")).split()) > 60
        ]
        assert len(mine) == 2, "one line in each chart"
        for chart, name, node in zip((score, gradient), ("score", "gradient"), mine, strict=True):
            points = str(node.get("points")).split()
            for index in (0, 30, 60):
                value = lane.curves[name][index] or 0.0
                shown = value if name == "score" else math.log10(value)
                low, high = chart["y"]
                y = chart["top"] + (1 - (shown - low) / (high - low)) * chart["height"]
                assert float(points[2 * index + 1]) == pytest.approx(y, abs=0.02)
    dashes = {
        node.get("stroke-dasharray") for node in lines if node.get("stroke") in LANE_COLOURS["light"][:4]
    }
    assert len(dashes) == 4, "told apart by dash as well"


def test_a_gradient_of_nothing_lies_on_the_floor(serve: Serve, new_page: NewPage) -> None:
    root = open_race(new_page(serve(APP, LANES="6")))
    texts, drawing = saved_texts(root)
    chart = root.evaluate("(node) => node.gatescope.places()")["charts"][1]
    floor = chart["top"] + chart["height"]
    colour = LANE_COLOURS["light"][4]
    heights = [
        {float(y) for y in str(node.get("points")).split()[1::2]}
        for node in drawing.iter(f"{SPACE}polyline")
        if node.get("stroke") == colour
    ]
    assert {floor} in heights
    # In the lane and on the axis.
    assert texts.count("0") >= 2
    expect(root.locator(".sentence")).to_contain_text("nothing of it arrives in Z = 1.")


def late_gradient(lane: Lane, since: int) -> float:
    """The median of a lane's gradients from an update on."""
    points = zip(lane.curves["update"], lane.curves["gradient"], strict=True)
    return median(gradient or 0.0 for update, gradient in points if (update or 0) >= since)


def told(given: list[Lane]) -> str:
    """The sentence under a race that is over, put together without the browser."""
    learned = sorted((lane for lane in given if lane.learned_at), key=lambda lane: lane.learned_at or 0)
    others = [lane for lane in given if lane.learned_at is None]
    since = math.ceil(0.75 * UPDATES)
    ends = sorted((late_gradient(lane, since), lane.name) for lane in given)
    (least, small), (most, large) = ends[0], ends[-1]
    return (
        f"Learned: {'; '.join(f'{lane.name} at update {lane.learned_at}' for lane in learned)}. "
        f"Not learned: {'; '.join(lane.name for lane in others)}. "
        f"From update {since} to {UPDATES} the gradient that reaches the first step (the median) is largest "
        f"in {large} ({power(most)}) and smallest in {small} ({power(least)}), "
        f"which is {power(least / most, 0)} of it."
    )


def test_the_sentence_says_who_learned_and_what_reached_the_first_step(
    serve: Serve, new_page: NewPage
) -> None:
    root = open_race(new_page(serve(APP)))
    expect(root.locator(".sentence")).to_have_text(told(lanes(4)))
    for lane in lanes(4):
        updates, scores = lane.curves["update"], lane.curves["score"]
        first = [u for u, s in zip(updates, scores, strict=True) if (s or 0) >= LEARNED]
        assert lane.learned_at == (first[0] if first else None)


def test_hover_and_keys_read_all_lanes_at_an_update(serve: Serve, new_page: NewPage) -> None:
    page = new_page(serve(APP))
    root = open_race(page)
    tooltip = root.locator(".tooltip")

    def reads(update: int) -> None:
        expect(root).to_have_attribute("data-reading", str(update))
        expect(tooltip).to_contain_text(f"Update {update}")
        for lane in lanes(4):
            at = lane.curves["update"].index(update)
            score, gradient = lane.curves["score"][at] or 0.0, lane.curves["gradient"][at] or 0.0
            expect(tooltip.locator(".row").filter(has_text=lane.name)).to_contain_text(
                f"{percent(score)}, {power(gradient)}"
            )

    box = root.locator(".stage").bounding_box()
    chart = root.evaluate("(node) => node.gatescope.places()")["charts"][1]
    assert box is not None
    x = box["x"] + chart["left"] + 203 / UPDATES * chart["width"]
    page.mouse.move(x, box["y"] + chart["top"] + 40)
    reads(200)
    page.mouse.move(5, 5)
    expect(tooltip).to_be_hidden()
    root.locator(".stage").focus()
    for key, update in (
        ("ArrowLeft", 600),
        ("ArrowLeft", 590),
        ("Home", 0),
        ("ArrowRight", 10),
        ("End", 600),
    ):
        page.keyboard.press(key)
        reads(update)
    page.keyboard.press("Escape")
    expect(tooltip).to_be_hidden()
    # r would run the page again, c would offer to clear its cache.
    page.keyboard.press("r")
    page.keyboard.press("c")
    page.wait_for_timeout(400)
    expect(page.get_by_text("turns 1", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_it_grows_in_small_messages_and_nothing_jumps(serve: Serve, new_page: NewPage) -> None:
    page = new_page(serve(APP, LIVE="0.2"))
    _, received = watch_socket(page)
    root = open_race(page)
    expect(root.locator(".sentence")).to_contain_text("Not yet: GRU")
    expect(root.locator("tr").nth(1)).to_contain_text("at update 150")
    layout = "(node) => JSON.stringify(node.gatescope.places().layout)"
    before, size = len(received), root.evaluate(layout)
    page.get_by_role("button", name="on").click()
    expect(root).to_have_attribute("data-live", "false", timeout=15_000)
    expect(root.locator(".sentence")).to_have_text(told(lanes(4)))
    assert root.evaluate(layout) == size
    assert max(received[before:]) < 12_000 < max(received[:before])


def test_on_a_phone_and_in_the_dark(serve: Serve, new_page: NewPage) -> None:
    page = new_page(serve(APP, LANES="6"), scheme="dark", width=390, height=844, touch=True)
    root = open_race(page)
    expect(root).to_have_attribute("data-theme", "dark")
    assert root.evaluate("(node) => node.gatescope.colours()") == list(LANE_COLOURS["dark"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    texts, drawing = saved_texts(root)
    assert {"Z = 0, R = 1", "LSTM", "learned at update 290"} <= set(texts)
    assert not any("…" in text for text in texts)
    width = float(drawing.getroot().get("width") or 0)
    assert width <= 390 + 28
    page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-theme", "light")
    assert root.evaluate("(node) => node.gatescope.colours()") == list(LANE_COLOURS["light"])


ALIKE = "GRU, Z=0, R=1|GRU, Z=0, R=0|GRU, both gates learned|GRU, both gates kept"


def test_titles_and_names_leave_each_other_room(serve: Serve, new_page: NewPage) -> None:
    delay = "El Niño: next month's sea temperature"
    url = serve(APP, LANES="4", NAMES=ALIKE, DELAY=delay)
    for width, height in ((1366, 768), (1220, 768), (1000, 768), (390, 844)):
        root = open_race(new_page(url, width=width, height=height))
        texts = drawn_texts(root)
        assert overprinted(texts) == []
        for chart in root.evaluate("(node) => node.gatescope.places()")["charts"]:
            foot, edge = chart["top"] + chart["height"], chart["left"] + chart["width"]
            beside = [text for text in texts if chart["title"] - 1 <= text.y <= foot + 9]
            title = [text for text in beside if abs(text.left - chart["from"]) < 1]
            assert title
            assert all(text.bottom <= chart["top"] and text.right <= chart["right"] for text in title)
            ends = {text.text for text in beside if edge < text.left and text.right <= chart["right"] + 1}
            assert len(ends) == 4, ends


def test_the_image_is_a_sharp_png(serve: Serve, new_page: NewPage) -> None:
    page = new_page(serve(APP))
    root = open_race(page)
    expect(page.get_by_role("application", name="A made-up race")).to_be_visible()
    root.locator("summary").click()
    with page.expect_download() as download:
        root.locator('[data-action="save png"]').click()
    image = Path(download.value.path()).read_bytes()
    box = root.locator(".stage").bounding_box()
    assert box is not None
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(image[16:20], "big") >= 2 * box["width"]
