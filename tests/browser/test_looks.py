"""Light and dark, projector and phone: nothing cut off, nothing overlapping, text that can be read."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from gru_ui.navigation import VIEWS
from tests.browser.cell_picture import CellPicture
from tests.browser.conftest import NewPage
from tests.support.accessible import use_scheme
from tests.support.pages import settled
from tests.support.screen import PROBED, Picture, complaints, paste

SIZES = {"projector": (1366, 768), "phone": (390, 844)}
PAGES = {
    "gates": "?gates=rnn&t=3&unit=4",
    "gates with sliders": "?model=elnino&gates=custom&z=0.5&zmix=1",
    "cell": "cell?t=3&unit=5&edits=Z3_4_5_0",
    "cell, its arithmetic": "cell?t=7&unit=3&model=elnino&depth=arithmetic&lit=H_tilde",
    "cell, a box": "cell?model=adding&depth=box",
    "extremes": "extremes?gates=custom&z=0.5&zmix=1",
    "gates, painted": "?model=adding&seq=example.1&gates=painted&paintz=lx5_1x2_0&paintr=0x3",
    "memory": "memory?model=brackets&t=12&ledgerunits=1-3",
    "memory, contents": "memory?model=elnino&ledger=content",
    "space": "space?model=flipflop&gates=rnn&t=9&pathcolour=answer&held=mean",
    "puzzles": "puzzles?puzzle=only_one&puzzler=lx3_1&puzzlez=1x3_0_0.5x4",
    "square": "square?model=brackets&t=8&picked=1-3&unit=2",
    "square, an extreme": "square?gates=rnn&t=4&behind=score",
    "gallery": "gallery?hold=input_only&part=3",
    "gallery, a word": "gallery?real=g2p_en&hold=copy",
    "gallery, a signal": "gallery?real=walking",
    "gradients": "gradients?model=parity&gates=rnn&flow=answer&flowto=cursor&t=12",
    "ripple": "ripple?t=5&nudge=nudge",
    "ripple, connectivity": "ripple?ripple=connectivity&model=adding",
    "find": "find?model=letters&layer=1&begin=55&end=61&with=7",
    "compare": "compare?against=sequence&offset=2&t=4",
    "your_data": "your_data?model=adding",
    "saturation": "saturation?model=letters&unit=3&layer=1",
    "saturation, the square": "saturation?saturation=square&unit=3",
    "phase": "phase?model=bistable&reads=zero&letgo=0.5,0.9%7C-0.2,-0.7&t=7",
    "phase, held": "phase?model=two_units&gates=custom&z=0.9&zmix=1&r=0.3&rmix=1&units=1&reads=numbers",
    "train": "train?length=5&updates=40&hidden=8",
    "race": "race?length=5&updates=40&hidden=8",
}

# What shows a training, and where.
TRAININGS = {"train": ".film.picture", "race": ".race.picture"}

# Text nodes as a person sees them: with their box, colour and the surface behind, shadow roots included.
TEXTS = """() => {
  const parse = (colour) => {
    const found = colour.match(/[\\d.]+/g).map(Number);
    return colour.startsWith("color(srgb") ? [...found.slice(0, 3).map((part) => part * 255), found[3] ?? 1]
                                           : [...found.slice(0, 3), found[3] ?? 1];
  };
  const over = (top, below) => below.map((part, at) => top[at] * top[3] + part * (1 - top[3]));
  const parent = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const surface = (node) => {
    const layers = [];
    for (let at = node; at; at = parent(at)) layers.unshift(parse(getComputedStyle(at).backgroundColor));
    return layers.reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const drawn = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };
  const seen = (node) => {
    const drawer = node.closest("[data-testid=stSidebar]");
    if (!node.checkVisibility(drawn) || (drawer && drawer.getBoundingClientRect().right <= 0)) return false;
    for (let at = node; at; at = parent(at)) {
      const style = getComputedStyle(at);
      if (style.clipPath !== "none" || style.clip !== "auto") return false;
    }
    return true;
  };
  const luminance = ([r, g, b]) => [r, g, b]
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const found = [];
  const visit = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.ELEMENT_NODE) {
        if (node.shadowRoot) visit(node.shadowRoot);
        continue;
      }
      const text = node.textContent.trim();
      const owner = node.parentElement;
      const silent = ["STYLE", "SCRIPT", "OPTION", "NOSCRIPT"];
      if (!text || !owner || silent.includes(owner.tagName) || !seen(owner)) continue;
      if (owner.closest(".katex, [data-testid=stDataFrame], [data-testid=stIconMaterial], canvas")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width < 1 || box.height < 1) continue;
      let alpha = 1;
      for (let at = owner; at; at = parent(at)) alpha *= Number(getComputedStyle(at).opacity);
      // A slider's number stands above its thumb, inside it only in the tree.
      const behind = surface(owner.closest("[data-testid=stSlider]") ?? owner);
      const ink = parse(getComputedStyle(owner).color);
      const shown = over([...ink.slice(0, 3), ink[3] * alpha], behind);
      const [light, dark] = [luminance(shown), luminance(behind)].sort((a, b) => b - a);
      const off = owner.closest("[disabled], [aria-disabled=true]") !== null;
      found.push({ text: text.slice(0, 60), off, contrast: (light + 0.05) / (dark + 0.05),
                   left: box.left, right: box.right, top: box.top, bottom: box.bottom });
    }
  };
  visit(document.body);
  return found;
}"""

# Things to press or to read that must not lie on each other.
BOXES = """() => {
  const wanted = "button, select, input:not([type=range]):not([type=file]), textarea, label, h1, h2, h3, "
    + "[role=radio], [data-testid=stText], [data-testid=stCaptionContainer], .sentence, .stage, dt, dd";
  const drawn = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };
  const found = [];
  const visit = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) visit(node.shadowRoot);
      if (!node.matches(wanted) || !node.checkVisibility(drawn)) continue;
      if (node.closest(".unseen, [data-testid=stDataFrame], .tooltip, .close, [style*='clip']")) continue;
      const box = node.getBoundingClientRect();
      if (box.width < 3 || box.height < 3 || getComputedStyle(node).clipPath !== "none") continue;
      const name = `${node.tagName} ${(node.ariaLabel ?? node.textContent).trim().slice(0, 40)}`;
      found.push({ node, name, box });
    }
  };
  visit(document.body);
  const within = (one, other) => {
    for (let at = other; at; at = at.parentElement ?? at.getRootNode().host) if (at === one) return true;
    return false;
  };
  const overlaps = [];
  for (let i = 0; i < found.length; i += 1) for (let j = i + 1; j < found.length; j += 1) {
    const [one, other] = [found[i], found[j]];
    if (within(one.node, other.node) || within(other.node, one.node)) continue;
    const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
    const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
    if (wide > 2 && high > 2) overlaps.push([one.name, other.name, Math.round(wide), Math.round(high)]);
  }
  return overlaps;
}"""


def opened(new_page: NewPage, url: str, scheme: str, size: str) -> Page:
    width, height = SIZES[size]
    page = new_page(url, scheme=scheme, width=width, height=height, allow=(PROBED,))
    if "your_data" in url:
        paste(page, "value,mark,extra\n" + "\n".join(f"0.{step},{step % 2},{step}" for step in range(10)))
        page.get_by_role("button", name="Use this sequence").wait_for()
    elif "length=" in url:
        page.get_by_role("button", name="Train", exact=True).or_(
            page.get_by_role("button", name="Race", exact=True)
        ).click()
        page.get_by_role("button", name="again").wait_for(timeout=60_000)
        page.locator(".picture .stage").first.wait_for()
    elif "puzzles" in url:
        page.get_by_role("button", name="Check").press("Enter")
        page.locator(".st-key-verdict").wait_for()
        page.get_by_test_id("stMain").evaluate("(node) => node.scrollTo(0, 0)")
    elif "/memory?" in url:
        page.locator(".ledger[data-revision]:not([data-revision='0'])").wait_for()
    elif "/cell?" in url:
        CellPicture(page)
    elif urlsplit(url).path.strip("/") in VIEWS:
        page.locator(".picture, [data-testid=stPlotlyChart] .main-svg").first.wait_for()
    else:
        Picture(page)
    settled(page)
    return page


@pytest.mark.parametrize(
    ("size", "schemes"), [("projector", ("light", "dark")), ("phone", ("dark", "light"))]
)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_fits_and_can_be_read(
    name: str, size: str, schemes: tuple[str, str], app_url: str, new_page: NewPage
) -> None:
    """In the scheme it is opened in and in the one it then changes to, as its pictures must too.

    `new_page` also fails for an error in the browser's console.
    """
    wrong: list[str] = []
    page = opened(new_page, f"{app_url}/{PAGES[name]}", schemes[0], size)
    assert complaints(page) == []
    for scheme in schemes:
        use_scheme(page, scheme)
        wrong += [f"{scheme}: {fault}" for fault in faults(page, scheme)]
    assert not wrong, "\n".join(wrong)
    if size == "projector" and name in TRAININGS:
        assert_shows_a_training_at_once(page, TRAININGS[name])


def faults(page: Page, scheme: str) -> list[str]:
    """What is cut off, faint, overlapping, or in the other scheme."""
    assert page.viewport_size is not None
    width = page.viewport_size["width"]
    scrolls = page.evaluate(
        """() => [document.scrollingElement, document.querySelector("[data-testid=stMain]")]
            .map((node) => node.scrollWidth - node.clientWidth)"""
    )
    wrong = [f"{max(scrolls)} pixels to scroll sideways"] if max(scrolls) > 0 else []
    texts = page.evaluate(TEXTS)
    assert len(texts) > 15
    for text in texts:
        if text["left"] < -1 or text["right"] > width + 1:
            wrong.append(f"cut off at {text['left']:.0f} to {text['right']:.0f}: {text['text']!r}")
        if text["contrast"] < 4.5 and not text["off"]:
            wrong.append(f"contrast {text['contrast']:.2f} of {text['text']!r}")
    wrong += [
        f"{one!r} and {other!r} overlap by {wide} x {high}" for one, other, wide, high in page.evaluate(BOXES)
    ]
    background = page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    )
    is_dark = sum(map(int, background.strip("rgb()").split(",")[:3])) < 3 * 128
    assert is_dark == (scheme == "dark")
    return wrong


def assert_shows_a_training_at_once(page: Page, shown: str) -> None:
    """Controls, how it stands, and most of its picture above the 768th line."""
    box = page.locator(shown).bounding_box()
    assert box is not None
    assert box["y"] <= 300
    assert box["height"] >= 400
    stage = page.locator(f"{shown} .stage").bounding_box()
    assert stage is not None
    assert stage["y"] + stage["height"] <= 768


def test_a_projector_shows_all_of_it_at_once(app_url: str, new_page: NewPage) -> None:
    """The four maps, the answers under them, the verdict and the controls, above the 768th line."""
    page = new_page(app_url)
    picture = Picture(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    bottom = picture.stage.bounding_box()
    assert bottom["y"] + bottom["height"] <= 768
    above = (page.locator(".st-key-answer"), page.locator(".st-key-frame"), picture.root.locator(".toolbar"))
    for locator in above:
        box = locator.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= bottom["y"] + 1
    panels = "(node) => node.gatescope.layout().panels.map(({ height }) => height)"
    heights = picture.root.evaluate(panels)
    assert len(heights) == 4
    assert min(heights) >= 56
