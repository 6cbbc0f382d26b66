"""Where the texts of a saved drawing lie, measured by the browser itself and not by what drew them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from playwright.sync_api import Locator

# Ink of letters and figures: from 0.75 of the size above the baseline to a fifth of it below.
_MEASURE = """
(node, source) => {
  const drawing = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
  document.body.appendChild(drawing);
  const nodes = [...drawing.querySelectorAll("g[transform] text, g[transform] rect[fill]")];
  const covers = (rect, box) => {
    const { x, y, width, height } = rect.getBBox();
    return x <= box.left && x + width >= box.right && y <= box.top && y + height >= box.bottom;
  };
  const found = nodes.map((text, at) => {
    if (text.tagName !== "text" || !text.textContent.trim()) return null;
    const { x, width } = text.getBBox();
    const [y, size] = ["y", "font-size"].map((name) => Number(text.getAttribute(name)));
    const [top, bottom] = [y - 0.75 * size, y + 0.2 * size];
    const box = { text: text.textContent, left: x, right: x + width, top, bottom, y };
    const later = nodes.slice(at + 1).filter((rect) => rect.tagName === "rect");
    return later.some((rect) => rect.getAttribute("fill") !== "none" && covers(rect, box)) ? null : box;
  });
  drawing.remove();
  return found.filter(Boolean);
}
"""


@dataclass(frozen=True)
class DrawnText:
    """A text and its box in pixels of the picture, below the title that is saved; `y` is its baseline."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    y: float

    def lies_on(self, other: DrawnText) -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 1 and down > 1


def drawn_texts(root: Locator) -> list[DrawnText]:
    """Every text that is seen in the drawing that `root` saves; what a later box covers is not seen."""
    root.locator("summary").click()
    with root.page.expect_download() as download:
        root.locator('[data-action="save svg"]').click()
    source = Path(download.value.path()).read_text(encoding="utf-8")
    return [DrawnText(**box) for box in root.evaluate(_MEASURE, source)]


def overprinted(texts: list[DrawnText]) -> list[tuple[str, str]]:
    """Pairs of texts of which one is printed over the other."""
    return [(one.text, other.text) for one, other in combinations(texts, 2) if one.lies_on(other)]
