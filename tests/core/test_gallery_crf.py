"""The chain of tags against all of its paths, one by one."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from gru_core.gallery.crf import ChainCRF

TAGS, STEPS = 3, 5


def chain(seed: int) -> tuple[ChainCRF, np.ndarray]:
    rng = np.random.default_rng(seed)
    crf = ChainCRF(rng.normal(size=TAGS), rng.normal(size=TAGS), rng.normal(size=(TAGS, TAGS)) * 2)
    return crf, rng.normal(size=(STEPS, TAGS)) * 2


def score(crf: ChainCRF, emission: np.ndarray, path: tuple[int, ...]) -> float:
    steps = sum(crf.step[a, b] for a, b in pairwise(path))
    return crf.start[path[0]] + crf.stop[path[-1]] + steps + sum(emission[t, y] for t, y in enumerate(path))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("steps", [1, 2, STEPS])
def test_the_best_path_and_the_probabilities_are_those_of_all_paths(seed: int, steps: int) -> None:
    crf, emission = chain(seed)
    emission = emission[:steps]
    paths = list(product(range(TAGS), repeat=steps))
    scores = np.array([score(crf, emission, path) for path in paths])
    assert tuple(crf.best_path(emission)) == paths[int(scores.argmax())]
    weights = np.exp(scores) / np.exp(scores).sum()
    chances = np.zeros((steps, TAGS))
    for path, weight in zip(paths, weights, strict=True):
        chances[np.arange(steps), path] += weight
    np.testing.assert_allclose(crf.probabilities(emission), chances, atol=1e-12)


def test_scores_of_thousands_do_not_overflow() -> None:
    crf, emission = chain(0)
    chances = crf.probabilities(emission * 1e4)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0, atol=1e-9)
    assert (chances.argmax(axis=1) == crf.best_path(emission * 1e4)).all()
