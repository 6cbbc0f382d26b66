"""The lessons that come with GateScope, one file for each and language in assets/lessons."""

from functools import lru_cache
from pathlib import Path

from gru_core.errors import InputError
from gru_core.lessons.lesson import Lesson
from gru_core.lessons.reader import read_lesson

FOLDER = Path(__file__).resolve().parent.parent.parent / "assets" / "lessons"

LESSONS: tuple[str, ...] = tuple(sorted(path.stem for path in (FOLDER / "en").glob("*.toml")))
"""Their names, in the order in which they are taught."""


@lru_cache(maxsize=64)
def shipped_lesson(name: str, language: str = "en") -> Lesson:
    """A lesson in a language; in English where it has not been written in that one.

    Raises InputError for a name that is not in LESSONS.
    """
    if name not in LESSONS:
        raise InputError(f"There is no lesson {name[:40]!r}: choose one of {', '.join(LESSONS)}.")
    own = FOLDER / language / f"{name}.toml"
    return read_lesson((own if own.exists() else FOLDER / "en" / f"{name}.toml").read_bytes())
