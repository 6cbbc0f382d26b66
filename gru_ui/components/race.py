"""A race: models that learn the same task at the same time, lane by lane, followed live.

    race(key="race", run=run, lanes=(Lane("gru", "GRU", "learns its gates", ...), ...), ...)

A page calls it again, in a fragment, as often as there is news. Reading the charts never asks the server.
`assets/components/race` has the drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import streamlit as st

from gru_core.errors import LimitError, ShapeError
from gru_ui.components.bundle import bundle, stylesheet
from gru_ui.components.feed import mount_fed
from gru_ui.components.payload import Packer
from gru_ui.components.points import packed
from gru_ui.components.race_texts import RACE_TEXTS

__all__ = ["LANE_COLOURS", "RACE_TEXTS", "Lane", "build_news", "build_race", "race"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "components" / "race"

CURVES: Final = ("update", "score", "gradient")

LANE_COLOURS: Final = {
    "light": ("#1B2430", "#7A4FD0", "#8F8F00", "#3C9CCB", "#8C2F39", "#8A94A0"),
    "dark": ("#F2F5F9", "#A583F5", "#D8D24A", "#7CCDF5", "#D9536F", "#8D98A5"),
}
"""By theme, then lane: none is the colour of a symbol, and each stands on the page with at least 3:1."""

DASHES: Final = ((), (9, 4), (2, 3), (12, 4, 2, 4), (5, 3), (16, 5))
"""By lane: what tells lines apart where colours do not."""

STATUSES: Final = frozenset(name[len("status ") :] for name in RACE_TEXTS if name.startswith("status "))


@dataclass(frozen=True, eq=False)
class Lane:
    """One competitor.

    name, note  what it is called, and in a few words what is particular about it; both stay the same
    parameters  how many numbers learn; milliseconds_per_update the mean so far; None while not known
    status      queued, running, paused, done, stopped, failed or interrupted
    learned_at  the update at which the task counted as learned; None where it has not
    updates_done  updates so far
    curves      update, score (held-out) and gradient (norm at the first step), None where not measured
    """

    id: str
    name: str
    note: str
    parameters: int | None
    milliseconds_per_update: float | None
    status: str
    learned_at: int | None
    updates_done: int
    curves: Mapping[str, Sequence[float | None]] = field(repr=False)


def race(
    *,
    key: str,
    run: str,
    lanes: Sequence[Lane],
    updates: int,
    chance: float,
    learned_score: float | None,
    score_name: str,
    live: bool,
    delay_words: str = "",
    percent: bool = True,
    texts: Mapping[str, str] = RACE_TEXTS,
    height: int = 520,
    summary: str = "",
    filename: str = "race",
) -> None:
    """Draws the race `run`, an identity that no other has.

    `updates` are those planned for each lane. With `percent` scores are shares of 1; otherwise 1 is best and
    they may be negative. `delay_words` say how far the first step lies back ("50 letters in between").
    `height` is that of a wide screen, in pixels; many lanes take more, and on a narrow one the parts stand
    below each other.

    Raises:
        ShapeError: no lanes, curves that do not fit together, or a status that is none.
        LimitError: more lanes than can be told apart.
    """
    still = build_race(
        {"key": key, "run": run, "filename": filename, "height": height},
        lanes=lanes,
        updates=updates,
        chance=chance,
        learned_score=learned_score,
        score_name=score_name,
        delay_words=delay_words,
        percent=percent,
        texts=texts,
    )
    moving = build_news({"key": key, "run": run, "live": live, "summary": summary}, lanes)
    mount_fed(_mount(), key=key, still=still, moving=moving, callbacks={})


def build_race(
    header: Mapping[str, Any],
    *,
    lanes: Sequence[Lane],
    updates: int,
    chance: float,
    learned_score: float | None,
    score_name: str,
    delay_words: str,
    percent: bool,
    texts: Mapping[str, str],
) -> bytes:
    """What does not change while a race runs, as one block."""
    if not lanes:
        raise ShapeError("A race needs at least one lane, got none.")
    most = len(DASHES)
    if len(lanes) > most:
        raise LimitError(
            f"A race may have at most {most} lanes, and this one has {len(lanes)}: leave some out."
        )
    return Packer().finish(
        {
            **header,
            "lanes": [{"id": lane.id, "name": lane.name, "note": lane.note} for lane in lanes],
            "updates": updates,
            "chance": chance,
            "learnedScore": learned_score,
            "scoreName": score_name,
            "delayWords": delay_words,
            "percent": percent,
            "texts": {**RACE_TEXTS, **texts},
            "colours": LANE_COLOURS,
            "dashes": DASHES,
        }
    )


def build_news(header: Mapping[str, Any], lanes: Sequence[Lane]) -> bytes:
    """What changes, as one block: each lane's numbers and curves (float32, NaN where not measured)."""
    packer = Packer()
    entries = []
    for lane in lanes:
        if lane.status not in STATUSES:
            raise ShapeError(
                f"The status of a lane is one of {', '.join(sorted(STATUSES))}, got {lane.status!r}."
            )
        entries.append(
            {
                "parameters": lane.parameters,
                "milliseconds": lane.milliseconds_per_update,
                "status": lane.status,
                "learned_at": lane.learned_at,
                "done": lane.updates_done,
                "curves": packed(packer, lane.curves, CURVES, what=f"The curves of {lane.name}"),
            }
        )
    return packer.finish({**header, "lanes": entries})


@lru_cache(maxsize=1)
def _mount() -> Any:
    """The registered component."""
    return st.components.v2.component(
        "gatescope_race",
        html='<div class="race picture"></div>\n<!-- the script builds everything inside -->',
        css=stylesheet(ASSETS, "picture"),
        js=bundle(ASSETS),
    )
