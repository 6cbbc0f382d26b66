"""The Python lines that give a ripple, or a connectivity, again."""

import numpy as np

from gru_core.analysis.change import InputChange
from gru_core.export.python import override_code
from gru_core.overrides import EXTREMES
from gru_core.sequences.encoders import EmbeddingEncoder
from gru_ui.saving import is_of_gallery, python_code
from gru_ui.view import View


def ripple_lines(view: View, change: InputChange) -> str:
    """The lines of the view's trace, and those of the change; "" for the gallery, whose lines differ."""
    if is_of_gallery(view):
        return ""
    head, held = _held(view)
    return "\n".join(
        [
            *head,
            "from gru_core.analysis.ripple import change_input, ripple",
            python_code(view).rstrip(),
            "",
            *_row_lines(view, change),
            f"pair = change_input(model.gru, x, {change.step}, row{held})",
            f"found = ripple(model.gru, *[traces[{view.layer}] for traces in pair], {change.step})",
            "difference = found.difference  # (time, units): found.copy + found.update + ...",
            "",
        ]
    )


def connectivity_lines(view: View, step: int, about: int | None) -> str:
    """The lines of the view's trace, and those of what its answer hangs on; "" for the gallery."""
    if is_of_gallery(view):
        return ""
    name, asked = "answer_seeds", f"answer_seeds(model, {step}, {about})"
    if view.model.readout is None:
        name, asked = "state_seeds", f"state_seeds(model.gru, {view.layer}, {step}, {about})"
    head, held = _held(view)
    return "\n".join(
        [
            *head,
            f"from gru_core.analysis.connectivity import {name}, connectivity",
            python_code(view).rstrip(),
            "",
            f"strength = connectivity(model.gru, traces, {asked}{held})  # (time,)",
            "",
        ]
    )


def _row_lines(view: View, change: InputChange) -> list[str]:
    """The lines that make `row`, what the changed step reads."""
    step = change.step
    if isinstance(view.model.encoder, EmbeddingEncoder):
        way = f"model.encoder.matrix[{change.symbol}].astype(float) - x[{step}]"
        return [f"row = x[{step}] + {change.share:g} * ({way})"]
    other = np.flatnonzero(change.row != view.x[step])
    return [
        f"row = x[{step}].astype(float)",
        *(f"row[{index}] = {float(change.row[index])!r}" for index in other.tolist()),
    ]


def _held(view: View) -> tuple[list[str], str]:
    """The import that the gates need, and how they are passed on."""
    if not view.overrides:
        return [], ""
    for name, extreme in EXTREMES.items():
        if extreme == view.overrides:
            return ["from gru_core import EXTREMES"], f", EXTREMES[{name!r}]"
    codes = ", ".join(map(override_code, view.overrides))
    return ["from gru_core import GateOverride"], f", [{codes}]"
