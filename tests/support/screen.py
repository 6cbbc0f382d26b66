"""What a page of the app shows, read from the screen, and the controls that a person would use."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import torch
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

from gru_core import load_model, trace
from gru_core.demos import demo_path
from gru_core.model import SequenceModel
from gru_core.overrides import GateOverride
from gru_core.sequences import Sequence as Steps
from gru_core.sequences.examples import demo_sequence
from gru_core.symbols import TRACED
from gru_core.trace import GateTrace
from gru_ui import navigation
from gru_ui.texts import catalogue
from tests.support.pages import settled

GATES = {
    "learned": "Learned",
    "rnn": "RNN",
    "input_only": "Only input",
    "copy": "Copy",
    "custom": "Free",
    "painted": "Painted",
}
"""The words on the buttons of the gate settings."""

TOP_16, TOP_8 = 65535, 255
"""The largest whole numbers that a picture's values travel as."""

SECTIONS = {
    catalogue()[f"app.section_{name}"]: tuple(catalogue()[f"app.{page.name}"] for page in pages)
    for name, pages in navigation.SECTIONS.items()
    if name
}
"""The pages that stand in a list of the menu, by the list's name; the others stand in its bar."""

PROBED = r"_stcore/(health|host-config)\)"
"""Streamlit looks for its server under the page's own address first; the browser logs that as an error."""


class Picture:
    """The live heatmaps of a page: their numbers, places and state, and the keys that move them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".gatescope")
        self.stage = self.root.locator(".stage")
        page.locator(".gatescope[data-revision]:not([data-revision='0'])").wait_for()

    def said(self, name: str) -> str:
        """What the picture says of itself: cursor, unit, order, window, revision, bin, theme, playing."""
        return self.root.get_attribute(f"data-{name}") or ""

    @property
    def cursor(self) -> int:
        return int(self.said("cursor"))

    @property
    def revision(self) -> int:
        return int(self.said("revision"))

    def values(self, panel: int, steps: int, units: int) -> NDArray[np.float64]:
        """(steps, units) the numbers that a panel shows."""
        rows = self.root.evaluate(
            """(node, [panel, steps, units]) => Array.from({ length: steps }, (_, step) =>
                Array.from({ length: units }, (_, unit) => node.gatescope.valueAt(panel, unit, step)))""",
            [panel, steps, units],
        )
        return np.array(rows)

    def place(self, panel: int, unit: int, step: int) -> tuple[float, float]:
        """The middle of a cell in the window, in pixels, once the page is scrolled so that it can be seen."""
        x, y = self.root.evaluate(
            """async (node, [panel, unit, step]) => {
                const stage = node.querySelector(".stage");
                const top = () => stage.getBoundingClientRect().top;
                // What is above may still be growing.
                for (let before = NaN; before !== top(); ) {
                    before = top();
                    await new Promise((resolve) => setTimeout(resolve, 80));
                }
                const { x, y } = node.gatescope.cellAt(panel, unit, step);
                const seen = top() + y;
                if (seen < 80 || seen > innerHeight - 20) {
                    document.querySelector("[data-testid=stMain]").scrollBy(0, seen - innerHeight / 2);
                }
                const box = stage.getBoundingClientRect();
                return [box.left + x, box.top + y];
            }""",
            [panel, unit, step],
        )
        return float(x), float(y)

    def hover(self, panel: int, unit: int, step: int) -> list[tuple[str, str]]:
        """The lines of the tooltip over a cell: (name, number), "" for a line without one."""
        self.page.mouse.move(*self.place(panel, unit, step))
        tip = self.root.locator(".tooltip")
        tip.get_by_text(f"Step {step} (").or_(tip.get_by_text(f"Step {step}", exact=True)).wait_for()
        lines = tip.evaluate(
            """(tip) => [...tip.children].map((row) => [
                row.querySelector(".name").textContent, row.querySelector(".value")?.textContent ?? ""])"""
        )
        return [(name, value.replace("−", "-")) for name, value in lines]

    def click(self, panel: int, unit: int, step: int) -> None:
        self.page.mouse.click(*self.place(panel, unit, step))

    def press(self, *keys: str) -> None:
        """Keys, typed while the picture has the focus."""
        self.stage.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def wait_for(self, **said: object) -> None:
        """Return once the picture says so: `wait_for(cursor=3, order="similarity")`."""
        wanted = "".join(f"[data-{name}='{value}']" for name, value in said.items())
        self.page.locator(f".gatescope{wanted}").wait_for(timeout=15_000)

    def wait_for_values(self, panel: int, values: NDArray[np.floating]) -> None:
        """Return once a panel shows these numbers (steps, units), read at a few cells."""
        steps, units = values.shape
        cells = [(t, u) for t in (0, steps // 2, steps - 1) for u in (0, units // 2, units - 1)]
        self.page.wait_for_function(
            """([panel, cells, wide]) => {
                const find = (root) => {
                    for (const node of root.querySelectorAll("*")) {
                        if (node.gatescope) return node.gatescope;
                        const inside = node.shadowRoot && find(node.shadowRoot);
                        if (inside) return inside;
                    }
                    return null;
                };
                const hook = find(document);
                if (!hook) return false;
                return cells.every(([t, u, v]) => Math.abs(hook.valueAt(panel, u, t) - v) < wide);
            }""",
            arg=[panel, [[t, u, float(values[t, u])] for t, u in cells], 0.005],
            timeout=15_000,
        )


def grain(steps: int, units: int, panels: int = 4) -> float:
    """How far a shown number in a range of length 1 may be from the computed one: half a step of the wire."""
    top = TOP_16 if steps * units * panels <= 2**18 else TOP_8
    return 0.5 / top + 1e-6


def assert_shows(picture: Picture, expected: GateTrace) -> None:
    """The four panels show R, Z, H~ and H of a trace, to the last digit that travels."""
    near = grain(expected.steps, expected.units)
    picture.wait_for_values(3, expected.H[0])
    for panel, symbol in enumerate(TRACED):
        low, high = {"gate": (0.0, 1.0), "state": (-1.0, 1.0)}[symbol.scale]
        shown = picture.values(panel, expected.steps, expected.units)
        computed = getattr(expected, symbol.name)[0]
        np.testing.assert_allclose(shown, computed, atol=near * (high - low), rtol=0, err_msg=symbol.name)


def demo(name: str = "remember", example: int = 0) -> tuple[SequenceModel, Steps, NDArray[np.float32]]:
    """A demo model, one of its examples and what the GRU reads, from the files and without the app."""
    model = load_model(demo_path(name))
    sequence = demo_sequence(model, example)
    return model, sequence, model.encoder.encode(sequence)


def demo_trace(name: str = "remember", example: int = 0, overrides: Sequence[GateOverride] = ()) -> GateTrace:
    """The trace of a demo model on one of its examples."""
    model, _, x = demo(name, example)
    return trace(model.gru, x, overrides=tuple(overrides))[0]


def choose_gates(page: Page, setting: str) -> None:
    """Click a gate setting and wait until the page has followed."""
    page.get_by_role("radiogroup", name="Gates").get_by_role("radio", name=GATES[setting], exact=True).click()
    settled(page)


def gates_chosen(page: Page) -> str:
    """The gate setting that is pressed."""
    group = page.get_by_role("radiogroup", name="Gates")
    words = group.get_by_role("radio", checked=True).inner_text().strip()
    return next(setting for setting, label in GATES.items() if label == words)


def _open(page: Page, label: str) -> None:
    """Open a select box; it closes by itself while the page scrolls."""
    box = page.get_by_role("combobox", name=label, exact=True)
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(100)
    box.click()
    page.get_by_role("option").first.wait_for()


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a select box and wait until the page has followed."""
    _open(page, label)
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def chosen(page: Page, label: str) -> str:
    """What a select box shows."""
    return page.get_by_role("combobox", name=label, exact=True).input_value()


def options(page: Page, label: str) -> list[str]:
    """What a select box offers."""
    _open(page, label)
    found = page.get_by_role("option").all_inner_texts()
    page.keyboard.press("Escape")
    return found


def go_to(page: Page, title: str) -> None:
    """Switch to another page of the app by its menu."""
    menu = page.get_by_role("navigation", name="App pages")
    section = next((name for name, pages in SECTIONS.items() if title in pages), "")
    if section:
        menu.get_by_text(section, exact=True).click()
        page.get_by_role("menuitem", name=title, exact=True).click()
    else:
        menu.get_by_role("link", name=title).click()
    settled(page)


def query(page: Page) -> dict[str, str]:
    """What the address says after the question mark."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def answer(page: Page) -> Locator:
    """The line with the task, the verdict and the answer."""
    return page.locator(".st-key-answer")


def complaints(page: Page) -> list[str]:
    """The sentences in red and yellow boxes."""
    return page.get_by_role("alert").all_inner_texts()


def tab(page: Page, title: str) -> None:
    """Open a tab of the page Your data."""
    page.get_by_role("tab", name=title, exact=True).click()


def paste(page: Page, text: str) -> None:
    """Paste text on the page Your data."""
    box = page.get_by_role("textbox", name="Text, or numbers")
    box.fill(text)
    box.press("Control+Enter")
    settled(page)


def upload(page: Page, kind: str, file: Any) -> None:
    """Choose a file; `kind` is "sequence" or "model", `file` a path or name, mimeType and buffer."""
    tab(page, f"Upload a {kind}")
    page.locator(f".st-key-{kind}_file input[type=file]").set_input_files(file)
    settled(page)


def file(name: str, content: str | bytes) -> dict[str, object]:
    """A file for `upload` that is nowhere on the disk."""
    data = content.encode() if isinstance(content, str) else content
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def saved(state: object) -> bytes:
    """What torch.save writes."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def use(page: Page, name: str = "Use this sequence") -> None:
    """Press the button that takes what was brought."""
    page.get_by_role("button", name=name).click()
    settled(page)


def drag_slider(page: Page, label: str, value: float) -> None:
    """Drag the thumb of a slider over [0, 1] to a value, and wait until the page has followed."""
    thumb = page.get_by_role("group", name=label, exact=True).locator("div[data-rac]:has(> div > input)").last
    thumb.scroll_into_view_if_needed()
    box, track = thumb.bounding_box(), thumb.locator("xpath=..").bounding_box()
    assert box is not None
    assert track is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] * value, y, steps=6)
    page.mouse.up()
    settled(page)


def slider_at(page: Page, label: str) -> float:
    """Where a slider stands."""
    return float(page.get_by_role("slider", name=label).input_value())


def fill_in(page: Page, label: str, text: str) -> None:
    """Type into a text field, press Enter and wait until the page has followed."""
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(text)
    field.press("Enter")
    settled(page)
