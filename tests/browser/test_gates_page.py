"""The landing page: four heatmaps of a trained model, read from the screen and compared with the core."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import expect
from torch import nn

from gru_core import EXTREMES, trace
from gru_core.sequences.probes import probe_sequence
from gru_core.symbols import TRACED
from gru_core.trace import last_output
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import (
    PROBED,
    Picture,
    answer,
    assert_shows,
    choose,
    choose_gates,
    demo,
    demo_trace,
    go_to,
    query,
    upload,
    use,
)


def test_the_first_picture_is_a_trained_model(app_url: str, new_page: NewPage) -> None:
    page = new_page(app_url)
    picture = Picture(page)
    assert_shows(picture, demo_trace("remember"))
    titles = picture.stage.get_attribute("aria-label") or ""
    assert titles.startswith("Heatmaps of R, Z, H̃ and H for 16 units over 30 steps.")
    expect(answer(page)).to_contain_text("right")


def test_a_tooltip_says_the_numbers_under_it(app_url: str, new_page: NewPage) -> None:
    """And the answers, which are the readout of the state; as an RNN they differ from step to step."""
    page = new_page(f"{app_url}/?gates=rnn")
    model, sequence, x = demo()
    traces = trace(model.gru, x, overrides=EXTREMES["rnn"])
    answers = model.answers(last_output(traces))[0]
    picture = Picture(page)
    for unit, step in ((5, 18), (0, 0), (15, 29)):
        where, row, *numbers, heading = (lines := picture.hover(2, unit, step))[:7]
        assert [where[0], row[0], heading[0]] == [
            f"Step {step} (‘{sequence.labels[step]}’)",
            f"unit {unit}",
            "Output",
        ]
        for symbol, (name, number) in zip(TRACED, numbers, strict=True):
            assert name == symbol.label
            assert abs(float(number) - getattr(traces[0], symbol.name)[0, step, unit]) < 6e-4
        best = np.argsort(-answers[step])[:3]
        for index, (name, number) in zip(best, lines[7:], strict=True):
            letter = model.card.outputs[index]
            assert name == (f"{letter} ◯" if letter == sequence.labels[0] else letter)
            assert abs(float(number) - answers[step, index]) < 0.0051
    best = int(answers[-1].argmax())
    sentence = f"At step 29 it says {model.card.outputs[best]} ({100 * answers[-1, best]:.1f}%)"
    expect(answer(page)).to_contain_text(sentence)


def test_each_extreme_shows_its_own_numbers_and_a_wrong_answer(app_url: str, new_page: NewPage) -> None:
    page = new_page(app_url)
    picture = Picture(page)
    # Zoomed in, the cursor somewhere and a unit chosen: all of it must survive.
    picture.press(*["ArrowRight"] * 12, "+", "ArrowDown")
    picture.wait_for(cursor=12, unit=0)
    settled(page)
    before = {name: picture.said(name) for name in ("cursor", "window", "unit", "order")}
    assert before["window"]
    for setting in ("rnn", "input_only", "copy"):
        choose_gates(page, setting)
        assert_shows(picture, demo_trace("remember", overrides=EXTREMES[setting]))
        assert {name: picture.said(name) for name in before} == before
        expect(answer(page)).to_contain_text("wrong")
        expect(answer(page)).to_contain_text("the right answer is C")
    choose_gates(page, "learned")
    assert_shows(picture, demo_trace("remember"))
    assert {name: picture.said(name) for name in before} == before
    expect(answer(page)).not_to_contain_text("wrong")


def test_keys_play_and_drag_move_the_cursor_and_the_link_follows(app_url: str, new_page: NewPage) -> None:
    page = new_page(app_url)
    picture = Picture(page)
    picture.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft")
    picture.wait_for(cursor=2)
    page.wait_for_url("**/?t=2")
    picture.press("End")
    page.wait_for_url("**/?t=29")
    picture.press("Home")
    page.wait_for_url(re.compile(r"/$"))

    page.get_by_role("combobox", name="Speed").select_option("25")
    page.get_by_role("button", name="Play").click()
    picture.wait_for(playing="true")
    picture.wait_for(cursor=29, playing="false")
    page.wait_for_url("**/?t=29")

    start = picture.place(0, 0, 29)
    end = picture.place(0, 0, 7)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, end[1], steps=4)
    page.mouse.move(*end, steps=4)
    picture.wait_for(cursor=7)
    page.mouse.up()
    page.wait_for_url("**/?t=7")
    said = picture.root.locator(".sentence").inner_text()
    keep = (demo_trace("remember").Z[0, 7] > 0.9).sum()
    assert said.startswith(f"Step 7 (‘{demo()[1].labels[7]}’): {keep} of 16 units keep over 90%")


def test_a_click_on_a_unit_opens_its_lines(app_url: str, new_page: NewPage) -> None:
    page = new_page(app_url)
    picture = Picture(page)
    height = picture.stage.bounding_box()["height"]
    picture.click(1, 9, 4)
    picture.wait_for(unit=9)
    page.wait_for_url("**/?unit=9")
    assert picture.stage.bounding_box()["height"] > height + 60
    picture.press("ArrowDown")
    picture.wait_for(unit=10)
    page.get_by_role("button", name="Close the lines of this unit").click()
    picture.wait_for(unit="")
    page.wait_for_url(re.compile(r"/$"))
    assert picture.stage.bounding_box()["height"] == height


def test_units_in_another_order(app_url: str, new_page: NewPage) -> None:
    page = new_page(app_url)
    picture = Picture(page)
    page.get_by_role("combobox", name="Units by").select_option("time scale")
    picture.wait_for(order="time scale")
    page.wait_for_url("**/?order=time+scale")
    learned = demo_trace("remember")
    rows = [picture.place(0, unit, 0)[1] for unit in range(16)]
    drawn = np.argsort(rows)
    keeps = learned.Z[0].astype(np.float64).mean(axis=0)
    assert (np.diff(keeps[drawn]) <= 1e-9).all()
    # The order changes rows, not numbers.
    assert_shows(picture, learned)


def test_numbers_without_a_class(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/?model=elnino")
    picture = Picture(page)
    assert_shows(picture, demo_trace("elnino"))
    model, _, x = demo("elnino")
    answers = model.answers(last_output(trace(model.gru, x)))[0]
    lines = dict(picture.hover(3, 0, 20))
    assert lines[model.card.outputs[0]] == f"{answers[20, 0]:.3f}"
    assert float(lines["right answer"]) == pytest.approx(float(model.card.examples[0].target[20]), abs=5e-4)


def test_another_model_and_sequence_by_their_names(app_url: str, new_page: NewPage) -> None:
    page = new_page(app_url)
    parity, _, _ = demo("parity")
    choose(page, "Model", parity.card.title)
    assert_shows(Picture(page), demo_trace("parity"))
    choose(page, "Sequence", parity.card.examples[3].title)
    assert_shows(Picture(page), demo_trace("parity", 3))
    assert query(page) == {"model": "parity", "seq": "example.3"}


def test_layers_and_directions_of_an_uploaded_model(
    app_url: str, new_page: NewPage, repository: Path
) -> None:
    folder = repository / "tests" / "cases" / "fw_torch"
    page = new_page(f"{app_url}/your_data", allow=(PROBED,))
    upload(page, "model", folder / "gru2bi_state_dict.pt")
    use(page, "Use ")
    go_to(page, "Gates")
    picture = Picture(page)

    reference = nn.GRU(5, 6, num_layers=2, bidirectional=True, batch_first=True)
    reference.load_state_dict(torch.load(folder / "gru2bi_state_dict.pt", weights_only=True))
    x = probe_sequence("impulse", 5).values
    with torch.no_grad():
        states = reference(torch.tensor(x)[None])[0][0].numpy()
    for direction, part in (("forward", states[:, :6]), ("backward (right to left)", states[:, 6:])):
        choose(page, "Layer", f"layer 1 {direction}")
        picture.wait_for_values(3, part)
        np.testing.assert_allclose(picture.values(3, len(x), 6), part, atol=2e-5)
    choose(page, "Layer", "layer 0 forward")
    single = nn.GRU(5, 6, batch_first=True)
    for name, parameter in single.named_parameters():
        parameter.data = getattr(reference, name).data
    with torch.no_grad():
        part = single(torch.tensor(x)[None])[0][0].numpy()
    picture.wait_for_values(3, part)
    np.testing.assert_allclose(picture.values(3, len(x), 6), part, atol=2e-5)
    expect(page.get_by_text("This model came without a readout")).to_be_visible()
