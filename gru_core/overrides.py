"""Putting a gate to a value: what was asked for (`GateOverride`), and the extremes by name.

    applied = (1 - blend) * proposed + blend * value

where `proposed` is what the trained weights say at that step, given the state that the earlier
steps really left behind. Overrides apply one after the other, in the order given.
"""

import math
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import OverrideError

Direction = Literal["forward", "backward"]
Steps = int | slice | tuple[int, ...] | None


@dataclass(frozen=True, eq=False)
class GateOverride:
    """One gate set to a constant, for some units at some steps.

    gate    "R" or "Z"
    value   in [0, 1]
    units   indices, negative ones from the end; None means all
    steps   an index, indices, or a slice, negative ones from the end as in Python; None means all.
            Steps are those of the input, also for a layer that reads backwards.
    blend   0 leaves the gate as learned, 1 forces it; between, a mixture
    layers  layer indices; None means all
    direction  "forward" or "backward" limits it to one direction of a bidirectional model

    Values compare and hash by content. Raises OverrideError for a value outside its rule.
    """

    gate: Literal["R", "Z"]
    value: float
    units: tuple[int, ...] | None = None
    steps: Steps = None
    blend: float = 1.0
    layers: tuple[int, ...] | None = None
    direction: Direction | None = None
    _key: tuple[Any, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.gate not in ("R", "Z"):
            raise OverrideError(f"The gate must be 'R' or 'Z', got {self.gate!r}.")
        put = object.__setattr__
        put(self, "value", _unit_interval("value", self.value))
        put(self, "blend", _unit_interval("blend", self.blend))
        put(self, "units", _indices("units", self.units))
        put(self, "layers", _indices("layers", self.layers))
        if isinstance(self.steps, slice):
            parts = (self.steps.start, self.steps.stop, self.steps.step)
            cleaned = tuple(None if p is None else _index("steps", p) for p in parts)
            if cleaned[2] == 0:
                raise OverrideError("The stride of steps cannot be 0; leave it out to take every step.")
            put(self, "steps", slice(*cleaned))
            steps_key: Any = ("slice", *cleaned)
        else:
            put(self, "steps", _indices("steps", self.steps))
            steps_key = self.steps
        if self.direction not in (None, "forward", "backward"):
            raise OverrideError(f"The direction must be 'forward' or 'backward', got {self.direction!r}.")
        key = (self.gate, self.value, self.units, steps_key, self.blend, self.layers, self.direction)
        put(self, "_key", key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GateOverride) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def to_dict(self) -> dict[str, Any]:
        """A plain dict that JSON can hold; `GateOverride.from_dict` gives the same value back."""
        steps: Any = self.steps
        if isinstance(steps, slice):
            steps = {"start": steps.start, "stop": steps.stop, "step": steps.step}
        plain = {
            "gate": self.gate,
            "value": self.value,
            "units": self.units,
            "steps": steps,
            "blend": self.blend,
            "layers": self.layers,
            "direction": self.direction,
        }
        return {k: v for k, v in plain.items() if v is not None}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "GateOverride":
        """The override that `to_dict` wrote. Raises OverrideError on an unknown or missing entry."""
        known = {"gate", "value", "units", "steps", "blend", "layers", "direction"}
        if not isinstance(plain, dict) or not {"gate", "value"} <= set(plain) <= known:
            raise OverrideError(
                f"A gate setting needs gate and value, and may have {sorted(known)}; got {plain!r}."
            )
        entries = dict(plain)
        if isinstance(entries.get("steps"), dict):
            entries["steps"] = slice(*(entries["steps"].get(k) for k in ("start", "stop", "step")))
        return cls(**entries)


@dataclass(frozen=True)
class ForcedGates:
    """Overrides made ready for one layer and direction: affine maps of the proposed gates.

    `applied[t] = keep[rows[t]] * proposed[t] + force[rows[t]]`. `rows` (time,) picks one of n different
    rows, so that memory does not grow with time when a setting holds for all steps. `keep_*` and
    `force_*` are (n, units), or None where that gate is as learned throughout.
    """

    rows: NDArray[np.int64]
    keep_r: NDArray[np.float64] | None
    force_r: NDArray[np.float64] | None
    keep_z: NDArray[np.float64] | None
    force_z: NDArray[np.float64] | None


def compile_overrides(
    overrides: Sequence[GateOverride],
    *,
    steps: int,
    units: int,
    layer: int = 0,
    direction: Direction = "forward",
) -> ForcedGates | None:
    """The gates forced in one layer and direction, or None where all are as learned.

    Raises OverrideError when an override names a unit or step that does not exist.
    """
    concerned: list[tuple[GateOverride, NDArray[np.bool_], NDArray[np.bool_]]] = []
    for override in overrides:
        if not isinstance(override, GateOverride):
            raise OverrideError(f"Overrides must be GateOverride values, got {type(override).__name__}.")
        # Checked even where the layer is not concerned, so that a wrong index is never silent.
        at_units = _mask("unit", override.units, units)
        at_steps = _mask("step", override.steps, steps)
        if override.layers is not None and layer not in override.layers:
            continue
        if override.direction not in (None, direction) or override.blend == 0.0:
            continue
        concerned.append((override, at_units, at_steps))
    if not concerned:
        return None

    pattern = np.stack([at_steps for _, _, at_steps in concerned], axis=1)  # (time, overrides)
    different, rows = np.unique(pattern, axis=0, return_inverse=True)
    keep = {g: np.ones((len(different), units)) for g in "RZ"}
    force = {g: np.zeros((len(different), units)) for g in "RZ"}
    for column, (override, at_units, _) in enumerate(concerned):
        where = different[:, column, None] & at_units[None, :]
        k, f = keep[override.gate], force[override.gate]
        stays = 1.0 - override.blend
        k[where] *= stays
        f[where] = stays * f[where] + override.blend * override.value
    touched = {override.gate for override, _, _ in concerned}
    return ForcedGates(
        rows=rows.reshape(-1).astype(np.int64),
        keep_r=keep["R"] if "R" in touched else None,
        force_r=force["R"] if "R" in touched else None,
        keep_z=keep["Z"] if "Z" in touched else None,
        force_z=force["Z"] if "Z" in touched else None,
    )


def _unit_interval(name: str, value: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise OverrideError(
            f"The {name} of a gate setting must be a number in [0, 1], got {value!r}."
        ) from None
    if not math.isfinite(number) or not 0.0 <= number <= 1.0:
        raise OverrideError(f"The {name} of a gate setting must lie in [0, 1], got {number}.")
    return number


def _index(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise OverrideError(f"The {name} of a gate setting must be whole numbers, got {value!r}.") from None


def _indices(name: str, value: Any) -> tuple[int, ...] | None:
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Iterable):
        value = (value,)
    return tuple(_index(name, v) for v in value)


def _mask(what: str, chosen: Steps, size: int) -> NDArray[np.bool_]:
    mask = np.zeros(size, dtype=bool)
    if chosen is None:
        mask[:] = True
    elif isinstance(chosen, slice):
        mask[chosen] = True
    else:
        for index in chosen if isinstance(chosen, tuple) else (chosen,):
            if not -size <= index < size:
                raise OverrideError(
                    f"There is no {what} {index}: this trace has {size} {what}s, "
                    f"so indices run from {-size} to {size - 1}."
                )
            mask[index] = True
    return mask


EXTREMES: MappingProxyType[str, tuple[GateOverride, ...]] = MappingProxyType(
    {
        "learned": (),
        "rnn": (GateOverride("Z", 0.0), GateOverride("R", 1.0)),
        "input_only": (GateOverride("Z", 0.0), GateOverride("R", 0.0)),
        "copy": (GateOverride("Z", 1.0),),
    }
)
"""The corners of the gate square by name: what a GRU becomes when its gates are put there."""
