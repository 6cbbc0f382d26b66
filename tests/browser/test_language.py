"""Chinese in a real browser: chosen by it, switched, kept in the link, and nothing left in English."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.cell_picture import CellPicture
from tests.browser.conftest import NewPage
from tests.browser.test_looks import BOXES, SIZES, TEXTS
from tests.support.pages import settled
from tests.support.screen import PROBED, Picture, query

PAGES = {
    "gates": "",
    "gates with sliders": "?model=elnino&gates=custom&z=0.5&zmix=1",
    "cell": "cell?model=parity&t=3&unit=2&edits=Z3_2_5_0",
    "cell, its arithmetic": "cell?t=7&unit=3&depth=arithmetic&lit=H_tilde",
    "extremes": "extremes?model=adding&gates=custom&z=0.5&zmix=1",
    "space": "space?model=flipflop&gates=input_only&t=9&pathcolour=time",
    "lessons": "lessons",
    "memory": "memory?model=brackets&t=12&ledgerunits=1-3",
    "puzzles": "puzzles?puzzle=only_one&puzzler=lx3_1&puzzlez=1x3_0_0.5x4",
    "square": "square?model=parity&t=3&picked=1,2&behind=score",
    "gallery": "gallery",
    "gallery, a signal": "gallery?real=walking",
    "find": "find?model=elnino&find=Z&begin=20&end=24",
    "saturation": "saturation?model=letters&unit=3",
    "phase": "phase?model=two_units&gates=custom&z=0.9&zmix=1&units=1&reads=numbers&letgo=0.5,0.9",
    "phase, for another model": "phase?model=parity",
    "train": "train",
    "race": "race",
    "gradients": "gradients?model=adding&gates=copy&flow=answer&flowto=cursor&t=9",
    "ripple": "ripple?model=elnino&t=20",
    "ripple, connectivity": "ripple?ripple=connectivity&gates=copy",
    "compare": "compare?against=other",
    "your_data": "your_data?model=adding",
    "a link that does not fit": "?seq=data.abcdefghijklmnopqrstuv",
}

NAMES = """
    GateScope English GRU RNN LSTM tanh max PyTorch torch Python NPZ CSV TSV JSON NPY Parquet HTML PNG SVG
    TOML Hip vel rad Esc Shift Home End CRF jieba MIT LAC Apache nn km ms kB MB xr xz xh hr hz hh
    check school edit_note temperature
"""
"""Latin words that are names, keys, units, indices of weights, columns of data, and icons in the text."""

FILES = re.compile(r"\S*\w[/_.-]\w\S*|\b[a-z]+\.$")
"""Names of files and packages."""


def in_language(page: Page, tag: str) -> None:
    """Return once the page says that it is in this language."""
    page.locator(f"html[lang={tag}]").wait_for(state="attached", timeout=15_000)


def chinese(new_page: NewPage, url: str, size: str = "projector", scheme: str = "light") -> Page:
    width, height = SIZES[size]
    page = new_page(url, scheme=scheme, width=width, height=height, locale="zh-CN", allow=(PROBED,))
    in_language(page, "zh-Hans")
    return page


def test_the_browser_chooses_a_button_switches_and_the_link_keeps_it(app_url: str, new_page: NewPage) -> None:
    page = chinese(new_page, app_url)
    assert page.get_by_role("navigation").get_by_role("link", name="门控").is_visible()
    picture = Picture(page)
    picture.root.get_by_text("个单元中有").first.wait_for()
    assert query(page) == {}

    page.get_by_role("button", name="English").click()
    in_language(page, "en")
    settled(page)
    assert page.get_by_role("navigation").get_by_role("link", name="Gates").is_visible()
    picture.root.get_by_text("units keep over 90%").first.wait_for()
    assert query(page) == {"lang": "en"}

    page.get_by_role("navigation").get_by_role("link", name="Extremes").click()
    settled(page)
    assert query(page) == {"lang": "en"}, "the language goes with the person from page to page"
    page.reload()
    settled(page)
    assert page.get_by_role("navigation").get_by_role("link", name="Extremes").is_visible()

    page.get_by_role("button", name="中文").click()
    in_language(page, "zh-Hans")
    settled(page)
    assert query(page) == {}
    assert page.get_by_text("把门推到极端，GRU 会变成什么？").is_visible()

    other = new_page(f"{app_url}/?lang=zh", allow=(PROBED,))
    in_language(other, "zh-Hans")
    assert other.get_by_role("navigation").get_by_role("link", name="门控").is_visible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_in_chinese_and_fits(name: str, size: str, app_url: str, new_page: NewPage) -> None:
    width, _ = SIZES[size]
    allowed, wrong = set(NAMES.split()), []
    page = chinese(new_page, f"{app_url}/{PAGES[name]}", size, "dark" if size == "phone" else "light")
    if name.startswith("cell"):
        CellPicture(page)
    elif name.startswith(("gates", "extremes", "gallery")):
        Picture(page)
    texts = page.evaluate(TEXTS)
    assert len(texts) > 5
    for text in texts:
        words = re.findall(r"[A-Za-z]{2,}", FILES.sub("", text["text"]))
        left = [word for word in words if word not in allowed]
        if left:
            wrong.append(f"English words {left} in {text['text']!r}")
        if text["left"] < -1 or text["right"] > width + 1:
            wrong.append(f"cut off at {text['left']:.0f}-{text['right']:.0f}: {text['text']!r}")
    wrong += [
        f"{one!r} and {other!r} overlap by {wide} x {high}" for one, other, wide, high in page.evaluate(BOXES)
    ]
    assert not wrong, "\n".join(wrong)
