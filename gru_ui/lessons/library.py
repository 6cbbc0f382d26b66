"""Which lessons there are, and what a step of one sets and measures."""

from collections.abc import Mapping
from dataclasses import replace

from gru_core.errors import GateScopeError, LinkError
from gru_core.lessons import Asked, Lesson, LessonView, Stage, Step, measure, shipped_lesson, show_as
from gru_core.lessons.measures import Measured
from gru_ui import cache, state, view
from gru_ui.cell_form import CellForm
from gru_ui.language.catalogue import ENGLISH, LANGUAGES
from gru_ui.lessons.form import LessonForm
from gru_ui.store import UploadedLesson, uploads
from gru_ui.view import View
from gru_ui.workspace import Workspace


def current_language() -> str:
    """The folder of the lessons in the reader's language."""
    return LANGUAGES[state.language()].folder or ENGLISH


def lesson_of(reference: str) -> Lesson:
    """The lesson that a form names. Raises LinkError when it was uploaded and is gone."""
    if not reference.startswith("own."):
        return shipped_lesson(reference, current_language())
    upload = uploads().get(reference.removeprefix("own."))
    if not isinstance(upload, UploadedLesson):
        raise LinkError("This link names something else where a lesson should be: copy the whole link again.")
    return upload.lesson


def tried(step: Step, form: LessonForm) -> LessonView:
    """The view of a step with what a person has tried in it."""
    shown = step.view
    if form.gates:
        shown = shown.but(gates=form.gates)
    for gate, value in (("z", form.z), ("r", form.r)):
        if value >= 0:
            shown = shown.but(gates="custom", **{gate: value, f"{gate}_blend": 1.0})
    return shown


def workspace_of(shown: LessonView, now: Workspace) -> Workspace:
    """The workspace that shows what a step shows, all else as it is now."""
    return replace(
        now,
        model=shown.model,
        sequence=shown.sequence,
        gates=shown.gates,
        z=shown.z,
        z_blend=shown.z_blend,
        r=shown.r,
        r_blend=shown.r_blend,
        units=shown.held_units,
        steps=shown.held_steps,
        paint_r=shown.paint_r,
        paint_z=shown.paint_z,
        layer=shown.layer,
        cursor=shown.step,
        unit=shown.unit,
        order=shown.order,
        columns=(),
        cell=CellForm(shown.depth, shown.lit, shown.z_means, shown.shows_reset, shown.edits),
    )


def lesson_view_of(now: Workspace, picture: str = "gates") -> LessonView:
    """What the workspace shows as the view of a step."""
    return LessonView(
        picture=picture,
        model=now.model,
        sequence=now.sequence,
        gates=now.gates,
        z=now.z,
        z_blend=now.z_blend,
        r=now.r,
        r_blend=now.r_blend,
        held_units=now.units,
        held_steps=now.steps,
        paint_r=now.paint_r,
        paint_z=now.paint_z,
        layer=now.layer,
        step=now.cursor,
        unit=now.unit,
        order=now.order,
        depth=now.cell.depth,
        lit=now.cell.lit,
        z_means=now.cell.z_means,
        shows_reset=now.cell.shows_reset,
        edits=now.cell.edits,
    )


def view_of(shown: LessonView) -> View:
    """What a step shows, as the pictures take it. Raises a GateScopeError that says why there is nothing."""
    return view.build(workspace_of(shown, Workspace()))


def stage_of(shown: LessonView) -> Stage:
    """The stage of any view, also of models that were uploaded or trained. Raises as `view_of` does."""

    def make() -> Stage:
        built = view_of(shown)
        return Stage(shown, built.model, built.x, built.sequence.labels, built.target, stage_of)

    return cache.kept().get(("lesson stage", shown), make, lambda stage: 200_000 + 40 * stage.x.nbytes)


def measured(stage: Stage, asked: Asked) -> Measured:
    """What is asked, computed once for a view."""
    key = ("lesson measure", stage.view, asked.measure, asked.parameters)
    return cache.kept().get(key, lambda: measure(stage, asked), lambda _: 200)


def numbers_of(step: Step, stage: Stage) -> Mapping[str, str]:
    """The numbers in the words of a step, as they are written; "?" for one that cannot be measured."""
    found = {}
    for number in step.numbers:
        try:
            found[number.name] = show_as(number.asked, measured(stage, number.asked), number.shown)
        except GateScopeError:
            found[number.name] = "?"
    return found
