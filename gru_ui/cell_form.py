"""What a person has chosen inside the cell, as one frozen value with its own part of the link.

The step is the workspace's cursor and the unit its unit; the rest stands here.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from gru_core.edits import read_edits
from gru_core.errors import LinkError
from gru_ui.components.cell import DEPTHS, LIT, SHOWS_RESET, Z_MEANS
from gru_ui.properties import Property, one_of


@dataclass(frozen=True)
class CellForm:
    """How the cell is looked at, and what was changed in it; the fields are those of `CellChoice`.

    edits   changes by hand as `gru_core.edits` reads them; they belong to one model, layer and sequence
    """

    depth: Literal["box", "gates", "arithmetic"] = "gates"
    lit: str = ""
    z_means: Literal["keeps", "updates"] = "keeps"
    shows_reset: Literal["own", "other"] = "own"
    edits: str = ""

    def but(self, **changes: Any) -> "CellForm":
        """The same with some choices changed."""
        return replace(self, **changes)


def _edits(text: str) -> str:
    try:
        read_edits(text)
    except LinkError as error:
        raise LinkError("must be a list of changes as this app writes them") from error
    return text


CELL_PROPERTIES = (
    Property("depth", "depth", one_of(DEPTHS)),
    Property("lit", "lit", one_of(LIT)),
    Property("z_means", "zmeans", one_of(Z_MEANS)),
    Property("shows_reset", "equation", one_of(SHOWS_RESET)),
    Property("edits", "edits", _edits),
)
"""The choices inside the cell."""
