"""The race of a run's models, as a page shows it."""

from gru_core.runs.view import LaneView, RunView
from gru_ui import cache
from gru_ui.components.race import Lane, race
from gru_ui.language.sentences import translated
from gru_ui.texts import say
from gru_ui.training.form import racer_of
from gru_ui.training.names import title_in_words

HEIGHT = 480
"""Pixels: with the controls above, all of it is on a projector's 768 lines."""


def show_race(view: RunView, height: int = HEIGHT) -> None:
    """Tracks, scores and the gradient at the first step, one line per model."""
    task = cache.run_task(view.key, view.spec.task)
    length, what = view.spec.task.length, translated(task.title)
    # The example that the page opens with belongs to nobody and has no title.
    title = title_in_words(view.title) or say("race.title", task=what)
    race(
        key="race",
        run=f"{view.key}:{view.generation}",
        lanes=[_lane(number, lane, view.status) for number, lane in enumerate(view.lanes)],
        updates=max(lane.spec.steps for lane in view.lanes),
        chance=task.chance,
        learned_score=task.learned,
        score_name=translated(task.metric),
        percent=task.answer == "class",
        live=view.is_live,
        summary=say("race.summary", title=title, facts=say("language.end").join(map(_fact, view.lanes))),
        delay_words=what if length is None else f"{what}: {length}",
        height=height,
        filename=f"race-{view.key}",
    )


def _fact(lane: LaneView) -> str:
    """One model in words."""
    name = say(f"race.{racer_of(lane.spec)}")
    if lane.learned_at is not None:
        return say("race.learned", name=name, update=f"{lane.learned_at:,}")
    return say("race.not_learned", name=name, score="–" if lane.score is None else f"{lane.score:.3f}")


STATUS = {"finished": "done", "reached": "done", "diverged": "failed", "time": "stopped"}
"""Why a lane ended, as its status."""


def _lane(number: int, lane: LaneView, of_run: str) -> Lane:
    name = racer_of(lane.spec)
    per_update = lane.seconds_per_update
    return Lane(
        id=str(number),
        name=say(f"race.{name}"),
        note=say(f"race.{name}_note"),
        parameters=lane.parameters,
        milliseconds_per_update=None if per_update is None else 1000 * per_update,
        status=of_run if lane.reason is None else STATUS.get(lane.reason, of_run),
        learned_at=lane.learned_at,
        updates_done=lane.update,
        curves={
            "update": [point["update"] for point in lane.points],
            "score": [point["score"] for point in lane.points],
            "loss": [point["loss"] for point in lane.points],
            "gradient": [point["first_step_gradient"] for point in lane.points],
        },
    )
