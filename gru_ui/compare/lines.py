"""The Python lines that give a comparison again, where both sides are runs of one model."""

from gru_core.analysis.comparison import Comparison
from gru_core.overrides import EXTREMES
from gru_ui.compare.sides import Side, choices, picked
from gru_ui.saving import is_of_gallery, python_code
from gru_ui.view import View


def compare_lines(view: View, quantity: str, right: Side, found: Comparison) -> str:
    """The lines of the left's trace and the comparison; "" where the right is of another model or input."""
    form = view.workspace.compare
    if is_of_gallery(view) or form.against not in ("gates", "layer"):
        return ""
    value = picked(form, choices(view, form.against))
    other = f"other = traces[{value}]"
    if form.against == "gates":
        held = f", overrides={EXTREMES[value]!r}" if EXTREMES[value] else ""
        other = f"other = trace(model.gru, x{held})[{view.layer}]"
    overlap = found.overlap
    return "\n".join(
        [
            "from gru_core.analysis.comparison import compare, overlap_of",
            "from gru_core.overrides import GateOverride",
            python_code(view).rstrip(),
            "",
            other,
            f"overlap = overlap_of(t.steps, other.steps, {overlap.right - overlap.left})",
            f"found = compare(t.{quantity}[0], other.{quantity}[0], overlap, by_units={not found.sorted})",
            "difference = found.difference  # (steps, rows): right minus left",
            "",
        ]
    )
