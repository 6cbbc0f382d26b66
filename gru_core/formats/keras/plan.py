"""What a recurrent layer of Keras consists of, its wrappers opened: directions of stacks of cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gru_core.formats.keras.config import Layer, flag, inner, word

KINDS = ("GRU", "LSTM", "SimpleRNN", "CuDNNGRU", "CuDNNLSTM")
_MERGES = {
    "sum": "adds the states of the two directions",
    "mul": "multiplies the states of the two directions",
    "ave": "takes the mean of the two directions",
    "none": "gives the two directions as two outputs",
}


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell: its kind as in KINDS, and what it was made with."""

    kind: str
    config: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Direction:
    """Cells on top of each other that read in one direction."""

    cells: tuple[Cell, ...]
    backwards: bool = False


@dataclass(frozen=True, eq=False)
class Plan:
    """One or two directions, and what is to be said of the layer."""

    directions: tuple[Direction, ...]
    notes: tuple[str, ...] = ()

    @property
    def kinds(self) -> set[str]:
        """The kinds of all cells."""
        return {cell.kind for direction in self.directions for cell in direction.cells}

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, in the order of their arrays in a file."""
        return tuple(cell for direction in self.directions for cell in direction.cells)


def plan_of(layer: Layer) -> Plan | None:
    """The plan of a recurrent layer, None for any other.

    A layer told by its shapes alone has no description; its kind is "GRU", "Bidirectional GRU", ...
    """
    if not layer.config and layer.kind.startswith("Bidirectional "):
        cell = Cell(layer.kind.removeprefix("Bidirectional "), {})
        return Plan((Direction((cell,)), Direction((cell,), backwards=True)))
    return _opened(layer.kind, layer.config, 0)


def _opened(kind: str, config: Mapping[str, Any], depth: int) -> Plan | None:
    if kind in KINDS:
        return Plan((Direction((Cell(kind, config),), flag(config, "go_backwards")),), _notes(config))
    if depth > 3:
        return None
    if kind in ("RNN", "Recurrent"):
        # TensorFlow.js writes a pile of cells without the class around it.
        pile = ("StackedRNNCells", config) if isinstance(config.get("cells"), list) else None
        cells = _cells(inner(config, "cell") or pile, 0)
        return Plan((Direction(cells, flag(config, "go_backwards")),), _notes(config)) if cells else None
    if kind == "TimeDistributed":
        below = inner(config, "layer")
        plan = _opened(*below, depth + 1) if below else None
        if plan is None:
            return None
        return Plan(plan.directions, (*plan.notes, "The model runs it on each part of its input by itself."))
    if kind == "Bidirectional":
        return _both(config, depth)
    return None


def _both(config: Mapping[str, Any], depth: int) -> Plan | None:
    forward, backward = inner(config, "layer"), inner(config, "backward_layer")
    first = _opened(*forward, depth + 1) if forward else None
    if first is None or len(first.directions) != 1:
        return None
    if backward is None:
        turned = first.directions[0]
        second = Plan((Direction(turned.cells, not turned.backwards),))
    else:
        opened = _opened(*backward, depth + 1)
        if opened is None or len(opened.directions) != 1:
            return None
        second = opened
    merge = config.get("merge_mode", "concat")
    said = _MERGES.get("none" if merge is None else str(merge))
    notes = (f"The model {said}; here they stand side by side, forward first.",) if said else ()
    return Plan(first.directions + second.directions, first.notes + notes)


def _cells(below: tuple[str, Mapping[str, Any]] | None, depth: int) -> tuple[Cell, ...]:
    if below is None or depth > 3:
        return ()
    kind, config = below
    if kind == "StackedRNNCells":
        entries = config.get("cells")
        stack: list[Cell] = []
        for entry in entries[:64] if isinstance(entries, list) else ():
            cells = _cells(inner({"cell": entry}, "cell"), depth + 1)
            if not cells:
                return ()
            stack += cells
        return tuple(stack)
    plain = kind.removesuffix("Cell")
    return (Cell(plain, config),) if kind.endswith("Cell") and plain in KINDS else ()


def _notes(config: Mapping[str, Any]) -> tuple[str, ...]:
    notes = []
    if flag(config, "stateful"):
        notes.append(
            "The model keeps its state from one batch to the next (stateful); here it starts from zeros."
        )
    if flag(config, "time_major"):
        notes.append("The model reads (time, batch, inputs); here it is (batch, time, inputs).")
    rates = [config.get(key) for key in ("dropout", "recurrent_dropout", "dropout_W", "dropout_U")]
    if any(isinstance(rate, int | float) and rate > 0 for rate in rates):
        notes.append("Its dropout acts in training only and is not applied here.")
    return tuple(notes)


def said(config: Mapping[str, Any], key: str, old: str) -> str:
    """The key under which a setting stands: Keras 1 had other names."""
    return old if key not in config and old in config else key


def units_of(config: Mapping[str, Any]) -> int | None:
    """The units that a description says, or None."""
    value = config.get(said(config, "units", "output_dim"))
    return value if type(value) is int else None


def own_name(config: Mapping[str, Any]) -> str:
    """The name of a layer inside a wrapper, "" where there is none."""
    return word(config, "name")
