"""A view as the lines of a lesson's step: what "copy as lesson step" gives."""

import json
from dataclasses import fields
from typing import Any

from gru_core.lessons.lesson import LessonView


def step_text(view: LessonView, title: str, words: str) -> str:
    """The TOML of one step that sets this view; `read_lesson` reads it back to the same one.

    Only what differs from the defaults is written, and for values of gates what they are held at.
    """
    lines = ["[[steps]]", f"title = {_value(title)}", f"words = {_value(words)}", "", "[steps.view]"]
    plain = LessonView()
    for entry in fields(view):
        value = getattr(view, entry.name)
        held = view.gates == "custom" and entry.name in ("z", "z_blend", "r", "r_blend", "gates")
        if view.gates != "custom" and entry.name in (
            "z",
            "z_blend",
            "r",
            "r_blend",
            "held_units",
            "held_steps",
        ):
            continue
        if view.gates != "painted" and entry.name in ("paint_r", "paint_z"):
            continue
        if held or value != getattr(plain, entry.name) or entry.name == "picture":
            lines.append(f"{entry.name} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, str):
        # A JSON string is a TOML string, but for the one control character that JSON leaves as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float):
        return f"{value:g}" if value % 1 else f"{value:.1f}"
    return str(value)
