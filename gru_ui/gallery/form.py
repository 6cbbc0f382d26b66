"""What a person has chosen on the page Gallery, as one frozen value with its own part of the link."""

import re
from dataclasses import dataclass, replace
from typing import Any

from gru_core.errors import LinkError
from gru_core.gallery import GALLERY, Entry
from gru_core.gallery.walking import RECORDINGS
from gru_core.overrides import EXTREMES
from gru_ui.properties import Property, one_of, whole

MOST_TEXT = 2_000
"""Characters of a text that a link carries."""

OPENS_AT = {"g2p_en": 1}
"""The part that a model opens with where it is not the first: the decoder, which writes."""

WHERE = ("all", "one")
"""Where gates are held: in every layer of the model, or in the one that is shown."""


GALLERY_REFERENCE = re.compile(
    rf"gallery\.(?P<name>{'|'.join(GALLERY)})\.(?P<part>[a-z]{{0,20}})\.(?P<packed>[A-Za-z0-9_-]{{1,6000}})"
)
"""How the other pages name a GRU of the gallery and what it was given; see as_model.py."""


@dataclass(frozen=True)
class GalleryForm:
    """The controls of the page.

    text        what is typed; "" for what the model opens with
    recording   a name in RECORDINGS, or "data.<key>" for a signal of one's own; "" for the first
    start       the second at which the window into a recording begins
    gates       a name in EXTREMES; `where` they are held, None as the model opens
    part        index into all layers and directions of the model's GRUs; None as the model opens
    cursor, unit, order   as in the workspace
    """

    name: str = next(iter(GALLERY))
    text: str = ""
    recording: str = ""
    start: int = 60
    gates: str = "learned"
    where: str | None = None
    part: int | None = None
    cursor: int = 0
    unit: int = -1
    order: str = "index"

    @property
    def entry(self) -> Entry:
        """The model's entry."""
        return GALLERY[self.name]

    @property
    def given(self) -> str:
        """The text, or the name of the recording, that is run."""
        return (self.recording if self.entry.kind == "signal" else self.text) or self.entry.given

    @property
    def part_shown(self) -> int:
        """The layer and direction that is shown, before the model says how many there are."""
        return OPENS_AT.get(self.name, 0) if self.part is None else self.part

    @property
    def where_held(self) -> str:
        """Where gates are held: with a decoder of its own, the one that is shown."""
        return ("one" if self.name in OPENS_AT else "all") if self.where is None else self.where

    def but(self, **changes: Any) -> "GalleryForm":
        """The same with some choices changed; choices that depended on those start anew."""
        if changes.get("name", self.name) != self.name:
            anew = {"text": "", "where": None, "part": None, "cursor": 0, "unit": -1}
            changes = anew | changes
        if changes.get("part", self.part) != self.part:
            changes = {"unit": -1, "cursor": 0} | changes
        for field in ("text", "recording"):
            # What the model opens with needs no place in the link.
            if changes.get(field) == replace(self, **changes).entry.given:
                changes[field] = ""
        return replace(self, **changes)


def _text(text: str) -> str:
    if len(text) > MOST_TEXT:
        raise LinkError(f"must be at most {MOST_TEXT:,} characters")
    return text


def _recording(text: str) -> str:
    if text not in RECORDINGS and not text.startswith("data."):
        raise LinkError(f"must be one of {', '.join(RECORDINGS)}, or a signal that was uploaded here")
    return text


GALLERY_PROPERTIES = (
    Property("name", "real", one_of(tuple(GALLERY))),
    Property("text", "say", _text),
    Property("recording", "rec", _recording),
    Property("start", "from", whole(0, 10**5)),
    Property("gates", "hold", one_of(tuple(EXTREMES))),
    Property("where", "where", one_of(WHERE)),
    Property("part", "part", whole(0, 99)),
    Property("cursor", "at", whole(0)),
    Property("unit", "row", whole(-1)),
    Property("order", "rows", one_of(("index", "time scale", "similarity"))),
)
