"""The live cell on a page: what a hand changes is computed there, told to the server, and ordered by it."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import expect

from gru_core.edits import apply_edits, read_edits
from gru_core.trace import GateTrace, trace
from tests.browser.apps.cell_data import Example, example
from tests.browser.cell_picture import APP, TRACED, CellPicture
from tests.browser.conftest import NewPage, Serve
from tests.support.pages import settled

CLOSE = 1e-5


def under(made: Example, text: str) -> GateTrace:
    """What gru_core gives for the example under the edits of a link."""
    found = apply_edits(made.gru, made.x, made.h0, read_edits(text), overrides=made.overrides)
    return trace(found.gru, found.x, found.h0, found.overrides)[0]


def agrees(picture: CellPicture, expected: GateTrace) -> bool:
    """Whether every array of the browser is the trace's."""
    return all(
        np.abs(picture.numbers(name, expected.steps) - getattr(expected, field)[0]).max() < CLOSE
        for field, name in TRACED.items()
    )


def test_a_link_a_hand_and_the_page_all_give_the_cores_numbers(serve: Serve, new_page: NewPage) -> None:
    link, hand = "whh_4_0_1.5~s5_1", "Z2_9_1.3_0.75"
    page = new_page(serve(APP, HELD="blended", EDITS=link, STEP="4", UNIT="2"))
    picture, made = CellPicture(page), example(held="blended")
    assert picture.ask("apart()") < CLOSE
    assert agrees(picture, under(made, link))
    assert not agrees(picture, under(made, "")), "the changes of the link are there"
    picture.event(f"4 2 box - {link}")

    edit = "{ kind: 'gate', gate: 'Z', steps: [2, 9], units: [1, 3], value: %s }, 'drag'"
    assert picture.ask(f"edit({edit % 0.1})") is True
    assert picture.ask(f"edit({edit % 0.75})") is True
    assert agrees(picture, under(made, f"{link}~{hand}"))
    picture.event(f"4 2 box - {link}~{hand}")
    assert picture.ask("undo()") is True
    assert agrees(picture, under(made, link))
    picture.event(f"4 2 box - {link}")
    picture.ask("redo()")
    picture.event(f"4 2 box - {link}~{hand}")

    page.get_by_role("button", name="step to 3").click()
    picture.event(f"3 2 box - {link}~{hand}")
    picture.has(step=3, edits=f"{link}~{hand}")
    page.get_by_role("button", name="hold Z").click()
    picture.event("3 2 box - Z2_9_0.2_1")
    assert agrees(picture, under(made, "Z2_9_0.2_1"))

    # Another function with the same changes; then the cell is taken down and put up again.
    page.get_by_text("the other reset mode").click()
    settled(page)
    picture.has(edits="Z2_9_0.2_1", ready="true")
    expect(picture.root).not_to_have_attribute("data-revision", "1")
    assert agrees(picture, under(example(mode="after", held="blended"), "Z2_9_0.2_1"))
    page.get_by_text("take the cell away").click()
    expect(picture.root).to_have_count(0)
    page.get_by_text("take the cell away").click()
    picture = CellPicture(page)
    assert agrees(picture, under(example(mode="after", held="blended"), "Z2_9_0.2_1"))
    assert picture.ask("clear()") is True
    picture.event("3 2 box - -")
    assert agrees(picture, example(mode="after", held="blended").trace)


def test_a_link_with_nonsense_is_refused_in_words(serve: Serve, new_page: NewPage) -> None:
    page = new_page(serve(APP, EDITS="Z0_99_a_1"))
    expect(page.get_by_text("refused The change 'Z0_99_a_1'")).to_be_visible()
    expect(page.locator(".cell")).to_have_count(0)
