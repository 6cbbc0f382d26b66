"""The Python lines that give a phase portrait's numbers again."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gru_core.export.python import override_code
from gru_core.overrides import GateOverride


def portrait_lines(
    before: str,
    overrides: Sequence[GateOverride],
    *,
    layer: int,
    step: int,
    x: NDArray[np.floating] | None,
) -> str:
    """A script that ends with `found`, the portrait of a layer and direction, and tells its fixed points.

    before  the lines that make `model`, `x` and `t`, as `python_lines` gives them
    step    of the sequence whose gates hold, and whose input is read where `x` (inputs,) is None
    """
    given = f"t.X[0, {step}]" if x is None else f"np.array({np.asarray(x).tolist()})"
    lines = [
        before.rstrip(),
        "",
        *([] if x is None else ["import numpy as np"]),
        *(["from gru_core import GateOverride"] if overrides else []),
        "from gru_core.analysis.landscape import Landscape",
        "from gru_core.analysis.portrait import portrait",
        "",
        f"overrides = [{', '.join(map(override_code, overrides))}]",
        f"land = Landscape.of(model.gru, {given}, {layer}, overrides, {step}, len(x))",
        "found = portrait(land)",
        "for point in found.points:",
        "    print(point.h, point.stability, point.eigenvalues)",
        "",
    ]
    return "\n".join(lines)
