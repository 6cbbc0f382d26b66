"""What a person has chosen on the page of puzzles, as one frozen value with its own part of the link."""

from dataclasses import dataclass, replace

from gru_core.painting import Painting
from gru_core.puzzles import PUZZLES, Puzzle
from gru_ui.painted import painted_row
from gru_ui.properties import Property, one_of


@dataclass(frozen=True)
class PuzzleForm:
    """The puzzle and what is painted for it.

    name    a name in PUZZLES
    r, z    the painted rows as text, see gru_core.painting
    """

    name: str = next(iter(PUZZLES))
    r: str = ""
    z: str = ""

    @property
    def puzzle(self) -> Puzzle:
        """The puzzle of that name."""
        return PUZZLES[self.name]

    @property
    def painting(self) -> Painting:
        """What is painted, as far as the puzzle has steps: a link may say more than that."""
        whole, steps = Painting.of(self.r, self.z), self.puzzle.steps
        return Painting(whole.R[:steps], whole.Z[:steps])

    def painted(self, painting: Painting) -> "PuzzleForm":
        """The same puzzle, painted otherwise."""
        r, z = painting.texts
        return replace(self, r=r, z=z)


PUZZLE_PROPERTIES = (
    Property("name", "puzzle", one_of(tuple(PUZZLES))),
    Property("r", "puzzler", painted_row),
    Property("z", "puzzlez", painted_row),
)
