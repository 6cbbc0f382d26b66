"""The gate square in a real browser: points are the core's gates, and a hand selects, holds and lets go."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from gru_core import load_model, trace
from gru_core.analysis.frozen import demo_task
from gru_core.analysis.square import gate_square
from gru_core.demos import demo_path
from gru_core.overrides import GateOverride
from gru_core.sequences.examples import demo_sequence
from gru_core.tasks.evaluation import held_out_score
from gru_core.trace import GateTrace
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, Picture, query

MODEL = load_model(demo_path("brackets"))
X = MODEL.encoder.encode(demo_sequence(MODEL, 0))
LEARNED = trace(MODEL.gru, X)[0]
ROUNDED = 1 / 65535


class GateSquare:
    """The square on a page, by what a person can see of it and by its read-only hook."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".square.picture")
        expect(self.root).to_have_attribute("data-revision", re.compile("[1-9]"), timeout=30_000)
        self.stage = self.root.locator(".stage")

    def has(self, **said: object) -> None:
        """Waits until the data attributes say so."""
        for name, value in said.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value), timeout=30_000)

    def place(self, r: float, z: float) -> tuple[float, float]:
        """A place of the square, in pixels of the page."""
        at = self.root.evaluate("(node, [r, z]) => node.gateSquare.at(r, z)", [float(r), float(z)])
        box = self.stage.bounding_box()
        assert box is not None
        return box["x"] + at["x"], box["y"] + at["y"]

    def drag(self, *way: tuple[float, float]) -> None:
        """From place to place with the button held."""
        mouse = self.page.mouse
        mouse.move(*self.place(*way[0]))
        mouse.down()
        for r, z in way[1:]:
            mouse.move(*self.place(r, z))
        mouse.up()

    def points(self, step: int) -> list[list[float]]:
        """(units, 2) R and Z of every unit, as they are drawn."""
        found: list[list[float]] = self.root.evaluate(
            """(node, [units, step]) => Array.from({ length: units }, (_, unit) => {
                const { r, z } = node.gateSquare.point(unit, step);
                return [r, z];
            })""",
            [LEARNED.units, step],
        )
        return found

    def shows(self, t: GateTrace, step: int) -> None:
        """Waits until the points of a step are those of a trace."""
        wanted = np.stack([t.R[0, step], t.Z[0, step]], axis=-1).tolist()
        self.page.wait_for_function(
            """([wanted, step, off]) => {
                const find = (root) => {
                    for (const node of root.querySelectorAll("*")) {
                        const inside = node.shadowRoot && find(node.shadowRoot);
                        const found = node.matches(".square.picture") ? node : inside;
                        if (found) return found;
                    }
                    return null;
                };
                const hook = find(document)?.gateSquare;
                return hook && wanted.every(([r, z], unit) => {
                    const point = hook.point(unit, step);
                    return Math.abs(point.r - r) <= off && Math.abs(point.z - z) <= off;
                });
            }""",
            arg=[wanted, step, ROUNDED],
            timeout=30_000,
        )


def test_points_are_the_gates_and_colours_the_scores(app_url: str, new_page: NewPage) -> None:
    """Stepped by keys, hovered, and with the score behind them."""
    page = new_page(f"{app_url}/square?model=brackets&t=5&behind=score", allow=(PROBED,))
    square = GateSquare(page)
    square.shows(LEARNED, 5)
    expected = np.stack([LEARNED.R[0, 5], LEARNED.Z[0, 5]], axis=-1)
    np.testing.assert_allclose(square.points(5), expected, atol=ROUNDED)

    found = gate_square(LEARNED)
    first = page.locator(".st-key-facts [data-testid=stText]").first.inner_text()
    assert f"Of {LEARNED.steps * LEARNED.units} points" in first
    for place in ("copy", "rnn", "input_only"):
        assert f"{found.share(place):.1%}" in first

    square.stage.focus()
    page.keyboard.press("ArrowRight")
    square.has(cursor=6)
    copying = int((LEARNED.Z[0, 6] >= 0.9).sum())
    expect(square.root.locator(".sentence")).to_contain_text(f"{copying} of {LEARNED.units} units at copy")
    Picture(page).wait_for(cursor=6)
    page.wait_for_url(re.compile(r"[?&]t=6(&|$)"))

    alone = int(np.argmin(LEARNED.Z[0, 6]))
    page.mouse.move(*square.place(LEARNED.R[0, 6, alone], LEARNED.Z[0, 6, alone]))
    tip = square.root.locator(".tooltip")
    expect(tip).to_contain_text(f"Unit {alone}")
    expect(tip).to_contain_text(f"{LEARNED.Z[0, 6, alone]:.3f}")

    square.has(scored="true")
    scores = np.array(square.root.evaluate("(node) => node.gateSquare.scores()")).reshape(11, 11)
    for z, r in ((0, 10), (10, 3), (4, 6)):
        held = (GateOverride("Z", z / 10), GateOverride("R", r / 10))
        assert scores[z, r] == pytest.approx(
            held_out_score(MODEL, demo_task("brackets"), held, batches=8), abs=1e-3
        )

    # Playing takes the heatmaps beside it along, and asks the server for nothing.
    settled(page)
    asked = page.evaluate("window.__wire.asked")
    square.root.locator("select").select_option("1")
    square.stage.focus()
    page.keyboard.press("Space")
    page.locator(".gatescope:not([data-cursor='6'])").wait_for()
    square.has(playing="true")
    assert page.evaluate("window.__wire.asked") == asked
    page.keyboard.press("Space")
    square.has(playing="false")


def test_a_hand_selects_units_holds_them_and_lets_go(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/square?model=brackets&t=5", allow=(PROBED,))
    square = GateSquare(page)
    square.shows(LEARNED, 5)
    R, Z = LEARNED.R[0, 5], LEARNED.Z[0, 5]
    square.drag((0.03, 0.58), (0.4, 0.7), (0.97, 1.0))
    inside = np.flatnonzero((R >= 0.03) & (R <= 0.97) & (Z >= 0.58))
    assert 1 < len(inside) < LEARNED.units
    square.has(selected=",".join(map(str, inside)))
    heatmaps = Picture(page)
    heatmaps.wait_for_values(1, LEARNED.Z[0][:, inside])

    square.drag((0.5, 0.5), (0.7, 0.4), (0.9, 0.2))
    square.has(clamp="0.9,0.2")
    units = tuple(map(int, inside))
    held = trace(MODEL.gru, X, overrides=(GateOverride("Z", 0.2, units), GateOverride("R", 0.9, units)))[0]
    square.shows(held, 5)
    heatmaps.wait_for_values(2, held.H[0][:, inside])
    expect(square.root.locator(".sentence")).to_contain_text(f"{len(units)} units are held at R 0.90, Z 0.20")
    assert query(page)["gates"] == "custom"

    # The same without a pointer: further up by keys, then let go of; and by a link, as it was.
    square.stage.focus()
    page.keyboard.press("Shift+ArrowUp")
    square.has(clamp="0.9,0.25")
    page.wait_for_url(re.compile(r"[?&]z=0\.25&"))
    settled(page)
    address = page.url
    square.stage.focus()
    page.keyboard.press("Delete")
    square.shows(LEARNED, 5)
    square.has(clamp="")
    page.keyboard.press("Escape")
    square.has(selected="")
    heatmaps.wait_for_values(1, LEARNED.Z[0])
    page.goto(address)
    again = GateSquare(page)
    again.has(clamp="0.9,0.25", selected=",".join(map(str, inside)))
