"""How long the live heatmaps take from a click to the new picture, in a real browser against a real server.

The server's own computation is next to nothing here, so that what is measured is the way: rerun, packing, the
wire, decoding and painting. A page that also traces a GRU has to fit into 100 and 200 ms.

    python -m benchmarks.bench_browser_component
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from gru_ui.components.heatmaps import Panel, build_payload
from tests.support.browser import launch_arguments, require_browser
from tests.support.server import running

APP = Path(__file__).resolve().parent.parent / "tests" / "browser" / "apps" / "heatmaps_app.py"
TOGGLES = 20
WARM_UP = 3

BUDGETS = ((128, 200, 60.0), (512, 1000, 130.0))
"""Units, steps, milliseconds."""

LONG = (256, 10_000)
PACKING_MS = 60.0
PAYLOAD_BYTES = 3_000_000

# Clicks the switch and waits for the frame after the one in which the new picture was painted.
TOGGLE = """async (rounds) => {
  const inside = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.classList.contains("gatescope")) return node;
      const found = node.shadowRoot && inside(node.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const picture = inside(document);
  const toggle = document.querySelector(".st-key-flip input");
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const painted = new Promise((resolve) => {
      const watch = new MutationObserver(() => {
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0));
      });
      watch.observe(picture, { attributes: true, attributeFilter: ["data-revision"] });
    });
    const start = performance.now();
    toggle.click();
    times.push((await painted) - start);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return times;
}"""


def toggle_times(page: Page, url: str) -> list[float]:
    """Milliseconds from click to painted picture, after a warm-up."""
    page.goto(url)
    page.wait_for_selector(".gatescope[data-revision='1']", timeout=60_000)
    page.wait_for_timeout(500)
    times: list[float] = page.evaluate(TOGGLE, TOGGLES + WARM_UP)
    return times[WARM_UP:]


def packing(units: int, steps: int) -> tuple[float, int]:
    """Median milliseconds to pack four panels of a long input, and how many bytes they become."""
    rng = np.random.default_rng(0)
    values = [rng.random((steps, units), dtype=np.float32) for _ in range(4)]
    panels = [Panel(name, name, part, "gate") for name, part in zip("RZHX", values, strict=True)]
    ticks = ["a"] * steps
    times, size = [], 0
    for _ in range(7):
        start = time.perf_counter()
        data = build_payload(
            panels=panels,
            ticks=ticks,
            outputs=None,
            orders={"index": np.arange(units)},
            window=(5000, 5400),
            header={},
        )
        times.append((time.perf_counter() - start) * 1000)
        size = len(data)
    return median(times), size


def row(name: str, measured: float, limit: float) -> dict[str, Any]:
    """One line of the table."""
    return {"name": name, "measured": measured, "limit": limit, "ok": measured <= limit}


def rows() -> list[dict[str, Any]]:
    """What was measured, each with its limit."""
    table = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(require_browser()), args=launch_arguments())
        for units, steps, limit in BUDGETS:
            with running(APP) as server:
                page = browser.new_page(viewport={"width": 1366, "height": 768})
                times = toggle_times(page, f"{server.url}/?UNITS={units}&STEPS={steps}&OUTPUTS=classes")
                page.close()
            table.append(
                row(f"toggle to picture, {units} units x {steps} steps, p50 ms", median(times), limit)
            )
        browser.close()
    milliseconds, size = packing(*LONG)
    table.append(row(f"packing {LONG[0]} units x {LONG[1]} steps x 4, ms", milliseconds, PACKING_MS))
    table.append(row(f"payload of {LONG[0]} units x {LONG[1]} steps x 4, bytes", float(size), PAYLOAD_BYTES))
    return table


if __name__ == "__main__":
    for line in rows():
        verdict = "ok" if line["ok"] else "TOO SLOW"
        print(f"{line['name']:60} {line['measured']:12.1f} {line['limit']:12.1f}  {verdict}")
