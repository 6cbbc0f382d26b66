"""Lessons as data: a format, its reader, and the measures by which every number in them is computed."""

from gru_core.lessons.lesson import Asked, Claim, Lesson, LessonView, Question, Step
from gru_core.lessons.measures import MEASURES, holds, measure, show_as
from gru_core.lessons.reader import read_lesson
from gru_core.lessons.shipped import LESSONS, shipped_lesson
from gru_core.lessons.stage import Stage, demo_stage

__all__ = [
    "LESSONS",
    "MEASURES",
    "Asked",
    "Claim",
    "Lesson",
    "LessonView",
    "Question",
    "Stage",
    "Step",
    "demo_stage",
    "holds",
    "measure",
    "read_lesson",
    "shipped_lesson",
    "show_as",
]
