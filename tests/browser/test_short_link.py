"""A short link opens the same view elsewhere and after the server was started again, uploads included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from gru_core import load, trace
from tests.browser.conftest import NewPage
from tests.browser.test_share import codes_on, link_of, open_share
from tests.support.pages import settled
from tests.support.screen import (
    PROBED,
    Picture,
    assert_shows,
    choose,
    chosen,
    complaints,
    demo_trace,
    file,
    go_to,
    query,
    upload,
    use,
)
from tests.support.server import running

STEPS, SHOWN = 3_000, 40


def make_short(page: Page) -> str:
    before = link_of(page)
    page.get_by_role("button", name="Keep it under a short link").click()
    code = page.locator("[data-testid=stPopoverBody] [data-testid=stCode] code")
    expect(code).to_contain_text("view=", timeout=30_000)
    settled(page)
    assert link_of(page) != before
    return link_of(page)


def test_a_model_and_a_long_sequence_of_one_s_own_travel_by_a_short_link(
    new_page: NewPage, tmp_path: Path, repository: Path
) -> None:
    source = repository / "tests" / "cases" / "fw_torch" / "gru2bi_state_dict.pt"
    (gru,) = load(source).values()
    x = np.random.default_rng(0).standard_normal((STEPS, gru.input_size)).astype(np.float32)
    rows = "\n".join(",".join(map(str, row)) for row in x)
    header = ",".join(f"c{index}" for index in range(gru.input_size))
    expected = trace(gru, x)[2].H[0]
    halves = expected.reshape(-1, 2, gru.hidden_size).mean(axis=1)[:SHOWN]

    with running(GATESCOPE_DATA=str(tmp_path)) as server:
        page = new_page(f"{server.url}/your_data", allow=(PROBED,))
        upload(page, "model", source)
        use(page, "Use ")
        upload(page, "sequence", file("long.csv", f"{header}\n{rows}"))
        use(page)
        go_to(page, "Gates")
        choose(page, "Layer", "layer 1 forward")
        Picture(page).press("ArrowRight")
        page.wait_for_url("**t=**")
        settled(page)
        open_share(page)
        link = make_short(page)
        page.get_by_role("img", name="QR code").scroll_into_view_if_needed()
        assert codes_on(page) == [link]
        said = page.locator("[data-testid=stPopoverBody]")
        expect(said).to_contain_text("kept on this server for 30 days after it was last opened")
        elsewhere = new_page(link)
        assert_same(elsewhere, halves)
        port = server.port
        # Nobody waits for the server while it is away.
        for window in (page, elsewhere):
            window.goto("about:blank")

    with running(port=port, GATESCOPE_DATA=str(tmp_path)):
        other = new_page(link)
        assert_same(other, halves)
        # The address that the view then has works as long as the view does, whatever is changed on it.
        assert query(other)["model"].startswith("file.shared-")
        again = new_page(other.url.replace("layer=2", "layer=2&gates=copy"))
        assert np.abs(Picture(again).values(3, 2 * SHOWN, gru.hidden_size)).max() < 1e-4
        # It is not theirs to delete; unknown and deleted ones are one sentence, and the app is there.
        open_share(other)
        expect(other.get_by_text("Your short links")).to_have_count(0)
        with other.expect_download() as waiting:
            other.get_by_role("button", name="Model file").click()
        taken = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(taken)
        (same,) = load(taken).values()
        assert same.fingerprint() == gru.fingerprint()

        page.goto(link)
        settled(page)
        assert_same(page, halves)
        open_share(page)
        page.get_by_text("Your short links").click()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Your short links")).to_have_count(0)
        gone = new_page(link)
        assert_gone(gone)
        for hostile in ("zzzzzzzzzz", "%27%20or%201%3D1", "%00", "../../etc", "%ED%A0%80"):
            gone.goto(f"{link.split('=')[0]}={hostile}")
            settled(gone)
            assert_gone(gone)


def assert_same(page: Page, halves: np.ndarray) -> None:
    picture = Picture(page)
    picture.wait_for(bin=2)
    assert chosen(page, "Layer") == "layer 1 forward"
    assert "gru2bi" in chosen(page, "Model")
    assert chosen(page, "Sequence") == "long.csv"
    found = picture.values(3, 2 * SHOWN, halves.shape[1])[::2]
    np.testing.assert_allclose(found, halves, atol=0.006)
    assert complaints(page) == []


def assert_gone(page: Page) -> None:
    (sentence,) = complaints(page)
    assert "shared view that is not here" in sentence
    assert_shows(Picture(page), demo_trace())
