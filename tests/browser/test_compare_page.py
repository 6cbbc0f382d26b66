"""The page "Compare": both sides and their difference are the core's, however they are chosen and aligned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from gru_core.baselines import trace_baseline
from gru_core.demo_baselines import load_baseline
from tests.browser.conftest import NewPage
from tests.support.screen import PROBED, Picture, choose, choose_gates, demo, demo_trace, query

CLOSE = 5e-5
"""Values travel with 16 bits over their range."""


VALUES = """(node, [panel, unit, steps]) =>
    [...Array(steps).keys()].map((step) => node.gatescope.valueAt(panel, unit, step))"""


def values(page: Page, panel: int, unit: int, steps: int) -> list[float]:
    found: list[float] = page.locator(".gatescope").evaluate(VALUES, [panel, unit, steps])
    return found


def close_to(expected: NDArray[np.floating]) -> Any:
    return pytest.approx(expected.tolist(), abs=CLOSE)


def test_gates_and_sequences_stand_beside_each_other(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/compare?gates=custom&z=1&zmix=1&quantity=Z&unit=4", allow=(PROBED,))
    Picture(page)
    choose(page, "On the right", "Learned")
    learned = demo_trace("remember")
    steps = learned.steps
    assert values(page, 0, 4, steps) == close_to(np.ones(steps))
    assert values(page, 1, 4, steps) == close_to(learned.Z[0, :, 4])
    assert values(page, 2, 4, steps) == close_to(learned.Z[0, :, 4] - 1)
    mean = np.abs(learned.Z[0].astype(np.float64) - 1).mean()
    expect(page.get_by_text(f"Z differs by {mean:.3g} on average")).to_be_visible()

    # Another sequence, three steps later; the state this time, as learned.
    choose_gates(page, "learned")
    choose(page, "Compare with", "another sequence")
    page.get_by_role("radiogroup", name="What is compared").get_by_role("radio", name="H", exact=True).click()
    page.wait_for_function("() => !location.search.includes('quantity')")
    field = page.get_by_role("spinbutton", name="Offset")
    field.fill("3")
    field.press("Enter")
    page.wait_for_function("() => location.search.includes('offset=3')")
    other = demo_trace("remember", 1)
    beside = min(steps, other.steps - 3)
    expect(page.get_by_text(f"{beside} steps stand beside each other: 0 to {beside - 1}")).to_be_visible()
    assert values(page, 1, 2, beside) == close_to(other.H[0, 3 : 3 + beside, 2])
    difference = other.H[0, 3 : 3 + beside, 2] - learned.H[0, :beside, 2]
    assert values(page, 2, 2, beside) == close_to(difference)
    field.fill("9000")
    field.press("Enter")
    expect(page.get_by_text("no step has a partner")).to_be_visible()


def test_an_lstm_has_no_gates_and_its_units_are_sorted(app_url: str, new_page: NewPage) -> None:
    page = new_page(
        f"{app_url}/compare?against=other&rightkind=lstm&quantity=Z", width=390, height=844, allow=(PROBED,)
    )
    Picture(page)
    expect(page.get_by_text("has no gates R and Z: only states are compared")).to_be_visible()
    expect(page.get_by_text("Rows are not units here")).to_be_visible()
    model, _, x = demo("remember")
    beside = trace_baseline(load_baseline(model, "lstm").core, x)[0].H[0].astype(np.float64)
    own = demo_trace("remember").H[0].astype(np.float64)
    for row, level in ((0, 0.0), (5, 0.5), (10, 1.0)):
        left, right = (np.quantile(side, level, axis=1) for side in (own, beside))
        assert values(page, 0, row, len(x)) == close_to(left)
        assert values(page, 1, row, len(x)) == close_to(right)
        assert values(page, 2, row, len(x)) == close_to(right - left)
    choose(page, "Compare with", "another layer")
    expect(page.get_by_text("This model has one layer in one direction")).to_be_visible()
    choose(page, "Compare with", "other gates")
    choose(page, "On the right", "Copy")
    # What was asked for before there were no gates.
    assert values(page, 0, 3, len(x)) == close_to(demo_trace("remember").Z[0, :, 3])
    assert values(page, 1, 3, len(x)) == close_to(np.ones(len(x)))
    assert query(page)["rightgates"] == "copy"
