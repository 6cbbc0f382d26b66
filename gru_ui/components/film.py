"""The film of a training: loss, score, heatmaps and histograms, frame by frame, followed live or scrubbed.

    first = frames_wanted("film", run, layer)
    event = film(key="film", run=run, layer_frames=frames[first:], first=first, total=len(frames), ...)

A page calls it again, in a fragment, as often as there is news, and passes only the frames that the browser
has not got. The browser keeps them; where one is missing (a message went by, the page was opened anew) it
says so, and `frames_wanted` starts from there. Scrubbing, playing, hovering and sorting never ask the server.
`assets/components/film` has the drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_core.errors import InputError, ShapeError
from gru_core.figures.colours import COLOUR_MAPS
from gru_core.learner import BINS
from gru_core.runs.frames import PANELS, Frame, PanelKind
from gru_core.symbols import SYMBOLS
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.feed import mount_fed
from gru_ui.components.film_texts import FILM_TEXTS
from gru_ui.components.payload import Packer
from gru_ui.components.points import packed

__all__ = ["FILM_TEXTS", "FilmEvent", "build_feed", "build_film", "chosen_frame", "film", "frames_wanted"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "film"

CURVES: Final = ("update", "train_loss", "loss", "train_score", "score")
MESSAGE_BYTES: Final = 2**21
"""Frames that travel in one message; the browser asks for the rest."""

_LABELS = {"C_tilde": "C̃"}
_SORTED_BY = {"gru": "Z", "lstm": "F"}
_ANSWER_LIMIT = 80
_TICK_LIMIT = 40
_KEPT = 8


@dataclass(frozen=True)
class FilmEvent:
    """What the person and the browser said last.

    frame  index of the chosen frame; None for the newest
    needs  index of the first frame that the browser still misses; None where nothing is missing
    """

    frame: int | None
    needs: int | None


def frames_wanted(key: str, run: str, layer: int = 0) -> int:
    """Index of the first frame of that run and layer that the film `key` has not got: pass those from it."""
    asked, serial = _asked(key, run, layer)
    memory = _memory(key)
    sent = int(memory["sent"].get((run, layer), 0))
    return sent if asked is None or serial == memory["answered"] else min(asked, sent)


def film(
    *,
    key: str,
    run: str,
    cell: str,
    units: int,
    ticks: Sequence[str],
    layer_frames: Sequence[Frame],
    first: int,
    total: int,
    curves: Mapping[str, Sequence[float | None]],
    updates: int,
    live: bool,
    chance: float,
    score_name: str,
    learned_at: int | None = None,
    learned_score: float | None = None,
    histograms: Sequence[Mapping[str, Sequence[int]]] = (),
    right_of_probe: Sequence[str] = (),
    layer: int = 0,
    percent: bool = True,
    texts: Mapping[str, str] = FILM_TEXTS,
    height: int = 520,
    summary: str = "",
    filename: str = "training",
    on_change: Callable[[], None] | None = None,
) -> FilmEvent:
    """Draws the film of `run`, an identity that no other training has, and returns what was chosen in it.

    `layer_frames` are frames `first`, `first + 1`, ... of `total`; `histograms` (gate -> counts of BINS equal
    parts of [0, 1]; may be empty) and `right_of_probe` (a few words) go with them, one per frame. `curves`
    are whole every time: update, train_loss, loss, train_score, score, None where nothing was measured.
    `updates` are those planned. With `percent` the score is a share of 1; otherwise 1 is best and it may be
    negative. `height` is that of a wide screen, in pixels; on a narrow one the parts stand below each other.

    Raises:
        ShapeError: frames, histograms, answers, ticks or curves that do not fit together.
        InputError: a cell that has no panels.
    """
    still = build_film(
        {"key": key, "run": run, "filename": filename, "height": height},
        cell=cell,
        units=units,
        ticks=ticks,
        updates=updates,
        chance=chance,
        score_name=score_name,
        learned_score=learned_score,
        percent=percent,
        texts=texts,
    )
    sent = _fitting(layer_frames, units * len(ticks) * len(PANELS[cell]))
    moving = build_feed(
        {
            "key": key,
            "run": run,
            "layer": layer,
            "live": live,
            "learned_at": learned_at,
            "summary": summary,
        },
        cell=cell,
        shape=(units, len(ticks)),
        frames=layer_frames[:sent],
        first=first,
        total=total,
        histograms=histograms[:sent],
        answers=right_of_probe[:sent],
        curves=curves,
    )
    asked, serial = _asked(key, run, layer)
    mount_fed(
        _mount(),
        key=key,
        still=still,
        moving=moving,
        callbacks={"on_frame_change": on_change or _nothing, "on_needs_change": _nothing},
    )
    memory = _memory(key)
    before = int(memory["sent"].pop((run, layer), 0))
    memory["sent"][run, layer] = first + sent if first <= max(before, asked or 0) else before
    while len(memory["sent"]) > _KEPT:
        memory["sent"].pop(next(iter(memory["sent"])))
    if asked is not None and (first <= asked < first + sent or asked >= total):
        memory["answered"] = serial
    needs = None if serial == memory["answered"] else asked
    return FilmEvent(frame=chosen_frame(key, run, total), needs=needs)


def build_film(
    header: Mapping[str, Any],
    *,
    cell: str,
    units: int,
    ticks: Sequence[str],
    updates: int,
    chance: float,
    score_name: str,
    learned_score: float | None,
    percent: bool,
    texts: Mapping[str, str],
) -> bytes:
    """What does not change while a training runs, as one block."""
    if cell not in PANELS:
        raise InputError(f"A film shows a cell out of {', '.join(PANELS)}, got {cell!r}.")
    words = {**FILM_TEXTS, **texts}
    names = [kind.name for kind in PANELS[cell]]
    return Packer().finish(
        {
            **header,
            "cell": cell,
            "units": units,
            "steps": len(ticks),
            "ticks": [str(tick)[:_TICK_LIMIT] for tick in ticks],
            "updates": updates,
            "chance": chance,
            "scoreName": score_name,
            "learnedScore": learned_score,
            "percent": percent,
            "texts": words,
            "panels": [_describe(kind, words) for kind in PANELS[cell]],
            "orderBy": names.index(_SORTED_BY[cell]) if cell in _SORTED_BY else None,
            "colours": {scale: COLOUR_MAPS[scale] for scale in ("gate", "state")},
        }
    )


def _describe(kind: PanelKind, words: Mapping[str, str]) -> dict[str, Any]:
    symbol = SYMBOLS.get(kind.name)
    return {
        "name": kind.name,
        "label": symbol.label if symbol else _LABELS.get(kind.name, kind.name),
        "colour": symbol.colour if symbol else None,
        "title": words[f"panel {kind.name}"],
        "hint": words[f"hint {kind.name}"],
        "scale": kind.scale,
        "range": kind.range,
        # The cell state has no bounds: the ends of the scale mean "this or beyond".
        "open": kind.name == "C",
    }


def build_feed(
    header: Mapping[str, Any],
    *,
    cell: str,
    shape: tuple[int, int],
    frames: Sequence[Frame],
    first: int,
    total: int,
    histograms: Sequence[Mapping[str, Sequence[int]]],
    answers: Sequence[str],
    curves: Mapping[str, Sequence[float | None]],
) -> bytes:
    """What is new, as one block: frames as the bytes they are kept in, gates' histograms as shares, curves.

    The layer of the frames is the header's. Curves travel as float32, NaN where nothing was measured.
    """
    layer = int(header["layer"])
    _check(cell, shape, layer, frames, first, total, histograms, answers)
    packer = Packer()
    points = packed(packer, curves, CURVES, what="The curves of a film")
    entry = None
    if frames:
        entry = {
            "first": first,
            "updates": [frame.update for frame in frames],
            "answers": [str(text)[:_ANSWER_LIMIT] for text in answers] or [""] * len(frames),
            "values": packer.add(
                np.stack([[frame.layers[layer][kind.name] for kind in PANELS[cell]] for frame in frames])
            ),
            "shares": packer.add(_shares(cell, histograms, len(frames))),
        }
    measured = [update for update in curves["update"][-1:] if update is not None]
    latest = max([0.0, *measured, *(frame.update for frame in frames)])
    return packer.finish(
        {
            **header,
            "total": total,
            "done": latest,
            "frames": entry,
            "curves": points,
        }
    )


def _check(
    cell: str,
    shape: tuple[int, int],
    layer: int,
    frames: Sequence[Frame],
    first: int,
    total: int,
    histograms: Sequence[Any],
    answers: Sequence[str],
) -> None:
    if not 0 <= first <= first + len(frames) <= total:
        raise ShapeError(
            f"Frames {first} to {first + len(frames) - 1} do not lie within the {total} frames there are."
        )
    for frame in frames:
        if frame.cell != cell or frame.shape != shape or not 0 <= layer < len(frame.layers):
            raise ShapeError(
                f"A film of layer {layer} of a {cell} with (units, steps) = {shape} cannot take the frame of "
                f"update {frame.update}: a {frame.cell} with {len(frame.layers)} layers and {frame.shape}."
            )
    for what, given in (("histograms", histograms), ("answers", answers)):
        if len(given) not in (0, len(frames)):
            raise ShapeError(f"There must be as many {what} as frames ({len(frames)}), got {len(given)}.")


def _shares(cell: str, histograms: Sequence[Mapping[str, Sequence[int]]], frames: int) -> NDArray[np.float32]:
    """(frames, gates, BINS) each bar's share of all values; NaN where a frame has no histogram."""
    gates = [kind.name for kind in PANELS[cell] if kind.scale == "gate"]
    shares = np.full((frames, len(gates), BINS), np.nan, np.float32)
    for at, counted in enumerate(histograms):
        for gate, name in enumerate(gates):
            counts = np.asarray(counted.get(name, ()), np.float64)
            if counts.size == 0 or counts.sum() <= 0:
                continue
            if counts.shape != (BINS,):
                raise ShapeError(f"A histogram has {BINS} counts, that of {name} has {counts.size}.")
            shares[at, gate] = counts / counts.sum()
    return shares


def _fitting(frames: Sequence[Frame], cells: int) -> int:
    """How many of the frames go into one message, at least one."""
    return min(len(frames), max(MESSAGE_BYTES // max(cells, 1), 1))


def _memory(key: str) -> dict[str, Any]:
    """What was sent to the film `key`, and which of its requests was answered last."""
    memory: dict[str, Any] = st.session_state.setdefault(f"{key} frames", {"sent": {}, "answered": None})
    return memory


def _asked(key: str, run: str, layer: int) -> tuple[int | None, Any]:
    """The first frame that the browser misses, and the mark of that request: a browser can send anything."""
    needs = _reported(key, "needs")
    if not isinstance(needs, Mapping) or needs.get("run") != run or needs.get("layer") != layer:
        return None, None
    first = needs.get("first")
    if not isinstance(first, (int, float)) or isinstance(first, bool) or first != int(first) or first < 0:
        return None, None
    return int(first), needs.get("serial")


def chosen_frame(key: str, run: str, total: int) -> int | None:
    """Index of the frame that the film `key` stands at; None for the newest."""
    frame = _reported(key, "frame")
    if not isinstance(frame, Mapping) or frame.get("run") != run:
        return None
    index = frame.get("index")
    good = isinstance(index, (int, float)) and not isinstance(index, bool) and index in range(total)
    return int(index) if good and index is not None else None


def _reported(key: str, name: str) -> Any:
    return (st.session_state.get(key) or {}).get(name)


def _nothing() -> None:
    """Streamlit keeps only state that has a callback."""


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return st.components.v2.component(
        "gatescope_film",
        html='<div class="film picture"></div>\n<!-- the script builds everything inside -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )
