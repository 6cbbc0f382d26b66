"""Whether what a lesson says is true: each of its claims, measured."""

from collections.abc import Callable, Iterator

from gru_core.errors import GateScopeError
from gru_core.lessons.lesson import Asked, Check, Claim, Lesson, LessonView, Step
from gru_core.lessons.measures import holds, measure, show_as
from gru_core.lessons.stage import Stage

_SAID = {
    "is": "is {value}",
    "not": "is not {value}",
    "above": "is above {value}",
    "below": "is below {value}",
    "at_least": "is at least {value}",
    "at_most": "is at most {value}",
}


def false_claims(lesson: Lesson, open_stage: Callable[[LessonView], Stage]) -> tuple[str, ...]:
    """One sentence, with the line, for each claim that is not true and each thing that cannot be measured."""
    return tuple(message for step in lesson.steps for message in _of_step(step, open_stage))


def _of_step(step: Step, open_stage: Callable[[LessonView], Stage]) -> Iterator[str]:
    try:
        stage = open_stage(step.view)
    except GateScopeError as error:
        yield f"Line {step.line}: {error}"
        return
    for claim in step.claims:
        yield from _of_claim(claim, stage)
    for number in step.numbers:
        try:
            measure(stage, number.asked)
        except GateScopeError as error:
            yield str(error)
    if step.question is not None:
        try:
            value = measure(stage, step.question.asked)
            right = [one for one in step.question.choices if holds(stage, value, one.tests)]
        except GateScopeError as error:
            yield str(error)
            return
        if step.question.choices and len(right) != 1:
            shown = show_as(step.question.asked, value, step.question.shown)
            yield (
                f"Line {step.question.asked.line}: {shown} is measured, for which {len(right)} of the "
                f"{len(step.question.choices)} choices are right: exactly one must be."
            )


def _of_claim(claim: Claim, stage: Stage) -> Iterator[str]:
    try:
        value = measure(stage, claim.asked)
        for test in claim.tests:
            if not holds(stage, value, (test,)):
                shown = show_as(claim.asked, value, "auto")
                yield (
                    f"Line {claim.asked.line}: The lesson says {claim.says!r}, so that {claim.asked.measure} "
                    f"{_SAID[test.how].format(value=_other(stage, test))}, but {shown} is measured."
                )
    except GateScopeError as error:
        yield str(error)


def _other(stage: Stage, test: Check) -> str:
    if isinstance(test.value, Asked):
        return show_as(test.value, measure(stage, test.value), "auto")
    within = f" within {test.within:g}" if test.within else ""
    return f"{test.value:g}{within}" if isinstance(test.value, float) else str(test.value)
