"""Vocabularies in the forms that people have them in."""

import json

import pytest

from gru_core.errors import GateScopeError, InputError
from gru_core.limits import MAX_VOCABULARY
from gru_core.sequences import read_vocabulary

WORDS = ("<pad>", "the", "cat")
FORMS = {
    "a line each": "<pad>\nthe\ncat\n",
    "Windows lines": "<pad>\r\nthe\r\ncat\r\n",
    "with ids": "the\t1\ncat\t2\n<pad>\t0\n",
    "on one line": "<pad>, the, cat",
    "spaces": "<pad> the cat",
    "JSON list": '["<pad>", "the", "cat"]',
    "JSON ids": '{"the": 1, "<pad>": 0, "cat": 2}',
    "JSON symbols": '{"1": "the", "0": "<pad>", "2": "cat"}',
    "tokenizer": json.dumps({"model": {"type": "WordLevel", "vocab": {"<pad>": 0, "the": 1, "cat": 2}}}),
    "pieces": json.dumps({"model": {"vocab": [["<pad>", 0.0], ["the", -2.5], ["cat", -3.5]]}}),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_symbols_by_id(form: str) -> None:
    assert read_vocabulary(FORMS[form].encode(), "v.txt") == WORDS


def test_a_run_of_characters_is_characters_and_gaps_stay() -> None:
    assert read_vocabulary(b"abc ") == ("a", "b", "c")
    assert read_vocabulary(b'{"word_index": {"the": 1, "cat": 3}}') == ("", "the", "", "cat")
    assert read_vocabulary(b" \na\nb") == (" ", "a", "b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("[]", "empty"),
        ("{}", "empty"),
        ('["a", "b", "a"]', "is there twice"),
        ('{"a": 0, "b": 0}', "stands for both"),
        ('{"a": -1}', "ids from 0"),
        (f'{{"a": {MAX_VOCABULARY}}}', "ids from 0"),
        ('{"a": 0.5}', "must give each symbol its id"),
        ('{"a": true}', "must give each symbol its id"),
        ('["a", {"b": 1}]', "not text"),
        ('{"a": [}', "cannot be read"),
        ("[" * 100_000 + "]" * 100_000, "cannot be read"),
    ],
)
def test_what_is_no_vocabulary_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(GateScopeError, match=said) as caught:
        read_vocabulary(text.encode(), "v.json")
    assert isinstance(caught.value, InputError)
    assert len(str(caught.value)) < 300
