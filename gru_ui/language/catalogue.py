"""The languages there are, and what each says: GNU gettext catalogues, read by Babel once per server.

English is the language of the source: the screen's own words stand in assets/locale/en.toml, tables of words
in `*_TEXTS`, and the core's sentences where it says them. Every other language is a .po file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parents[2] / "assets" / "locale"


@dataclass(frozen=True)
class Language:
    """One language of the screen.

    code    its name in a link
    name    what it calls itself
    tag     its name in HTML (BCP 47)
    folder  its folder in assets/locale; "" for the language of the source
    """

    code: str
    name: str
    tag: str
    folder: str

    @property
    def file(self) -> Path:
        """Its catalogue."""
        return LOCALE / self.folder / "LC_MESSAGES" / "gatescope.po"


LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        "en": Language("en", "English", "en", ""),
        "zh": Language("zh", "中文", "zh-Hans", "zh_Hans"),
    }
)
ENGLISH = "en"


def of_browser(locale: str | None) -> str:
    """The language for a browser that names its own as "zh-CN" or "en-GB"; English for what is not here."""
    code = (locale or "").replace("_", "-").partition("-")[0].lower()
    return code if code in LANGUAGES else ENGLISH


@cache
def sayings(language: str) -> Mapping[tuple[str, str], str]:
    """(context, English) -> what the language says; the context is a text's key, or "" for the core's."""
    if language == ENGLISH:
        return {}
    return {
        (message.context or "", message.id): message.string
        for message in read_catalogue(LANGUAGES[language])
        if isinstance(message.id, str) and isinstance(message.string, str) and is_said(message)
    }


def is_said(message: object) -> bool:
    """Whether a message has been translated, and from the English that it stands beside."""
    return bool(getattr(message, "id", "") and getattr(message, "string", "")) and not getattr(
        message, "fuzzy", True
    )


def read_catalogue(language: Language) -> Catalog:
    """A language's catalogue as Babel reads it."""
    with language.file.open("rb") as file:
        return read_po(file, locale=language.folder, charset="utf-8")
