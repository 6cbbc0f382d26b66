"""The film of a training, as a page shows it: only frames that the browser has not got are sent."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gru_core.analysis.answer import Verdict
from gru_core.analysis.fact import visible
from gru_core.runs.view import KeptFrame, LaneView, RunView
from gru_core.sequences.examples import example_sequence
from gru_core.tasks.base import Task
from gru_core.training import probe_of
from gru_ui import cache
from gru_ui.components.film import chosen_frame, film, frames_wanted
from gru_ui.language.reader import language
from gru_ui.language.sentences import translated
from gru_ui.texts import say
from gru_ui.training.names import title_in_words
from gru_ui.words import percent

HEIGHT = 480
"""Pixels: with the controls above, all of it is on a projector's 768 lines."""

CURVES = ("update", "train_loss", "loss", "train_score", "score")


def show_film(view: RunView, number: int) -> None:
    """Loss, score, gates and their histograms of one model, live and as a film."""
    lane = view.lanes[number]
    if not lane.frames:
        st.info(say(f"run.waits_{view.status}"))
        return
    task = cache.run_task(view.key, view.spec.task)
    layer = _pick_layer(lane)
    reel = _reel(view, number)
    first = frames_wanted("film", reel, layer)
    kept = lane.frames[first:]
    film(
        key="film",
        run=reel,
        cell=lane.spec.cell,
        units=lane.frames[0].units,
        ticks=_ticks(task),
        layer=layer,
        layer_frames=[frame.unpack(lane.spec.cell) for frame in kept],
        first=first,
        total=len(lane.frames),
        histograms=[_histograms(lane, frame) for frame in kept],
        right_of_probe=[answer_words(frame.answer) for frame in kept],
        curves={name: [point[name] for point in lane.points] for name in CURVES},
        updates=lane.spec.steps,
        live=view.is_live,
        learned_at=lane.learned_at,
        learned_score=task.learned,
        chance=task.chance,
        score_name=translated(task.metric),
        percent=task.answer == "class",
        summary=say(
            "film.summary",
            title=title_in_words(view.title)
            or say("train.title", task=translated(task.title), cell=lane.spec.cell.upper()),
            update=f"{lane.update:,}",
            score="–" if lane.score is None else f"{lane.score:.3f}",
        ),
        height=HEIGHT,
        filename=f"{view.spec.task.name}-{view.key}",
    )


def frame_shown(view: RunView, number: int) -> KeptFrame | None:
    """The frame that the film of one model stands at; None where there is none yet."""
    frames = view.lanes[number].frames
    at = chosen_frame("film", _reel(view, number), len(frames))
    return frames[-1 if at is None else at] if frames else None


def _reel(view: RunView, number: int) -> str:
    # Going back to a checkpoint may replace frames that the browser has.
    # Nor are the words of another language the words of this one.
    return f"{view.key}:{number}:{view.generation}:{language()}"


def _pick_layer(lane: LaneView) -> int:
    if lane.spec.num_layers == 1:
        return 0
    chosen: int = st.segmented_control(
        say("frame.layer"),
        range(lane.spec.num_layers),
        default=0,
        required=True,
        format_func=lambda layer: say("film.layer", layer=layer),
        key="film_layer",
    )
    return chosen


def _ticks(task: Task) -> tuple[str, ...]:
    example, x = probe_of(task)
    sequence = example_sequence(example, task.encoder)
    return sequence.labels if any(sequence.labels) else ("",) * len(x)


def _histograms(lane: LaneView, frame: KeptFrame) -> Mapping[str, list[int]]:
    point = next((point for point in lane.points if point["update"] == frame.update), None)
    if point is None:
        return {}
    return {name: list(summary["counts"]) for name, summary in point["gates"].items()}


def answer_words(plain: Mapping[str, Any] | None) -> str:
    """What the model says of the probe, and whether that is right."""
    if plain is None:
        return ""
    found = Verdict(**plain)
    if found.confidence is None:
        key = "film.number" if found.expected is not None else "film.number_open"
        return say(key, answer=found.answer, expected=found.expected)
    verdict = {True: "right", False: "wrong", None: "open"}[found.is_right]
    return say(
        f"film.{verdict}_at" if found.counted > 1 else f"film.{verdict}",
        step=found.step,
        answer=visible(translated(found.answer)),
        confidence=percent(found.confidence),
        expected=visible(translated(found.expected or "")),
    )
