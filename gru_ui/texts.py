"""Every word on the screen, looked up by key in the catalogue of the reader's language."""

import tomllib
from functools import cache
from pathlib import Path

CATALOGUES = Path(__file__).parent.parent / "assets" / "locale"


@cache
def catalogue(language: str = "en") -> dict[str, str]:
    """The catalogue of a language, flattened: table "gates", key "title" becomes "gates.title"."""
    tables = tomllib.loads((CATALOGUES / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()}


def say(key: str, **values: object) -> str:
    """The text for a key, with {placeholders} filled in. A missing key is a defect and raises KeyError."""
    text = catalogue()[key]
    return text.format(**values) if values else text
