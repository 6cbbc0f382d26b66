"""The live heatmaps on a page, by what a person can see of them and by their read-only hook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage, Serve

APP = Path(__file__).parent / "apps" / "heatmaps_app.py"
NAMES = ("R", "Z", "H_tilde", "H")

PIXEL = """(node, [x, y]) => {
  const canvas = node.querySelector("canvas.base");
  const scale = canvas.width / canvas.clientWidth;
  return [...canvas.getContext("2d").getImageData(Math.round(x * scale), Math.round(y * scale), 1, 1).data];
}"""


class Picture:
    """The component on a page, by what a person can see of it and by its read-only hook."""

    def __init__(self, page: Page, revision: int = 1) -> None:
        self.page = page
        self.root: Locator = page.locator(".gatescope")
        expect(self.root).to_have_attribute("data-revision", str(revision), timeout=30_000)
        self.stage = self.root.locator(".stage")

    def has(self, **attributes: object) -> None:
        """Waits until the data attributes say so."""
        for name, value in attributes.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value))

    def value(self, panel: int, unit: int, step: int) -> float:
        return float(self.root.evaluate(f"(node) => node.gatescope.valueAt({panel}, {unit}, {step})"))

    def cell(self, panel: int, unit: int, step: int) -> tuple[float, float]:
        """Middle of a cell in pixels of the stage."""
        at = self.root.evaluate(f"(node) => node.gatescope.cellAt({panel}, {unit}, {step})")
        return at["x"], at["y"]

    def pixel(self, panel: int, unit: int, step: int) -> list[int]:
        return list(self.root.evaluate(PIXEL, list(self.cell(panel, unit, step))))[:3]

    def point(self, panel: int, unit: int, step: int) -> tuple[float, float]:
        """Middle of a cell in pixels of the page."""
        box = self.stage.bounding_box()
        assert box is not None
        x, y = self.cell(panel, unit, step)
        return box["x"] + x, box["y"] + y

    def axis(self, step: int) -> tuple[float, float]:
        """A step on the time axis, in pixels of the page."""
        box = self.stage.bounding_box()
        assert box is not None
        top = self.root.evaluate("(node) => node.gatescope.layout().axis.top")
        return self.point(0, 0, step)[0], box["y"] + top + 12

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: Any = "left") -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down(button=button)
        mouse.move((start[0] + end[0]) / 2, end[1])
        mouse.move(*end)
        mouse.up(button=button)

    def button(self, action: str) -> Locator:
        return self.root.locator(f'button[data-action="{action}"]')

    def event(self, text: str) -> None:
        """Waits until the server says what it was told."""
        expect(self.page.get_by_text(re.compile(f"^event {re.escape(text)} "))).to_be_visible()

    def runs(self) -> int:
        return int(self.page.get_by_text(re.compile("^event ")).inner_text().split()[-1])


def expected_colour(table: tuple[str, ...], share: float) -> np.ndarray:
    """A colour map's colour by linear interpolation of its table, computed apart from the browser."""
    rgb = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in table], dtype=float)
    place = np.clip(share, 0, 1) * (len(table) - 1)
    return np.array([np.interp(place, range(len(table)), rgb[:, part]) for part in range(3)])


def open_picture(serve: Serve, new_page: NewPage, *, scheme: str = "light", **env: str) -> Picture:
    return Picture(new_page(serve(APP, **env), scheme=scheme))
