"""Reads a lesson file: TOML of a stated size, into a `Lesson`, or one sentence with the line at fault."""

import re
import tomllib
from typing import Any, get_args

from gru_core.edits import read_edits
from gru_core.errors import GateScopeError, LessonError, LinkError
from gru_core.lessons.fields import Table
from gru_core.lessons.lesson import (
    CONTROLS,
    DEPTHS,
    LIT,
    PICTURES,
    SETTINGS,
    SHOWN_AS,
    TESTS,
    Asked,
    Check,
    Choice,
    Claim,
    Lesson,
    LessonView,
    Number,
    Question,
    ShowsReset,
    Step,
    ZMeans,
)
from gru_core.lessons.measures import MEASURES, check_parameters
from gru_core.lessons.toml_lines import TEXT, key_lines
from gru_core.lessons.words import Block, names_in, read_words
from gru_core.limits import (
    MAX_EDIT_CHARACTERS,
    MAX_LESSON_BYTES,
    MAX_LESSON_STEPS,
    MAX_LESSON_WORDS,
    MAX_PAINTED_CHARACTERS,
    MAX_STEPS,
    MAX_UNITS,
    check_bytes,
)
from gru_core.overrides import EXTREMES
from gru_core.painting import read_row

ORDERS = ("index", "time scale", "similarity")
_REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,6100}")
_LARGEST = 1e12


def read_lesson(data: bytes | str) -> Lesson:
    """The lesson in a file.

    Raises LessonError, beginning with the line, for what is not TOML or breaks a rule of the format;
    LimitError for more than MAX_LESSON_BYTES.
    """
    raw = data.encode() if isinstance(data, str) else data
    check_bytes("A lesson", len(raw), MAX_LESSON_BYTES, "part it into two lessons.")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise LessonError(
            f"Line {line}: A lesson must be text in UTF-8; save it so in your editor."
        ) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LessonError(_syntax(str(error), text)) from error
    except (RecursionError, ValueError) as error:
        raise LessonError("Line 1: A lesson cannot be nested this deep or hold numbers this long.") from error
    top = Table(values, (), key_lines(text))
    title, summary = top.text("title", 120), top.text("summary", 400)
    minutes = top.whole("minutes", 1, 240)
    tables = top.tables("steps", MAX_LESSON_STEPS)
    top.done()
    if not tables:
        top.fail("A lesson needs at least one step: add [[steps]] with title and words below it.")
    return Lesson(title, summary, minutes, tuple(_step(table) for table in tables))


def _syntax(message: str, text: str) -> str:
    """What `tomllib` says of a syntax error, with its line first."""
    place = re.search(r"\(at line (\d+), column (\d+)\)|\(at end of document\)", message)
    line = int(place[1]) if place and place[1] else len(text.splitlines()) or 1
    rule = re.sub(r"\s*\(at [^)]*\)", "", message).rstrip(".")
    return (
        f"Line {line}: This is not TOML: {rule[:1].lower()}{rule[1:]}. Mend this line, or the one above it."
    )


def _step(table: Table) -> Step:
    title = table.text("title", 160)
    said = table.text("words", MAX_LESSON_WORDS)
    words = read_words(said, _line_of_text(table, "words"))
    view = read_view(table.table("view"))
    controls = table.several_of("controls", CONTROLS)
    numbers = _numbers(table.table("numbers"))
    question = _question(table.table("question")) if table.has("question") else None
    asked = table.table("question").values
    all_said = "\n".join([said, str(asked.get("ask", "")), str(asked.get("after", ""))])
    claims = tuple(_claim(one, all_said) for one in table.tables("claims", 60))
    table.asked |= {"question"}
    table.done()
    known = {number.name for number in numbers}
    used = names_in(words) | (names_in(question.after) if question else set())
    for name in sorted(used - known):
        table.fail(
            f"The words ask for the number {{{{{name}}}}}: say what it is under [steps.numbers].", "words"
        )
    for name in sorted(known - used):
        table.table("numbers").fail(
            f"The number {name} is not used: write {{{{{name}}}}} in the words.", name
        )
    return Step(title, words, view, controls, numbers, question, claims, table.line())


def _line_of_text(table: Table, key: str) -> int:
    return table.lines.get((*table.path, key, TEXT), table.line(key))


def read_view(table: Table) -> LessonView:
    """The view of a step."""
    plain = LessonView()
    # To name a value for a gate is to hold it there.
    free = "custom" if table.has("z") or table.has("r") else "learned"
    free = "painted" if table.has("paint_z") or table.has("paint_r") else free
    values: dict[str, Any] = {
        "picture": table.one_of("picture", PICTURES, plain.picture),
        "gates": table.one_of("gates", SETTINGS, free),
        "layer": table.whole("layer", 0, 127, 0),
        "step": table.whole("step", 0, MAX_STEPS, 0),
        "unit": table.whole("unit", -1, MAX_UNITS, -1),
        "order": table.one_of("order", ORDERS, plain.order),
        "depth": table.one_of("depth", DEPTHS, plain.depth),
        "lit": table.one_of("lit", LIT, plain.lit),
        "z_means": table.one_of("z_means", get_args(ZMeans), plain.z_means),
        "shows_reset": table.one_of("shows_reset", get_args(ShowsReset), plain.shows_reset),
        "edits": table.text("edits", MAX_EDIT_CHARACTERS, ""),
        "settings": table.several_of("settings", tuple(EXTREMES)),
        "held_units": table.text("held_units", 200, ""),
        "held_steps": table.text("held_steps", 200, ""),
        "paint_r": table.text("paint_r", MAX_PAINTED_CHARACTERS, ""),
        "paint_z": table.text("paint_z", MAX_PAINTED_CHARACTERS, ""),
        "real": table.text("real", 40, ""),
        "say": table.text("say", 2_000, ""),
    }
    for gate in ("z", "r"):
        values[gate] = table.number(gate, 0, 1, 0.5)
        values[f"{gate}_blend"] = table.number(f"{gate}_blend", 0, 1, float(table.has(gate)))
    for key in ("model", "sequence"):
        values[key] = table.text(key, 6_100, getattr(plain, key))
        if not _REFERENCE.fullmatch(values[key]):
            table.fail(f"{key} must be named as in a link, such as {getattr(plain, key)!r}.", key)
    table.done()
    view = LessonView(**values)
    try:
        read_edits(view.edits)
    except LinkError:
        table.fail("edits must be a list of changes as the app writes them.", "edits")
    for key in ("paint_r", "paint_z"):
        try:
            read_row(values[key])
        except GateScopeError as error:
            table.fail(str(error), key)
    try:
        _ = view.overrides
    except GateScopeError as error:
        table.fail(str(error), "held_units" if "units" in str(error) else "held_steps")
    return view


def _numbers(table: Table) -> tuple[Number, ...]:
    found = []
    for name in table.values:
        one = table.table(name)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            table.fail(f"The name {name[:40]!r} of a number must be small letters, digits and _.", name)
        shown = one.one_of("shown", SHOWN_AS, "auto")
        found.append(Number(name, _asked(one), shown))
    return tuple(found)


def _asked(table: Table) -> Asked:
    """The measure of a table; every key that is not something else there is one of its parameters."""
    name = table.one_of("measure", tuple(MEASURES))
    given = {key: value for key, value in table.values.items() if key not in table.asked}
    parameters = check_parameters(name, given, table)
    table.asked |= set(given)
    return Asked(name, parameters, table.line("measure"))


def _tests(table: Table) -> tuple[Check, ...]:
    within = table.number("within", 0, _LARGEST, 0.0)
    found = []
    for how in TESTS:
        if not table.has(how):
            continue
        table.asked.add(how)
        value = table.values[how]
        if isinstance(value, dict):
            value = _asked(table.table(how))
        elif not isinstance(value, bool | int | float | str):
            table.fail(f"{how} must be a number, a text, true or false, or a measure.", how)
        elif how not in ("is", "not") and (isinstance(value, bool | str)):
            table.fail(f"{how} compares numbers, got {str(value)[:40]!r}: use is or not.", how)
        found.append(Check(how, value if isinstance(value, Asked | bool | str) else float(value), within))
    if not found:
        table.fail(f"{table._where()} needs a comparison: one of {', '.join(TESTS)}.")
    return tuple(found)


def _claim(table: Table, said: str) -> Claim:
    says = table.text("says", 400)
    if says not in said:
        table.fail("These words are not in the words of the step: copy them letter by letter.", "says")
    tests = _tests(table)
    claim = Claim(says, _asked(table), tests)
    table.done()
    return claim


def _question(table: Table) -> Question:
    ask = table.text("ask", 400)
    shown = table.one_of("shown", SHOWN_AS, "auto")
    choices = []
    for one in table.tables("choices", 6):
        choices.append(Choice(one.text("says", 160), _tests(one)))
        one.done()
    if len(choices) == 1:
        table.fail("A question needs two to six choices, or none for a number.", "choices")
    number = {"least": 0.0, "most": 1.0, "within": 0.0}
    if not choices:
        number = {key: table.number(key, -_LARGEST, _LARGEST) for key in number}
        if number["least"] >= number["most"]:
            table.fail("least must be smaller than most.", "least")
    counted_in, covers = table.text("counted_in", 20, ""), table.flag("covers", True)
    after: tuple[Block, ...] = ()
    if table.has("after"):
        after = read_words(table.text("after", MAX_LESSON_WORDS), _line_of_text(table, "after"))
    question = Question(
        ask, _asked(table), shown, tuple(choices), **number, counted_in=counted_in, covers=covers, after=after
    )
    table.done()
    return question
