"""What the live cell is told of one layer in one direction on one sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gru_core.edits import (
    WEIGHT_NAMES,
    Edit,
    check_edits,
    overrides_of_layer,
    read_edits,
    weight_of,
)
from gru_core.equations import GateActivation, ResetMode
from gru_core.errors import LinkError, ShapeError
from gru_core.limits import MAX_LIVE_CELLS, MAX_LIVE_STEPS, MAX_LIVE_SYMBOLS, MAX_LIVE_WEIGHTS
from gru_core.model import GRU, SequenceModel
from gru_core.overrides import GateOverride, compile_overrides
from gru_core.symbols import TRACED
from gru_core.trace import GateTrace

FloatArray = NDArray[np.floating[Any]]

Touch = Literal["on", "long", "large"]
"""Whether a person may change numbers: "long" where the sequence is too long for that, "large" the layer."""


@dataclass(frozen=True, eq=False)
class Held:
    """A gate's setting: applied = (1 - blend) * proposed + blend * value.

    `value` and `blend` are (n, units), the n different settings; `rows` (steps,) picks one for each step.
    """

    value: FloatArray
    blend: FloatArray
    rows: NDArray[np.int64]

    def part(self, first: int, stop: int) -> tuple[FloatArray, FloatArray]:
        """Value and blend (steps, units) of some steps; (1, units) where there is only one setting."""
        if len(self.value) == 1:
            return self.value, self.blend
        rows = self.rows[first:stop]
        return self.value[rows], self.blend[rows]


@dataclass(frozen=True, eq=False)
class Readout:
    """Y out of H: softmax(H W + b) for classes, H W + b for numbers; W (units, outputs)."""

    weight: FloatArray
    bias: FloatArray
    kind: Literal["classes", "numbers"]
    names: tuple[str, ...]

    @classmethod
    def of(cls, model: SequenceModel, layer: int) -> Readout | None:
        """The readout of a model, numbers in the units of the data.

        None where there is none, or where it reads more than the given layer and direction.
        """
        gru, card, linear = model.gru, model.card, model.readout
        if linear is None or card.answer == "none" or gru.bidirectional or layer != len(gru.cells) - 1:
            return None
        weight, bias = linear.weight.detach().numpy().T, np.zeros(linear.out_features, np.float32)
        if linear.bias is not None:
            bias = linear.bias.detach().numpy()
        if card.answer == "class":
            return cls(weight, bias, "classes", card.outputs)
        std = card.output_std
        return cls(weight * std, bias * std + card.output_mean, "numbers", card.outputs)


@dataclass(frozen=True, eq=False)
class CellData:
    """One layer in one direction on one sequence. Axes (steps, units), (steps, inputs).

    weights      by name: xr, xz, xh (inputs, units); hr, hz, hh (units, units); br, bz, bh, bhh (units,)
    held         the gates that are held, by name
    recorded     R, Z, H_tilde and H as gru_core computed them
    labels       one per step, or ()
    input_names  one per input, or ()
    symbols      the names of the symbols an input may be changed to, or ()
    symbol_rows  (symbols, inputs) what is read for each; None for one-hot
    targets      the right answers as `heatmaps.Outputs` takes them
    reverse      reads from the last step to the first; index t belongs to X[t] all the same
    """

    weights: Mapping[str, FloatArray] = field(repr=False)
    reset_mode: ResetMode
    gate_activation: GateActivation
    X: FloatArray
    H0: FloatArray
    held: Mapping[str, Held]
    recorded: Mapping[str, FloatArray]
    labels: Sequence[str] = ()
    input_names: Sequence[str] = ()
    symbols: Sequence[str] = ()
    symbol_rows: FloatArray | None = None
    readout: Readout | None = None
    targets: Sequence[int | None] | FloatArray | None = None
    reverse: bool = False

    def __post_init__(self) -> None:
        if self.labels and len(self.labels) != self.steps:
            raise ShapeError(f"There must be one label per step: {len(self.labels)} for {self.steps} steps.")
        width = self.inputs if self.symbol_rows is None else len(self.symbol_rows)
        if self.symbols and len(self.symbols) != width:
            raise ShapeError(f"There must be one name per symbol: {len(self.symbols)} for {width} symbols.")

    @property
    def steps(self) -> int:
        """Number of time steps."""
        return self.X.shape[0]

    @property
    def inputs(self) -> int:
        """Numbers per step."""
        return self.X.shape[1]

    @property
    def units(self) -> int:
        """Number of units."""
        return self.H0.shape[0]

    @property
    def touch(self) -> Touch:
        """Whether a browser can compute with it, see `limits.MAX_LIVE_WEIGHTS` and those beside it."""
        if sum(array.size for array in self.weights.values()) > MAX_LIVE_WEIGHTS:
            return "large"
        cells = self.steps * (self.inputs + self.units)
        return "on" if self.steps <= MAX_LIVE_STEPS and cells <= MAX_LIVE_CELLS else "long"

    @property
    def live_symbols(self) -> Sequence[str]:
        """The symbols, where they are few enough to be sent with what is read for each."""
        rows = 0 if self.symbol_rows is None else self.symbol_rows.size
        few = len(self.symbols) <= MAX_LIVE_SYMBOLS and rows <= MAX_LIVE_CELLS
        return self.symbols if few else ()

    @property
    def live_readout(self) -> Readout | None:
        """The readout, where it is small enough for a browser to compute with."""
        if self.readout is None or self.touch == "large":
            return None
        answers = self.readout.bias.size * min(self.steps, MAX_LIVE_CELLS // (self.inputs + self.units) + 1)
        small = self.readout.weight.size <= MAX_LIVE_WEIGHTS and answers <= MAX_LIVE_CELLS
        return self.readout if small else None

    def edits(self, text: str) -> tuple[Edit, ...]:
        """The edits of a text. Raises LinkError where they cannot be read, or not be made here."""
        found = read_edits(text)
        if found and self.touch != "on":
            raise LinkError(
                "This link holds changes by hand, and this layer or sequence is too large for that: "
                f"at most {MAX_LIVE_WEIGHTS:,} weights, {MAX_LIVE_STEPS:,} steps and {MAX_LIVE_CELLS:,} "
                "numbers of inputs and states."
            )
        check_edits(
            found,
            steps=self.steps,
            inputs=self.inputs,
            units=self.units,
            symbols=len(self.live_symbols),
            reset_mode=self.reset_mode,
        )
        return found

    @classmethod
    def of(
        cls,
        gru: GRU,
        trace: GateTrace,
        *,
        overrides: Sequence[GateOverride] = (),
        labels: Sequence[str] = (),
        input_names: Sequence[str] = (),
        symbols: Sequence[str] = (),
        symbol_rows: FloatArray | None = None,
        readout: Readout | None = None,
        targets: Sequence[int | None] | FloatArray | None = None,
        batch: int = 0,
    ) -> CellData:
        """The layer and direction of a GRU that `trace` is of, under the overrides that it was traced with.

        `symbols` are for a layer that reads what the encoder gives, not for one that reads another layer.
        """
        index = trace.layer * gru.num_directions + gru.directions.index(trace.direction)
        names = WEIGHT_NAMES if gru.reset_mode == "after" else WEIGHT_NAMES[:-1]
        weights = {name: weight_of(gru.cell(index), name).numpy() for name in names}
        return cls(
            weights=weights,
            reset_mode=gru.reset_mode,
            gate_activation=gru.gate_activation,
            X=trace.X[batch],
            H0=trace.H0[batch],
            held=held_gates(overrides_of_layer(gru, index, overrides), trace.steps, trace.units),
            recorded={symbol.name: getattr(trace, symbol.name)[batch] for symbol in TRACED},
            labels=labels,
            input_names=input_names,
            symbols=symbols,
            symbol_rows=symbol_rows,
            readout=readout,
            targets=targets,
            reverse=trace.direction == "backward",
        )


def held_gates(overrides: Sequence[GateOverride], steps: int, units: int) -> dict[str, Held]:
    """The gates that overrides hold in their layer, as one value and one blend for each unit and step."""
    forced = compile_overrides(overrides, steps=steps, units=units)
    if forced is None:
        return {}
    held = {}
    for gate, keep, force in (("R", forced.keep_r, forced.force_r), ("Z", forced.keep_z, forced.force_z)):
        if keep is None or force is None:
            continue
        blend = 1.0 - keep
        value = np.divide(force, blend, out=np.zeros_like(force), where=blend > 0)
        held[gate] = Held(value, blend, forced.rows)
    return held
