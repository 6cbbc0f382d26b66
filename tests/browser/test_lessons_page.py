"""A lesson by keyboard, on a projector and on a telephone; a lesson of one's own, also a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gru_core import load_model, trace
from gru_core.demos import demo_path
from gru_core.lessons import LESSONS, LessonView, read_lesson, shipped_lesson
from gru_core.sequences.examples import demo_sequence
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, query, slider_at

FIRST = LESSONS[0]


def heading(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()


def press(page: Page, key: str) -> None:
    page.keyboard.press(key)
    settled(page)


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize(
    ("locale", "language", "width"),
    [("en-US", "en", 1366), ("zh-CN", "zh_Hans", 1366), ("zh-CN", "zh_Hans", 390)],
)
def test_a_whole_lesson_by_keyboard(
    locale: str, language: str, width: int, app_url: str, new_page: NewPage
) -> None:
    page = new_page(f"{app_url}/lessons?lesson={FIRST}", allow=(PROBED,), locale=locale, width=width)
    steps = shipped_lesson(FIRST, language).steps
    assert steps[0].title.isascii() == (language == "en")
    for number, step in enumerate(steps, start=1):
        heading(page, step.title)
        assert overflow(page) <= 0, step.title
        if number == 3:
            # Predict wrongly by its figure, then reveal: what is said is what the model has.
            press(page, "1")
            press(page, "Enter")
            units = load_model(demo_path("remember")).gru.hidden_size
            if language == "en":
                expect(page.locator(".st-key-lesson_answer")).to_contain_text("Not so")
            expect(page.locator(".st-key-lesson_answer")).to_contain_text(str(units))
            expect(page.locator(".st-key-lesson_reveal")).to_have_count(0)
        press(page, "ArrowRight")
    # There is nothing after the last step, and back is the step before.
    heading(page, steps[-1].title)
    press(page, "ArrowLeft")
    heading(page, steps[-2].title)
    assert query(page) == {"lesson": FIRST, "step": str(len(steps) - 1)}


def test_a_number_is_predicted_and_then_computed(app_url: str, new_page: NewPage) -> None:
    name = next(name for name in LESSONS if name.startswith("4-"))
    page = new_page(f"{app_url}/lessons?lesson={name}&step=4", allow=(PROBED,))
    expect(page.locator(".st-key-lesson_answer")).to_have_count(0)
    model = load_model(demo_path("brackets"))
    record = trace(model.gru, model.encoder.encode(demo_sequence(model)))[0]
    computed = float(record.H[0, 2, 5])
    assert f"{computed:.2f}" not in page.locator(".st-key-lesson_words").inner_text()
    page.get_by_role("spinbutton").fill(f"{computed - 0.01:.3f}")
    press(page, "Tab")
    page.get_by_role("button", name="Show the answer").click()
    settled(page)
    expect(page.locator(".st-key-lesson_answer")).to_contain_text("Right")
    expect(page.locator(".st-key-lesson_answer")).to_contain_text(f"{computed:.2f}")


def test_on_a_projector_there_is_nothing_but_the_lesson(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/lessons?lesson={FIRST}&step=2", allow=(PROBED,))
    small = words_height(page)
    page.get_by_role("button", name="Projector").click()
    settled(page)
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page.get_by_role("button", name="Try it")).to_have_count(0)
    expect(page.get_by_role("button", name="All lessons")).to_have_count(0)
    assert words_height(page) > 1.1 * small
    # What a presenter's remote sends.
    press(page, "PageDown")
    heading(page, shipped_lesson(FIRST).steps[2].title)
    # The link opens the same step in the same way.
    again = new_page(page.url, allow=(PROBED,))
    heading(again, shipped_lesson(FIRST).steps[2].title)
    expect(again.get_by_test_id("stHeader")).to_be_hidden()
    press(page, "Escape")
    expect(page.get_by_test_id("stHeader")).to_be_visible()
    heading(page, shipped_lesson(FIRST).steps[2].title)


def words_height(page: Page) -> float:
    """The size of the words' letters in pixels."""
    return page.locator(".st-key-lesson_words p").first.evaluate(
        "(node) => parseFloat(getComputedStyle(node).fontSize)"
    )


@pytest.mark.parametrize("name", [LESSONS[1], LESSONS[4]])
def test_a_lesson_fits_a_telephone(name: str, app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/lessons", width=390, height=844, allow=(PROBED,))
    assert overflow(page) <= 0
    lesson = shipped_lesson(name)
    page.get_by_role("button", name=f"· {lesson.title}").click()
    settled(page)
    for step in lesson.steps:
        heading(page, step.title)
        assert overflow(page) <= 0, step.title
        if step is not lesson.steps[-1]:
            page.get_by_role("button", name="Next").click()
            settled(page)


GOOD = """title = "Mine <b>own</b>"
summary = "S"
minutes = 1
[[steps]]
title = "Only step"
words = "The gate keeps {{much}}."
[steps.view]
picture = "gates"
model = "parity"
[steps.numbers]
much = {measure = "highest", of = "Z", under = "copy", shown = "percent"}
[[steps.claims]]
says = "keeps"
measure = "mean"
of = "Z"
above = 0.9
"""


def test_a_lesson_of_ones_own(app_url: str, new_page: NewPage, tmp_path: Path) -> None:
    page = new_page(f"{app_url}/lessons?model=parity&gates=copy&t=3", allow=(PROBED,))
    page.get_by_text("Write a lesson of your own").click()
    settled(page)
    # What is offered to be copied is the view of now, and can be read.
    copied = page.locator(".st-key-own_lessons [data-testid=stCode]").inner_text()
    offered = read_lesson('title = "T"\nsummary = "S"\nminutes = 1\n' + copied).steps[0].view
    assert offered == LessonView("gates", "parity", gates="copy", step=3)

    chooser = page.locator("input[type=file]")
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace('picture = "gates"', 'picture = "gats"'))
    chooser.set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text(
        "mine.toml cannot be read. Line 8: picture must be one of"
    )
    expect(page.get_by_role("alert")).to_contain_text("'gats' (did you mean gates?)")

    page.get_by_role("button", name="Remove mine.toml").click()
    settled(page)
    file = tmp_path / "better.toml"
    file.write_text(GOOD)
    page.locator("input[type=file]").set_input_files(file)
    expect(
        page.get_by_text("Line 14: The lesson says 'keeps', so that mean is above 0.9, but")
    ).to_be_visible()
    page.get_by_role("button", name="Start it").click()
    settled(page)
    heading(page, "Only step")
    expect(page.locator(".st-key-lesson_words")).to_contain_text("The gate keeps 100%.")
    expect(page.locator(".st-key-lesson_bar")).to_contain_text("Mine <b>own</b>")
    # Who has the link has the lesson.
    again = new_page(page.url, allow=(PROBED,))
    heading(again, "Only step")


def test_a_step_is_tried_on_the_real_page(app_url: str, new_page: NewPage) -> None:
    name = next(name for name in LESSONS if name.startswith("2-"))
    page = new_page(f"{app_url}/lessons?lesson={name}&step=4", allow=(PROBED,))
    page.get_by_role("button", name="Try it").click()
    settled(page)
    assert query(page).items() >= {"model": "brackets", "gates": "custom", "r": "0", "rmix": "1"}.items()
    assert slider_at(page, "R value") == 0
    page.get_by_role("link", name="Lessons").click()
    settled(page)
    heading(page, shipped_lesson(name).steps[3].title)
