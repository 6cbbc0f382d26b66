"""The live cell under a person's hands: played, dragged, opened, renamed; its numbers are the core's."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Locator, expect

from gru_core.edits import apply_edits, read_edits
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.trace import GateTrace, trace
from tests.browser.apps.cell_data import Example, example
from tests.browser.cell_picture import APP, CellPicture
from tests.browser.conftest import NewPage, Serve

CLOSE = 1e-5
STEPS = 12
SIZES = {"projector": (1366, 768), "phone": (390, 844)}


def number(text: str) -> float:
    """A number as it stands on the screen."""
    return float(text.replace("−", "-"))


def held(made: Example, *overrides: GateOverride) -> GateTrace:
    return trace(made.gru, made.x, made.h0[None, None], overrides)[0]


def assert_states(picture: CellPicture, expected: NDArray[np.floating]) -> None:
    np.testing.assert_allclose(picture.numbers("H", STEPS), expected, atol=CLOSE, rtol=0)


def gate(picture: CellPicture, name: str) -> Locator:
    return picture.root.locator(f".drawing [data-part={name}]")


def drag_cell(picture: CellPicture, name: str, unit: int, units: int, by: float) -> None:
    """Takes hold of a cell of a gate and moves it up (or, negative, down) by so many pixels."""
    gate(picture, name).scroll_into_view_if_needed()
    box = gate(picture, name).locator(".hit").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * (unit + 0.5) / units, box["y"] + box["height"] / 2
    mouse = picture.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, y - by / 2)
    mouse.move(x, y - by)
    mouse.up()


@pytest.mark.parametrize("size", SIZES)
def test_a_cell_is_played_stepped_dragged_and_undone(serve: Serve, new_page: NewPage, size: str) -> None:
    width, height = SIZES[size]
    page = new_page(serve(APP, DEPTH="gates", STEP="9", UNIT="1"), width=width, height=height)
    picture, made = CellPicture(page), example()
    # It plays to its end without a word to the server, and says then where it is.
    picture.root.locator(".speed select").select_option("10")
    picture.root.get_by_role("button", name="Play").click()
    picture.has(step=STEPS - 1, playing="false")
    picture.event("11 1 gates - -")
    picture.root.get_by_role("button", name="One step back").click()
    picture.has(step=10)
    timeline = picture.root.get_by_role("slider", name="Step of the sequence")
    timeline.focus()
    for key, step in (("ArrowLeft", 9), ("Home", 0), ("ArrowRight", 1), ("End", 11), ("Home", 0)):
        page.keyboard.press(key)
        picture.has(step=step)
    box = timeline.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.99 * box["width"], box["y"] + 20)
    picture.has(step=11)
    page.mouse.up()
    for _ in range(7):
        page.keyboard.press("ArrowLeft")
    picture.has(step=4)

    # A drag far down holds that unit's gate at 0 in this step, and the states that follow are the core's.
    drag_cell(picture, "Z", 2, 5, -200)
    picture.has(unit=2, edits="Z4_5_2_0")
    expect(picture.root.get_by_text("you changed 1 thing")).to_be_visible()
    changed = held(made, GateOverride("Z", 0.0, units=(2,), steps=slice(4, 5)))
    assert_states(picture, changed.H[0])
    assert np.abs(changed.H[0, 5:] - made.trace.H[0, 5:]).max() > 1e-3
    sentence = picture.root.locator(".sentence")
    expect(sentence).to_contain_text("unit 2, held by hand, keeps 0 % of its old state")
    picture.event("4 2 gates - Z4_5_2_0")

    # The same by keyboard, for all units and from here on.
    picture.root.get_by_role("button", name="from here on").click()
    handle = picture.root.locator(".drawing [data-grip=R]")
    handle.focus()
    mean = float(handle.get_attribute("aria-valuenow") or "nan")
    assert mean == pytest.approx(changed.R[0, 4].mean(), abs=0.006)
    page.keyboard.press("ArrowUp")
    raised = round((changed.R[0, 4].mean() + 0.05) * 20) / 20
    picture.has(edits=f"Z4_5_2_0~R4_12_a_{raised:g}")
    both = held(
        made,
        GateOverride("Z", 0.0, units=(2,), steps=slice(4, 5)),
        GateOverride("R", raised, steps=slice(4, 12)),
    )
    assert_states(picture, both.H[0])
    picture.root.get_by_role("button", name="Undo", exact=True).click()
    assert_states(picture, changed.H[0])
    picture.root.get_by_role("button", name="Redo").click()
    assert_states(picture, both.H[0])
    picture.root.get_by_role("button", name="Undo all changes").click()
    picture.has(edits="")
    assert_states(picture, made.trace.H[0])


def shown_terms(box: Locator) -> list[tuple[float, float, float]]:
    """The value, weight and product of every row of a list of terms."""
    rows = box.locator(".term:not(.rest):not(.total)")
    return [
        (
            number(row.locator(".value").inner_text()),
            float(row.locator("input").input_value()),
            number(row.locator(".product").inner_text()),
        )
        for row in rows.all()
    ]


@pytest.mark.parametrize("mode", ["before", "after"])
def test_the_arithmetic_is_every_product_of_the_core(serve: Serve, new_page: NewPage, mode: str) -> None:
    """Rows, what is left of them, sums and the squashed sum, against numpy on the model's own weights."""
    step, unit = 6, 3
    page = new_page(
        serve(APP, MODE=mode, DEPTH="arithmetic", STEP=str(step), UNIT=str(unit), SYMBOLS="numbers")
    )
    picture = CellPicture(page)
    made = example(mode=mode, symbols="numbers")
    weights = {name: np.squeeze(values) for name, values in made.cells.weights.items()}
    H_prev, R = made.trace.H_prev[0, step], made.trace.R[0, step]
    panel = picture.root.locator(".arithmetic")
    for symbol, sub, name in (("R", "r", "R"), ("Z", "z", "Z"), ("H̃", "h", "H_tilde")):
        panel.get_by_role("button", name=symbol, exact=True).click()
        seen = R * H_prev if sub == "h" and mode == "before" else H_prev
        lists = panel.locator(".terms")
        sums = []
        for box, values, matrix in ((lists.nth(0), made.x[step], f"x{sub}"), (lists.nth(1), seen, f"h{sub}")):
            products = values * weights[matrix][:, unit]
            order = np.argsort(-np.abs(products))
            rows = shown_terms(box)
            expected = np.stack([values, weights[matrix][:, unit], products], axis=1)[order][: len(rows)]
            np.testing.assert_allclose(rows, expected, atol=6e-4)
            rest = box.locator(".term.rest .product")
            left = number(rest.inner_text()) if rest.count() else 0.0
            assert left == pytest.approx(products[order][len(rows) :].sum(), abs=6e-4)
            sums.append(products.sum())
            assert number(box.locator(".term.total .product").inner_text()) == pytest.approx(
                sums[-1], abs=6e-4
            )
        bias = weights[f"b{sub}"][unit]
        total = sums[0] + bias + sums[1]
        if sub == "h" and mode == "after":
            total = sums[0] + bias + R[unit] * (sums[1] + weights["bhh"][unit])
        assert number(panel.locator(".rung.total .product").inner_text()) == pytest.approx(total, abs=6e-4)
        result = number(panel.locator(".rung.result .product").inner_text())
        assert result == pytest.approx(getattr(made.trace, name)[0, step, unit], abs=6e-4)
        # The equation beside it says the same.
        line = picture.root.locator(f".card[data-symbol={name}] .numbers").inner_text()
        assert number(re.findall(r"[−\d.]+", line)[-1]) == pytest.approx(result, abs=0.0051)
    panel.get_by_role("button", name="H", exact=True).click()
    state = made.trace.H[0, step, unit]
    assert number(panel.locator(".rung.result .product").inner_text()) == pytest.approx(state, abs=6e-4)

    # A weight can be typed, and everything after it is as the core computes it with that weight.
    panel.get_by_role("button", name="Z", exact=True).click()
    panel.locator(".terms").nth(0).locator("input").first.fill("-1.5")
    row = int(np.argmax(np.abs(made.x[step] * weights["xz"][:, unit])))
    text = f"wxz_{row}_{unit}_-1.5"
    picture.has(edits=text)
    edited = apply_edits(made.gru, made.x, made.h0, read_edits(text))
    assert_states(picture, trace(edited.gru, edited.x, edited.h0)[0].H[0])


def test_pointing_at_a_symbol_lights_it_everywhere(serve: Serve, new_page: NewPage) -> None:
    page = new_page(serve(APP, DEPTH="gates"))
    picture = CellPicture(page)

    def dimmed(part: str) -> bool:
        return float(gate(picture, part).evaluate("(node) => getComputedStyle(node).opacity")) < 0.5

    symbol = picture.root.locator(".card[data-symbol=H] .symbol[data-symbol=Z]").first
    symbol.hover()
    picture.has(lights="Z")
    expect(gate(picture, "R")).to_have_css("opacity", "0.28")
    assert not dimmed("Z")
    assert not dimmed("kept")
    symbol.click()
    picture.has(lit="Z")
    page.mouse.move(5, 5)
    picture.has(lights="Z", pinned="true")
    picture.event("0 0 gates Z -")
    picture.root.get_by_role("slider", name="Step of the sequence").focus()
    page.keyboard.press("Escape")
    picture.has(lights="", lit="")
    expect(gate(picture, "R")).to_have_css("opacity", "1")
    # From the strips and from the drawing as well.
    box = picture.root.locator(".timeline").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 5)
    picture.has(lights="R")
    picture.root.locator(".drawing .pill[data-symbol=H_tilde]").hover()
    picture.has(lights="H_tilde")
    marked = picture.root.locator(".card .symbol[data-symbol=H_tilde]").first
    expect(marked).not_to_have_css("box-shadow", "none")


def test_another_name_for_z_leaves_h_and_another_reset_is_another_function(
    serve: Serve, new_page: NewPage
) -> None:
    step, unit = 5, 1
    page = new_page(serve(APP, DEPTH="gates", STEP=str(step), UNIT=str(unit)))
    picture, made = CellPicture(page), example()
    before = picture.numbers("H", STEPS)
    shown = gate(picture, "Z").locator(".number")
    z = made.trace.Z[0, step, unit]
    assert number(shown.text_content() or "") == pytest.approx(z, abs=0.0051)
    picture.root.get_by_role("button", name="written").click()
    picture.has(z_means="updates")
    assert (picture.numbers("H", STEPS) == before).all()
    expect(shown).to_have_text(f"{1 - z:.2f}")
    expect(picture.root.locator(".card[data-symbol=H] .formula")).to_contain_text(
        "( 1 − Zt ) × Ht−1 + Zt × H̃t"
    )
    expect(picture.root.locator(".note")).to_contain_text("H is the same")
    # Dragged to the top, all of the candidate is written: the core's Z is 0.
    drag_cell(picture, "Z", unit, 5, 200)
    picture.has(edits=f"Z{step}_{step + 1}_{unit}_0")
    changed = held(made, GateOverride("Z", 0.0, units=(unit,), steps=slice(step, step + 1)))
    assert_states(picture, changed.H[0])
    page.keyboard.press("Home")
    picture.root.get_by_role("button", name="Undo all changes").click()
    picture.root.get_by_role("button", name="kept").click()

    picture.root.get_by_role("button", name="after the product").click()
    picture.has(shows_reset="other", edits="")
    assert (picture.numbers("H", STEPS) == before).all()
    other = GRU(4, 5, reset_mode="after")
    other.load_state_dict({**made.gru.state_dict(), "cells.0.bias_hh": torch.zeros(5)})
    apart = np.abs(trace(other, made.x, made.h0[None, None])[0].H[0] - made.trace.H[0])
    note = picture.root.locator(".note")
    expect(note).to_contain_text("Two different functions")
    expect(note).to_contain_text(f"differs by up to {apart.max():.2f} (step {apart.max(axis=1).argmax()})")
    expect(picture.root.locator(".card[data-symbol=H_tilde] .numbers")).to_have_text(
        "not this model's function"
    )
