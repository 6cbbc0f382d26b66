"""From a click on a gate setting to the new picture, on the real page of the real server, in a real browser.

Models and sequences are made here, saved as files and uploaded as a person would. Two kinds of clicks are
timed. *Seen*: among settings that were shown before, so that the server has the traces, and the browser, for
a while, the picture's bytes. *New*: a setting of this sequence for the first time, so that the trace, the
answers, the sentences and the picture are all made between the click and the paint.

    python -m benchmarks.bench_page
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright
from torch import nn

from gru_core import GRU
from gru_core.formats.gatescope import save_model
from gru_core.model import ModelCard, SequenceModel
from gru_core.sequences.encoders import NumberEncoder
from gru_ui.components.payload import MAX_COLUMNS
from tests.support.browser import launch_arguments, require_browser
from tests.support.pages import settled
from tests.support.server import running

SIZES = ((128, 200, 100.0), (512, 1000, 200.0), (256, 1000, None), (256, 10_000, None))
"""Units, steps, and the milliseconds that half of the clicks may take at most (None: only stated)."""

INPUTS, ANSWERS = 8, 4
SEQUENCES = 6
"""Each gives three new clicks: RNN, Only input, Copy."""

SEEN = ("Learned", "RNN", "Only input", "Copy")
ROUNDS = 5
PAUSE_MS = 400
OPENINGS = 5
FIRST_PICTURE_MS = 3000.0

# Finds the picture, whose root lies in a shadow tree.
FIND = """window.findPicture = (root = document) => {
  for (const node of root.querySelectorAll("*")) {
    if (node.classList.contains("gatescope") && node.dataset.revision > 0) return node;
    const inside = node.shadowRoot && window.findPicture(node.shadowRoot);
    if (inside) return inside;
  }
  return null;
};"""

# When the first picture has been painted, in milliseconds since the navigation began.
OPENING = (
    FIND
    + """
window.firstPicture = null;
const look = () => {
  const painted = () => setTimeout(() => (window.firstPicture = performance.now()), 0);
  requestAnimationFrame(window.findPicture() ? painted : look);
};
requestAnimationFrame(look);"""
)

# Clicks a setting; milliseconds until the frame after the one in which the picture's revision changed.
CLICK = """async (name) => {
  const picture = window.findPicture();
  const buttons = [...document.querySelectorAll(".st-key-gates [role=radio]")];
  const button = buttons.find((one) => one.textContent.trim() === name);
  const painted = new Promise((resolve) => {
    const watch = new MutationObserver(() => {
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0));
    });
    watch.observe(picture, { attributes: true, attributeFilter: ["data-revision"] });
  });
  const start = performance.now();
  button.click();
  return (await painted) - start;
}"""


@dataclass
class Times:
    """What was measured at one size: milliseconds per click, and bytes that came for a new picture."""

    seen: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)
    received: list[int] = field(default_factory=list)


class Traffic:
    """The bytes that came over a page's websockets."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, payload: str | bytes) -> None:
        self.bytes += len(payload)


def make_model(folder: Path, units: int) -> Path:
    """A model of random weights with a readout, saved as this project saves models."""
    torch.manual_seed(units)
    names = tuple(f"input {index}" for index in range(INPUTS))
    encoder = NumberEncoder(names, (0.0,) * INPUTS, (1.0,) * INPUTS)
    card = ModelCard("bench", f"{units} units", answer="class", outputs=tuple("abcd"[:ANSWERS]))
    model = SequenceModel(encoder, GRU(INPUTS, units), nn.Linear(units, ANSWERS), card)
    path = folder / f"units-{units}.safetensors"
    save_model(model, path)
    return path


def make_sequence(folder: Path, steps: int, number: int) -> Path:
    """Random numbers, another draw for each `number`."""
    path = folder / f"steps-{steps}-{number}.npy"
    np.save(path, np.random.default_rng(number).standard_normal((steps, INPUTS), dtype=np.float32))
    return path


def bring(page: Page, kind: str, path: Path, button: str) -> None:
    """Upload a file and press the button that uses it."""
    page.get_by_role("navigation").get_by_role("link", name="Your data").click()
    settled(page)
    page.get_by_role("tab", name=f"Upload a {kind}").click()
    page.locator(f".st-key-{kind}_file input[type=file]").set_input_files(path)
    settled(page)
    page.get_by_role("button", name=button).first.click()
    settled(page)


def show_gates(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Gates").click()
    settled(page)
    page.wait_for_function("() => window.findPicture() !== null")
    page.wait_for_timeout(PAUSE_MS)


def measure(page: Page, folder: Path, units: int, steps: int) -> Times:
    """Clicks at one size, on a page that is open."""
    traffic, times = Traffic(page), Times()
    page.reload()
    settled(page)
    bring(page, "model", make_model(folder, units), "Use ")
    for number in range(SEQUENCES):
        bring(page, "sequence", make_sequence(folder, steps, number), "Use this sequence")
        show_gates(page)
        for name in SEEN[1:]:
            before = traffic.bytes
            times.new.append(page.evaluate(CLICK, name))
            page.wait_for_timeout(PAUSE_MS)
            times.received.append(traffic.bytes - before)
        page.evaluate(CLICK, SEEN[0])
        settled(page)
    for _ in range(ROUNDS):
        for name in (*SEEN[1:], SEEN[0]):
            times.seen.append(page.evaluate(CLICK, name))
            page.wait_for_timeout(PAUSE_MS)
    return times


def openings(browser: Browser, url: str) -> list[float]:
    """Milliseconds from asking for the page to its first picture, each time with nothing kept from before."""
    found = []
    for _ in range(OPENINGS):
        with opened(browser) as page:
            page.add_init_script(OPENING)
            page.goto(url)
            page.wait_for_function("() => window.firstPicture !== null", timeout=60_000)
            found.append(float(page.evaluate("window.firstPicture")))
    return found


@contextmanager
def opened(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own, the size of a projector."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    yield context.new_page()
    context.close()


def row(name: str, measured: float, limit: float | None = None) -> dict[str, Any]:
    """One line of the table."""
    return {"name": name, "measured": measured, "limit": limit, "ok": limit is None or measured <= limit}


def rows() -> list[dict[str, Any]]:
    """What was measured, with the limits of the promise."""
    table = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running() as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(require_browser()), args=launch_arguments())
        first = openings(browser, server.url)
        table.append(
            row(f"page opened to first picture, p50 of {OPENINGS}, ms", median(first), FIRST_PICTURE_MS)
        )
        for units, steps, limit in SIZES:
            with opened(browser) as page:
                page.add_init_script(FIND)
                page.goto(server.url)
                settled(page)
                times = measure(page, Path(folder), units, steps)
            size = f"{units} units x {steps:,} steps"
            for kind, clicks in (("new", times.new), ("seen", times.seen)):
                name = f"{size}: click to picture, {kind}, p50 of {len(clicks)}, ms"
                table.append(row(name, median(clicks), limit))
            if units == SIZES[-1][0]:
                # A byte a cell, four panels, and the rest of the page: no more however long the input is.
                most = 1.1 * 4 * units * MAX_COLUMNS / 1e3
                name = f"{size}: received for a new picture, kB"
                table.append(row(name, median(times.received) / 1e3, most))
        browser.close()
    return table


if __name__ == "__main__":
    started = time.monotonic()
    for line in rows():
        limit = "" if line["limit"] is None else f"(limit {line['limit']:g})"
        print(f"{line['name']:75} {line['measured']:10.1f} {limit}")
    print(f"{time.monotonic() - started:.0f} s")
