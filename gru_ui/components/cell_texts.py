"""Every word the live cell shows: the table [cell] of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gru_ui.texts import catalogue

CELL_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {key.removeprefix("cell."): text for key, text in catalogue().items() if key.startswith("cell.")}
)
"""Words in braces are filled in by the browser from the numbers it draws."""
