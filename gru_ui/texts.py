"""Every word of the screen's own, looked up by key, in the language of the person whose page is drawn.

English stands in assets/locale/en.toml, other languages in the catalogues beside it.
"""

import tomllib
from functools import cache

from gru_ui.language.catalogue import ENGLISH, LOCALE, sayings
from gru_ui.language.reader import language


@cache
def catalogue(code: str = ENGLISH) -> dict[str, str]:
    """The words of a language, flattened: table "gates", key "title" becomes "gates.title".

    What a language does not say it says in English.
    """
    tables = tomllib.loads((LOCALE / "en.toml").read_text(encoding="utf-8"))
    english = {f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()}
    said = sayings(code)
    return {key: said.get((key, text), text) for key, text in english.items()}


def say(key: str, **values: object) -> str:
    """The text for a key, with {placeholders} filled in. A missing key is a defect and raises KeyError."""
    text = catalogue(language())[key]
    return text.format(**values) if values else text
