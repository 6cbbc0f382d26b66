"""Tables of words that are in the reader's language whenever they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from gru_ui.language.catalogue import sayings
from gru_ui.language.reader import language


class Texts(Mapping[str, str]):
    """Words by key, each in the language of the person whose page is being drawn.

    The context of a word in the catalogues is its table's name and its key: "heatmap_texts.play".
    """

    def __init__(self, name: str, english: Mapping[str, str]) -> None:
        self.name = name
        self.english = dict(english)
        self._said = cache(self._in)

    def _in(self, code: str) -> Mapping[str, str]:
        said = sayings(code)
        return {key: said.get((f"{self.name}.{key}", text), text) for key, text in self.english.items()}

    def __getitem__(self, key: str) -> str:
        return self._said(language())[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.english)

    def __len__(self) -> int:
        return len(self.english)
