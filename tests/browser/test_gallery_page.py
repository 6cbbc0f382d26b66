"""The page Gallery as a person uses it: words typed, gates held, and what real models then say."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from gru_core import EXTREMES
from gru_core.gallery import GALLERY, read_model
from gru_core.gallery.walking import Walker, window
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, Picture, assert_shows, choose, query

SENTENCE = "这个门把手坏了"


def said(page: Page) -> Locator:
    """The pieces that the page says large."""
    return page.locator(".said:not(.small) .piece")


def words(page: Page) -> list[str]:
    """Those pieces, without what stands below each."""
    return said(page).evaluate_all("(pieces) => pieces.map((piece) => piece.firstChild.textContent)")


def opened(new_page: NewPage, app_url: str, address: str = "", **look: object) -> Page:
    page = new_page(f"{app_url}/gallery{address}", allow=(PROBED,), **look)
    Picture(page)
    return page


def type_in(page: Page, label: str, text: str) -> None:
    field = page.get_by_role("textbox", name=label)
    field.fill(text)
    field.press("Enter")
    settled(page)


def hold(page: Page, setting: str) -> None:
    page.get_by_role("radio", name=setting, exact=True).click()
    settled(page)


def test_a_sentence_typed_gives_its_words_and_the_gates_of_every_layer(
    app_url: str, new_page: NewPage
) -> None:
    page = opened(new_page, app_url)
    model = read_model("jieba")
    assert words(page) == [piece.text for piece in model.run(GALLERY["jieba"].given).said]
    type_in(page, "Chinese sentence", SENTENCE)
    run = model.run(SENTENCE)
    expect(said(page)).to_have_count(len(run.said))
    assert words(page) == ["这个", "门把手", "坏", "了"]
    assert query(page) == {"say": SENTENCE}
    picture = Picture(page)
    picture.wait_for_values(1, run.parts[0].traces[0].Z[0])
    assert_shows(picture, run.parts[0].traces[0])
    tip = picture.hover(1, 3, 2)
    assert tip[0][0] == "Step 2 (‘门’)"
    choose(page, "Layer", "layer 1 backward (right to left)")
    picture = Picture(page)
    picture.wait_for_values(1, run.parts[0].traces[3].Z[0])
    assert_shows(picture, run.parts[0].traces[3])


def test_an_example_needs_no_typing(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    page.get_by_role("button", name="Try").click()
    page.get_by_role("button", name="南京市长江大桥").click()
    expect(said(page)).to_have_count(2)
    assert words(page) == ["南京市", "长江大桥"]
    # What it was opened for is done, and it would lie over the words.
    expect(page.get_by_role("button", name="乒乓球拍卖完了")).to_have_count(0)


def test_held_gates_change_what_the_segmenter_says_beside_the_learned_words(
    app_url: str, new_page: NewPage
) -> None:
    page = opened(new_page, app_url, f"?say={SENTENCE}")
    top = Picture(page).stage.bounding_box()
    hold(page, "Z=1")
    assert words(page) == [SENTENCE]
    expect(page.locator(".said.small .piece")).to_have_text(
        ["这个pronoun", "门把手noun", "坏adjective", "了function word"]
    )
    picture = Picture(page)
    held = read_model("jieba").run(SENTENCE, EXTREMES["copy"]).parts[0].traces[0]
    picture.wait_for_values(1, held.Z[0])
    assert_shows(picture, held)
    now = picture.stage.bounding_box()
    assert top is not None
    assert now is not None
    # The picture stays where it is, so that eyes can stay on it.
    assert abs(now["y"] - top["y"]) <= 2
    hold(page, "Z=0, R=0")
    assert words(page) == ["这", "个", "门", "把", "手", "坏", "了"]
    assert page.locator(".said:not(.small) .piece.other").count() == 5


def test_a_word_typed_gives_its_phonemes_and_a_held_decoder_another_word(
    app_url: str, new_page: NewPage
) -> None:
    page = opened(new_page, app_url, "?real=g2p_en")
    type_in(page, "English word", "gating")
    expect(said(page)).to_have_count(5)
    assert words(page) == ["G", "EY1", "T", "IH0", "NG"]
    picture = Picture(page)
    (decoder,) = read_model("g2p_en").run("gating").part("decoder").traces
    picture.wait_for_values(1, decoder.Z[0])
    assert_shows(picture, decoder)
    hold(page, "Z=1")
    expect(said(page)).to_have_count(20)
    assert words(page) == ["G"] * 20
    expect(page.locator(".said.small")).to_contain_text("stopped after 20 phonemes")


def test_reactions_to_a_text(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url, "?real=reactionrnn")
    type_in(page, "Text in English", "Everyone loves autoplaying videos!")
    expect(said(page).first).to_contain_text("angry")
    assert said(page).all_text_contents() == ["angry86.7%", "wow13.3%"]


def test_the_phase_of_walking_follows_the_recording(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url, "?real=walking&rec=J_5km&from=60")
    walker = read_model("walking")
    assert isinstance(walker, Walker)
    run = walker.run(window(walker.recording("J_5km"), 6_000, 400))
    assert words(page) == [f"{run.said[0].value:.0f}%"]
    picture = Picture(page)
    assert_shows(picture, run.parts[0].traces[0])
    page.get_by_role("slider", name="From second").press("ArrowRight")
    settled(page)
    later = walker.run(window(walker.recording("J_5km"), 6_100, 400))
    Picture(page).wait_for_values(1, later.parts[0].traces[0].Z[0])
    assert words(page) == [f"{later.said[0].value:.0f}%"]
    assert query(page)["from"] == "61"


def test_a_class_opens_the_link(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    page.get_by_role("radio", name="Word to sound").click()
    settled(page)
    type_in(page, "English word", "photograph")
    hold(page, "Z=0, R=1")
    shown = words(page)
    picture = Picture(page)
    picture.click(0, 200, 1)
    settled(page)
    picture.press("ArrowRight")
    picture.wait_for(cursor=1)
    # 256 units on some forty pixels: which one is hit is for the browser to say.
    unit = picture.said("unit")
    page.wait_for_function("(unit) => location.search.includes(`at=1&row=${unit}`)", arg=unit)
    other = new_page(page.url, allow=(PROBED,))
    Picture(other).wait_for(cursor=1, unit=unit)
    assert words(other) == shown
    assert other.get_by_role("textbox", name="English word").input_value() == "photograph"


def test_it_opens_on_the_gates_page_with_the_same_numbers(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url, f"?say={SENTENCE}&hold=rnn")
    page.get_by_role("button", name="Open on the Gates page").click()
    page.wait_for_url(re.compile(r"model=gallery\.jieba\."))
    settled(page)
    picture = Picture(page)
    held = read_model("jieba").run(SENTENCE, EXTREMES["rnn"]).parts[0].traces[0]
    picture.wait_for_values(3, held.H[0])
    assert_shows(picture, held)
    assert np.abs(held.H).max() > 0.1


@pytest.mark.parametrize("address", ["", "?real=g2p_en&hold=rnn", "?real=reactionrnn", "?real=walking"])
def test_a_projector_shows_words_and_gates_at_once(address: str, app_url: str, new_page: NewPage) -> None:
    """What it says and the four maps with the answers below them, above the 768th line."""
    page = opened(new_page, app_url, address)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    box = Picture(page).stage.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768
    spoken = page.locator(".st-key-said").bounding_box()
    assert spoken is not None
    assert spoken["y"] + spoken["height"] <= box["y"]
    assert said(page).first.evaluate("(piece) => parseFloat(getComputedStyle(piece).fontSize)") >= 28
