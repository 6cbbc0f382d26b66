"""The modules that compute for the live cell, in a browser and without a server: bytes in, numbers out."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, Route

from gru_ui.components.cell import ASSETS, CellData, build_payload
from tests.browser.cell_picture import TRACED

PLACE = "http://localhost:9/"

OPEN = """async (text) => {
  const [payload, sums, ripples] = await Promise.all(
    ["payload", "sums", "ripple"].map((name) => import(`/cell/${name}.js`)),
  );
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const model = payload.decodeCell(bytes);
  const { engine, edits } = payload.engineOf(model);
  engine.advance();
  Object.assign(window, { model, engine, edits, before: engine.snapshot() });
  window.terms = (...which) => sums.terms(engine, ...which);
  window.ripple = () => ripples.ripple(engine, before);
  window.farthest = () => payload.farthest(engine, model.recorded);
  window.changed = (step) => { engine.advance(); return step; };
}"""


class CellModules:
    """An engine and its edits, made of the payload that a page would send."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.route(f"{PLACE}**", self._serve)
        page.goto(PLACE)

    @staticmethod
    def _serve(route: Route) -> None:
        name = route.request.url.removeprefix(PLACE)
        file = Path(ASSETS.parent / name)
        if name.endswith(".js"):
            route.fulfill(body=file.read_bytes(), content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><link rel=icon href=data:,>", content_type="text/html")

    def open(self, cells: CellData, step: int = 0) -> None:
        """Takes a layer as the component does, and computes it."""
        block = build_payload(cells, step=step, header={"key": "cell", "texts": {}})
        self.page.evaluate(OPEN, base64.b64encode(block).decode())
        self.steps = cells.steps

    def ask(self, script: str, *values: Any) -> Any:
        """The value of an expression over engine, edits, before, terms and ripple; `values` are v[0] ..."""
        return self.page.evaluate(f"(v) => ({script})", list(values))

    def numbers(self, name: str) -> NDArray[np.float64]:
        """An array of the engine (steps, units or outputs)."""
        return np.array(self.ask("Array.from(engine[v[0]])", name)).reshape(self.steps, -1)

    def everything(self) -> dict[str, list[float]]:
        """All that the engine computed, to the last bit."""
        found: dict[str, list[float]] = self.ask(
            "Object.fromEntries(v[0].map((name) => [name, Array.from(engine[name])]))",
            [*TRACED.values(), "Y"],
        )
        return found

    def edit(self, text: str) -> int | None:
        """Makes the edits of a text one after the other; the first step that the last of them changed."""
        return int(self.ask("changed(edits.unpack(v[0]).map((edit) => edits.add(edit)).at(-1))", text))

    def farthest(self, expected: Any) -> float:
        """The largest difference to a trace, over all that it records."""
        return max(
            float(np.abs(self.numbers(name) - getattr(expected, field)[0]).max())
            for field, name in TRACED.items()
        )
