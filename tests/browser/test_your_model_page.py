"""A practitioner's own model: what is in its file, its gates, and the proof that the numbers are right."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, choose_gates, go_to, upload, use


def proof(page: Page) -> Locator:
    """The badge beside the model."""
    return page.locator(".st-key-proof").get_by_role("button")


def opened(new_page: NewPage, url: str, **look: object) -> Page:
    """The page Your data."""
    return new_page(f"{url}/your_data", allow=(PROBED,), **look)


@pytest.mark.parametrize("page_name", ["", "extremes", "your_data"])
def test_the_proof_stands_on_every_page_with_the_frame(
    page_name: str, app_url: str, new_page: NewPage
) -> None:
    page = new_page(f"{app_url}/{page_name}?model=elnino", allow=(PROBED,))
    expect(proof(page)).to_contain_text("Proof: equals PyTorch to")
    said = proof(page).inner_text()
    choose_gates(page, "copy")
    assert proof(page).inner_text() == said
    proof(page).click()
    evidence = page.get_by_test_id("stPopoverBody")
    expect(evidence).to_contain_text("The numbers are right.")
    expect(evidence.get_by_role("row")).to_have_count(5)


def test_the_proof_of_an_uploaded_model(app_url: str, new_page: NewPage, repository: Path) -> None:
    page = opened(new_page, app_url)
    upload(page, "model", repository / "tests" / "cases" / "fw_torch" / "gru2bi.safetensors")
    use(page, "Use ")
    go_to(page, "Gates")
    expect(proof(page)).to_contain_text("Proof: equals PyTorch to")
    proof(page).click()
    expect(page.get_by_test_id("stPopoverBody")).to_contain_text("60 of 60 steps of probe: impulse")


@pytest.mark.parametrize("width", [1366, 390])
def test_the_proof_covers_nothing(width: int, app_url: str, new_page: NewPage, repository: Path) -> None:
    page = opened(new_page, app_url, width=width)
    upload(page, "model", repository / "tests" / "cases" / "fw_torch" / "gru2bi.safetensors")
    use(page, "Use ")
    settled(page)
    expect(proof(page)).to_contain_text("Proof: equals PyTorch to")
    boxes = [
        one.bounding_box()
        for key in ("proof", "model", "sequence", "layer", "gates")
        for one in page.locator(f".st-key-{key} :is([data-testid=stWidgetLabel] p, button, input)").all()
        if one.is_visible()
    ]
    badge, *others = [box for box in boxes if box is not None]
    for box in others:
        apart = (
            box["x"] >= badge["x"] + badge["width"]
            or box["x"] + box["width"] <= badge["x"]
            or box["y"] >= badge["y"] + badge["height"]
            or box["y"] + box["height"] <= badge["y"]
        )
        assert apart, (badge, box)
    assert badge["x"] >= 0
    assert badge["x"] + badge["width"] <= width
