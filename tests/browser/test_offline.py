"""The page to take along is the same picture, from a disk, without a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from gru_core import EXTREMES, GateOverride
from tests.browser.conftest import NewPage
from tests.browser.test_share import link_of, open_share
from tests.support.screen import PROBED, Picture, assert_shows, demo_trace


def saved_page(page: Page, folder: Path) -> Path:
    """The page to take along, of the app's page that is open, its Share opened."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Offline page").click()
    saved = folder / waiting.value.suggested_filename
    waiting.value.save_as(saved)
    return saved


@pytest.mark.parametrize(("scheme", "width", "height"), [("light", 1366, 768), ("dark", 390, 844)])
def test_the_page_draws_hovers_and_plays_without_a_network(
    scheme: str, width: int, height: int, app_url: str, new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page(f"{app_url}/?gates=rnn&unit=2", width=width, height=height)
    Picture(page).press("ArrowRight", "ArrowRight")
    page.wait_for_url("**t=2**")
    open_share(page)
    link = link_of(page)
    saved = saved_page(page, tmp_path)
    assert saved.name == "remember-rnn.html"
    said = page.get_by_text("One file of").inner_text()
    assert f" {saved.stat().st_size // 1000:,} kB" in said

    alone = new_page(scheme=scheme, width=width, height=height, allow=("Content Security Policy",))
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(saved.as_uri())
    # Its own policy forbids what this machine could still do.
    refused = "fetch('http://localhost').then(() => 'came', () => 'refused')"
    assert alone.evaluate(refused) == "refused"
    alone.context.set_offline(True)
    alone.reload()
    picture = Picture(alone)
    picture.wait_for(cursor=2, unit="2", theme=scheme)
    expected = demo_trace(overrides=EXTREMES["rnn"])
    assert_shows(picture, expected)

    hovered = picture.hover(3, 5, 7)
    assert ("H", f"{expected.H[0, 7, 5]:.3f}") in hovered
    play = picture.root.locator('button[data-action="play"]')
    play.click()
    expect(picture.root).not_to_have_attribute("data-cursor", "2")
    play.click()
    picture.wait_for(playing="false")
    for text in ("Gates: RNN", "EXTREMES['rnn']", "Z is held at 0", link):
        expect(alone.get_by_text(text).first).to_be_attached()
    assert alone.evaluate("document.documentElement.scrollWidth") <= width
    other = "dark" if scheme == "light" else "light"
    alone.emulate_media(color_scheme=other)
    picture.wait_for(theme=other)
    assert np.isfinite(picture.values(3, 30, 16)).all()
    assert {url.partition(":")[0] for url in asked} == {"file"}


def test_the_cell_is_touched_without_a_network(app_url: str, new_page: NewPage, tmp_path: Path) -> None:
    page = new_page(f"{app_url}/cell?model=parity&t=3&unit=1&edits=Z4_9_a_1", allow=(PROBED,))
    open_share(page)
    saved = saved_page(page, tmp_path)
    alone = new_page(width=390, height=844)
    alone.context.set_offline(True)
    alone.goto(saved.as_uri())
    cell = alone.locator(".cell[data-ready=true]")
    cell.wait_for()
    held = demo_trace("parity", overrides=[GateOverride("Z", 1.0, steps=slice(4, 9))])
    expect(cell).to_have_attribute("data-cursor", "3")
    expect(cell).to_have_attribute("data-edits", "Z4_9_a_1")
    states = "(node) => node.gatescope.numbers('H')"
    np.testing.assert_allclose(cell.evaluate(states), held.H[0].ravel(), atol=1e-5)
    cell.locator('button[data-action="forward"]').click()
    expect(cell).to_have_attribute("data-cursor", "4")
    cell.evaluate("(node) => node.gatescope.clear()")
    np.testing.assert_allclose(cell.evaluate(states), demo_trace("parity").H[0].ravel(), atol=1e-5)
