"""The curves of a race as it might have been: page and test both compute them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gru_ui.components.race import Lane

UPDATES, EVERY = 600, 10
LEARNED = 0.99
GUESS = 0.125

# id, name, note, weights, milliseconds, update at which it half learns, gradient at the start and at the end
_LANES: tuple[tuple[str, str, str, int, float, float, float, float], ...] = (
    ("gru", "GRU", "learns both gates", 4232, 5.2, 150, 3e-4, 2e-2),
    ("rnn", "Z = 0, R = 1", "no gates: a plain RNN", 4232, 4.8, 1e9, 8e-9, 3e-11),
    ("keep", "Z = 0.9", "keeps nine tenths, always", 4232, 5.0, 420, 1e-6, 4e-4),
    ("lstm", "LSTM", "three gates", 5576, 7.9, 260, 5e-4, 8e-3),
    ("copy", "Z = 1", "keeps everything: hears nothing", 4232, 5.1, 1e9, 0.0, 0.0),
    ("torch", "RNN", "of its own kind", 1416, 2.1, 1e9, 2e-8, 1e-10),
)


def curves(number: int) -> dict[str, list[Any]]:
    """What lane `number` measures."""
    *_, middle, first, last = _LANES[number]
    rng = np.random.default_rng(number)
    at = np.arange(0, UPDATES + 1, EVERY)
    score = GUESS + (1 - GUESS) / (1 + np.exp(-(at - middle) / 30)) if middle < 1e6 else at * 0 + GUESS
    score = score - 0.001 + rng.normal(0, 0.025, len(at)) * (1.01 - score)
    share = at / UPDATES
    if first:
        gradient = np.exp(np.log(first) * (1 - share) + np.log(last) * share + rng.normal(0, 0.4, len(at)))
    else:
        gradient = np.zeros(len(at))
    return {
        "update": at.tolist(),
        "score": np.clip(score, 0, 1).tolist(),
        "gradient": gradient.tolist(),
    }


def lanes(count: int, done: int = UPDATES) -> list[Lane]:
    """The first `count` lanes after `done` updates."""
    found = []
    for number, (name, title, note, weights, time, *_) in enumerate(_LANES[:count]):
        whole = curves(number)
        points = sum(update <= done for update in whole["update"])
        seen = {kind: values[:points] for kind, values in whole.items()}
        learned = [
            update for update, score in zip(seen["update"], seen["score"], strict=True) if score >= LEARNED
        ]
        found.append(
            Lane(
                id=name,
                name=title,
                note=note,
                parameters=weights,
                milliseconds_per_update=time if done else None,
                status="done" if done >= UPDATES else "running",
                learned_at=learned[0] if learned else None,
                updates_done=done,
                curves=seen,
            )
        )
    return found
