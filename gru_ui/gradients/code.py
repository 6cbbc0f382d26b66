"""The Python lines that give the line of the chosen gates again."""

from gru_core.analysis.flow_lines import Question
from gru_core.export.python import override_code
from gru_core.overrides import EXTREMES
from gru_ui.saving import is_of_gallery, python_code
from gru_ui.view import View


def python_lines(view: View, question: Question) -> str:
    """The lines of the trace, and those of its flow; of a gallery's own run the former alone."""
    traced = python_code(view)
    if is_of_gallery(view):
        return traced
    name = next((name for name, held in EXTREMES.items() if held == view.overrides), None)
    gates = f"EXTREMES[{name!r}]" if name else f"[{', '.join(map(override_code, view.overrides))}]"
    imported = "EXTREMES" if name else "GateOverride"
    asked = f"Question({question.of!r}, layer={question.layer}, last={question.last})"
    return "\n".join(
        (
            traced,
            f"from gru_core import {imported}",
            "from gru_core.analysis.flow_lines import Question, gru_line",
            "",
            f"line = gru_line(model, x, {gates}, {asked})",
            "line.norms  # log10, one per step; -inf where exactly 0, NaN where not read yet",
            "line.rate.per_step, line.portions  # the factor per step; the four routes' shares (4, time)",
            "",
        )
    )
