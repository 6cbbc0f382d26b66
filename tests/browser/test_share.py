"""Sharing: the code on the screen says the link, the link opens the same view."""

from __future__ import annotations

import io

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from gru_core import EXTREMES
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, Picture, assert_shows, demo_trace


def open_share(page: Page) -> None:
    page.get_by_role("button", name="Share").click()
    page.locator("[data-testid=stPopoverBody] [data-testid=stCode]").wait_for()
    settled(page)


def link_of(page: Page) -> str:
    return page.locator("[data-testid=stPopoverBody] [data-testid=stCode] code").inner_text().strip()


def codes_on(page: Page) -> list[str]:
    """What a camera reads off the screen."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("L")
    return [code.text for code in zxingcpp.read_barcodes(np.array(picture))]


@pytest.mark.parametrize(("scheme", "width", "height"), [("light", 1366, 768), ("dark", 390, 844)])
def test_the_code_opens_the_same_view(
    scheme: str, width: int, height: int, app_url: str, new_page: NewPage
) -> None:
    page = new_page(
        f"{app_url}/extremes?model=parity&gates=rnn&t=3",
        scheme=scheme,
        width=width,
        height=height,
        allow=(PROBED,),
    )
    open_share(page)
    link = link_of(page)
    assert codes_on(page) == [link]
    held = page.locator("[data-testid=stPopoverBody]")
    for line in ("Page: Extremes", "Model: Running parity", "Gates: RNN", "Step: 3"):
        expect(held.get_by_text(line)).to_be_visible()
    expect(held.get_by_text("Everything is in the link")).to_have_count(1)

    page.get_by_role("button", name="Show large").click()
    page.locator("[data-testid=stDialog] img").wait_for()
    expect(page.locator("[data-testid=stPopoverBody]")).to_have_count(0)
    page.wait_for_function(
        """() => {
            const { width, left, right, bottom } = document
                .querySelector("[data-testid=stDialog] img").getBoundingClientRect();
            const room = Math.min(innerWidth, innerHeight);
            return width > 0.75 * room && left >= 0 && right <= innerWidth && bottom <= innerHeight;
        }"""
    )
    assert codes_on(page) == [link]

    other = new_page(link)
    picture = Picture(other)
    picture.wait_for(cursor=3)
    assert other.url == link
    other.goto(link.replace("/extremes", "/"))
    settled(other)
    assert_shows(Picture(other), demo_trace("parity", overrides=EXTREMES["rnn"]))
