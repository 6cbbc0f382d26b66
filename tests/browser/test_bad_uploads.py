"""What people must never be able to do with an upload: break the page, run something, use up the memory."""

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
from playwright.sync_api import Page, expect
from torch import nn

from gru_core import EXTREMES
from gru_core.formats.gatescope import save_model
from gru_core.model import Example, SequenceModel
from gru_core.sequences.encoders import SymbolEncoder
from tests.browser.conftest import NewPage
from tests.support.screen import (
    PROBED,
    Picture,
    assert_shows,
    chosen,
    complaints,
    demo,
    demo_trace,
    file,
    go_to,
    options,
    paste,
    query,
    saved,
    upload,
    use,
)
from tests.support.server import running


def opened(new_page: NewPage, url: str, link: str = "", allow: tuple[str, ...] = ()) -> Page:
    """The page Your data."""
    return new_page(f"{url}/your_data?{link}", allow=(PROBED, *allow))


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
        sentence = " ".join(complaints(page))
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
    assert IMAGE in page.locator(".st-key-file_reading").inner_text()
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
