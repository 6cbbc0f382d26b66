"""How each demo model is trained, one `Recipe` each; `train_demos.py` follows them.

A recipe may add prices to the loss. None is needed to solve the task; they choose, among the solutions,
one whose gates do the work and can be read off a picture. assets/README.md says which prices were paid.
"""

from dataclasses import dataclass

from gru_core.by_hand import ByHand, latch
from gru_core.equations import ResetMode
from gru_core.tasks.adding import Adding
from gru_core.tasks.base import Task
from gru_core.tasks.brackets import Brackets
from gru_core.tasks.elnino import ElNino
from gru_core.tasks.flipflop import FlipFlop
from gru_core.tasks.letters import Letters
from gru_core.tasks.parity import Parity
from gru_core.tasks.remember import RememberFirst
from gru_core.tasks.two_units import Latch, TwoUnits


@dataclass(frozen=True)
class Recipe:
    """How one demo model is trained.

    task            what it is measured on
    lessons         (task, updates) one after the other, of 2 steps or more: short ones first where that helps
    units           of each layer
    layers          one on the other; prices are those of the first
    chrono          longest time scale for the chrono initialisation of b_z (Tallec & Ollivier 2018,
                    arXiv:1804.11188, section 2.2: b_z = log U[1, T_max - 1]); None leaves b_z at 0
    price_recurrent times sum W_hh², so that the candidate cannot hold on to the past and Z has to
    price_reset     times mean R: R is open only where it is needed
    price_undecided times mean Z (1 - Z), from the second third on: Z keeps or overwrites, little between
    price_writing   times mean 1 - Z, from the second third on: a unit that need not change is left alone
    price_readout   times sum of the readout's weights²: H has to use its range to be heard
    by_hand         sets every weight, and nothing is trained; the lessons are for the baselines only
    """

    task: Task
    lessons: tuple[tuple[Task, int], ...]
    units: int
    layers: int = 1
    seed: int = 0
    reset_mode: ResetMode = "before"
    batch: int = 64
    learning_rate: float = 1e-2
    chrono: float | None = None
    price_recurrent: float = 0.0
    price_reset: float = 0.0
    price_undecided: float = 0.0
    price_writing: float = 0.0
    price_readout: float = 0.0
    by_hand: ByHand | None = None

    @property
    def updates(self) -> int:
        """Updates in all."""
        return sum(updates for _, updates in self.lessons)


RECIPES: tuple[Recipe, ...] = (
    Recipe(
        RememberFirst(),
        ((RememberFirst(longest=15), 300), (RememberFirst(), 900)),
        units=16,
        seed=1,
        chrono=15,
        price_recurrent=3e-4,
        price_reset=0.05,
        price_undecided=6.0,
    ),
    Recipe(
        Parity(),
        ((Parity(longest=6), 300), (Parity(shortest=10, longest=20, uneven=True), 900)),
        units=4,
        seed=1,
        price_reset=0.05,
        price_undecided=1.0,
    ),
    Recipe(
        Brackets(),
        ((Brackets(longest=10), 300), (Brackets(longest=40), 700), (Brackets(), 1200)),
        units=10,
        chrono=20,
        price_reset=0.02,
        price_undecided=0.1,
        price_writing=0.5,
    ),
    Recipe(
        Adding(),
        ((Adding(longest=15), 500), (Adding(longest=40), 1000), (Adding(), 1000)),
        units=8,
        chrono=40,
        price_reset=0.02,
        price_writing=0.05,
        price_readout=1e-3,
    ),
    Recipe(
        ElNino(),  # sizes and prices were chosen on 1985 to 1994, trained on the years before
        ((ElNino(), 600),),
        units=16,
        reset_mode="after",
        batch=32,
        learning_rate=5e-3,
        chrono=12,
        price_writing=0.05,
        price_readout=1e-3,
    ),
    Recipe(
        FlipFlop(),
        ((FlipFlop(longest=20), 300), (FlipFlop(), 900)),
        units=24,
        price_reset=0.02,
        price_readout=1e-3,
    ),
    Recipe(
        Letters(),  # no price and no chrono: these gates are those that reading alone makes
        ((Letters(), 4000),),
        units=80,
        layers=2,
        reset_mode="after",
        batch=32,
        learning_rate=2e-2,
    ),
    Recipe(
        TwoUnits(),
        ((TwoUnits(longest=15), 200), (TwoUnits(shortest=20, longest=60), 500)),
        units=2,
        seed=2,
        learning_rate=2e-2,
        price_reset=0.05,
        price_readout=1e-3,
    ),
    Recipe(
        Latch(),
        ((Latch(longest=15), 200), (Latch(shortest=20, longest=60), 500)),  # for what is trained beside it
        units=2,
        learning_rate=2e-2,
        by_hand=latch,
    ),
)
"""In the order of DEMOS."""
