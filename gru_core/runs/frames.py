"""One frame of a training's film: the probe's trace under the weights of one moment, small enough to keep.

Values are kept in 8 bits over their locked range, gates in [0, 1], states in [-1, 1]: a step of 1/255 of the
range, which is finer than a screen's colours. Exact numbers come from the snapshot's weights.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import InputError


@dataclass(frozen=True)
class PanelKind:
    """What one panel shows: its name in code, and the scale its colours are locked to."""

    name: str
    scale: str

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest value of the locked scale."""
        return (0.0, 1.0) if self.scale == "gate" else (-1.0, 1.0)


PANELS: Mapping[str, tuple[PanelKind, ...]] = {
    "gru": (
        PanelKind("R", "gate"),
        PanelKind("Z", "gate"),
        PanelKind("H_tilde", "state"),
        PanelKind("H", "state"),
    ),
    "lstm": (
        PanelKind("F", "gate"),
        PanelKind("I", "gate"),
        PanelKind("O", "gate"),
        PanelKind("C_tilde", "state"),
        PanelKind("C", "state"),
        PanelKind("H", "state"),
    ),
    "rnn": (PanelKind("H", "state"),),
}
"""What a trace of each cell shows, in the order in which a step computes it."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The probe at one moment of a training.

    update  after how many updates
    layers  one mapping per layer: panel name -> uint8 (units, steps), 0 and 255 the ends of the locked range
    """

    cell: str
    update: int
    layers: tuple[Mapping[str, NDArray[np.uint8]], ...]

    @classmethod
    def of(cls, cell: str, update: int, traces: Sequence[Any]) -> "Frame":
        """The frame of traces (one per layer) whose attributes are arrays (1, steps, units)."""
        layers = tuple(
            {kind.name: _quantise(getattr(t, kind.name)[0], *kind.range) for kind in PANELS[cell]}
            for t in traces
        )
        return cls(cell, update, layers)

    @property
    def shape(self) -> tuple[int, int]:
        """Units and steps."""
        units, steps = self.layers[0][PANELS[self.cell][0].name].shape
        return units, steps

    def values(self, panel: str, layer: int = 0) -> NDArray[np.float32]:
        """(steps, units) a panel's numbers, each within 1/510 of its range of the traced one."""
        low, high = next(kind for kind in PANELS[self.cell] if kind.name == panel).range
        return (self.layers[layer][panel].T / np.float32(255) * (high - low) + low).astype(np.float32)

    def to_bytes(self) -> bytes:
        """The arrays, packed; `from_bytes` needs cell, update, units and steps to read them again."""
        raw = b"".join(layer[kind.name].tobytes() for layer in self.layers for kind in PANELS[self.cell])
        return zlib.compress(raw, 6)

    @classmethod
    def from_bytes(cls, data: bytes, cell: str, update: int, units: int, steps: int) -> "Frame":
        """The frame that `to_bytes` packed. Raises InputError when the bytes do not fit the sizes."""
        panels = PANELS[cell]
        try:
            raw = np.frombuffer(zlib.decompress(data), np.uint8)
            arrays = raw.reshape(-1, len(panels), units, steps)
        except (zlib.error, ValueError) as error:
            raise InputError("A frame of this training is damaged.") from error
        layers = tuple({kind.name: layer[index] for index, kind in enumerate(panels)} for layer in arrays)
        return cls(cell, update, layers)


def _quantise(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.uint8]:
    scaled = (values - low) * (255 / (high - low)) + 0.5
    return np.ascontiguousarray(np.clip(scaled, 0, 255).astype(np.uint8).T)
