"""The report: views are kept as they were, with notes, and taken home as one file that needs no network."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from gru_ui.report.kept import MOST_VIEWS
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import GATES, go_to

NOTE = "Unit 10 keeps it. <b>See?</b>"
DRAWN = "() => document.querySelectorAll('.js-plotly-plot .main-svg').length >= 2"


def keep(page: Page) -> None:
    page.get_by_role("button", name="Keep in the report").click()
    page.get_by_role("alertdialog").filter(has_text="Kept:").last.wait_for()
    settled(page)


def test_views_are_kept_noted_ordered_and_taken_home(app_url: str, new_page: NewPage, tmp_path: Path) -> None:
    page = new_page(app_url)
    sentence = page.locator(".st-key-facts").get_by_text("unit 10 remembers longest").inner_text()
    keep(page)
    page.get_by_role("radio", name=GATES["copy"]).click()
    settled(page)
    keep(page)
    go_to(page, "Report")

    assert page.get_by_text(f"2 of at most {MOST_VIEWS} views").is_visible()
    cards = page.locator("[class*='st-key-kept_']")
    assert [card.get_by_text("Gates: ").inner_text().split("; ")[2] for card in cards.all()] == [
        "Gates: Learned",
        "Gates: Copy",
    ]
    assert cards.nth(0).get_by_text(sentence).is_visible()
    page.wait_for_function(DRAWN)

    cards.nth(0).get_by_role("textbox", name="Note").fill(NOTE)
    page.get_by_role("textbox", name="Title").fill("My report")
    page.get_by_role("textbox", name="Title").press("Enter")
    settled(page)
    cards.nth(1).get_by_role("button", name="Up").click()
    settled(page)
    assert "Gates: Copy" in cards.nth(0).inner_text()
    assert cards.nth(1).get_by_role("textbox", name="Note").input_value() == NOTE

    with page.expect_download() as downloading:
        page.get_by_role("button", name="Save the report").click()
    file = tmp_path / "report.html"
    downloading.value.save_as(file)
    offline = new_page()
    offline.goto(file.as_uri())
    assert offline.title() == "My report"
    offline.wait_for_function(DRAWN)
    sections = offline.locator("section")
    assert "Gates: Copy" in sections.nth(0).inner_text()
    assert sentence in sections.nth(1).inner_text()
    assert NOTE in sections.nth(1).locator(".note").inner_text()
    again = sections.nth(0).get_by_role("link", name="The same view in the app").get_attribute("href")
    assert again == f"{app_url}/?gates=copy"

    cards.nth(0).get_by_role("button", name="Remove").click()
    settled(page)
    assert len(cards.all()) == 1
