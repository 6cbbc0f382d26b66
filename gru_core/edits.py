"""What a person changed in one layer by hand: gates at steps, inputs, symbols, weights, the first state.

Edits travel in links as one short text, edits joined by `~` and their parts by `_`; `write_edits` and
`read_edits` are its two directions, and the browser has the same (assets/components/cell/edits.js):

    Z2_9_0.3-5_1, Z2_9_a_1_0.5     gate, first step, step after the last, units, value, blend if it is not 1
    x4_0_-1.5                      step, input, value
    s4_2                           step, number of the symbol
    whr_3_0_0.25                   W_hr: row (from), column (to), value; a bias has row 0
    h3_0.5                         unit of the state before the first step, value

They are applied one after the other. A gate's edit comes on top of what holds the gate already, as an
override does.
"""

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray

from gru_core.cell import GRUCell
from gru_core.equations import ResetMode
from gru_core.errors import LinkError
from gru_core.limits import MAX_EDIT_CHARACTERS, MAX_EDIT_VALUE, MAX_EDITS
from gru_core.model import GRU
from gru_core.overrides import GateOverride

FloatArray = NDArray[np.floating]

WEIGHT_NAMES = ("xr", "xz", "xh", "hr", "hz", "hh", "br", "bz", "bh", "bhh")
"""W_xr, W_xz, ..., b_bhh as edits and the browser name them."""


@dataclass(frozen=True)
class GateEdit:
    """Gate R or Z at steps first <= t < stop; `units` are ranges (first, last), None for all of them."""

    gate: Literal["R", "Z"]
    first: int
    stop: int
    units: tuple[tuple[int, int], ...] | None
    value: float
    blend: float = 1.0


@dataclass(frozen=True)
class InputEdit:
    """Input number `index` of a step."""

    step: int
    index: int
    value: float


@dataclass(frozen=True)
class SymbolEdit:
    """The symbol of a step, by its number."""

    step: int
    symbol: int


@dataclass(frozen=True)
class WeightEdit:
    """One weight, from `row` to `column`; a bias has row 0."""

    name: str
    row: int
    column: int
    value: float


@dataclass(frozen=True)
class StateEdit:
    """One unit of the state before the first step."""

    unit: int
    value: float


Edit = GateEdit | InputEdit | SymbolEdit | WeightEdit | StateEdit

_WHOLE = r"([0-9]{1,6})"
_NUMBER = r"(-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:e-?[0-9]{1,3})?)"
_UNITS = r"(a|[0-9]{1,6}(?:-[0-9]{1,6})?(?:\.[0-9]{1,6}(?:-[0-9]{1,6})?)*)"


def _ranges(text: str) -> tuple[tuple[int, int], ...] | None:
    if text == "a":
        return None
    ends = (part.partition("-") for part in text.split("."))
    return tuple((int(first), int(last or first)) for first, _, last in ends)


def _gate(gate: str, first: str, stop: str, units: str, value: str, blend: str | None) -> GateEdit:
    known = cast(Literal["R", "Z"], gate)
    return GateEdit(known, int(first), int(stop), _ranges(units), float(value), float(blend or 1))


_READERS: tuple[tuple[re.Pattern[str], Callable[..., Edit]], ...] = (
    (re.compile(f"([RZ]){_WHOLE}_{_WHOLE}_{_UNITS}_{_NUMBER}(?:_{_NUMBER})?"), _gate),
    (re.compile(f"x{_WHOLE}_{_WHOLE}_{_NUMBER}"), lambda t, i, v: InputEdit(int(t), int(i), float(v))),
    (re.compile(f"s{_WHOLE}_{_WHOLE}"), lambda t, k: SymbolEdit(int(t), int(k))),
    (
        re.compile(f"w([xh][rzh]|b[rzh]|bhh)_{_WHOLE}_{_WHOLE}_{_NUMBER}"),
        lambda name, row, column, v: WeightEdit(name, int(row), int(column), float(v)),
    ),
    (re.compile(f"h{_WHOLE}_{_NUMBER}"), lambda i, v: StateEdit(int(i), float(v))),
)


def read_edits(text: str) -> tuple[Edit, ...]:
    """The edits of a text. Raises LinkError for one that is too long or has a part that is none.

    >>> read_edits("Z2_9_0.3-5_1~x4_0_-1.5")[0].units
    ((0, 0), (3, 5))
    """
    if len(text) > MAX_EDIT_CHARACTERS:
        raise LinkError(
            f"The changes in a link may have at most {MAX_EDIT_CHARACTERS:,} characters, and these have "
            f"{len(text):,}: copy the whole link again."
        )
    parts = text.split("~") if text else []
    if len(parts) > MAX_EDITS:
        raise LinkError(f"A link may hold at most {MAX_EDITS} changes, and this one has {len(parts)}.")
    return tuple(_read(part) for part in parts)


def _read(part: str) -> Edit:
    for pattern, make in _READERS:
        match = pattern.fullmatch(part)
        if match:
            return make(*match.groups())
    raise LinkError(f"This link has a change that cannot be read, {part[:40]!r}: copy the whole link again.")


def write_edits(edits: Sequence[Edit]) -> str:
    """The text that `read_edits` reads."""
    return "~".join(_write(edit) for edit in edits)


def _write(edit: Edit) -> str:
    match edit:
        case GateEdit(gate, first, stop, units, value, blend):
            ranges = "a" if units is None else ".".join(_range(*ends) for ends in units)
            mixed = "" if blend == 1 else f"_{_number(blend)}"
            return f"{gate}{first}_{stop}_{ranges}_{_number(value)}{mixed}"
        case InputEdit(step, index, value):
            return f"x{step}_{index}_{_number(value)}"
        case SymbolEdit(step, symbol):
            return f"s{step}_{symbol}"
        case WeightEdit(name, row, column, value):
            return f"w{name}_{row}_{column}_{_number(value)}"
        case StateEdit(unit, value):
            return f"h{unit}_{_number(value)}"


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0").replace("e+", "e")


def check_edits(
    edits: Sequence[Edit], *, steps: int, inputs: int, units: int, symbols: int, reset_mode: ResetMode
) -> None:
    """Raises LinkError unless every edit names what a layer of these sizes has, and a value within bounds."""
    rows = {"x": inputs, "h": units, "b": 1}
    for edit in edits:
        match edit:
            case GateEdit(_, first, stop, ranges, value, blend):
                last = [end for _, end in ranges or ()]
                places = [("step", first, steps), ("step", stop - 1, steps)]
                places += [("unit", unit, units) for unit in last]
                fits = first < stop and all(low <= high for low, high in ranges or ())
                fits = fits and 0 <= value <= 1 and 0 <= blend <= 1
            case InputEdit(step, index, value):
                places, fits = [("step", step, steps), ("input", index, inputs)], _bounded(value)
            case SymbolEdit(step, symbol):
                places, fits = [("step", step, steps), ("symbol", symbol, symbols)], True
            case WeightEdit(name, row, column, value):
                places = [("row", row, rows[name[0]]), ("column", column, units)]
                fits = _bounded(value) and name in WEIGHT_NAMES and (name != "bhh" or reset_mode == "after")
            case StateEdit(unit, value):
                places, fits = [("unit", unit, units)], _bounded(value)
        for what, index, size in places:
            if not 0 <= index < size:
                raise LinkError(
                    f"The change {_write(edit)!r} in this link names {what} {index}, and here are {size} "
                    f"{what}s: it belongs to another model or sequence."
                )
        if not fits:
            raise LinkError(
                f"The change {_write(edit)!r} in this link makes no sense here: gates take values in [0, 1], "
                f"other numbers are at most {MAX_EDIT_VALUE:,.0f} in size, and ranges run upwards."
            )


def _bounded(value: float) -> bool:
    return abs(value) <= MAX_EDIT_VALUE


@dataclass(frozen=True, eq=False)
class Edited:
    """What `gru_core.trace` takes: `trace(e.gru, e.x, e.h0, e.overrides)` shows the edited layer.

    gru   one layer in one direction     x   (time, inputs)     h0   (1, 1, units)
    """

    gru: GRU
    x: FloatArray
    h0: FloatArray
    overrides: tuple[GateOverride, ...]


def apply_edits(
    gru: GRU,
    x: FloatArray,
    h0: FloatArray,
    edits: Sequence[Edit],
    *,
    overrides: Sequence[GateOverride] = (),
    symbol_rows: FloatArray | None = None,
) -> Edited:
    """A layer with its edits; nothing that is given changes.

    gru          one layer in one direction, see `one_layer`
    x            (time, inputs) what that layer reads
    h0           (units,) the state before the first step it reads
    overrides    those that hold its gates already
    symbol_rows  (symbols, inputs) what the layer reads for each symbol; None for one-hot

    Raises LinkError for an edit that does not fit.
    """
    symbols = gru.input_size if symbol_rows is None else len(symbol_rows)
    check_edits(
        edits,
        steps=len(x),
        inputs=gru.input_size,
        units=gru.hidden_size,
        symbols=symbols,
        reset_mode=gru.reset_mode,
    )
    changed, read, start = copy.deepcopy(gru), np.array(x), np.array(h0)
    forced = list(overrides)
    for edit in edits:
        match edit:
            case GateEdit(gate, first, stop, ranges, value, blend):
                forced.append(GateOverride(gate, value, _spread(ranges), slice(first, stop), blend))
            case InputEdit(step, index, value):
                read[step, index] = value
            case SymbolEdit(step, symbol):
                read[step] = 0 if symbol_rows is None else symbol_rows[symbol]
                if symbol_rows is None:
                    read[step, symbol] = 1
            case WeightEdit(name, row, column, value):
                weight_of(changed.cell(0), name)[row, column] = value
            case StateEdit(unit, value):
                start[unit] = value
    return Edited(changed, read, start[None, None], tuple(forced))


def _spread(ranges: tuple[tuple[int, int], ...] | None) -> tuple[int, ...] | None:
    if ranges is None:
        return None
    return tuple(sorted({unit for low, high in ranges for unit in range(low, high + 1)}))


def one_layer(gru: GRU, index: int) -> GRU:
    """One layer in one direction, in the order of `gru.cells`, as a GRU of its own with the same weights."""
    cell = gru.cell(index)
    backwards = gru.directions[index % gru.num_directions] == "backward"
    single = GRU(
        cell.input_size,
        gru.hidden_size,
        reset_mode=gru.reset_mode,
        gate_activation=cast(Any, gru.gate_activation),
        backwards=backwards,
    ).to(gru.dtype)
    single.cells[0] = copy.deepcopy(cell)
    return single


def overrides_of_layer(gru: GRU, index: int, overrides: Sequence[GateOverride]) -> tuple[GateOverride, ...]:
    """The overrides that concern one layer in one direction, as they are for `one_layer`."""
    layer, direction = index // gru.num_directions, gru.directions[index % gru.num_directions]
    return tuple(
        replace(override, layers=None, direction=None)
        for override in overrides
        if (override.layers is None or layer in override.layers) and override.direction in (None, direction)
    )


def weight_of(cell: GRUCell, name: str) -> torch.Tensor:
    """A weight by the name that edits give it, (rows, units), as a view that can be written to."""
    attribute = name if name[0] == "b" else f"W_{name}"
    attribute = {"br": "b_r", "bz": "b_z", "bh": "b_h", "bhh": "b_hh"}.get(name, attribute)
    found: torch.Tensor = getattr(cell, attribute).detach()
    return found.unsqueeze(0) if found.ndim == 1 else found
