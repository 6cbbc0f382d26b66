"""Lessons: what they say is true of the models, both languages teach the same, broken files are told why."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from gru_core.errors import LessonError, LimitError
from gru_core.lessons import LESSONS, Lesson, LessonView, Step, demo_stage, measure, read_lesson
from gru_core.lessons.claims import false_claims
from gru_core.lessons.shipped import FOLDER
from gru_core.lessons.words import names_in
from gru_core.lessons.writer import step_text
from gru_core.limits import MAX_LESSON_BYTES

FILES = sorted(FOLDER.glob("*/*.toml"))

HEAD = 'title = "T"\nsummary = "S"\nminutes = 5\n'
STEP = '[[steps]]\ntitle = "A"\nwords = "B"\n'


def lesson_in(file: Path) -> Lesson:
    return read_lesson(file.read_bytes())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_everything_a_lesson_says_is_true(file: Path) -> None:
    lesson = lesson_in(file)
    assert false_claims(lesson, demo_stage) == ()
    assert 5 <= len(lesson.steps) <= 9
    # A step that states facts and claims none of them would pass unread.
    silent = [step.title for step in lesson.steps if not (step.claims or step.numbers or step.question)]
    assert len(silent) <= 1, silent


def test_a_claim_that_is_not_true_is_found() -> None:
    """The test above can fail: the same lesson with one fact turned round."""
    text = (
        HEAD
        + STEP.replace("B", "It keeps most.")
        + ('[[steps.claims]]\nsays = "keeps most"\nmeasure = "mean"\nof = "Z"\nbelow = 0.5\n')
    )
    (message,) = false_claims(read_lesson(text), demo_stage)
    assert message == (
        "Line 9: The lesson says 'keeps most', so that mean is below 0.5, but 0.85 is measured."
    )


def structure(step: Step) -> object:
    """All of a step that is not words."""
    question = step.question
    return (
        step.view,
        step.controls,
        step.numbers,
        names_in(step.words),
        [(claim.asked, claim.tests) for claim in step.claims],
        question
        and (replace(question, ask="", after=(), choices=(), counted_in=""), names_in(question.after)),
        question and [choice.tests for choice in question.choices],
    )


@pytest.mark.parametrize("name", LESSONS)
@pytest.mark.parametrize("language", ["zh_Hans"])
def test_both_languages_teach_the_same(name: str, language: str) -> None:
    one, other = (lesson_in(FOLDER / folder / f"{name}.toml") for folder in ("en", language))
    assert one.minutes == other.minutes
    assert [structure(step) for step in one.steps] == [structure(step) for step in other.steps]
    for step, its in zip(one.steps, other.steps, strict=True):
        assert step.title != its.title


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEAD + 'title = "again"\n',
            "Line 4: This is not TOML: cannot overwrite a value. Mend this line, or the one above it.",
        ),
        (
            HEAD + "[[steps]]\ntitle = What\n",
            "Line 5: This is not TOML: invalid value. Mend this line, or the one above it.",
        ),
        (HEAD, "Line 1: A lesson needs at least one step: add [[steps]] with title and words below it."),
        ('title = "T"\nminutes = 5\n' + STEP, "Line 1: The lesson has no summary: add a line summary = ..."),
        (
            HEAD + STEP + STEP.replace('words = "B"\n', ""),
            "Line 7: Step 2 has no words: add a line words = ...",
        ),
        (HEAD.replace("5", '"5"') + STEP, "Line 3: minutes must be a whole number, got '5'."),
        (
            HEAD + STEP + 'wrods = "C"\n',
            "Line 7: The key 'wrods' is not known here (did you mean words?).",
        ),
        (
            HEAD + STEP + '[steps.view]\npicture = "cell"\nstep = -2\n',
            "Line 9: step must be a whole number from 0 to 100000, got -2.",
        ),
        (
            HEAD + STEP + '[steps.view]\npicture = "cel"\n',
            "Line 8: picture must be one of cell, gates, states, extremes, memory, gradients, family, race, "
            "gallery, none, got 'cel' (did you mean cell?).",
        ),
        (
            HEAD + '[[steps]]\ntitle = "A"\nwords = """\nOne.\nTwo <b>bold</b>.\n"""\n',
            "Line 8: HTML is not shown in a lesson: write **strong** or *stressed* instead.",
        ),
        (
            HEAD + "[[steps]]\ntitle = 'A'\nwords = '''See ![x](http://x.example/y.png)'''\n",
            "Line 6: Pictures from elsewhere are not shown in a lesson: set the picture of the step.",
        ),
        (
            HEAD + "[[steps]]\ntitle = 'A'\nwords = '$\\href{x}{y}$'\n",
            "Line 6: The command \\href is not known in a formula of a lesson.",
        ),
        (
            HEAD + "[[steps]]\ntitle = 'A'\nwords = 'It is {{many}}.'\n",
            "Line 6: The words ask for the number {{many}}: say what it is under [steps.numbers].",
        ),
        (
            HEAD + STEP + '[[steps.claims]]\nsays = "B"\nmeasure = "mean"\nof = "Q"\nabove = 0\n',
            "Line 10: of must be one of X, R, Z, H_tilde, H, H_prev, got 'Q'.",
        ),
        (
            HEAD + STEP + '[[steps.claims]]\nsays = "B"\nmeasure = "value"\nof = "Z"\nabove = 0\n',
            "Line 9: The measure value needs unit: add unit = ... beside it.",
        ),
        (
            HEAD + STEP + '[[steps.claims]]\nsays = "C"\nmeasure = "mean"\nof = "Z"\nabove = 0\n',
            "Line 8: These words are not in the words of the step: copy them letter by letter.",
        ),
        (
            HEAD + STEP + '[steps.view]\nz = 1\nheld_steps = "soon"\n',
            "Line 9: Cannot read 'soon' as steps: type numbers and ranges such as 0, 3-5, a slice such as "
            "2:9, or all.",
        ),
    ],
)
def test_a_broken_file_gets_one_sentence_with_its_line(text: str, message: str) -> None:
    with pytest.raises(LessonError) as caught:
        read_lesson(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"[" * 60_000, b"a = " + b"9" * 5_000, b"a = {" * 9_000])
def test_rubbish_is_refused_with_a_line(data: bytes) -> None:
    with pytest.raises(LessonError, match=r"^Line 1: "):
        read_lesson(data)


def test_a_lesson_has_a_stated_size() -> None:
    with pytest.raises(LimitError, match=r"A lesson may be at most 0\.2 MB"):
        read_lesson(b"#" * (MAX_LESSON_BYTES + 1))


@pytest.mark.parametrize(
    "view",
    [
        LessonView(picture="gates"),
        LessonView("states", "parity", "example.2", "rnn", step=3, unit=1, order="time scale"),
        LessonView(
            gates="custom", z=0.95, z_blend=1.0, held_steps="2:9", held_units="0, 3-5", depth="arithmetic"
        ),
        LessonView("gates", gates="painted", paint_r="lx3_0", paint_z="1x3_0_0.5x9"),
        LessonView("extremes", settings=("rnn", "copy"), lit="H_tilde", z_means="updates"),
        LessonView("gallery", real="jieba", say='the "quoted"\n\\ and 中文 \x7f'),
    ],
)
def test_a_copied_step_sets_the_same_view(view: LessonView) -> None:
    lesson = read_lesson(HEAD + step_text(view, 'A "title"', "Words."))
    assert lesson.steps[0].view == view
    assert lesson.steps[0].title == 'A "title"'


def test_a_painted_row_that_cannot_be_read_is_said_with_its_line() -> None:
    text = HEAD + '[[steps]]\ntitle = "A"\nwords = "B"\n[steps.view]\npaint_z = "1x3_open"\n'
    with pytest.raises(LessonError, match=r"^Line \d+: Cannot read 'open' as painted steps"):
        read_lesson(text)


def test_a_measure_says_with_its_line_what_is_not_there() -> None:
    text = HEAD + STEP + '[[steps.claims]]\nsays = "B"\nmeasure = "mean"\nof = "Z"\nat = 99\nabove = 0\n'
    step = read_lesson(text).steps[0]
    with pytest.raises(LessonError, match=re.escape("Line 9: There is no step 99: this sequence has 30")):
        measure(demo_stage(step.view), step.claims[0].asked)
