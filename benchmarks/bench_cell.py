"""How smooth the live cell is at 200 steps of 64 units: what a whole rerun takes, and frames while it plays.

Three numbers tell of frames: how long after the one before each came (1000 / 60 ms where nothing is late),
how long the script worked for it, and what processor time the page's thread took for all of it, layout and
painting included. The first two grow with what else the machine does; the browser here has no graphics card.

    python -m benchmarks.bench_cell
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.apps.cell_data import example
from tests.browser.cell_modules import CellModules
from tests.browser.cell_picture import APP, CellPicture
from tests.support.browser import launch_arguments, require_browser
from tests.support.server import running

STEPS, UNITS = 200, 64
RERUNS = 60

RERUN_MS = 5.0
"""Less than a third of a frame, so that there is time to draw."""

BETWEEN_MS = 17.5
"""60 frames a second, as a clock of whole frames measures them."""

PROCESSOR_MS = 15.0

DRAGGED = 150
"""Frames of the drag."""

# Notes of every frame when it began and how long the script worked for it, whoever asked for it.
WATCH = """() => {
  const original = globalThis.requestAnimationFrame.bind(globalThis);
  globalThis.frames_seen = new Map();
  globalThis.requestAnimationFrame = (callback) =>
    original((now) => {
      const start = performance.now();
      callback(now);
      globalThis.frames_seen.set(now, (globalThis.frames_seen.get(now) ?? 0) + performance.now() - start);
    });
}"""

# The state of unit 0 before the first step, back and forth, once per frame: all steps are computed again.
DRAG = """(node, rounds) => new Promise((resolve) => {
  const move = (round) => {
    node.gatescope.edit({ kind: "h0", unit: 0, value: Math.sin(round / 9) }, "drag");
    if (round < rounds) requestAnimationFrame(() => move(round + 1));
    else resolve();
  };
  requestAnimationFrame(() => move(0));
})"""

RERUN = "(rounds) => { for (let round = 0; round < rounds; round += 1) engine.run(); }"


def rerun(page: Page, mode: str) -> float:
    """Milliseconds of the processor for a whole rerun, once the browser has compiled the script."""
    modules = CellModules(page)
    modules.open(example(mode=mode, steps=STEPS, units=UNITS).cells)
    page.evaluate(RERUN, RERUNS)
    clock = Processor(page)
    clock.start()
    page.evaluate(RERUN, RERUNS)
    return clock.used() / RERUNS


class Processor:
    """The time that a page's thread has really run, whatever else the machine did."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.tools = page.context.new_cdp_session(page)
        self.tools.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.since = 0.0

    def start(self) -> None:
        """Forget what was before."""
        self.since = self._now()

    def used(self) -> float:
        """Milliseconds since the start."""
        return self._now() - self.since

    def _now(self) -> float:
        metrics = self.tools.send("Performance.getMetrics")["metrics"]
        return next(float(entry["value"]) * 1000 for entry in metrics if entry["name"] == "TaskDuration")


class Frames(Processor):
    """Counts the frames of a page besides."""

    def start(self) -> None:
        """Forget what was before."""
        self.page.evaluate("() => frames_seen.clear()")
        super().start()

    def rows(self, name: str) -> list[dict[str, Any]]:
        """What was seen since the start, as lines of the table."""
        frames = self.page.evaluate("() => [...frames_seen]")
        used = self.used()
        between = [after - before for (before, _), (after, _) in pairwise(frames)]
        work = [milliseconds for _, milliseconds in frames]
        name = f"cell, {name}: ms"
        return [
            {"name": f"{name} between frames, p50", "measured": median(between), "limit": BETWEEN_MS},
            {"name": f"{name} between frames, p95", "measured": late(between)},
            {"name": f"{name} of script per frame, p50", "measured": median(work)},
            {"name": f"{name} of script per frame, p95", "measured": late(work)},
            {"name": f"{name} of processor per frame", "measured": used / len(frames), "limit": PROCESSOR_MS},
        ]


def play(picture: CellPicture) -> None:
    """The whole sequence, a step per frame."""
    picture.root.locator('button[data-action="play"]').click()
    picture.has(playing="true")
    ended = "(node) => node.dataset.playing === 'false'"
    picture.page.wait_for_function(ended, arg=picture.root.element_handle())


def drag(picture: CellPicture) -> None:
    """A value that every step depends on."""
    picture.root.evaluate(DRAG, DRAGGED)


def late(values: list[float]) -> float:
    """What 95 of 100 stay below."""
    return quantiles(values, n=20)[-1]


def rows() -> list[dict[str, Any]]:
    """What was measured, each with its limit."""
    table: list[dict[str, Any]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(require_browser()), args=launch_arguments())
        for mode in ("before", "after"):
            page = browser.new_page()
            name = f"cell, {STEPS} steps of {UNITS} units computed again, reset {mode}: ms of processor"
            table.append({"name": name, "measured": rerun(page, mode), "limit": RERUN_MS})
            page.close()
        with running(APP) as server:
            for depth in ("box", "gates", "arithmetic"):
                page = browser.new_page(viewport={"width": 1366, "height": 768})
                page.add_init_script(f"({WATCH})()")
                page.goto(f"{server.url}/?UNITS={UNITS}&STEPS={STEPS}&DEPTH={depth}")
                picture, frames = CellPicture(page), Frames(page)
                picture.root.locator(".choice.speed select").select_option("60")
                for what, act in (("playing", play), ("dragging", drag)):
                    frames.start()
                    act(picture)
                    table += frames.rows(f"{depth}, {what}")
                page.close()
        browser.close()
    return table


if __name__ == "__main__":
    for line in rows():
        print(f"{line['name']:75} {line['measured']:10.2f} {line.get('limit', ''):>10}")
