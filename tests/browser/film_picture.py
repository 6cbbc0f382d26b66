"""The film of a training on a page, by what a person can see of it and by its read-only hook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage, Serve
from tests.support.pages import settled

APP = Path(__file__).parent / "apps" / "film_app.py"


class FilmPicture:
    """The component on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root: Locator = page.locator(".film")
        expect(self.root).to_have_attribute("data-revision", re.compile(r"[1-9]"), timeout=30_000)
        self.stage = self.root.locator(".stage")
        self.sentence = self.root.locator(".sentence")
        self.tooltip = self.root.locator(".tooltip")

    def has(self, **attributes: object) -> None:
        """Waits until the data attributes say so."""
        for name, value in attributes.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value), timeout=15_000)

    def said(self, name: str) -> str:
        return self.root.get_attribute(f"data-{name}") or ""

    def ask(self, call: str) -> Any:
        """What a function of the hook answers."""
        return self.root.evaluate(f"(node) => node.gatescope.{call}")

    def places(self) -> Any:
        """Where everything lies, in pixels of the stage."""
        return self.ask("places()")

    def on_page(self, x: float, y: float) -> tuple[float, float]:
        box = self.stage.bounding_box()
        assert box is not None
        return box["x"] + x, box["y"] + y

    def cell(self, panel: int, unit: int, step: int) -> tuple[float, float]:
        at = self.ask(f"cellAt({panel}, {unit}, {step})")
        return self.on_page(at["x"], at["y"])

    def on_bar(self, update: float) -> tuple[float, float]:
        """An update on the scrub bar."""
        bar = self.places()["bar"]
        return self.on_page(bar["left"] + update / bar["x"][1] * bar["width"], bar["top"] + 4)

    def on_chart(self, kind: str, update: float) -> tuple[float, float]:
        chart = self.places()["charts"][kind]
        x = chart["left"] + update / chart["x"][1] * chart["width"]
        return self.on_page(x, chart["top"] + chart["height"] / 2)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, end[1])
        mouse.move(*end)
        mouse.up()

    def press(self, *keys: str) -> None:
        self.stage.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, action: str) -> Locator:
        return self.root.locator(f'button[data-action="{action}"]')

    def event(self, frame: int | None, needs: int | None = None) -> None:
        """Waits until the server says what it was told."""
        expect(self.page.get_by_text(re.compile(rf"^event {frame} {needs} "))).to_be_visible(timeout=15_000)

    def server(self) -> list[str]:
        """frame, needs, first, turns, pages and asked as the server says them."""
        words = self.page.get_by_text(re.compile("^event ")).inner_text().split()
        return [words[1], words[2], words[4], words[6], words[8], words[10]]


def open_film(serve: Serve, new_page: NewPage, *, scheme: str = "light", **env: str) -> FilmPicture:
    return FilmPicture(new_page(serve(APP, **env), scheme=scheme))


def watch_socket(page: Page) -> tuple[list[int], list[int]]:
    """Sizes of what the page sends and receives after it is loaded anew."""
    sent: list[int] = []
    received: list[int] = []

    def listen(socket: Any) -> None:
        socket.on("framesent", lambda payload: sent.append(len(payload)))
        socket.on("framereceived", lambda payload: received.append(len(payload)))

    page.on("websocket", listen)
    page.reload()
    settled(page)
    return sent, received
