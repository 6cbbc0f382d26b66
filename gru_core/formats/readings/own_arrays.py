"""From named arrays and a `Reading` to a GRU: exact, or refused with the reason."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor

from gru_core.cell import GRUCell
from gru_core.conventions import CONVENTIONS, CanonicalWeights, to_canonical
from gru_core.errors import InputError, ModelFileError
from gru_core.formats.readings.reading import Reading
from gru_core.formats.weights import as_float, precision_notes
from gru_core.limits import check_gru_size
from gru_core.model import GRU

_ENTRY = re.compile(r"(?P<name>.*)\[(?P<index>\d{1,6})\]")


@dataclass(frozen=True)
class ReadSizes:
    """What the shapes say: inputs per step and units."""

    inputs: int
    units: int


def gru_of(reading: Reading, tensors: Mapping[str, Tensor]) -> GRU:
    """The GRU that the arrays are, read as said. Its convention is the row "own".

    Raises ModelFileError that names the array when one is missing, has a shape that does not fit or
    numbers that cannot be weights, and LimitError when the GRU is too large.
    """
    sizes = sizes_of(reading, tensors)
    canonical = canonical_of(reading, tensors)
    gru = GRU(
        sizes.inputs,
        sizes.units,
        reset_mode=reading.reset_mode,
        gate_activation=reading.gate_activation,
        backwards=reading.backwards,
    ).to(canonical.weight_h.dtype)
    cast(GRUCell, gru.cells[0]).set_canonical(canonical)
    start = initial_state_of(reading, tensors, sizes.units)
    if start is not None:
        gru.set_initial_state(start[None])
    gru.convention = "own"
    gru.notes = (
        f"Read as said: {reading.sentence()}.",
        *precision_notes(array(name, tensors) for name in reading.names),
    )
    return gru


def canonical_of(reading: Reading, tensors: Mapping[str, Tensor]) -> CanonicalWeights:
    """The weights in canonical form (see conventions.py). Raises as `gru_of` does."""
    sizes = sizes_of(reading, tensors)
    units, values = sizes.units, {name: as_float(name, array(name, tensors)) for name in reading.names}
    dtype = torch.float64 if any(v.dtype == torch.float64 for v in values.values()) else torch.float32

    def joined(names: Sequence[str]) -> Tensor:
        """(3 units, width), one block of rows after the other."""
        parts = [values[name].to(dtype) for name in names]
        return torch.cat(parts) if reading.layout == "rows" else torch.cat(parts, dim=1).T

    weight_h = joined(reading.weight_h)
    if reading.is_stacked:
        first = units if reading.state_first else sizes.inputs
        one, other = weight_h[:, :first], weight_h[:, first:]
        weight_x, weight_h = (other, one) if reading.state_first else (one, other)
    else:
        weight_x = joined(reading.weight_x) if reading.weight_x else torch.eye(3 * units, dtype=dtype)
    if reading.state_in_two:
        buffer = values[reading.weight_h[0]].to(dtype).reshape(-1)
        gates, candidate = buffer.split([2 * units * units, units * units])
        weight_h = torch.cat([gates.view(units, 2 * units), candidate.view(units, units)], dim=1).T

    def bias(names: Sequence[str]) -> Tensor | None:
        if not names:
            return None
        flat = torch.cat([values[name].to(dtype).reshape(-1) for name in names])
        if len(flat) != units:
            return flat
        of_gate = {gate: torch.zeros(units, dtype=dtype) for gate in reading.order} | {"h": flat}
        return torch.cat([of_gate[gate] for gate in reading.order])

    if reading.shares_bias:
        bias_x, bias_h = cast(Tensor, bias(reading.bias_x)).split(3 * units)
    else:
        bias_x, bias_h = bias(reading.bias_x), bias(reading.bias_h)
    r, z, h = reading.order
    row = replace(CONVENTIONS["own"], order=(r, z, h), z_sense=reading.z_sense, layout="rows")
    return to_canonical(row, weight_x, weight_h, bias_x, bias_h, reading.reset_mode)


def initial_state_of(reading: Reading, tensors: Mapping[str, Tensor], units: int) -> Tensor | None:
    """The state before the first step (units,); None where the reading names none."""
    name, start = reading.initial_state, _start(reading, tensors, units)
    return None if name is None or start is None else as_float(name, start).reshape(-1)


def _start(reading: Reading, tensors: Mapping[str, Tensor], units: int) -> Tensor | None:
    if reading.initial_state is None:
        return None
    start = array(reading.initial_state, tensors)
    if start.numel() != units:
        raise ModelFileError(
            f"{reading.initial_state} must have one number for each of the {units} units to be the initial "
            f"state, got {_times(start)}."
        )
    return start


def sizes_of(reading: Reading, tensors: Mapping[str, Tensor]) -> ReadSizes:
    """Inputs and units by the shapes of the arrays; nothing is copied.

    Raises ModelFileError and LimitError as `gru_of` does.
    """
    state_blocks, state_width = _joined_shape("state's", reading.weight_h, reading, tensors)
    what = "columns" if reading.layout == "columns" else "rows"
    listed = _listed(reading.weight_h)
    if not state_blocks or state_blocks % 3:
        raise ModelFileError(
            f"{listed} must have 3 x units {what} together, got {state_blocks}: "
            "is the layout the other one, or is this no GRU?"
        )
    units = state_blocks // 3
    if reading.is_stacked:
        inputs = state_width - units
        if inputs < 1:
            raise ModelFileError(
                f"{listed} must hold input and state, more than {units} wide for {units} units, "
                f"got {state_width}."
            )
    else:
        if state_width != units:
            raise ModelFileError(
                f"{listed} must be 3 x units by units: {state_blocks} {what} are {units} units, "
                f"and the other side is {state_width}. Is the layout the other one, or is this not the "
                "state's?"
            )
        blocks, inputs = 3 * units, 3 * units
        if reading.weight_x:
            blocks, inputs = _joined_shape("input's", reading.weight_x, reading, tensors)
        if blocks != 3 * units or not inputs:
            raise ModelFileError(
                f"{_listed(reading.weight_x)} must have 3 x {units} = {3 * units} {what} for {units} units, "
                f"got {blocks}."
            )
    check_gru_size(reading.name, inputs, units, 1, 1)
    for what, names in (("input's", reading.bias_x), ("state's", reading.bias_h)):
        count = sum(array(name, tensors).numel() for name in names)
        allowed = (6 * units,) if reading.shares_bias else (3 * units, units)
        if names and count not in allowed:
            wanted = (
                f"2 x 3 x {units}" if reading.shares_bias else f"3 x {units} (or {units}, the candidate's)"
            )
            raise ModelFileError(f"The {what} bias {_listed(names)} must have {wanted} entries, got {count}.")
    _check_blocks(reading, tensors, units)
    _start(reading, tensors, units)
    return ReadSizes(inputs, units)


def array(name: str, tensors: Mapping[str, Tensor]) -> Tensor:
    """The array of that name, or entry i of the first axis for "name[i]"; leading axes of length 1 dropped.

    Raises ModelFileError when there is no such array or entry.
    """
    found = tensors.get(name)
    if found is None and (match := _ENTRY.fullmatch(name)) and match["name"] in tensors:
        whole, index = tensors[match["name"]], int(match["index"])
        if whole.ndim < 2 or index >= len(whole):
            raise ModelFileError(
                f"{match['name']} has the shape {tuple(whole.shape)}, so there is no entry {name!r}."
            )
        found = whole[index]
    if found is None:
        known = ", ".join(repr(known[:60]) for known in list(tensors)[:8])
        raise ModelFileError(f"There is no array {name!r} in this file: it holds {known or 'none'}.")
    while found.ndim > 2 and found.shape[0] == 1:
        found = found[0]
    return found


def arrays_used(readings: Sequence[Reading], tensors: Mapping[str, Tensor]) -> set[str]:
    """The names in the file of every array that the readings take something of."""
    named = {name for reading in readings for name in reading.names}
    return {name if name in tensors else name.rpartition("[")[0] for name in named}


def check_readings(readings: Sequence[Reading]) -> None:
    """Raises InputError when two of them give their GRU the same name."""
    names = [reading.name for reading in readings]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"Two readings are called {twice!r}: give each GRU its own name.")


def _check_blocks(reading: Reading, tensors: Mapping[str, Tensor], units: int) -> None:
    """Raise ModelFileError unless each of several arrays is whole gates."""
    axis = 1 if reading.layout == "columns" else 0
    lengths = [(name, array(name, tensors).shape[axis]) for name in (*reading.weight_x, *reading.weight_h)]
    lengths += [(name, array(name, tensors).numel()) for name in (*reading.bias_x, *reading.bias_h)]
    for name, length in lengths:
        if length % units:
            raise ModelFileError(
                f"{name} must be whole gates of {units} units each, got {length} along the gates."
            )


def _joined_shape(
    what: str, names: Sequence[str], reading: Reading, tensors: Mapping[str, Tensor]
) -> tuple[int, int]:
    """(length along the gates, the other side) of arrays that are joined."""
    by_columns, blocks, width = reading.layout == "columns", 0, -1
    for name in names:
        part = array(name, tensors)
        if part.ndim != 2:
            raise ModelFileError(
                f"{name} must be a matrix to be the {what} weights, got the shape {tuple(part.shape)}."
            )
        along, across = part.shape[::-1] if by_columns else part.shape
        if width not in (-1, across):
            raise ModelFileError(
                f"The {what} weights {_listed(names)} are joined along the gates, so their other sides must "
                f"be equal, got {width} and {across}."
            )
        blocks, width = blocks + along, across
    return blocks, width


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)


def _times(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "one number"
