"""Where a person is in the lessons, as one frozen value with its own part of the link."""

import re
from dataclasses import dataclass, replace
from typing import Any

from gru_core.errors import LinkError
from gru_core.lessons import LESSONS
from gru_core.limits import MAX_LESSON_STEPS
from gru_ui.properties import Property, whole

OWN = re.compile(r"own\.[A-Za-z0-9_-]{16,64}")
"""How an uploaded lesson is named: by its key in the store."""


@dataclass(frozen=True)
class LessonForm:
    """Lesson and step, and what was done in the step.

    lesson     a name in LESSONS, or "own.<key>" for one that was uploaded; "" is the list of lessons
    step       from 1
    projector  1: nothing on the screen but the lesson
    gates, z, r   what was tried in this step instead of what it sets: a gate setting ("" none), and values
               that gates are held at (-1: none). Not in the link: it opens the step as it is taught
    guess, revealed   the prediction, and whether the answer is shown
    """

    lesson: str = ""
    step: int = 1
    projector: int = 0
    gates: str = ""
    z: float = -1.0
    r: float = -1.0
    guess: str = ""
    revealed: bool = False

    def but(self, **changes: Any) -> "LessonForm":
        """The same with some changed; another step begins anew."""
        if changes.get("lesson", self.lesson) != self.lesson:
            changes = {"step": 1} | changes
        changed = replace(self, **changes)
        if (changed.lesson, changed.step) == (self.lesson, self.step):
            return changed
        return LessonForm(changed.lesson, changed.step, changed.projector)


def _lesson(text: str) -> str:
    if text not in LESSONS and not OWN.fullmatch(text):
        raise LinkError(f"must be one of {', '.join(LESSONS)}, or a lesson that was uploaded here")
    return text


LESSON_PROPERTIES = (
    Property("lesson", "lesson", _lesson),
    Property("step", "step", whole(1, MAX_LESSON_STEPS)),
    Property("projector", "projector", whole(0, 1)),
)
