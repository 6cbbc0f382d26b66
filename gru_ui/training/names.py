"""What a training is called: kept in English, and shown in the language of who looks at it."""

import re

from gru_ui.language.sentences import translated
from gru_ui.texts import catalogue, say

_LENGTH = re.compile(r"(.*) \((\d+)\)", re.DOTALL)


def run_title(task: str, length: int | None, cell: str) -> str:
    """The name that is kept of a training of `cell` on a task; `cell` is "" for a race of several."""
    what = task if length is None else f"{task} ({length})"
    english = catalogue()
    return (
        english["train.title"].format(task=what, cell=cell)
        if cell
        else english["race.title"].format(task=what)
    )


def title_in_words(title: str) -> str:
    """A kept name in the reader's language; as it is where it is not one of ours."""
    for key in ("race.title", "train.title"):
        pattern = (
            re.escape(catalogue()[key])
            .replace(r"\{task\}", "(?P<task>.*)")
            .replace(r"\{cell\}", r"(?P<cell>\w+)")
        )
        found = re.fullmatch(pattern, title, re.DOTALL)
        if found is not None:
            return say(key, **(found.groupdict() | {"task": _task(found["task"])}))
    return title


def _task(words: str) -> str:
    found = _LENGTH.fullmatch(words)
    return f"{translated(found[1])} ({found[2]})" if found else translated(words)
