"""The live cell on a page, by its hook: the numbers that it computes, and edits as a hand makes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

APP = Path(__file__).parent / "apps" / "cell_app.py"
TRACED = {"R": "R", "Z": "Z", "H_tilde": "Hc", "H": "H", "R_proposed": "RP", "Z_proposed": "ZP"}
"""By the name of an array of a trace, the name of the engine's."""


class CellPicture:
    """The component on a page."""

    def __init__(self, page: Page, revision: int = 1) -> None:
        self.page = page
        self.root: Locator = page.locator(".cell")
        expect(self.root).to_have_attribute("data-revision", str(revision), timeout=30_000)
        self.has(ready="true")

    def has(self, **attributes: object) -> None:
        """Waits until the data attributes say so."""
        for name, value in attributes.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value))

    def ask(self, call: str) -> Any:
        """The value of a call of the hook, `numbers("H")`."""
        return self.root.evaluate(f"(node) => node.gatescope.{call}")

    def numbers(self, name: str, steps: int) -> NDArray[np.float64]:
        """An array of the engine (steps, units or outputs) once all steps are computed."""
        self.has(ready="true")
        return np.array(self.ask(f"numbers({name!r})")).reshape(steps, -1)

    def event(self, text: str) -> None:
        """Waits until the server says what it was told."""
        expect(self.page.get_by_text(re.compile(f"^event {re.escape(text)} "))).to_be_visible()
