"""The page "Inside the cell": a trained model touched, and the same seen by whoever gets the link."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from gru_core import trace
from gru_core.overrides import GateOverride
from tests.browser.cell_picture import CellPicture
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, choose, demo, demo_trace

SIZES = {"projector": (1366, 768), "phone": (390, 844)}


@pytest.mark.parametrize("size", SIZES)
def test_what_was_changed_is_in_the_link(size: str, app_url: str, new_page: NewPage) -> None:
    """Gate by keyboard, symbol by choosing: the states are the core's, here and where the link is opened."""
    width, height = SIZES[size]
    page = new_page(f"{app_url}/cell?t=3&unit=5", width=width, height=height, allow=(PROBED,))
    picture = CellPicture(page)
    recorded = demo_trace("remember")
    assert np.abs(picture.numbers("H", recorded.steps) - recorded.H[0]).max() < 1e-5
    gate = picture.root.locator(".drawing [data-part=Z]")
    gate.focus()
    page.keyboard.press("ArrowDown")
    # Where the gate stood, less a twentieth, on a multiple of one.
    value = round((recorded.Z[0, 3, 5] - 0.05) * 20) / 20
    picture.has(edits=f"Z3_4_5_{value:g}")
    for _ in range(30):
        page.keyboard.press("ArrowDown")
    picture.has(edits="Z3_4_5_0")
    changed = demo_trace("remember", overrides=(GateOverride("Z", 0.0, units=(5,), steps=slice(3, 4)),))
    assert np.abs(picture.numbers("H", changed.steps) - changed.H[0]).max() < 1e-5
    picture.root.get_by_role("button", name="Arithmetic").click()
    page.wait_for_function("() => location.search.includes('edits=') && location.search.includes('depth=')")
    settled(page)
    query = parse_qs(urlsplit(page.url).query)
    assert query == {"t": ["3"], "unit": ["5"], "depth": ["arithmetic"], "edits": ["Z3_4_5_0"]}

    other = new_page(page.url, width=width, height=height, allow=(PROBED,))
    opened = CellPicture(other)
    opened.has(step=3, unit=5, depth="arithmetic", edits="Z3_4_5_0")
    assert np.abs(opened.numbers("H", changed.steps) - changed.H[0]).max() < 1e-5
    expect(opened.root.get_by_text("you changed 1 thing")).to_be_visible()
    # Another letter at this step, as the model would have read it.
    model, _, x = demo("remember")
    picked = opened.root.get_by_label("What is read at this step")
    picked.select_option(label="H")
    opened.has(edits="Z3_4_5_0~s3_7")
    x = x.copy()
    x[3] = np.eye(8)[7]
    assert (x != demo("remember")[2]).any()
    both = trace(model.gru, x, overrides=(GateOverride("Z", 0.0, units=(5,), steps=slice(3, 4)),))[0]
    assert np.abs(opened.numbers("H", both.steps) - both.H[0]).max() < 1e-5


def test_changes_that_do_not_fit_are_left_out_and_said(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/cell?edits=Z900_901_0_1&t=4", allow=(PROBED,))
    picture = CellPicture(page)
    picture.has(step=4, edits="")
    expect(page.get_by_test_id("stAlert")).to_contain_text("900")
    # Changes belong to the sequence that they were made in.
    picture.root.locator(".drawing [data-grip=Z]").focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function("() => location.search.includes('edits=Z4')")
    _, _, x = demo("remember")
    choose(page, "Sequence", demo("remember")[0].card.examples[1].title)
    page.wait_for_function("() => !location.search.includes('edits=')")
    expect(picture.root).to_have_attribute("data-edits", "")
    expected = demo_trace("remember", 1)
    assert len(x) != expected.steps
    assert np.abs(picture.numbers("H", expected.steps) - expected.H[0]).max() < 1e-5


def test_a_projector_shows_all_of_it_and_saves_it(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/cell?t=7", allow=(PROBED,))
    picture = CellPicture(page)
    for part in (".toolbar", ".stage", ".equations", ".timeline", ".sentence"):
        box = picture.root.locator(part).first.bounding_box()
        assert box is not None, part
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= 768, part
    stage = picture.root.locator(".stage").bounding_box()
    assert stage is not None
    assert stage["height"] >= 250
    picture.root.locator("summary").click()
    with page.expect_download() as caught:
        picture.root.get_by_role("button", name="SVG drawing").click()
    drawing = ET.parse(caught.value.path()).getroot()
    assert drawing.findtext("{*}title") == "Inside the cell"
    said = " ".join(drawing.itertext())
    assert picture.root.locator(".sentence").inner_text() in said
    assert "σ( X W + H W + b )" in said
    picture.root.locator("summary").click()
    with page.expect_download() as caught:
        picture.root.get_by_role("button", name="PNG image").click()
    assert caught.value.path().read_bytes()[:4] == b"\x89PNG"
