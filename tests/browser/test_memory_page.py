"""The memory ledger on projector and telephone: by mouse, touch and keys, against the core's numbers."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from playwright.sync_api import Locator, Page, expect

from gru_core import EXTREMES
from gru_core.analysis.ledger import ledger_row
from gru_core.analysis.memory_age import mean_age, measured_half_lives
from gru_core.demos import demo_path
from gru_core.formats import load_model
from gru_core.sequences.examples import demo_sequence
from gru_core.trace import GateTrace, trace
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, query


def opened(new_page: NewPage, url: str, link: str, **how: Any) -> tuple[Page, Locator]:
    page = new_page(f"{url}/memory?{link}", allow=(PROBED,), **how)
    root = page.locator(".ledger")
    page.locator(".ledger[data-revision]:not([data-revision='0'])").wait_for()
    return page, root


def traced(name: str, example: int = 0, gates: str = "learned") -> GateTrace:
    model = load_model(demo_path(name))
    x = model.encoder.encode(demo_sequence(model, example))
    return trace(model.gru, x, overrides=EXTREMES[gates])[0]


def row(root: Locator) -> np.ndarray[Any, Any]:
    return np.array(root.evaluate("(node) => node.gatescope.row()"))


def place(root: Locator, call: str) -> tuple[float, float]:
    """A place on the stage, in pixels of the window."""
    x, y = root.evaluate(f"""(node) => {{
        const {{ left, top }} = node.querySelector(".stage").getBoundingClientRect();
        const {{ x, y }} = node.gatescope.{call};
        return [left + x, top + y];
    }}""")
    return x, y


def test_rows_units_and_keys_on_a_projector(app_url: str, new_page: NewPage) -> None:
    page, root = opened(new_page, app_url, "model=brackets")
    t = traced("brackets")
    whole = [ledger_row(t, step)[0] for step in range(t.steps)]
    sentence = root.locator(".sentence")
    # Nobody has chosen a state: the last one is shown, and the picture with its sentence is above the fold.
    np.testing.assert_allclose(row(root), whole[30].mean(axis=1), atol=1e-4)
    share, age = float(whole[30][30].mean()), float(mean_age(t)[0, 30].mean())
    expect(sentence).to_have_text(
        f"State at step 30 (‘x’): the largest part is from step 29 (‘(’) ({share:.0%}), "
        f"{whole[30][0].mean():.1%} is H₀, written {age:.3g} steps earlier on average."
    )
    box = sentence.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 768

    # Under the hand another row is shown at once, and the text has the colours of its shares.
    page.mouse.move(*place(root, "cellAt(12, 10)"))
    expect(root).to_have_attribute("data-shown", "12")
    np.testing.assert_allclose(row(root), whole[12].mean(axis=1), atol=1e-4)
    colours = root.evaluate("(node) => node.gatescope.colours()")
    assert colours[11] != colours[10] != colours[12]
    assert colours[13:] == [""] * 18
    # A drag settles on one; the address and the sentences below follow.
    page.mouse.down()
    page.mouse.move(*place(root, "cellAt(20, 2)"), steps=4)
    page.mouse.up()
    expect(sentence).to_have_text(re.compile(rf"20 \(‘\)’\): {whole[20][3].mean():.1%} of it was .* step 2 "))
    settled(page)
    assert query(page)["t"] == "20"
    expect(
        page.get_by_test_id("stText").filter(has_text="the largest part of the state at step 20")
    ).to_be_visible()

    stage = root.locator(".stage")
    stage.focus()
    for key, shown in (("ArrowUp", 19), ("ArrowDown", 20), ("Home", 0), ("End", 30)):
        page.keyboard.press(key)
        expect(root).to_have_attribute("data-shown", str(shown))
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(sentence).to_have_text(re.compile(rf": {share:.0%} of it was written at step 29 "))

    # The units stand by their half-life; touching a bar shows that unit alone, on every page.
    lives = measured_half_lives(t).steps
    shown = np.array(root.evaluate("(node) => node.gatescope.lives()"))
    np.testing.assert_allclose(shown, lives, rtol=1e-6)
    longest = int(lives.argmax())
    page.mouse.click(*place(root, f"unitAt({longest})"))
    expect(root).to_have_attribute("data-averaged", str(longest), timeout=30_000)
    settled(page)
    np.testing.assert_allclose(row(root), whole[30][:, longest], atol=1e-4)
    assert query(page)["unit"] == str(longest)
    page.mouse.click(*place(root, "unitAt(0)"), button="left")
    expect(root).to_have_attribute("data-averaged", "0", timeout=30_000)
    page.get_by_role("textbox", name="Units").fill("2-4, 7")
    page.keyboard.press("Enter")
    expect(root).to_have_attribute("data-averaged", "2,3,4,7", timeout=30_000)
    np.testing.assert_allclose(row(root), whole[30][:, [2, 3, 4, 7]].mean(axis=1), atol=1e-4)

    # Copy is a full first column, an RNN a bare diagonal.
    for name, column in (("Copy", 0), ("RNN", 31)):
        page.get_by_role("radio", name=name).click()
        expect(root.locator(".title")).to_have_text("Who wrote the state, mean of 4 of 10 units")
        page.wait_for_function(
            "([node, column]) => node.gatescope.row()[column] > 0.9999", arg=[root.element_handle(), column]
        )
        assert row(root).sum() == 1
    expect(page.get_by_test_id("stText").first).to_have_text(re.compile("the map is a bare diagonal"))


def test_a_long_text_is_touched_on_a_telephone(app_url: str, new_page: NewPage) -> None:
    """1,000 bits: the map is of 3 steps a row, the chosen row is exact, and the text shows it."""
    page, root = opened(
        new_page,
        app_url,
        "model=parity&seq=example.4&t=500&ledger=content",
        width=390,
        height=844,
        touch=True,
    )
    t = traced("parity", 4)
    wanted = ledger_row(t, 500)[0][1:] * t.H_tilde[0]
    assert root.get_attribute("data-exact") == "true"
    np.testing.assert_allclose(row(root)[1:], wanted.mean(axis=1), atol=1e-6)
    assert abs(row(root).sum() - float(t.H[0, 500].mean())) < 1e-5
    expect(page.get_by_test_id("stCaptionContainer").filter(has_text="1,000 steps")).to_be_visible()
    # A finger on a symbol of the text: its state, exact once the server has answered.
    root.locator(".symbol[data-step='503']").tap()
    expect(root).to_have_attribute("data-shown", "503")
    expect(root).to_have_attribute("data-exact", "true", timeout=30_000)
    wanted = ledger_row(t, 503)[0][1:] * t.H_tilde[0]
    np.testing.assert_allclose(row(root)[1:], wanted.mean(axis=1), atol=1e-6)
    settled(page)
    assert parse_qs(urlsplit(page.url).query)["t"] == ["503"]
