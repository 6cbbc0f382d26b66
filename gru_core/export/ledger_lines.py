"""The Python lines that give the numbers of the memory ledger again."""

from __future__ import annotations

from collections.abc import Sequence


def ledger_lines(before: str, step: int, units: Sequence[int], quantity: str) -> str:
    """`before`, a script that ends with the trace `t`, and what `ledger_map` and its like make of it."""
    lines = [
        "from gru_core.analysis.ledger_map import ledger_map, mean_row",
        "from gru_core.analysis.memory_age import mean_age, measured_half_lives",
        "",
        f"units, quantity = {tuple(units)!r}, {quantity!r}  # () means all units",
        "found = ledger_map(t, units, quantity).values  # (states, 1 + steps): H_0 first, then each step",
        f"row = mean_row(t, {step}, units, quantity)  # (1 + steps,)",
        "ages = mean_age(t)  # (batch, time, units)",
        "half_lives = measured_half_lives(t).steps  # (units,)",
    ]
    return "\n".join([before.rstrip(), "", *lines, ""])
