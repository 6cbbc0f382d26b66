"""A linear-chain conditional random field over tags: the best path, and how likely each tag is.

    score(y) = start[y_0] + sum_t emission[t, y_t] + sum_t step[y_{t-1}, y_t] + stop[y_T]

Lafferty, McCallum & Pereira 2001.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ChainCRF:
    """start, stop (tags,) and step (from, to), as scores."""

    start: Array
    stop: Array
    step: Array

    def best_path(self, emission: Array) -> list[int]:
        """The most likely tags for emission (time, tags), by Viterbi's algorithm."""
        score = self.start + emission[0]
        came_from = []
        for scores in emission[1:]:
            ways = score[:, None] + self.step
            came_from.append(ways.argmax(axis=0))
            score = ways.max(axis=0) + scores
        path = [int((score + self.stop).argmax())]
        for back in reversed(came_from):
            path.append(int(back[path[-1]]))
        return path[::-1]

    def probabilities(self, emission: Array) -> Array:
        """How likely each tag is at each step (time, tags), over all paths, by forward and backward sums."""
        forward = [self.start + emission[0]]
        for scores in emission[1:]:
            forward.append(_log_sum(forward[-1][:, None] + self.step, axis=0) + scores)
        backward = [self.stop]
        for scores in emission[:0:-1]:
            backward.append(_log_sum(self.step + (scores + backward[-1])[None, :], axis=1))
        both = np.array(forward) + np.array(backward[::-1])
        return np.exp(both - _log_sum(both, axis=1)[:, None])


def _log_sum(scores: Array, axis: int) -> Array:
    most = scores.max(axis=axis, keepdims=True)
    return (most + np.log(np.exp(scores - most).sum(axis=axis, keepdims=True))).squeeze(axis)
