"""How far a person is with one puzzle, in this session."""

from dataclasses import dataclass, field

from gru_core.painting import Painting


@dataclass(frozen=True)
class Progress:
    """What happened so far.

    solved   whether a painting of the person's own was right
    tries    how often was checked
    hints    how many hints are shown
    checked  the painting that was checked last
    shown    whether the answer was looked at
    kept     what was painted when the person went to another puzzle or looked at the answer
    """

    solved: bool = False
    tries: int = 0
    hints: int = 0
    checked: Painting | None = None
    shown: bool = False
    kept: Painting = field(default_factory=Painting)
