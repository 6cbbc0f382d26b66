"""The page of formats says what the readers say: all of it, and in code that runs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from docs.write_formats import page
from gru_core.conventions import CONVENTIONS
from gru_core.formats import FORMATS
from gru_core.formats.guide import Guide
from gru_core.formats.guides import all_guides


def test_the_page_is_what_the_readers_say_today(repository: Path) -> None:
    written = (repository / "docs" / "formats.md").read_text(encoding="utf-8")
    assert written == page(), "run `make formats`"


def test_every_convention_is_told_by_somebody_and_none_is_made_up() -> None:
    told = {row for guide in all_guides() for row in guide.conventions}
    assert told == set(CONVENTIONS)


def test_every_ending_that_the_chooser_offers_is_told() -> None:
    text = " ".join(guide.files for guide in all_guides())
    assert [suffix for form in FORMATS for suffix in form.suffixes if suffix not in text] == []


@pytest.mark.parametrize("guide", all_guides(), ids=lambda guide: guide.title)
def test_the_example_is_two_lines_that_make_a_file_and_read_it(guide: Guide) -> None:
    made, read = guide.example.strip().splitlines()
    assert ast.parse(made).body
    called = {ast.unparse(node.func) for node in ast.walk(ast.parse(read)) if isinstance(node, ast.Call)}
    assert called & {"load", "load_model"}
