"""A practitioner's own model: what is in its file, its gates, and the proof that the numbers are right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from torch import nn

from gru_core import trace
from gru_core.formats import load
from gru_core.sequences.probes import probe_sequence
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import (
    PROBED,
    Picture,
    assert_shows,
    choose,
    choose_gates,
    file,
    go_to,
    paste,
    saved,
    tab,
    upload,
    use,
)


def proof(page: Page) -> Locator:
    """The badge beside the model."""
    return page.locator(".st-key-proof").get_by_role("button")


def opened(new_page: NewPage, url: str, **look: object) -> Page:
    """The page Your data."""
    return new_page(f"{url}/your_data", allow=(PROBED,), **look)


@pytest.mark.parametrize("page_name", ["", "extremes", "your_data"])
def test_the_proof_stands_on_every_page_with_the_frame(
    page_name: str, app_url: str, new_page: NewPage
) -> None:
    page = new_page(f"{app_url}/{page_name}?model=elnino", allow=(PROBED,))
    expect(proof(page)).to_contain_text("Proof: equals PyTorch to")
    said = proof(page).inner_text()
    choose_gates(page, "copy")
    # The same proof, which is of the gates as learned, whatever holds them in the picture.
    expect(proof(page)).to_contain_text("As learned: equals PyTorch to")
    assert proof(page).inner_text() == said.replace("Proof:", "As learned:")
    proof(page).click()
    evidence = page.get_by_test_id("stPopoverBody")
    expect(evidence).to_contain_text("right for these weights")
    expect(evidence.get_by_role("row")).to_have_count(5)


def test_the_proof_of_an_uploaded_model(app_url: str, new_page: NewPage, repository: Path) -> None:
    page = opened(new_page, app_url)
    upload(page, "model", repository / "tests" / "cases" / "fw_torch" / "gru2bi.safetensors")
    use(page, "Use ")
    go_to(page, "Gates")
    expect(proof(page)).to_contain_text("Proof: equals PyTorch to")
    proof(page).click()
    expect(page.get_by_test_id("stPopoverBody")).to_contain_text("60 of 60 steps of probe: impulse")


@pytest.mark.parametrize("width", [1366, 390])
def test_the_proof_covers_nothing(width: int, app_url: str, new_page: NewPage, repository: Path) -> None:
    page = opened(new_page, app_url, width=width)
    upload(page, "model", repository / "tests" / "cases" / "fw_torch" / "gru2bi.safetensors")
    use(page, "Use ")
    settled(page)
    expect(proof(page)).to_contain_text("Proof: equals PyTorch to")
    boxes = [
        one.bounding_box()
        for key in ("proof", "model", "sequence", "layer", "gates")
        for one in page.locator(f".st-key-{key} :is([data-testid=stWidgetLabel] p, button, input)").all()
        if one.is_visible()
    ]
    badge, *others = [box for box in boxes if box is not None]
    for box in others:
        apart = (
            box["x"] >= badge["x"] + badge["width"]
            or box["x"] + box["width"] <= badge["x"]
            or box["y"] >= badge["y"] + badge["height"]
            or box["y"] + box["height"] <= badge["y"]
        )
        assert apart, (badge, box)
    assert badge["x"] >= 0
    assert badge["x"] + badge["width"] <= width


@pytest.mark.parametrize(
    ("path", "row", "reset"),
    [
        (
            "fw_keras/keras3_ra0_single.keras",
            "Keras and tf.keras, GRU(reset_after=False)",
            "before the product",
        ),
        ("fw_onnx/torch_export_gru1_dynamo.onnx", "ONNX GRU, linear_before_reset=1", "after the product"),
    ],
)
def test_a_file_is_dropped_explained_and_its_gates_are_read(
    path: str, row: str, reset: str, app_url: str, new_page: NewPage, repository: Path
) -> None:
    page = opened(new_page, app_url)
    place = repository / "tests" / "cases" / path
    upload(page, "model", place)
    page.get_by_text("How it was read", exact=True).click()
    settled(page)
    explained = page.locator(".st-key-inspection")
    expect(explained.get_by_role("row").filter(has_text="Framework")).to_contain_text(row)
    expect(explained.get_by_role("row").filter(has_text="Reset gate")).to_contain_text(reset)
    expect(explained.locator(".katex").first).to_be_visible()
    use(page, "Use ")
    page.get_by_role("link", name="See its gates").first.click()
    settled(page)
    (gru,) = load(place).values()
    x = probe_sequence("impulse", gru.input_size).values
    assert_shows(Picture(page), trace(gru, x)[0])
    against = "equals equations to" if gru.reset_mode == "before" else "equals PyTorch to"
    expect(proof(page)).to_contain_text(f"Proof: {against}")
    proof(page).click()
    expect(page.get_by_test_id("stPopoverBody")).to_contain_text(f"read as {row}.")


class Net(nn.Module):
    """Embedding -> GRU -> Linear."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(60)
        self.embedding = nn.Embedding(5, 4)
        self.gru = nn.GRU(4, 6, batch_first=True)
        self.fc = nn.Linear(6, 3)


def test_words_are_read_and_answered_by_ones_own_model_in_a_second_window_too(
    app_url: str, new_page: NewPage
) -> None:
    net = Net()
    page = opened(new_page, app_url)
    upload(page, "model", file("net.pt", saved(net.state_dict())))
    use(page, "Use ")
    page.get_by_role("radio", name="Rows of an embedding").click()
    settled(page)
    box = page.get_by_role("textbox", name="Or pasted: symbols in the order of their ids")
    box.fill("<pad> <unk> the cat sat")
    box.press("Control+Enter")
    settled(page)
    choose(page, "Readout", "fc (6 -> 3)")
    names = page.get_by_role("textbox", name="Names of its 3 outputs")
    names.fill("red, green, blue")
    names.press("Control+Enter")
    settled(page)
    use(page, "Take these for this model")
    tab(page, "Paste")
    paste(page, "the cat sat zzz")
    expect(page.get_by_text("1 not in the vocabulary, read as")).to_be_visible()
    use(page)
    go_to(page, "Gates")
    with torch.no_grad():
        states = net.gru(net.embedding(torch.tensor([[2, 3, 4, 1]])))[0]
        best = ("red", "green", "blue")[int(net.fc(states)[0, -1].argmax())]
    for seen in (page, new_page(page.url, allow=(PROBED,))):
        picture = Picture(seen)
        picture.wait_for_values(3, states[0].numpy())
        np.testing.assert_allclose(picture.values(3, 4, 6), states[0].numpy(), atol=2e-5)
        expect(seen.locator(".st-key-answer")).to_contain_text(f"it says {best}")
        expect(seen.locator(".st-key-answer")).to_contain_text("attached by hand")
        expect(proof(seen)).to_contain_text("Proof: equals PyTorch to")


def test_back_takes_a_fitting_off_and_reload_keeps_it(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url)
    upload(page, "model", file("net.pt", saved(Net().state_dict())))
    use(page, "Use ")
    plain = page.url
    choose(page, "Readout", "fc (6 -> 3)")
    use(page, "Take these for this model")
    fitted = page.url
    assert fitted != plain
    page.reload()
    settled(page)
    tab(page, "Upload a model")
    expect(page.locator(".st-key-fit")).to_contain_text("In use on every page")
    page.go_back()
    settled(page)
    assert page.url == plain
    tab(page, "Upload a model")
    expect(page.get_by_role("combobox", name="Readout")).to_have_value("none: gates and states only")
