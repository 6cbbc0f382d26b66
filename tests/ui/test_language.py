"""Languages: which is spoken, where it comes from, and the core's sentences said in another."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gru_ui.language.catalogue import LANGUAGES, of_browser
from gru_ui.language.messages import messages, places
from gru_ui.language.sentences import in_language
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


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        # The value is put in; the template is found by what is fixed in it.
        (
            "There is no unit 99: this trace has 16 units, from 0 to 15.",
            "没有单元 99：这份记录有 16 个单元，从 0 到 15。",
        ),
        # A value that is a known word is translated, what a person brought is not.
        (
            "A vocabulary 'update gate.json' is empty (0 bytes): choose another one.",
            "词表 'update gate.json' 是空的（0 字节）：请选择另一个。",
        ),
        # Two sentences that the core put one behind the other; a part of a sentence behind a name.
        (
            "'a.pt' is a compressed file: unpack it first. It has a projection.",
            "'a.pt' 是压缩文件：请先解压。它带有投影。",
        ),
        # Two values with nothing between them.
        (
            "Row 2 has 1 value and the first row has 2: every row needs the same number. "
            "Write null where a value is missing.",
            "第 2 行有 1 个值，而第一行有 2 个：每行的个数必须相同。缺少值的地方请写 null。",
        ),
        # Nothing that is known here.
        ("Whatever a person may have written.", "Whatever a person may have written."),
    ],
)
def test_a_sentence_of_the_core_is_said_in_chinese(english: str, chinese: str) -> None:
    assert in_language(english, "zh") == chinese
    assert in_language(english, "en") == english


def test_every_template_is_recognised_with_values_in_it() -> None:
    """Each sentence of the core, its names filled with values that no text has, gives its own translation."""
    core = [said for said in messages() if not said.context and "{" in said.english]
    assert len(core) > 500
    lost = []
    for said in core:
        values = {name: f"‹{number}›" for number, name in enumerate(sorted(places(said.english)))}
        sentence = re.sub(r"\{(\w+)\}", lambda name, known=values: known[name[1]], said.english)
        spoken = in_language(sentence, "zh")
        if re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", spoken) or not all(
            v in spoken for v in values.values()
        ):
            lost.append((sentence, spoken))
    assert lost == []


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
