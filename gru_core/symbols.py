"""One spelling and one colour per quantity, used in diagrams, equations, heatmaps and text.

Colours are from the Okabe-Ito palette, which people with colour-blind eyes can tell apart
(M. Okabe and K. Ito, "Color Universal Design", 2008).
"""

from dataclasses import dataclass
from typing import Literal

Scale = Literal["gate", "state"]


@dataclass(frozen=True)
class Symbol:
    """How one quantity is written and drawn.

    `name` is its name in code, `label` on the screen, `words` in a sentence; `scale` says which locked
    range its pictures use: "gate" is [0, 1], "state" is [-1, 1].
    """

    name: str
    label: str
    words: str
    colour: str
    scale: Scale

    @property
    def range(self) -> tuple[float, float]:
        """The locked range of its pictures."""
        return (0.0, 1.0) if self.scale == "gate" else (-1.0, 1.0)


X = Symbol("X", "X", "input", "#E69F00", "state")
R = Symbol("R", "R", "reset gate", "#D55E00", "gate")
Z = Symbol("Z", "Z", "update gate", "#0072B2", "gate")
H_TILDE = Symbol("H_tilde", "H̃", "candidate", "#CC79A7", "state")
H = Symbol("H", "H", "hidden state", "#009E73", "state")

SYMBOLS: dict[str, Symbol] = {symbol.name: symbol for symbol in (X, R, Z, H_TILDE, H)}
TRACED: tuple[Symbol, ...] = (R, Z, H_TILDE, H)
"""What a trace records at every step, in the order in which a step computes it."""

F = Symbol("F", "F", "forget gate", "#56B4E9", "gate")
I_GATE = Symbol("I", "I", "input gate", "#B59F00", "gate")
O_GATE = Symbol("O", "O", "output gate", "#7F7F7F", "gate")
C_TILDE = Symbol("C_tilde", "C̃", "candidate", "#CC79A7", "state")
C = Symbol("C", "C", "cell state", "#882255", "state")

LSTM_TRACED: tuple[Symbol, ...] = (F, I_GATE, O_GATE, C_TILDE, C, H)
"""What a trace of an LSTM records. C has no bounds, so its pictures take a symmetric range of their own."""
