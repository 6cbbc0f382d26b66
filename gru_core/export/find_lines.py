"""The Python lines that find the same places again."""

from __future__ import annotations

from collections.abc import Sequence

from gru_core.analysis.find import Rule, shortest_of
from gru_core.export.python import override_code
from gru_core.overrides import GateOverride


def find_lines(
    before: str,
    rule: Rule,
    units: Sequence[int],
    stretch: tuple[int, int],
    *,
    least: int,
    layer: int,
    overrides: Sequence[GateOverride] = (),
    here: bool = False,
) -> str:
    """`before`, a script that ends with `model` and the trace `t`, and the search of `units`.

    stretch  the steps that were brushed, the last excluded
    here     searches the sequence that was traced; else the model's data set, under the same gates
    """
    start, stop = stretch
    lines = ["from gru_core.analysis.find import Rule, find, units_on"]
    if here:
        lines += ["from gru_core.analysis.find_data import of_trace", ""]
        data, leave_out = ["data = here"], f", leave_out=(0, {start}, {stop})"
    else:
        lines.append("from gru_core.analysis.find_data import most_steps, of_trace, read_all")
        lines.append("from gru_core.tasks.to_search import sequences_of")
        if overrides:
            lines.append("from gru_core import GateOverride")
        put = ", ".join(map(override_code, overrides))
        data = [
            "sequences = sequences_of(model, most_steps(model.gru))",
            "inputs = [model.encoder.encode(sequence) for sequence in sequences]",
            f"data = read_all(model.gru, inputs, ({put}{',' if overrides else ''}), {layer})",
        ]
        lines.append("")
        leave_out = ""
    lines += [
        f"rule = Rule({rule.quantity!r}, {rule.threshold!r}, {rule.side!r})",
        "here = of_trace(t)",
        f"on = units_on(here.codes[rule.quantity], {start}, {stop}, rule)  # on at every step of the stretch",
        *data,
    ]
    if units:
        lines += [
            f"units = {tuple(units)!r}  # the ones that are looked for",
            f"found = find(data.codes[rule.quantity], data.lengths, rule, units, least={least}, "
            f"steps={stop - start}, shortest={shortest_of(stop - start)}{leave_out})",
            "places = [found.place(rank) for rank in range(len(found))]  # the best first",
        ]
    return "\n".join([before.rstrip(), "", *lines, ""])
