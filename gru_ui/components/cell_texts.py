"""Every word the live cell shows: the table [cell] of the catalogue."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts
from gru_ui.texts import catalogue

CELL_TEXTS: Final = Texts(
    "cell",
    {key.removeprefix("cell."): text for key, text in catalogue().items() if key.startswith("cell.")},
)
"""Words in braces are filled in by the browser from the numbers it draws."""
