"""The page on extremes: four settings of one set of weights, each with its proof, and everything between."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from gru_core import EXTREMES, GateOverride
from gru_core.analysis.extremes import prove
from gru_core.scan import warm_kernels
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import (
    PROBED,
    Picture,
    assert_shows,
    choose_gates,
    complaints,
    demo,
    demo_trace,
    drag_slider,
    fill_in,
    gates_chosen,
    go_to,
    grain,
    query,
    slider_at,
)

NUMBER = r"\d+(?:\.\d+)?(?:\s×\s10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def numbers(text: str) -> list[float]:
    """The numbers in a card's last lines: the difference, then those that are named."""
    return [
        float(re.sub(r"\s×\s10(\S+)", lambda power: "e" + power[1].translate(POWERS), found))
        for found in re.findall(NUMBER, text)
    ]


def rounded(value: float) -> float:
    """As the page rounds: two decimals from 0.01 on, two digits below."""
    return round(value, 2) if value >= 0.01 else float(f"{value:.1e}")


def opened(new_page: NewPage, url: str, **query: str) -> Page:
    page = new_page(f"{url}/extremes?{urlencode(query)}", allow=(PROBED,))
    Picture(page)
    return page


@pytest.mark.parametrize("model", ["remember", "elnino"])
def test_each_card_proves_its_claim_now(model: str, app_url: str, new_page: NewPage) -> None:
    """With reset mode "before" and "after", whose learned state is compared with different references."""
    page = opened(new_page, app_url, model=model)
    loaded, _, x = demo(model)
    # The server scans with these; the last digits of a rounding error depend on it.
    warm_kernels()
    for setting in EXTREMES:
        proof = prove(loaded.gru, x, setting)
        card = page.locator(f".st-key-card_{setting}")
        difference = card.locator("strong").last.inner_text()
        words = card.inner_text()
        assert "holds" in words
        assert "does not hold" not in words
        assert numbers(difference) == [rounded(proof.difference)]
        assert proof.difference <= 1e-5
        named = [value for value in (proof.when_learned, proof.whole_run) if value is not None]
        assert numbers(words.partition("holds")[2]) == [rounded(value) for value in named]
        if setting != "learned":
            assert f"With the learned gates it is {proof.when_learned:.2f}" in words
            assert proof.when_learned > 0.1
    formula = page.locator(".st-key-card_learned annotation").last.text_content()
    assert (r"\mathrm{nn.GRU}" in formula) == (loaded.gru.reset_mode == "after")


def test_cards_give_the_verdict_and_strike_out_terms_that_are_zero(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    expect(page.locator(".st-key-card_learned")).to_contain_text("Says C (99.8%): right")
    for setting in ("rnn", "input_only", "copy"):
        expect(page.locator(f".st-key-card_{setting}")).to_contain_text("wrong, it is C")
    lines = ".katex-html .cancel-pad, .katex-html svg line"
    struck = {name: page.locator(f".st-key-card_{name}").locator(lines).count() for name in EXTREMES}
    assert struck["learned"] == 0
    assert 0 < struck["rnn"] == struck["copy"] < struck["input_only"]


def test_states_and_differences_side_by_side(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    picture = Picture(page)
    states = [demo_trace(overrides=overrides).H[0] for overrides in EXTREMES.values()]
    near = 2 * grain(*states[0].shape)
    for panel, state in enumerate(states):
        picture.wait_for_values(panel, state)
        np.testing.assert_allclose(picture.values(panel, *state.shape), state, atol=near)
    page.get_by_role("radio", name="Difference to learned").click()
    settled(page)
    for panel, state in enumerate(states[1:]):
        picture.wait_for_values(panel, state - states[0])
        np.testing.assert_allclose(picture.values(panel, *state.shape), state - states[0], atol=2 * near)


def test_sliders_make_a_free_setting_that_holds_everywhere(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    picture = Picture(page)
    drag_slider(page, "Z value", 0.2)
    # A value alone would change nothing while the gate is as learned: it is forced with it.
    assert slider_at(page, "Z: learned to forced") == 1
    drag_slider(page, "Z: learned to forced", 0.75)
    assert gates_chosen(page) == "custom"
    assert query(page) == {"gates": "custom", "z": "0.2", "zmix": "0.75"}
    free = GateOverride("Z", 0.2, blend=0.75)
    expected = demo_trace(overrides=[free])
    picture.wait_for_values(0, expected.H[0])

    fill_in(page, "Units", "0, 3-5")
    fill_in(page, "Steps", "2:9")
    some = GateOverride("Z", 0.2, units=(0, 3, 4, 5), steps=slice(2, 9), blend=0.75)
    expected = demo_trace(overrides=[some])
    picture.wait_for_values(0, expected.H[0])
    np.testing.assert_allclose(picture.values(0, 30, 16), expected.H[0], atol=2 * grain(30, 16))

    go_to(page, "Gates")
    assert gates_chosen(page) == "custom"
    assert slider_at(page, "Z value") == 0.2
    assert_shows(Picture(page), expected)
    drag_slider(page, "R value", 1.0)
    both = demo_trace(overrides=[some, GateOverride("R", 1.0, units=(0, 3, 4, 5), steps=slice(2, 9))])
    assert_shows(Picture(page), both)
    go_to(page, "Extremes")
    assert slider_at(page, "R value") == 1
    Picture(page).wait_for_values(0, both.H[0])
    assert query(page) == {
        "gates": "custom",
        "z": "0.2",
        "zmix": "0.75",
        "r": "1",
        "rmix": "1",
        "units": "0, 3-5",
        "steps": "2:9",
    }


def test_free_starts_where_the_extreme_is(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    choose_gates(page, "rnn")
    assert [slider_at(page, name) for name in ("Z value", "Z: learned to forced", "R value")] == [0, 1, 1]
    drag_slider(page, "R value", 0.0)
    assert gates_chosen(page) == "custom"
    Picture(page).wait_for_values(0, demo_trace(overrides=EXTREMES["input_only"]).H[0])


@pytest.mark.parametrize("address", ["", "extremes"])
def test_units_that_cannot_be_read_get_a_sentence_and_can_be_corrected(
    address: str, app_url: str, new_page: NewPage
) -> None:
    page = new_page(f"{app_url}/{address}?gates=custom&z=0.5&zmix=1", allow=(PROBED,))
    expected = demo_trace(overrides=[GateOverride("Z", 0.5, units=(3,))])
    wrong = {"one and two": "Cannot read 'one and two' as units", "99": "99", "5:2:0": "stride"}
    for text, reason in wrong.items():
        fill_in(page, "Units", text)
        (sentence,) = complaints(page)
        assert reason in sentence
        assert page.get_by_role("textbox", name="Units", exact=True).input_value() == text
    fill_in(page, "Steps", "1000")
    fill_in(page, "Units", "3")
    assert "1000" in complaints(page)[0]
    fill_in(page, "Steps", "")
    assert complaints(page) == []
    panel = 0 if address else 3
    Picture(page).wait_for_values(panel, expected.H[0])
