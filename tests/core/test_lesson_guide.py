"""docs/lessons.md says how a lesson is written: its example is read, and its claims are computed."""

import re
from pathlib import Path

from gru_core.lessons import demo_stage, holds, measure, read_lesson
from gru_core.lessons.lesson import PICTURES

GUIDE = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")


def test_the_example_is_a_lesson_and_true() -> None:
    example = re.search(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert example is not None
    step = read_lesson(example[1]).steps[0]
    stage = demo_stage(step.view)
    assert 0 < float(measure(stage, step.numbers[0].asked)) < 0.5, "it writes at the first letter"
    (claim,) = step.claims
    assert holds(stage, measure(stage, claim.asked), claim.tests)


def test_every_picture_is_named() -> None:
    named = re.search(r"`picture` \(([^)]*)\)", GUIDE)
    assert named is not None
    assert tuple(named[1].split(", ")) == PICTURES
