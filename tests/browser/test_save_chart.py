"""Plotly charts are saved from a real browser; what arrives on disk is read back."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from gru_core.figures.colours import GATE
from gru_core.figures.heatmaps import gate_heatmaps
from gru_core.figures.lines import unit_lines
from gru_core.figures.style import PALETTES
from gru_core.symbols import TRACED
from tests.browser.conftest import NewPage, Serve
from tests.support.handmade import random_trace

APP = Path(__file__).parent / "apps" / "save_chart_app.py"
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"


def buttons(page: Page, chart: str) -> Locator:
    row = page.locator(f".st-key-save_{chart}")
    expect(row.get_by_role("button")).to_have_count(2, timeout=30_000)
    return row


def saved(page: Page, chart: str, kind: str) -> tuple[str, bytes]:
    """Name and content of what a press on a button gives."""
    expect(page.locator(f".st-key-{chart} .js-plotly-plot .main-svg").first).to_be_visible(timeout=30_000)
    with page.expect_download() as download:
        buttons(page, chart).get_by_role("button", name=kind).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def drawn_size(page: Page, chart: str) -> tuple[int, int]:
    svg = page.locator(f".st-key-{chart} .main-svg").first
    return int(svg.get_attribute("width") or 0), int(svg.get_attribute("height") or 0)


def colour(value: str) -> tuple[int, ...]:
    return tuple(int(value[i : i + 2], 16) for i in (1, 3, 5))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_svg_stands_alone_with_picture_title_and_words(serve: Serve, new_page: NewPage, scheme: str) -> None:
    page = new_page(serve(APP), scheme=scheme)
    name, content = saved(page, "gates", "SVG")
    assert name == "my-gates.svg"
    root = ElementTree.fromstring(content)
    figure = gate_heatmaps(random_trace(time=12, units=5), list("abcdefghijk<"))
    assert root.findtext(f"{SVG}title") == figure.layout.meta["title"]
    assert root.findtext(f"{SVG}desc") == figure.layout.meta["text"]
    texts = ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]
    assert any(figure.layout.meta["title"] in text for text in texts)
    assert {"a", "k", "<", "unit", "step"} <= set(texts)
    assert all(any(symbol.words in text for text in texts) for symbol in TRACED)
    # Four heatmaps (and the colour bars) are pictures inside the file, not links.
    images = [node.get(HREF) or node.get("href") or "" for node in root.iter(f"{SVG}image")]
    assert len(images) >= 4
    assert all(image.startswith("data:image/png;base64,") for image in images)
    for image in images:
        Image.open(io.BytesIO(base64.b64decode(image.partition(",")[2]))).verify()
    assert root.find(f"{SVG}rect").get("fill").upper() == PALETTES[scheme].paper
    # Every clip path and gradient that is used is in the file.
    text = content.decode("utf-8")
    used = set(re.findall(r"url\(.?#([^\"')&]+)", text))
    assert used
    assert used <= {node.get("id") for node in root.iter()}
    assert "http://localhost" not in text
    assert "hoverlayer" not in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_png_has_twice_the_pixels_and_the_pages_background(
    serve: Serve, new_page: NewPage, scheme: str
) -> None:
    page = new_page(serve(APP), scheme=scheme)
    name, content = saved(page, "gates", "PNG")
    assert name == "my-gates.png"
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    width, height = drawn_size(page, "gates")
    assert picture.size == (2 * width, 2 * height)
    assert picture.getpixel((2, 2)) == colour(PALETTES[scheme].paper)
    # Inside the first panel every pixel has a colour of the gates' map.
    found = np.unique(np.asarray(picture.crop((140, 200, 1000, 300))).reshape(-1, 3), axis=0)
    stops = np.array([colour(stop) for stop in GATE])
    places = np.linspace(0, len(stops) - 1, 2000)
    table = np.stack([np.interp(places, range(len(stops)), stops[:, part]) for part in range(3)], axis=1)
    nearest = np.abs(found[:, None] - table).max(axis=-1).min(axis=-1)
    assert len(found) > 10
    assert nearest.max() <= 2


def test_png_shows_what_the_page_shows(serve: Serve, new_page: NewPage) -> None:
    """The saved picture, halved, against a screenshot of the chart: nearly every pixel agrees."""
    page = new_page(serve(APP))
    _, content = saved(page, "gates", "PNG")
    width, height = drawn_size(page, "gates")
    page.mouse.move(0, 0)
    chart = page.locator(".st-key-gates .js-plotly-plot")
    chart.scroll_into_view_if_needed()
    seen = Image.open(io.BytesIO(page.locator(".st-key-gates .main-svg").first.screenshot())).convert("RGB")
    found = Image.open(io.BytesIO(content)).convert("RGB").resize((width, height), Image.Resampling.BOX)
    assert seen.size == found.size
    difference = np.abs(np.asarray(seen, np.int16) - np.asarray(found, np.int16)).max(axis=-1)
    assert (difference > 60).mean() < 0.03


def test_each_row_saves_its_own_chart(serve: Serve, new_page: NewPage) -> None:
    page = new_page(serve(APP), width=390, height=844)
    name, content = saved(page, "lines", "SVG")
    assert name == "lines.svg"
    root = ElementTree.fromstring(content)
    assert root.findtext(f"{SVG}title") == "Unit 2 over time"
    strokes = " ".join(node.get("style") or "" for node in root.iter(f"{SVG}path"))
    for line in unit_lines(random_trace(time=12, units=5), 2).data:
        red, green, blue = colour(line.line.color)
        assert f"rgb({red}, {green}, {blue})" in strokes


def test_zoom_is_kept(serve: Serve, new_page: NewPage) -> None:
    page = new_page(serve(APP))
    whole = ElementTree.fromstring(saved(page, "lines", "SVG")[1])
    box = page.locator(".st-key-lines .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 32, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    zoomed = ElementTree.fromstring(saved(page, "lines", "SVG")[1])

    def ticks(root: ElementTree.Element) -> list[str]:
        return ["".join(n.itertext()) for n in root.iter(f"{SVG}text") if len("".join(n.itertext())) == 1]

    assert len(ticks(zoomed)) < len(ticks(whole))


def test_a_chart_that_is_not_there_is_said_to_be_missing(serve: Serve, new_page: NewPage) -> None:
    page = new_page(serve(APP))
    row = buttons(page, "missing")
    row.get_by_role("button", name="PNG").click()
    expect(row.get_by_role("status")).to_have_text("The chart is not on the page yet: try again in a moment.")
