"""Curves over updates, as pictures are sent them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from gru_core.errors import ShapeError
from gru_ui.components.payload import Packer

MAX_POINTS: Final = 2000
"""Points of a curve that travel; of a longer one every second, third, ... and the last."""


def packed(
    packer: Packer, curves: Mapping[str, Sequence[float | None]], names: Sequence[str], what: str
) -> dict[str, dict[str, Any]]:
    """References to the curves `names` as float32, NaN for None; `names[0]` are the updates.

    Raises:
        ShapeError: curves of different lengths; `what` says whose.
    """
    sizes = {name: len(curves.get(name, ())) for name in names}
    if len(set(sizes.values())) > 1:
        raise ShapeError(f"{what} must have the same number of points, got {sizes}.")
    size = sizes[names[0]]
    picked = [*range(0, size, -(-size // MAX_POINTS) or 1)]
    if picked and picked[-1] != size - 1:
        picked.append(size - 1)
    return {
        name: packer.add(
            np.array([np.nan if (value := curves[name][at]) is None else value for at in picked], np.float32)
        )
        for name in names
    }
