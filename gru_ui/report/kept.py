"""What is kept for a report: each view as it was when it was kept."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import plotly.io as pio

from gru_core.errors import LimitError

MOST_VIEWS = 24
MOST_BYTES = 8_000_000
"""All pictures of one report, compressed: they are in the server's memory, one report for each person."""

MOST_NOTE = 4_000
"""Characters of a note."""


@dataclass(frozen=True, eq=False)
class Kept:
    """One view.

    number     its own in this report, never given twice
    page       the name of its page
    title      what its picture shows
    context    model, sequence and gates, one line each
    sentences  what was found
    link       the whole link that shows it again
    pictures   the figure as JSON, compressed, by theme
    note       what the person wrote
    """

    number: int
    page: str
    title: str
    context: tuple[str, ...]
    sentences: tuple[str, ...]
    link: str
    pictures: Mapping[str, bytes]
    note: str = ""

    @property
    def size(self) -> int:
        """Bytes of its pictures."""
        return sum(map(len, self.pictures.values()))

    def figure(self, theme: str) -> Any:
        """Its Plotly figure for "light" or "dark"."""
        return pio.from_json(zlib.decompress(self.pictures[theme]).decode())


def packed(figure: Any) -> bytes:
    """A Plotly figure as it is kept."""
    return zlib.compress(figure.to_json().encode(), 6)


@dataclass(frozen=True, eq=False)
class Report:
    """All of one person's, in their order.

    made    how many were ever kept: the number of the next one
    """

    title: str = ""
    views: tuple[Kept, ...] = ()
    made: int = 0

    def keeping(self, view: Kept) -> "Report":
        """With one more at the end. Raises LimitError where there is no room for it."""
        size = sum(kept.size for kept in self.views) + view.size
        if len(self.views) >= MOST_VIEWS:
            raise LimitError(f"A report holds {MOST_VIEWS} views, and this one is full: remove one first.")
        if size > MOST_BYTES:
            raise LimitError(
                f"The pictures of a report may have {MOST_BYTES // 1_000_000} MB, with this one they would "
                f"have {size / 1e6:.1f} MB: remove one first."
            )
        return replace(self, views=(*self.views, replace(view, number=self.made)), made=self.made + 1)

    def without(self, number: int) -> "Report":
        """With one removed."""
        return replace(self, views=tuple(view for view in self.views if view.number != number))

    def titled(self, title: str) -> "Report":
        """With another title."""
        return replace(self, title=title)

    def noting(self, number: int, note: str) -> "Report":
        """With another note at one of them."""
        views = tuple(
            replace(view, note=note[:MOST_NOTE]) if view.number == number else view for view in self.views
        )
        return replace(self, views=views)

    def moving(self, number: int, by: int) -> "Report":
        """With one of them further up (-1) or down (1)."""
        views = list(self.views)
        at = next(index for index, view in enumerate(views) if view.number == number)
        to = min(max(at + by, 0), len(views) - 1)
        views.insert(to, views.pop(at))
        return replace(self, views=tuple(views))
