"""Which task the model in front of the person was made for, and its score with gates frozen."""

from collections.abc import Hashable

import streamlit as st

from gru_core.analysis.frozen import FrozenScores, frozen_parcel, read_scores, score_places
from gru_core.demos import DEMOS
from gru_core.tasks.catalogue import TaskSpec
from gru_ui import cache
from gru_ui.meaning import worked_out
from gru_ui.texts import say
from gru_ui.view import View
from gru_ui.words import escape


def task_of(view: View) -> str | TaskSpec | None:
    """The name of the demo whose task it is, or what a training learned; None where no task is known."""
    reference = view.workspace.model
    if view.model.readout is None:
        return None
    if reference in DEMOS:
        return reference
    if reference.startswith("run."):
        return cache.run_service().look(reference.split(".")[1]).spec.task
    return None


def scores(view: View, units: tuple[int, ...]) -> FrozenScores | None:
    """The scores of this model's task with the gates of all units frozen, or of some; None until then."""
    task = task_of(view)
    if task is None:
        st.caption(say("square.no_task"))
        return None
    key: tuple[Hashable, ...] = (cache.fingerprint(view.model), view.workspace.model, units)
    found = worked_out(
        "frozen_scores",
        key,
        score_places,
        lambda: frozen_parcel(view.model, task, units or None),
        read_scores,
        size=lambda made: made.scores.nbytes + 1_000,
        # Not by itself at every selection on the way to the one that is meant.
        ask=say("square.score_selected", count=len(units)) if units else "",
    )
    if found is not None:
        metric = escape(view.in_words(view.model.card.metric))
        st.caption(say("square.scored", metric=metric, sequences=f"{found.sequences:,}"))
    return found


def score_lines(task: str | TaskSpec | None, units: tuple[int, ...]) -> list[str]:
    """The Python lines that give the scores again, of a `model`; none for a task of a person's own data."""
    if isinstance(task, str):
        made = f"demo_task({task!r})"
        imports = ["from gru_core.analysis.frozen import demo_task, frozen_scores"]
    elif task is not None and not (task.text or task.values):
        made = f"TaskSpec({task.name!r}, {task.length!r}).make()"
        imports = [
            "from gru_core.analysis.frozen import frozen_scores",
            "from gru_core.tasks.catalogue import TaskSpec",
        ]
    else:
        return []
    chosen = f", {units!r}" if units else ""
    return [*imports, "", f"scores = frozen_scores(model, {made}{chosen})  # scores.scores: by Z, then by R"]
