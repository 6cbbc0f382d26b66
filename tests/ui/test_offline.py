"""A page without a server is a whole page, holds what was drawn, and lets nothing in it become markup."""

import base64
import json
from html.parser import HTMLParser

import numpy as np
import pytest

from gru_ui.components.part import Drawn, Part
from gru_ui.components.payload import Packer
from gru_ui.offline import Section, offline_page

EVIL = "</script></style></template><img src=x onerror=alert(1)>\"'&"
PART = Part("p", '<div class="p"></div>', ".p { color: red; }", "export default function mount() {}\n")


class Reader(HTMLParser):
    """The elements of a page, and the text of each script and paragraph."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)


def drawn(part: Part = PART) -> Drawn:
    packer = Packer()
    values = packer.add(np.arange(5, dtype=np.float32))
    command = {"serial": 7, "set": {"cursor": 1}, "changed": []}
    data = packer.finish({"summary": EVIL, "filename": "f", "values": values, "command": command})
    return Drawn(part, data, {"cursor": 3})


def test_people_s_text_is_text_and_the_picture_opens_as_it_was_left() -> None:
    sections = [Section(EVIL, EVIL, [EVIL], EVIL, EVIL)]
    page = Reader()
    page.feed(offline_page(drawn(), EVIL, sections).decode())
    assert "img" not in page.tags
    assert page.tags.count("script") == 2
    for tag in ("title", "h1", "h2", "p", "li", "code", "a"):
        assert page.texts[tag][0] == EVIL
    data = base64.b64decode(page.texts["script"][0])
    base = 4 + int.from_bytes(data[:4], "little")
    header = json.loads(data[4:base])
    assert base % 8 == 0
    assert header["command"] == {"serial": 1, "set": {"cursor": 3}, "changed": ["cursor"]}
    values = np.frombuffer(data[base:], np.float32, count=header["values"]["length"])
    np.testing.assert_array_equal(values, np.arange(5))


@pytest.mark.parametrize("script", ["const a = '</script>';", "// <!-- no\n"])
def test_a_script_that_would_end_its_element_is_refused(script: str) -> None:
    with pytest.raises(ValueError, match="write them apart"):
        offline_page(drawn(Part("p", "<div></div>", "", script)), "t", [])
