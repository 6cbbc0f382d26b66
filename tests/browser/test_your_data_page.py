"""Bringing a sequence or a model: what was read is shown, what fits is traced, the rest gets a sentence."""

from __future__ import annotations

import io
import os
import pickle
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from torch import nn

from gru_core import EXTREMES, trace
from gru_core.formats.gatescope import save_model
from gru_core.model import Example, SequenceModel
from gru_core.sequences import sequence_from_symbols
from gru_core.sequences.encoders import SymbolEncoder
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
    demo_trace,
    go_to,
    options,
    paste,
    query,
    tab,
    upload,
    use,
)
from tests.support.server import running


def opened(new_page: NewPage, url: str, link: str = "", allow: tuple[str, ...] = ()) -> Page:
    """The page Your data."""
    return new_page(f"{url}/your_data?{link}", allow=(PROBED, *allow))


def notes(page: Page, where: str = "file") -> str:
    """What the page says about how it read the data."""
    return page.locator(f".st-key-{where}_reading").inner_text()


def file(name: str, content: str | bytes) -> dict[str, object]:
    """A file as a person would choose it."""
    data = content.encode() if isinstance(content, str) else content
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def saved(state: object) -> bytes:
    """What torch.save writes."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


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


BAD_SEQUENCES = {
    "empty.csv": (b"", "empty"),
    "junk.csv": (bytes(range(256)) * 8, "junk.csv"),
    "ragged.csv": (b"a,b\n1,2\n3\n", "Row 3 has 1 field"),
    "words.csv": (b"temperature\n20\nwarm\n22\n21\n", "'warm'"),
    "infinite.csv": (b"temperature\n20\ninf\n22\n", "infinite"),
    "header.csv": (b"temperature,rain\n", "no rows"),
}


def test_bad_sequences_get_a_sentence_and_what_was_there_stays(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url, "model=elnino&seq=example.3&gates=copy&t=5")
    before = query(page)
    for name, (content, reason) in BAD_SEQUENCES.items():
        upload(page, "sequence", file(name, content))
        (sentence,) = complaints(page)
        assert reason in sentence, name
        assert query(page) == before
    arrays = io.BytesIO()
    np.savez(arrays, x=np.array([{"a": 1}, None], dtype=object))
    upload(page, "sequence", file("objects.npz", arrays.getvalue()))
    assert "object" in complaints(page)[0].lower()
    go_to(page, "Gates")
    assert query(page) == before
    assert Picture(page).cursor == 5


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
    expect(page.locator(".st-key-inspection")).to_contain_text("a GRU with 5 inputs, 7 units, 1 layer(s)")
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


class Trap:
    """Unpickled by a careless reader it leaves a file behind."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.canary),)


def test_bad_models_get_a_sentence_and_nothing_in_them_runs(
    app_url: str, new_page: NewPage, tmp_path: Path
) -> None:
    page = opened(new_page, app_url, "gates=rnn&t=3")
    before = query(page)
    canary = tmp_path / "ran"
    nan = nn.GRU(2, 3).state_dict()
    nan["weight_hh_l0"][0, 0] = float("nan")
    shapes = nn.GRU(2, 3).state_dict()
    shapes["bias_ih_l0"] = shapes["bias_ih_l0"][:-1]
    bad = {
        "trap.pt": (pickle.dumps({"weight_ih_l0": Trap(canary)}), ""),
        "trap_in_zip.pt": (saved({"weight_ih_l0": Trap(canary)}), ""),
        "lstm.pt": (saved(nn.LSTM(3, 4).state_dict()), "LSTM"),
        "linear.pt": (saved(nn.Linear(3, 4).state_dict()), "GRU"),
        "nan.pt": (saved(nan), "NaN"),
        "shapes.pt": (saved(shapes), "bias_ih_l0"),
        "junk.safetensors": (os.urandom(3000), "junk.safetensors"),
        "empty.pt": (b"", "empty"),
    }
    for name, (content, reason) in bad.items():
        upload(page, "model", file(name, content))
        sentence = complaints(page)[0]
        assert reason in sentence, (name, sentence)
        assert "Sorry" not in sentence
        assert page.get_by_role("button", name="Use ").count() == 0
        assert query(page) == before
    assert not canary.exists()
    go_to(page, "Gates")
    assert_shows(Picture(page), demo_trace(overrides=EXTREMES["rnn"]))


def test_a_file_beyond_the_limit_is_refused_before_it_costs_memory(new_page: NewPage, tmp_path: Path) -> None:
    """By the browser's own check, and by the server when somebody goes around it."""
    large = tmp_path / "large.csv"
    large.write_bytes(b"1.0\n" * 15_000_000)
    with running() as server:
        page = opened(new_page, server.url)
        sent = []
        page.on("request", lambda request: sent.append(request) if "upload_file" in request.url else None)
        upload(page, "sequence", file("small.csv", "1\n2\n"))
        before = server.memory()
        upload(page, "sequence", large)
        expect(page.get_by_text("File must be 50.0MB or smaller")).to_be_visible()

        request = next(request for request in sent if request.method == "PUT")
        address = urlsplit(request.url)
        kept = {name: value for name, value in request.all_headers().items() if name != "content-length"}
        with closing(HTTPConnection("127.0.0.1", address.port, timeout=30)) as connection:
            # Refused before it is sent: the announced size is enough.
            connection.putrequest("PUT", address.path, skip_host=True, skip_accept_encoding=True)
            for name, value in (kept | {"content-length": str(large.stat().st_size)}).items():
                connection.putheader(name, value)
            connection.endheaders()
            assert connection.getresponse().status == 413
        assert server.memory() - before < 150e6


IMAGE = "<img src=x onerror=window.hacked=1>"
MARKDOWN = "![a](http://example.org/a.png) [b](javascript:window.hacked=1) **c** :red[d] $e$"


def assert_nothing_ran(page: Page) -> None:
    """No script of the uploaded text ran, and none of it became an element."""
    assert page.evaluate("window.hacked") is None
    elements = "img[src='x'], img[src*='example.org'], a[href^='javascript'], a[href*='example.org']"
    assert page.locator(elements).count() == 0


def test_people_s_text_is_shown_and_never_run(app_url: str, new_page: NewPage) -> None:
    page = opened(new_page, app_url, "model=adding")
    table = f'name,"{IMAGE}","{MARKDOWN}"\n' + "".join(
        f'"{label}",0.{step},{step % 2}\n'
        for step, label in enumerate([IMAGE, MARKDOWN, "plain", "<b>x</b>"])
    )
    name = "![x](http:example.org) <img src=x>.csv"
    upload(page, "sequence", file(name, table))
    assert IMAGE in notes(page)
    assert_nothing_ran(page)
    use(page)
    assert_nothing_ran(page)
    assert any(name[:20] in option for option in options(page, "Sequence"))
    go_to(page, "Gates")
    picture = Picture(page)
    assert IMAGE[:30] in picture.hover(1, 2, 0)[0][0]
    assert_nothing_ran(page)
    go_to(page, "Extremes")
    Picture(page).hover(1, 2, 1)
    assert_nothing_ran(page)
    # Shown in a sentence that says what does not fit.
    page = opened(new_page, app_url)
    page.get_by_role("radio", name="words").click()
    paste(page, f"A {IMAGE} {MARKDOWN}")
    assert "<img" in complaints(page)[0]
    assert_nothing_ran(page)


def test_a_model_s_own_words_are_shown_and_never_run(app_url: str, new_page: NewPage, tmp_path: Path) -> None:
    model, _, _ = demo()
    words = (IMAGE, MARKDOWN, *model.encoder.vocabulary[2:])
    card = replace(
        model.card,
        name=IMAGE,
        title=MARKDOWN,
        task=IMAGE + MARKDOWN,
        outputs=words,
        source=MARKDOWN,
        examples=(Example(MARKDOWN, labels=words[:6], target=(IMAGE,) * 6),),
    )
    made = SequenceModel(SymbolEncoder(words), model.gru, model.readout, card)
    path = tmp_path / "model.safetensors"
    save_model(made, path)
    page = opened(new_page, app_url)
    upload(page, "model", path)
    assert_nothing_ran(page)
    use(page, "Use ")
    for title in ("Gates", "Extremes"):
        go_to(page, title)
        Picture(page).hover(0, 3, 1)
        assert_nothing_ran(page)
        assert MARKDOWN[:20] in chosen(page, "Sequence")
    expect(page.locator(".st-key-card_rnn")).to_be_visible()


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
