"""What a person has chosen to train, as one frozen value with its own part of the link.

A value that is left alone is None, and then the task's own recommendation holds; so a link says only what
was changed, and another task brings its own good settings.
"""

from dataclasses import dataclass, replace
from typing import Any

from gru_core.equations import RESET_MODES, ResetMode
from gru_core.errors import InputError
from gru_core.limits import MAX_TRAIN_BATCH, MAX_TRAIN_LAYERS, MAX_TRAIN_UNITS, MAX_TRAIN_UPDATES
from gru_core.overrides import EXTREMES
from gru_core.runs.spec import MOST_LANES, RunSpec
from gru_core.sequences import Sequence
from gru_core.tasks.catalogue import TASKS, TaskEntry, TaskSpec
from gru_core.training_spec import CELLS, Cell, GateBias, TrainSpec
from gru_ui.properties import Property, number, one_of, several_of, unit_interval, whole

FROZEN = (*EXTREMES, "custom")
"""What the gates may be held at in training, by the names of the gate settings."""

COMPETITORS: dict[str, dict[str, Any]] = {
    "gru": {},
    "rnn": {"cell": "rnn"},
    "lstm": {"cell": "lstm"},
    "gru_rnn": {"frozen_z": 0.0, "frozen_r": 1.0},
    "gru_input_only": {"frozen_z": 0.0, "frozen_r": 0.0},
    "gru_no_reset": {"frozen_r": 1.0},
    "gru_standard": {"gate_bias": "standard"},
}
"""Who may race, and what sets it apart from a GRU."""

RACERS = ("gru", "rnn", "lstm")
BIASES = ("chrono", "standard")


@dataclass(frozen=True)
class TrainingForm:
    """The controls of training and race.

    data      the sequence that an own task learns from, as Workspace.sequence names one
    frozen    a name in FROZEN; frozen_z, frozen_r hold for "custom", -1 lets that gate learn
    stop_at   0 trains to the end
    racers    names in COMPETITORS
    """

    task: str = "remember"
    length: int | None = None
    data: str = ""
    cell: Cell = "gru"
    hidden: int | None = None
    layers: int = 1
    reset_mode: ResetMode = "before"
    rate: float | None = None
    batch: int = 64
    updates: int | None = None
    clip: float = 1.0
    bias: GateBias = "chrono"
    frozen: str = "learned"
    frozen_z: float = -1.0
    frozen_r: float = -1.0
    stop_at: float = 0.0
    seed: int = 1
    racers: tuple[str, ...] = RACERS

    @property
    def entry(self) -> TaskEntry:
        """The task's entry in the catalogue."""
        return TASKS[self.task]

    @property
    def length_shown(self) -> int | None:
        """The task's size: as chosen, else as recommended; None where it has none."""
        wanted = self.entry.length
        if wanted is None:
            return None
        return wanted.default if self.length is None else min(max(self.length, wanted.least), wanted.most)

    def shown(self, field: str) -> Any:
        """The value of a field, the task's recommendation where it was left alone."""
        if field == "length":
            return self.length_shown
        value = getattr(self, field)
        if value is None:
            entry = self.entry
            wanted = {"hidden": entry.hidden, "rate": entry.learning_rate, "updates": self.updates_wanted}
            value = wanted[field]
        return value

    @property
    def updates_wanted(self) -> int:
        """The task's recommendation, more for longer sequences: 200 letters take nearly three times 50's."""
        length, entry = self.length_shown, self.entry
        longer = 1.0 if length is None or entry.length is None else length / entry.length.default
        return int(round(entry.updates * max(longer, 1.0) ** 0.75, -2))

    @property
    def race_updates(self) -> int:
        """Updates of a race: as chosen, else more than one model needs, so that slower ones may arrive."""
        return self.updates or int(round(self.updates_wanted * 5 / 3, -2))

    def but(self, **changes: Any) -> "TrainingForm":
        """The same with some choices changed; another task starts with its own recommendations."""
        if changes.get("task", self.task) != self.task:
            changes = {
                "length": None,
                "hidden": None,
                "rate": None,
                "updates": None,
                "stop_at": 0.0,
            } | changes
        return replace(self, **changes)

    @property
    def held(self) -> dict[str, float]:
        """Where the gates are held in training, by gate; a gate that learns is left out."""
        if self.frozen != "custom":
            return {override.gate: override.value for override in EXTREMES[self.frozen]}
        return {gate: value for gate, value in (("Z", self.frozen_z), ("R", self.frozen_r)) if value >= 0}

    def spec(self) -> TrainSpec:
        """How one model is trained. Raises InputError or LimitError for what cannot be."""
        held = self.held if self.cell == "gru" else {}
        return TrainSpec(
            cell=self.cell,
            hidden_size=self.shown("hidden"),
            num_layers=self.layers,
            reset_mode=self.reset_mode,
            learning_rate=self.shown("rate"),
            batch_size=self.batch,
            steps=self.shown("updates"),
            clip=self.clip,
            gate_bias=self.bias,
            stop_at=self.stop_at or None,
            seed=self.seed,
            evaluate_every=evaluate_every(self.shown("updates")),
            frozen_z=held.get("Z"),
            frozen_r=held.get("R"),
        )

    def task_spec(self, sequence: Sequence | None) -> TaskSpec:
        """The task; `sequence` is what an own one learns from. Raises InputError where that is missing."""
        if self.entry.kind != "own":
            return TaskSpec(self.task, self.length_shown)
        if sequence is None:
            raise InputError("This task learns from data of yours: paste or upload it first.")
        if self.task == "text":
            between = "" if all(len(label) == 1 for label in sequence.labels) else " "
            return TaskSpec(self.task, self.length_shown, text=between.join(sequence.labels))
        if sequence.symbolic:
            raise InputError(
                "A forecast needs numbers, and this is text: paste or upload a column of numbers."
            )
        return TaskSpec.of_series(sequence)

    def training(self, sequence: Sequence | None = None) -> RunSpec:
        """The run of pressing Train."""
        return RunSpec(self.task_spec(sequence), (self.spec(),))

    def race(self, sequence: Sequence | None = None) -> RunSpec:
        """The run of pressing Race: one lane per racer, the same in everything that does not set it apart."""
        plain = replace(self, cell="gru", frozen="learned", updates=self.race_updates).spec()
        lanes = tuple(replace(plain, **COMPETITORS[name]) for name in self.racers)
        return RunSpec(self.task_spec(sequence), lanes)


def racer_of(spec: TrainSpec) -> str:
    """The name in COMPETITORS that a lane's spec has; the plain cell's where none fits wholly."""
    told = {
        "cell": spec.cell,
        "frozen_z": spec.frozen_z,
        "frozen_r": spec.frozen_r,
        "gate_bias": spec.gate_bias,
    }
    plain = {"cell": "gru", "frozen_z": None, "frozen_r": None, "gate_bias": "chrono"}
    return next((name for name, changes in COMPETITORS.items() if plain | changes == told), spec.cell)


def evaluate_every(updates: int) -> int:
    """Some sixty measurements of a training that takes seconds, more of one that takes minutes."""
    return min(max(1, round(updates / 60)), 50)


TRAINING_PROPERTIES = (
    Property("task", "task", one_of(tuple(TASKS))),
    Property("length", "length", whole(1)),
    Property("data", "data", str),
    Property("cell", "cell", one_of(CELLS)),
    Property("hidden", "hidden", whole(1, MAX_TRAIN_UNITS)),
    Property("layers", "layers", whole(1, MAX_TRAIN_LAYERS)),
    Property("reset_mode", "reset", one_of(RESET_MODES)),
    Property("rate", "rate", number(1e-6, 10.0)),
    Property("batch", "batch", whole(1, MAX_TRAIN_BATCH)),
    Property("updates", "updates", whole(1, MAX_TRAIN_UPDATES)),
    Property("clip", "clip", number(1e-3, 1000.0)),
    Property("bias", "bias", one_of(BIASES)),
    Property("frozen", "frozen", one_of(FROZEN)),
    Property("frozen_z", "fz", unit_interval),
    Property("frozen_r", "fr", unit_interval),
    Property("stop_at", "stop", unit_interval),
    Property("seed", "seed", whole(0, 2**31 - 1)),
    Property("racers", "racers", several_of(tuple(COMPETITORS), MOST_LANES)),
)
