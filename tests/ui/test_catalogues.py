"""The catalogues say everything that the app says today, with the words of the glossary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gru_ui.language.catalogue import LANGUAGES, LOCALE, Language, read_catalogue
from gru_ui.language.messages import TEMPLATE, faults, template, write

TRANSLATED = [language for language in LANGUAGES.values() if language.folder]
CHINESE = LANGUAGES["zh"]
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!](?!//)|[,;?!][\u4e00-\u9fff]|[\u4e00-\u9fff]\.(?!\d)")


def glossary() -> dict[str, tuple[str, ...]]:
    """English terms and the Chinese words one of which must stand for each."""
    rows = re.findall(r"^\| ([\w ,-]+) \| ([^|]+) \|$", (LOCALE / "glossary.md").read_text("utf-8"), re.M)
    return {
        term.strip(): tuple(word.strip() for word in words.split(","))
        for terms, words in rows
        if terms not in ("English", "---")
        for term in terms.split(",")
    }


def entries() -> list[tuple[str, str, str]]:
    """Context, English and Chinese of every message."""
    return [
        (message.context or "", str(message.id), str(message.string))
        for message in read_catalogue(CHINESE)
        if message.id
    ]


@pytest.mark.parametrize("language", TRANSLATED, ids=lambda language: language.code)
def test_nothing_is_missing_stale_or_badly_filled(language: Language) -> None:
    assert faults(language) == [], "run `make locale` and write what it lists (see assets/locale/README.md)"


def test_the_template_is_what_the_app_says_today(tmp_path: Path) -> None:
    write(template(), tmp_path / "now.pot")
    assert TEMPLATE.read_bytes() == (tmp_path / "now.pot").read_bytes(), "run `make locale`"


def test_terms_are_said_by_the_words_of_the_glossary() -> None:
    terms = glossary()
    assert terms["update gate"] == ("更新门",)
    assert terms["reset gate"] == ("重置门",)
    wrong = [
        f"{context or 'core'}: {english[:60]!r} has {term!r} and {chinese[:60]!r} none of {words}"
        for context, english, chinese in entries()
        for term, words in terms.items()
        if re.search(rf"(?<![\w`{{_.-]){term}(?![\w`}}_-])", english, re.IGNORECASE)
        and re.search(r"[\u4e00-\u9fff]", chinese)
        and not any(word in chinese for word in words)
        # What stays as it is names something: the axes of a shape, the keys of a file.
        and not re.search(rf"(?<![A-Za-z]){term}(?![A-Za-z])", chinese, re.IGNORECASE)
    ]
    assert wrong == []


def test_chinese_has_chinese_punctuation() -> None:
    wrong = [
        f"{context or 'core'}: {chinese[:70]!r}"
        for context, _, chinese in entries()
        if HALF_WIDTH.search(re.sub(r"\$[^$]*\$|`[^`]*`", "", chinese))
    ]
    assert wrong == []
