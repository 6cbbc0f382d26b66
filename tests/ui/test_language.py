"""Languages: which is spoken, where it comes from, and the core's sentences said in another."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gru_ui.language.catalogue import LANGUAGES, of_browser
from gru_ui.language.messages import messages
from gru_ui.language.source import sentences_of
from gru_ui.language.tables import Texts
from gru_ui.workspace import to_link

ROOT = Path(__file__).resolve().parents[2]


def opened(locale: str, **query: str) -> AppTest:
    """The app for a browser of that locale, run once."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.context["locale"] = locale
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.parametrize(
    ("locale", "code"),
    [
        ("zh-CN", "zh"),
        ("zh", "zh"),
        ("zh_Hans_SG", "zh"),
        ("en-GB", "en"),
        ("fr-FR", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_browser_decides_where_nobody_has_chosen(locale: str | None, code: str) -> None:
    assert of_browser(locale) == code


def test_a_language_is_chosen_by_browser_link_and_button_and_kept_in_the_link() -> None:
    app = opened("zh-CN")
    assert app.button(key="language_en").label == "English"
    assert to_link(app.session_state["workspace"]) == {}
    app.button(key="language_en").click().run()
    assert not app.exception
    assert to_link(app.session_state["workspace"]) == {"lang": "en"}
    linked = opened("zh-CN", lang="en")
    assert to_link(linked.session_state["workspace"]) == {"lang": "en"}
    linked.button(key="language_zh").click().run()
    assert to_link(linked.session_state["workspace"]) == {}, "what the browser says needs no place in it"


def test_a_language_that_is_not_here_is_said_so() -> None:
    app = opened("en-US", lang="tlh")
    assert "lang is 'tlh', but it must be one of en, zh" in app.warning[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('raise InputError(f"There is no unit {u[0]}: units go to {len(n) - 1:,}.")',
         ["There is no unit {u}: units go to {value}."]),
        ('raise InputError("A " + what + f" and {x!r}: go on.")', ["A {what} and {x}: go on."]),
        ('raise LimitError(f"At most {most}" if a else "None.")', ["At most {most}", "None."]),
        ('raise KeyError(f"{x}")', []),
        ('def f():\n    """A docstring is no sentence."""\n    return {"a key too": 1}["nor this one"]', []),
        ('note = f"Read as {kind}, {kind} and {a.kind}."', ["Read as {kind}, {kind} and {kind_2}."]),
    ],
)  # fmt: skip
def test_sentences_are_read_out_of_the_source(code: str, found: list[str]) -> None:
    assert [text for text, _ in sentences_of(ast.parse(code))] == found


def test_every_word_of_a_table_is_in_the_template() -> None:
    """The catalogue finds a word by its table's name and its key, as the source is read for it."""
    known = {(said.context, said.english) for said in messages()}
    tables = {
        id(value): value
        for file in sorted((ROOT / "gru_ui").rglob("*.py"))
        if "Texts(" in file.read_text(encoding="utf-8") and file.stem != "tables"
        for value in vars(
            importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
        ).values()
        if isinstance(value, Texts)
    }
    assert len(tables) >= 6
    lost = [
        f"{table.name}.{key}"
        for table in tables.values()
        for key, text in table.english.items()
        if (f"{table.name}.{key}", text) not in known
    ]
    assert lost == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES.values() if language.folder])
def test_a_catalogue_is_there_and_says_its_own_name(language: object) -> None:
    assert language.file.is_file()
    assert re.fullmatch(r"[A-Za-z]{2,3}(-[A-Z][a-z]{3})?", language.tag)
