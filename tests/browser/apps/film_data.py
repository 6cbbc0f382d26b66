"""Frames and curves of a training as it might have been: page and test both compute them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gru_core import load_model, trace
from gru_core.demos import demo_path
from gru_core.learner import BINS
from gru_core.runs.frames import PANELS, Frame
from gru_core.sequences.examples import demo_sequence

UPDATES, EVERY, FRAMES = 600, 10, 31
LEARNED = 0.99
GUESS = 0.125


@dataclass(frozen=True)
class Example:
    """What a film is made of; one entry of `histograms` and `answers` per frame."""

    cell: str
    ticks: tuple[str, ...]
    units: int
    frames: tuple[Frame, ...]
    histograms: tuple[dict[str, list[int]], ...]
    answers: tuple[str, ...]
    curves: dict[str, list[Any]]
    learned_at: int | None


def example(cell: str = "gru", steps: int = 0, units: int = 32) -> Example:
    """A GRU on its way from random weights to those of the demo model; another cell's frames are made up."""
    updates = [round(at * UPDATES / (FRAMES - 1)) for at in range(FRAMES)]
    curves = _curves(cell)
    if cell == "gru" and not steps:
        frames, ticks = _gru_frames(updates)
        units = frames[0].shape[0]
    else:
        ticks = tuple(str(step) for step in range(steps or 30))
        frames = _made_up(cell, updates, units, len(ticks))
    gates = [kind.name for kind in PANELS[cell] if kind.scale == "gate"]
    counted = tuple(
        {
            gate: np.histogram(frame.layers[0][gate] / 255, BINS, (0, 1))[0].astype(int).tolist()
            for gate in gates
        }
        for frame in frames
    )
    scores = dict(zip(curves["update"], curves["score"], strict=True))
    answers = tuple("says C: right" if scores[update] > 0.6 else "says A: wrong" for update in updates)
    learned = [update for update, score in scores.items() if score >= LEARNED]
    return Example(cell, ticks, units, frames, counted, answers, curves, learned[0] if learned else None)


def tick_names(kind: str, steps: int) -> tuple[str, ...]:
    """Names of steps as tasks give them: letters, months, or decimals."""
    if kind == "letters":
        return tuple("ABCDEFGH"[at * 5 % 8] for at in range(steps))
    if kind == "months":
        return tuple(f"{1996 + at // 12}-{at % 12 + 1:02d}" for at in range(steps))
    return tuple(f".{at * 37 % 90 + 10}" for at in range(steps))


def _curves(cell: str) -> dict[str, list[Any]]:
    updates = list(range(0, UPDATES + 1, EVERY))
    middle = {"gru": 150.0, "lstm": 290.0, "rnn": 1e9}[cell]
    rng = np.random.default_rng(5)
    at = np.array(updates, float)
    score = GUESS + (1 - GUESS) / (1 + np.exp(-(at - middle) / 32)) - (0.002 if cell != "rnn" else 0.0)
    noise = rng.normal(0, 0.03, len(at)) * (1.02 - score)
    score = np.clip(score + noise, 0, 1)
    loss = 2.08 * (1.003 - (score - GUESS) / (1 - GUESS)) + 0.004
    train = loss + rng.normal(0, 0.08, len(at)) * (0.2 + loss / 2)
    return {
        "update": updates,
        "train_loss": [None, *np.abs(train[1:]).tolist()],
        "loss": loss.tolist(),
        "train_score": [None, *np.clip(score[1:] + rng.normal(0, 0.02, len(at) - 1), 0, 1).tolist()],
        "score": score.tolist(),
    }


def _gru_frames(updates: list[int]) -> tuple[tuple[Frame, ...], tuple[str, ...]]:
    model = load_model(demo_path("remember"))
    sequence = demo_sequence(model, 0)
    x = torch.as_tensor(model.encoder.encode(sequence))
    gru = copy.deepcopy(model.gru)
    learned = [parameter.detach().clone() for parameter in gru.parameters()]
    drawn = torch.Generator().manual_seed(3)
    start = [torch.randn(parameter.shape, generator=drawn) * 0.18 for parameter in learned]
    frames = []
    for update in updates:
        share = 1 / (1 + np.exp(-(update - 150) / 40))
        with torch.no_grad():
            for parameter, last, first in zip(gru.parameters(), learned, start, strict=True):
                parameter.copy_(last * share + first * (1 - share))
        frames.append(Frame.of("gru", update, trace(gru, x[None])))
    return tuple(frames), tuple(sequence.labels)


def _made_up(cell: str, updates: list[int], units: int, steps: int) -> tuple[Frame, ...]:
    unit, step = np.arange(units)[:, None], np.arange(steps)[None, :]
    frames = []
    for update in updates:
        layer = {}
        for at, kind in enumerate(PANELS[cell]):
            wave = np.sin(step / (2 + at) + unit * (0.7 + update / 900)) * (0.3 + 0.7 * update / UPDATES)
            layer[kind.name] = np.round((wave + 1) / 2 * 255).astype(np.uint8)
        frames.append(Frame(cell, update, (layer,)))
    return tuple(frames)
