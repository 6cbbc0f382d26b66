"""Where a GRU's state would stay if its input stayed: fixed points, and what a small push does there."""

from gru_core.analysis.fixed_points.found import FixedPoint, FixedPoints
from gru_core.analysis.fixed_points.held import HeldStep, held_step
from gru_core.analysis.fixed_points.search import find_fixed_points, starting_states, starts_for

__all__ = [
    "FixedPoint",
    "FixedPoints",
    "HeldStep",
    "find_fixed_points",
    "held_step",
    "starting_states",
    "starts_for",
]
