"""What a view shows, apart from its live picture: for saving it, for the report, and in words."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Shown:
    """One view, as it is at this moment.

    title      what the picture shows, in the reader's language
    figure     makes its Plotly figure for a theme, "light" or "dark", one of `gru_core.figures`; called when
               somebody saves or keeps it
    sentences  what was found, computed, in the reader's language
    numbers    makes the arrays behind it by name, for NPZ; None where there are none to take home
    code       the Python lines that give the numbers again; "" where there are none
    chart      the key of the page's own `st.plotly_chart`, which can be saved as it is seen; "" where the
               picture is a component, which has buttons of its own for that
    """

    title: str
    figure: Callable[[str], Any]
    sentences: tuple[str, ...]
    numbers: Callable[[], Mapping[str, NDArray[Any]]] | None = None
    code: str = ""
    chart: str = ""


def npz(numbers: Mapping[str, NDArray[Any]]) -> bytes:
    """The arrays as the bytes of an NPZ file, compressed."""
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **numbers)
    return out.getvalue()
