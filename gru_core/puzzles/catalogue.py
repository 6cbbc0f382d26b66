"""The puzzles, from the first to the hardest. Texts about them stand in the catalogue of the app.

"only_one" is an exercise of A. Zhang et al., "Dive into Deep Learning", chapter 10.2.
"""

from types import MappingProxyType

from gru_core.painting import Painting
from gru_core.puzzles.spec import Each, Puzzle, Reach

_LETTERS = "remember"
"""The demo that says which letter came first: it reads the letters A to H."""


def _only(step: int, steps: int) -> Painting:
    keep = tuple(0.0 if at == step else 1.0 for at in range(steps))
    return Painting(R=(None,) * step + (0.0,), Z=keep)


_ALL = (
    Puzzle("feed_forward", _LETTERS, "BADCAFE", Each("input_only"), Painting(R=(0.0,) * 7, Z=(0.0,) * 7)),
    Puzzle("plain_rnn", _LETTERS, "DECADEBE", Each("rnn"), Painting(R=(1.0,) * 8, Z=(0.0,) * 8)),
    Puzzle(
        "skip",
        _LETTERS,
        "HEADFACED",
        Reach((0, 1, 2, 3, 4, 6, 7, 8), start=True),
        Painting(Z=(None,) * 5 + (1.0,)),
        marked=(5,),
    ),
    Puzzle(
        "chapter",
        _LETTERS,
        "BEADCAFE",
        Reach((4, 5, 6, 7)),
        Painting(R=(None,) * 4 + (0.0,), Z=(None,) * 4 + (0.0,)),
        marked=(4,),
    ),
    Puzzle("only_one", _LETTERS, "FACEBEADC", Reach((3,)), _only(3, 9), marked=(3,)),
    Puzzle(
        "last_two",
        _LETTERS,
        "CABBAGED",
        Reach((6, 7)),
        Painting(R=(None,) * 6 + (0.0, 1.0), Z=(None,) * 6 + (0.0, 0.0)),
        marked=(6, 7),
    ),
    Puzzle("average", _LETTERS, "ACEGBDFH", Each("average"), Painting(R=(0.0,) * 8, Z=(0.5,) * 8)),
)

PUZZLES: MappingProxyType[str, Puzzle] = MappingProxyType({puzzle.name: puzzle for puzzle in _ALL})
"""Every puzzle by its name."""
