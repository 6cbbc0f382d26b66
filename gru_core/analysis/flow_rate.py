"""How fast a gradient fades or grows on its way back, as one factor per step.

The factor is fitted to log10 of the norms by the median of the slopes between all pairs of steps (Theil 1950,
Sen 1968), so that a few steps at which much is lost, the last ones say, do not decide it; of more than
FITTED steps, so many evenly spaced ones are taken. Steps at which nothing is left do not enter: that is said
apart. Beside it stands the mean growth per step from one end to the other in natural logarithms, which for a
long way is what is called the largest Lyapunov exponent of the driven system, here backwards.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FITTED = 400
"""Steps whose pairs are compared: 80,000 slopes."""

EVEN = 0.02
"""A factor this near 1, if it makes less than 2 (or more than 1/2) of the whole way, is called steady."""

Kind = Literal["single", "nothing", "vanishing", "exploding", "steady", "whole"]


@dataclass(frozen=True)
class Rate:
    """How a line of log10 norms goes from step T back to the earliest.

    kind      "single": there is nothing to compare; "nothing": 0 at all steps, or at all but T; "whole":
              the same at every step to the last digit; else what the factor says
    per_step  the factor by which a norm is multiplied at each step back, fitted; 0 where nothing is left one
              step back, None for one step
    exponent  natural logarithm of the mean factor from T to the earliest step where anything is left;
              None where there are no two such steps
    total     log10 of the whole change over that way; None there too
    steps     steps of that way
    earliest  the earliest step at which anything is left; None when there is none at all
    cut       whether steps before it were read, and are exactly 0
    """

    kind: Kind
    per_step: float | None
    exponent: float | None
    total: float | None
    steps: int
    earliest: int | None
    cut: bool


def rate(log_norms: NDArray[np.float64], order: range | list[int] | None = None) -> Rate:
    """The rate of a line (time,): log10 of norms, -inf where exactly 0, NaN where there is none.

    order  the steps as they were read, the last one latest; as they stand where None
    """
    steps = np.arange(len(log_norms)) if order is None else np.asarray(order)
    read = steps[~np.isnan(log_norms[steps])]
    values = log_norms[read]
    left = np.flatnonzero(np.isfinite(values))
    if len(read) < 2:
        return Rate("single", None, None, None, 0, int(read[0]) if len(left) else None, False)
    if not len(left):
        return Rate("nothing", 0.0, None, None, 0, None, True)
    earliest, cut = int(read[left[0]]), bool(left[0] > 0)
    if len(left) < 2:
        return Rate("nothing", 0.0, None, None, 0, earliest, cut)
    way = int(left[-1] - left[0])
    total = float(values[left[0]] - values[left[-1]])
    slope = -_median_slope(left.astype(np.float64), values[left])
    per_step = 10.0**slope
    exponent = total * math.log(10) / way
    if np.ptp(values[left]) == 0:
        kind: Kind = "whole"
    elif abs(per_step - 1) <= EVEN and abs(slope) * way < math.log10(2):
        kind = "steady"
    else:
        kind = "vanishing" if per_step < 1 else "exploding"
    return Rate(kind, per_step, exponent, total, way, earliest, cut)


def _median_slope(at: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    if len(at) > FITTED:
        chosen = np.unique(np.linspace(0, len(at) - 1, FITTED).round().astype(int))
        at, values = at[chosen], values[chosen]
    first, second = np.triu_indices(len(at), 1)
    return float(np.median((values[second] - values[first]) / (at[second] - at[first])))
