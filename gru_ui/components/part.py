"""A component's script, rules and element, as Streamlit takes them and as a page without a server does.

`remember_drawn` keeps what a page has just sent to its picture until the end of the run, so that the same
picture can be put into a file: `gru_ui.offline`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

_DRAWN = "drawn in this run"


@dataclass(frozen=True)
class Part:
    """One kind of picture: the name it is registered under, its element, its rules, its bundled script.

    The script has one default export, a function called `mount`.
    """

    name: str
    html: str
    css: str
    js: str

    def register(self) -> Any:
        """The component as Streamlit mounts it."""
        return st.components.v2.component(self.name, html=self.html, css=self.css, js=self.js)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture on the page: the block of bytes that it was sent, and what the person chose in it since."""

    part: Part
    data: bytes
    now: Mapping[str, Any]

    @property
    def header(self) -> dict[str, Any]:
        """The head of the block: its texts, its summary, its file's name."""
        header: dict[str, Any] = json.loads(self.data[4 : self._base])
        return header

    def as_left(self) -> bytes:
        """The block for a browser that has not seen the picture before: it opens as the person left it."""
        command = {"serial": 1, "set": dict(self.now), "changed": list(self.now)}
        text = json.dumps({**self.header, "command": command}, ensure_ascii=False).encode()
        text += b" " * (-(4 + len(text)) % 8)
        return b"".join((len(text).to_bytes(4, "little"), text, self.data[self._base :]))

    @property
    def _base(self) -> int:
        return 4 + int.from_bytes(self.data[:4], "little")


def remember_drawn(part: Part, data: bytes, now: Mapping[str, Any]) -> None:
    """Keep what was just drawn; of several pictures on a page the last."""
    st.session_state[_DRAWN] = Drawn(part, data, dict(now))


def take_drawn() -> Drawn | None:
    """What this run has drawn, which is then let go; None for a page without such a picture."""
    drawn: Drawn | None = st.session_state.pop(_DRAWN, None)
    return drawn
