"""Bringing a sequence or a model: what was read is shown, what fits is traced, the rest gets a sentence."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from torch import nn

from gru_core import trace
from gru_core.sequences import sequence_from_symbols
from gru_core.sequences.probes import probe_sequence
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import (
    PROBED,
    Picture,
    answer,
    assert_shows,
    choose,
    chosen,
    complaints,
    demo,
    file,
    go_to,
    paste,
    query,
    saved,
    tab,
    upload,
    use,
)


def opened(new_page: NewPage, url: str, link: str = "", allow: tuple[str, ...] = ()) -> Page:
    """The page Your data."""
    return new_page(f"{url}/your_data?{link}", allow=(PROBED, *allow))


def notes(page: Page, where: str = "file") -> str:
    """What the page says about how it read the data."""
    return page.locator(f".st-key-{where}_reading").inner_text()


def test_pasted_text_is_traced(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    paste(page, "B A D C A F E")
    assert "7 symbols separated by spaces" in notes(page, "pasted")
    expect(page.get_by_text("It fits the model: 7 steps.")).to_be_visible()
    use(page)
    expect(page.get_by_text("In use on every page, and in this link.")).to_be_visible()
    go_to(page, "Gates")
    model, _, _ = demo()
    x = model.encoder.encode(sequence_from_symbols(list("BADCAFE"), "typed"))
    assert_shows(Picture(page), trace(model.gru, x)[0])
    expect(answer(page)).to_contain_text("it says B")
    assert chosen(page, "Sequence") == "Pasted: B A D C A F E"
    go_to(page, "Extremes")
    expect(page.locator(".st-key-card_learned")).to_contain_text("Says B")


def test_a_table_is_read_mapped_filled_and_standardised(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url, "model=adding")
    lines = ("day,flag,number", "mon,1,0.5", "tue,0,", "wed,0,0.25", "thu,1,0.75", "fri,0,0.5")
    upload(page, "sequence", file("week.csv", "\n".join(lines)))
    (sentence,) = complaints(page)
    assert "1 missing value (first in row 3, column 'number')" in sentence
    assert page.get_by_role("button", name="Use this sequence").count() == 0
    page.get_by_role("radio", name="fill").click()
    settled(page)
    assert "Labels of the steps from column 'day'" in notes(page)
    assert "Filled 1 missing value" in notes(page)

    # By position it would fit, the wrong way round: the model reads value, then mark.
    for name, column in (("value is fed by", "number"), ("mark is fed by", "flag")):
        choose(page, name, column)
    use(page)
    assert query(page)["columns"] == "number|flag"
    model, _, _ = demo("adding")
    numbers = np.array([0.5, 0.375, 0.25, 0.75, 0.5])
    marks = np.array([1.0, 0, 0, 1, 0])

    def expected(value: np.ndarray, mark: np.ndarray) -> np.ndarray:
        mean, std = np.array(model.encoder.mean), np.array(model.encoder.std)
        x = (np.column_stack([value, mark]) - mean) / std
        return x.astype(np.float32)

    go_to(page, "Gates")
    picture = Picture(page)
    assert_shows(picture, trace(model.gru, expected(numbers, marks))[0])
    assert picture.hover(0, 0, 3)[0][0] == "Step 3 (‘thu’)"

    go_to(page, "Your data")
    expect(page.get_by_role("combobox", name="Sequence")).to_have_value("week.csv")


def test_standardised_columns_and_dropped_rows(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url, "model=elnino")
    upload(page, "sequence", file("t.csv", "temperature\n20\n22\nNA\n27\n"))
    page.get_by_role("radio", name="drop").click()
    page.get_by_text("Standardise", exact=True).click()
    settled(page)
    assert "Standardised over these steps: 'temperature' mean 23, std 2.94392" in notes(page)
    use(page)
    go_to(page, "Gates")
    model, _, _ = demo("elnino")
    values = (np.array([20.0, 22, 27]) - 23) / np.std([20.0, 22, 27])
    x = (values[:, None] - np.array(model.encoder.mean)) / np.array(model.encoder.std)
    assert_shows(Picture(page), trace(model.gru, x.astype(np.float32))[0])


def test_a_cell_is_edited(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url, "model=elnino")
    paste(page, "temperature\n20\n22\n24")
    grid = page.locator(".st-key-pasted_table canvas").first
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 200, box["y"] + box["height"] * 0.42)
    page.locator(".st-key-pasted_table [role=gridcell][aria-selected=true]").wait_for(state="attached")
    page.keyboard.press("Enter")
    cell = page.locator("#portal input")
    expect(cell).to_have_value("22")
    cell.fill("26.5")
    cell.press("Enter")
    settled(page)
    assert "Cells were edited by hand." in notes(page, "pasted")
    use(page)
    go_to(page, "Gates")
    model, _, _ = demo("elnino")
    x = (np.array([[20.0], [26.5], [24]]) - np.array(model.encoder.mean)) / np.array(model.encoder.std)
    assert_shows(Picture(page), trace(model.gru, x.astype(np.float32))[0])


def test_what_does_not_fit_says_why_and_what_would(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    paste(page, "0 1 1 0 1")
    assert "'A', 'B'" in complaints(page)[0]
    expect(page.get_by_text("It would fit:")).to_contain_text(demo("parity")[0].card.title)
    paste(page, "A B Q A")
    assert "the sequence also has 'Q'" in complaints(page)[0]
    # Where it says to: with another model the same text fits.
    paste(page, "0 1 1 0 1")
    choose(page, "Model", demo("parity")[0].card.title)
    expect(page.get_by_text("It fits the model: 5 steps.")).to_be_visible()


def test_a_single_step_is_traced_and_said(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    paste(page, "D")
    assert "It has a single step: there is no past for the gates to keep." in notes(page, "pasted")
    use(page)
    go_to(page, "Extremes")
    Picture(page)
    go_to(page, "Gates")
    model, _, _ = demo()
    x = model.encoder.encode(sequence_from_symbols(["D"], "typed"))
    assert_shows(Picture(page), trace(model.gru, x)[0])


@pytest.mark.parametrize("name", ["gru1_checkpoint.pt", "gru1.safetensors"])
def test_a_model_is_uploaded_and_equals_torch(
    name: str, app_url: str, new_page: NewPage, repository: Path
) -> None:
    folder = repository / "tests" / "cases" / "fw_torch"
    page = opened(new_page, app_url)
    upload(page, "model", folder / name)
    expect(page.locator(".st-key-inspection")).to_contain_text("a GRU with 5 inputs, 7 units, 1 layer")
    use(page, "Use ")
    assert chosen(page, "Model") == name
    go_to(page, "Gates")
    reference = nn.GRU(5, 7, batch_first=True)
    reference.load_state_dict(torch.load(folder / "gru1_state_dict.pt", weights_only=True))
    x = probe_sequence("impulse", 5).values
    with torch.no_grad():
        states = reference(torch.tensor(x)[None])[0][0].numpy()
    picture = Picture(page)
    picture.wait_for_values(3, states)
    np.testing.assert_allclose(picture.values(3, len(x), 7), states, atol=2e-5)
    expect(page.get_by_text("This model came without a readout")).to_be_visible()


@pytest.mark.slow
def test_a_long_input_with_many_units_draws_and_sends_little(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    received: list[int] = []

    def count(payload: str | bytes) -> None:
        received.append(len(payload))

    page.on("websocket", lambda socket: socket.on("framereceived", count))
    page.reload()
    settled(page)
    torch.manual_seed(0)
    layer = nn.GRU(1, 256, batch_first=True)
    upload(page, "model", file("wide.pt", saved(layer.state_dict())))
    use(page, "Use ")
    values = np.sin(np.arange(10_000) / 30).astype(np.float32)
    buffer = io.BytesIO()
    np.save(buffer, values)
    upload(page, "sequence", file("long.npy", buffer.getvalue()))
    use(page)
    received.clear()
    go_to(page, "Gates")
    picture = Picture(page)
    with torch.no_grad():
        states = layer(torch.tensor(values)[None, :, None])[0][0].numpy()
    assert picture.said("bin") == "7"
    binned = states[:9996].reshape(-1, 7, 256).mean(axis=1)
    shown = picture.values(3, 70, 256)
    np.testing.assert_allclose(shown[::7], binned[:10], atol=0.006)
    assert sum(received) < 3_000_000
    expect(page.get_by_text("Each column is the mean of")).to_have_count(
        0
    )  # it is drawn, not in the page's text
    # Zoomed in, single steps are exact again.
    picture.press(*["+"] * 4)
    picture.wait_for(bin=1)
    np.testing.assert_allclose(picture.values(3, 300, 256), states[:300], atol=0.006)


def test_uploads_wait_in_the_tab_they_were_chosen_in(app_url: str, new_page: NewPage) -> None:
    """What was pasted is still there after a look at another tab."""
    page = opened(new_page, app_url)
    paste(page, "A B C")
    tab(page, "Upload a model")
    tab(page, "Paste")
    assert page.get_by_role("textbox", name="Text, or numbers").input_value() == "A B C"
