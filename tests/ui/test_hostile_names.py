"""Names and file names that would be pictures, links or markup if a page did not write them as text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest
from torch import nn

from tests.ui.test_pages import link, opened

HOSTILE = (
    "![p](https://evil.example/p.png)<img src=x onerror=alert(1)>[k](javascript:alert(1)):red[r]$x^2$`c`"
)
"""Ways in which Markdown, HTML and Streamlit's own marks could make more of a name than text."""

RAW = re.compile(r"(?<!\\)(!\[p|<img|\[k\]|:red\[|\$x\^|`c)")
"""The same where it is not written as text."""

PLAIN = {"text", "code", "arrow_data_frame", "plotly_chart", "bidi_component"}
"""Elements that draw their words as they are; figures escape theirs, which has tests of its own."""

AS_THEY_ARE = {"id", "rawValue", "formId"}
"""Fields that are not drawn, or in a field of text."""


def hostile_file() -> bytes:
    torch.manual_seed(3)
    layers = {"emb": nn.Embedding(5, 4), "gru": nn.GRU(4, 6), "rec": nn.LSTM(4, 6), "fc": nn.Linear(6, 3)}
    arrays = {
        f"{HOSTILE}.{name}.{part}": value
        for name, layer in layers.items()
        for part, value in layer.state_dict().items()
    }
    file = io.BytesIO()
    torch.save(arrays, file)
    return file.getvalue()


def drawn(app: AppTest) -> Iterator[tuple[str, str, str]]:
    """(element, field, text) of everything on the page that may be drawn as Markdown."""
    for kind in {element.type for element in (*app.main, *app.sidebar)} - PLAIN:
        for element in app.get(kind):
            proto = getattr(element, "proto", None)
            yield from fields(kind, {} if proto is None else MessageToDict(proto))


def fields(kind: str, plain: Any) -> Iterator[tuple[str, str, str]]:
    """Every text below a message; the options of a list to choose from are drawn as they are."""
    for field, value in plain.items():
        if field in AS_THEY_ARE or (kind, field) == ("selectbox", "options"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield from fields(kind, part)
            elif isinstance(part, str):
                yield kind, field, part


def unescaped(app: AppTest) -> list[tuple[str, str, str]]:
    assert not app.exception
    return [found for found in drawn(app) if RAW.search(found[2])]


@pytest.mark.slow
def test_hostile_names_in_a_model_are_text_on_every_page() -> None:
    app = opened("your_data")
    given = [(f"{HOSTILE.replace('/', '∕')}.pt", hostile_file(), "application/octet-stream")]
    app.file_uploader(key="model_file").set_value(given).run(timeout=60)
    assert any("evil" in text for _, _, text in drawn(app))
    assert unescaped(app) == []
    app.button(key="use_model_0").click().run()
    assert unescaped(app) == []
    for page in ("gates", "extremes"):
        assert unescaped(opened(page, **link(app))) == []


def test_what_is_not_written_as_text_would_be_found() -> None:
    assert RAW.search(HOSTILE)
    assert list(fields("markdown", {"body": HOSTILE})) == [("markdown", "body", HOSTILE)]
