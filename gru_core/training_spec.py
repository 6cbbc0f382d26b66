"""What a training is asked to do: one frozen value that checks itself, hashes, and travels as plain JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from gru_core.equations import RESET_MODES, ResetMode
from gru_core.errors import InputError, LimitError
from gru_core.limits import (
    MAX_SNAPSHOTS,
    MAX_TRAIN_BATCH,
    MAX_TRAIN_LAYERS,
    MAX_TRAIN_UNITS,
    MAX_TRAIN_UPDATES,
)
from gru_core.overrides import EXTREMES, GateOverride

Cell = Literal["gru", "rnn", "lstm"]
CELLS: tuple[Cell, ...] = ("gru", "rnn", "lstm")
GateBias = Literal["standard", "chrono"]


@dataclass(frozen=True)
class TrainSpec:
    """How one model is trained: Adam on batches of the task, gradients clipped.

    cell           "gru", or one of baselines.py for comparison
    hidden_size    units of each layer
    num_layers     layers, one on the other
    reset_mode     of a GRU
    learning_rate  of Adam (Kingma & Ba 2015, arXiv:1412.6980), in (0, 10]
    batch_size     sequences in one update
    steps          updates
    clip           largest norm of the gradient of all weights together; a larger one is scaled down to it
    gate_bias      "standard": as all weights, U(-1, 1) / sqrt(units). "chrono": the bias of Z starts at
                   log U[1, T_max - 1] with T_max the steps of the task's sequences, so that units start with
                   every time scale up to it (Tallec & Ollivier 2018, arXiv:1804.11188, section 2.2); in an
                   LSTM the forget gate's, and minus that the input gate's. An RNN has no gates.
    frozen_z, frozen_r  a number in [0, 1] holds that gate there, in training and after; None lets it learn
    stop_at        held-out score at which the training ends early, when reached twice in a row; None: never
    seed           decides the first weights and the order of the data; the same seed gives the same model
    evaluate_every updates from one measurement on held-out data to the next
    snapshots      frames of the film at most, the first and the last included

    Raises InputError or LimitError for a value outside its rule.
    """

    cell: Cell = "gru"
    hidden_size: int = 32
    num_layers: int = 1
    reset_mode: ResetMode = "before"
    learning_rate: float = 0.01
    batch_size: int = 64
    steps: int = 600
    clip: float = 1.0
    gate_bias: GateBias = "chrono"
    frozen_z: float | None = None
    frozen_r: float | None = None
    stop_at: float | None = None
    seed: int = 0
    evaluate_every: int = 10
    snapshots: int = MAX_SNAPSHOTS

    def __post_init__(self) -> None:
        _one_of("cell", self.cell, CELLS)
        _one_of("reset_mode", self.reset_mode, RESET_MODES)
        _one_of("gate_bias", self.gate_bias, ("standard", "chrono"))
        _whole("hidden_size", self.hidden_size, 1, MAX_TRAIN_UNITS)
        _whole("num_layers", self.num_layers, 1, MAX_TRAIN_LAYERS)
        _whole("batch_size", self.batch_size, 1, MAX_TRAIN_BATCH)
        _whole("steps", self.steps, 1, MAX_TRAIN_UPDATES)
        _whole("seed", self.seed, 0, 2**31 - 1)
        _whole("evaluate_every", self.evaluate_every, 1, MAX_TRAIN_UPDATES)
        _whole("snapshots", self.snapshots, 2, MAX_SNAPSHOTS)
        _number("learning_rate", self.learning_rate, 0.0, 10.0, above=True)
        _number("clip", self.clip, 0.0, 1000.0, above=True)
        for name in ("frozen_z", "frozen_r"):
            if getattr(self, name) is not None:
                _number(name, getattr(self, name), 0.0, 1.0)
                if self.cell != "gru":
                    raise InputError(
                        f"{name} holds a gate of a GRU, and the cell is {self.cell!r}: leave it out."
                    )
        if self.stop_at is not None:
            _number("stop_at", self.stop_at, 0.0, 1.0, above=True)

    @property
    def overrides(self) -> tuple[GateOverride, ...]:
        """The frozen gates, as traces take them; EXTREMES' own value where they are one of those."""
        frozen: tuple[tuple[Literal["Z", "R"], float | None], ...] = (
            ("Z", self.frozen_z),
            ("R", self.frozen_r),
        )
        found = tuple(GateOverride(gate, value) for gate, value in frozen if value is not None)
        return next((extreme for extreme in EXTREMES.values() if extreme == found), found)

    @property
    def evaluations(self) -> tuple[int, ...]:
        """The updates after which the model is measured, the untrained model (0) and the last included."""
        return (*range(0, self.steps, self.evaluate_every), self.steps)

    @property
    def snapshot_updates(self) -> frozenset[int]:
        """The updates of the film's frames, spread evenly over the evaluations."""
        at = self.evaluations
        count = min(self.snapshots, len(at))
        return frozenset(at[round(i * (len(at) - 1) / (count - 1))] for i in range(count))

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold; `from_dict` gives the same spec back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "TrainSpec":
        """The spec that `to_dict` wrote. Raises InputError for an unknown entry or a wrong value."""
        unknown = sorted(set(plain) - {entry.name for entry in fields(cls)})
        if unknown:
            raise InputError(f"A training has no setting {unknown[0]!r}.")
        return cls(**plain)


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}, got {value!r}.")


def _whole(name: str, value: Any, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(f"{name} must be a whole number of at least {least}, got {value!r}.")
    if value > most:
        raise LimitError(f"{name} may be at most {most:,} here, got {value:,}.")


def _number(name: str, value: Any, least: float, most: float, above: bool = False) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= value <= most or (above and value == least):
        rule = f"above {least:g} and at most {most:g}" if above else f"in [{least:g}, {most:g}]"
        raise InputError(f"{name} must be a number {rule}, got {value!r}.")
