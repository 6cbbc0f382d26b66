"""The Python lines that give a survey's shares again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gru_core.overrides import GateOverride


def saturation_lines(trace_lines: str, over: str, overrides: Sequence[GateOverride] = ()) -> str:
    """The lines that end with `t`, the trace, and after them the shares of its gates below 0.1 and above 0.9.

    over  "sequence": of the trace; "data": of the model's data set; "file": of a survey's file, without more
    """
    if over == "file":
        return "\n".join(
            [
                "from gru_core.survey import read_survey",
                "",
                'found = read_survey("survey.npz")',
                *_shares(),
            ]
        )
    if over == "sequence":
        lines = [
            "below, above = (t.Z[0] < 0.1).mean(axis=0), (t.Z[0] > 0.9).mean(axis=0)  # one per unit",
            "R_below, R_above = (t.R[0] < 0.1).mean(axis=0), (t.R[0] > 0.9).mean(axis=0)",
        ]
        return "\n".join([trace_lines.rstrip(), *lines, ""])
    needed = ["from gru_core import GateOverride"] if overrides and "GateOverride" not in trace_lines else []
    lines = [
        *needed,
        "from gru_core.survey.of_model import survey_of_data",
        "",
        f"found = survey_of_data(model, {tuple(overrides)!r})",
        *_shares(),
    ]
    return "\n".join([trace_lines.rstrip(), "", *lines])


def _shares() -> list[str]:
    return [
        'below, above = found.left_saturated("Z"), found.right_saturated("Z")  # (layers, units)',
        'R_below, R_above = found.left_saturated("R"), found.right_saturated("R")',
        "steps = found.time_scale()",
        "",
    ]
