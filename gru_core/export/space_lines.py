"""The Python lines that give a state space again: directions, places and fixed points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gru_core.overrides import GateOverride
    from gru_core.trace import GateTrace


def space_lines(
    trace_lines: str,
    t: GateTrace,
    layer: int,
    overrides: Sequence[GateOverride] = (),
    *,
    fitted: str = "learned",
    held: tuple[str, int] | None = None,
) -> str:
    """The lines that end with `t`, the trace, and after them those of its places and of the fixed points.

    fitted  what the directions are made from; "all" are those of the two paths that the lines make
    held    what input was held, "zero", "mean" or "step", and at which step; None leaves the points out
    """
    states = "path(learned)" if fitted == "learned" else "path(learned), path(t)"
    lines = [
        *(["import numpy as np"] if "import numpy" not in trace_lines else []),
        *(["from gru_core import GateOverride"] if overrides and held else []),
        "from gru_core.analysis.fixed_points import find_fixed_points, held_step",
        "from gru_core.analysis.fixed_points import starting_states, starts_for",
        "from gru_core.analysis.pca import fit_basis",
        "",
        "",
        "def path(t):",
        "    return np.concatenate([t.H0[:1], t.H[0]])  # (time + 1, units)",
        "",
        "",
        f"learned = trace(model.gru, x)[{layer}]",
        f"basis = fit_basis([{states}])",
        "places = basis.project(path(t))  # (time + 1, directions)",
    ]
    if held is not None:
        what, step = held
        read = {"zero": "0 * t.X[0, 0]", "mean": "t.X[0].mean(axis=0)"}.get(what, f"t.X[0, {step}]")
        lines += [
            "held = held_step(",
            f"    model.gru, {read}, {tuple(overrides)!r},",
            f"    layer={t.layer}, direction={t.direction!r}, step={step}, steps=t.steps,",
            ")",
            "found = find_fixed_points(held, starting_states(path(t), starts_for(t.units)))",
            "for point in found.points:",
            "    print(point.kind, point.sizes[:3], point.time_constants[:3])",
        ]
    return "\n".join([trace_lines.rstrip(), "", *lines, ""])
