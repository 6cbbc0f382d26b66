"""Chinese words: the small LAC model inside jieba, two bidirectional GRU layers and a chain of tags.

    character -> embedding -> 2 x (GRU forwards, GRU backwards) -> linear -> CRF -> tag of each character

Its GRUs are in the textbook's equations, reset mode "before". A tag such as "n-B" begins a word that is a
noun, "n-I" goes on with it. Jiao, Sun & Sun 2018, arXiv:1807.01882.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError, LimitError
from gru_core.formats.paddle.lod_tensor import read_lod_tensor
from gru_core.gallery.base import Entry, Given, Part, Piece, Run, Steps, holding
from gru_core.gallery.crf import ChainCRF
from gru_core.gallery.packages import package_file
from gru_core.gallery.weights import read_weights
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.trace import last_output, trace

MOST_CHARACTERS = 300
"""Longest sentence that is read."""

_UNKNOWN = "OOV"


@dataclass(frozen=True, eq=False)
class Segmenter:
    """The model: the ids of characters, their embedding (ids, 128), the GRU, and the scores of tags."""

    ids: Mapping[str, int]
    tags: tuple[str, ...]
    embedding: NDArray[np.float32]
    gru: GRU
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    crf: ChainCRF

    @property
    def grus(self) -> Mapping[str, GRU]:
        """Its one GRU."""
        return {"": self.gru}

    def embed(self, text: str) -> NDArray[np.float32]:
        """What the GRU reads (time, 128); a character that is not in the dictionary has the unknown's."""
        return self.embedding[[self.ids.get(character, self.ids[_UNKNOWN]) for character in text]]

    def run(self, given: Given, overrides: tuple[GateOverride, ...] = (), only: str | None = None) -> Run:
        """The words of a sentence, their kinds, and how likely a word begins at each character.

        Raises InputError for an empty sentence, LimitError for one that is too long.
        """
        text = check_sentence(given)
        traces = trace(self.gru, self.embed(text), overrides=holding(overrides, "", only))
        emission = (last_output(traces)[0] @ self.weight.T + self.bias).astype(np.float64)
        tags = [self.tags[best] for best in self.crf.best_path(emission)]
        begins = [index for index, tag in enumerate(self.tags) if tag.endswith("-B")]
        chance = self.crf.probabilities(emission)[:, begins].sum(axis=1, keepdims=True)
        steps = Steps("numbers", ("begin",), chance.astype(np.float32), span=(0.0, 1.0))
        return Run((Part("", tuple(text), tuple(traces), steps),), words_of(text, tags), {})


def check_sentence(given: Given) -> str:
    """The sentence without blanks around it. Raises InputError or LimitError when it cannot be read."""
    text = given.strip() if isinstance(given, str) else ""
    if not text:
        raise InputError("The segmenter reads a sentence, got nothing: type some Chinese characters.")
    if len(text) > MOST_CHARACTERS:
        raise LimitError(
            f"A sentence may have at most {MOST_CHARACTERS} characters here, and this one has {len(text):,}: "
            "give a shorter one."
        )
    return text


def words_of(text: str, tags: list[str]) -> tuple[Piece, ...]:
    """The words that the tags of the characters make, each with the kind that its first tag says."""
    starts = [
        at
        for at, tag in enumerate(tags)
        if at == 0 or tag.endswith("-B") or (tag == "O" and tags[at - 1] != "O")
    ]
    stops = [*starts[1:], len(text)]
    return tuple(
        Piece(text[start:stop], tags[start].partition("-")[0], first=start)
        for start, stop in zip(starts, stops, strict=True)
    )


def read(folder: Path) -> Segmenter:
    """The model from the package's folder. Raises ModelFileError when a file is missing or does not fit."""
    home = package_file(folder, "lac_small")
    model = package_file(home, "model_baseline")
    weights = read_weights(model)
    ids = {word: number for number, word in _dictionary(package_file(home, "word.dic"))}
    tags = tuple(tag for _, tag in sorted(_dictionary(package_file(home, "tag.dic"))))
    crf = read_lod_tensor(package_file(model, "crfw").read_bytes(), "crfw").double().numpy()
    return Segmenter(
        ids,
        tags,
        weights.matrix("word_emb"),
        stacked([weights.gru(f"gru_{number}") for number in range(4)]),
        weights.matrix("fc_4"),
        weights.bias("fc_4").reshape(-1),
        ChainCRF(crf[0], crf[1], crf[2:]),
    )


def stacked(grus: list[GRU]) -> GRU:
    """Single GRUs (layer 0 forwards, layer 0 backwards, layer 1 ...) as the one that they make together.

    Which of them read backwards the files do not say; the package's nets.py does.
    """
    first = grus[0]
    gru = GRU(first.input_size, first.hidden_size, len(grus) // 2, True, reset_mode=first.reset_mode)
    for cell, single in zip(gru.cells, grus, strict=True):
        cell.load_state_dict(single.cell(0).state_dict())
    gru.convention = first.convention
    return gru


def _dictionary(path: Path) -> list[tuple[int, str]]:
    """Lines of a number, a tab and a word."""
    found = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        number, tab, word = line.partition("\t")
        if tab and number.isdigit():
            found.append((int(number), word))
    return found


ENTRY = Entry(
    name="jieba",
    title="Chinese words",
    does="Finds the words of a Chinese sentence and says what each is.",
    kind="sentence",
    distribution="jieba",
    module="jieba",
    licence="MIT, its LAC model files Apache-2.0 (Baidu)",
    source="jieba/lac_small: model_baseline, word.dic, tag.dic, nets.py",
    given="人工智能正在改变我们的生活",
    read=read,
    examples=(
        "这个门把手坏了",
        "乒乓球拍卖完了",
        "结婚的和尚未结婚的",
        "南京市长江大桥",
        "小明硕士毕业于中国科学院计算所",
        "今天天气真好，我们去公园玩吧。",
    ),
)
