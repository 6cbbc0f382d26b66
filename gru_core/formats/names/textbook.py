"""Textbook names: W_xr, W_hr, b_r, ... (Zhang et al., row vectors), W_r, U_r, b_r, ... (Cho et al., columns).

Underscores may be left out, W and U may be small letters, and the candidate may be called h, n or c, and
without a letter beside U.
Row of conventions.py: "textbook" (reset mode "before"). A file that also has `b_hh` is this project's
own reset mode "after", row "gatescope". W_xh and W_hh alone are a plain RNN.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.blocks import is_matrix, is_vector
from gru_core.formats.choices import Choices
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming, path_of
from gru_core.formats.open_choices import leave_open
from gru_core.formats.torch_cores import CoreCell, core_layer
from gru_core.formats.weights import PackedCell, Sizes, as_float, build_gru, precision_notes
from gru_core.limits import check_gru_size
from gru_core.model import GRU

GATES = ("r", "z", "h")
GATED = frozenset({"W_xr", "W_xz", "W_hr", "W_hz"})
MATRICES = tuple(f"W_{source}{gate}" for source in "xh" for gate in GATES)
_CANDIDATE = "hnc"
_TWO_LETTERS = re.compile(r"(?:(?P<prefix>.*)[./_])?(?P<part>[Ww]_?[xh][rzhnc]|b_?[rzhnc]|b_?hh)", re.DOTALL)
_ONE_LETTER = re.compile(r"(?:(?P<prefix>.*)[./_])?(?P<part>[WUb](?:_?[rzhnc])?|[wu]_?[rzhnc])", re.DOTALL)

WX_NOTE = "Its matrices are stored as (units, inputs), so they are read as W x, not x W."
ROWS_NOTE = "Its matrices are square, so their orientation is taken from the textbook: x W, not W x."
CHO_ROWS_NOTE = "Its matrices are stored as (inputs, units), so they are read as x W, not W x."
CHO_SQUARE_NOTE = (
    "Its matrices are square, so their orientation is taken from Cho et al. (2014): W x, not x W. "
    "If yours computes x W, say how the arrays are packed instead."
)
KEEP_NOTE = (
    "By these names Z = 1 keeps the old state in Cho et al. (2014) and writes the new one in Chung et al. "
    "(2014); it is read as keeping. If yours writes, choose the other sense of Z."
)
UPDATE_NOTE = "Z = 1 writes the new state in this file, as chosen, so Z is turned round here."


@dataclass(frozen=True)
class _Spelling:
    """One way to write the names.

    columns  True when the textbook multiplies x W, False when it multiplies W x
    says_z   whether the sense of Z is the same wherever these names are used
    """

    pattern: re.Pattern[str]
    columns: bool
    says_z: bool


_ZHANG = _Spelling(_TWO_LETTERS, columns=True, says_z=True)
_CHO = _Spelling(_ONE_LETTER, columns=False, says_z=False)


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every GRU whose matrices have textbook names, and plain RNNs of the same spelling."""
    found = Found()
    for spelling in (_ZHANG, _CHO):
        for prefix, group in _groups(tensors, spelling, found.used).items():
            parts, path = group.parts, path_of(prefix)
            if spelling is _ZHANG and not GATED & set(parts):
                _plain_rnn(found, prefix, parts, tensors)
                continue
            # Single letters are common names: only with the matrices of both gates are they a GRU's.
            if spelling is _CHO and not set(parts) >= GATED:
                continue
            if group.small and not _has_matrices(parts, tensors):
                continue
            # Of GateScope's own names; beside other biases it is one of two sets, which is not known here.
            if not {"b_r", "b_z", "b_h"} <= set(parts):
                parts.pop("b_hh", None)
            make = partial(_complete, group=group, spelling=spelling, tensors=tensors, choices=choices)
            found.read(path, (*parts.values(), *group.twice), make)
    return found


def _has_matrices(parts: Mapping[str, str], tensors: Mapping[str, Tensor]) -> bool:
    """Whether all six are there and are matrices: b_ur may be the bias of U_r."""
    return all(part in parts and tensors[parts[part]].ndim == 2 for part in MATRICES)


def _complete(
    path: str, group: "_Group", spelling: _Spelling, tensors: Mapping[str, Tensor], choices: Choices
) -> GRU:
    """The GRU of a group. Raises ModelFileError when a part is missing or there twice."""
    missing = [part for part in MATRICES if part not in group.parts]
    if missing:
        raise ModelFileError(
            f"{path!r} is incomplete: a GRU has {', '.join(_in(spelling, MATRICES))}, and "
            f"{', '.join(_in(spelling, missing))} is missing."
        )
    if group.twice:
        raise ModelFileError(
            f"{' and '.join(group.twice)} are two names of the same part of {path!r}: leave one out."
        )
    given = {part: (of_file, tensors[of_file]) for part, of_file in group.parts.items()}
    return _gru(path, given, spelling, choices)


def _in(spelling: _Spelling, parts: tuple[str, ...] | list[str]) -> list[str]:
    """The parts as that spelling writes them."""
    if spelling is _ZHANG:
        return list(parts)
    return [f"{'W' if part[2] == 'x' else 'U'}_{part[3]}" for part in parts]


@dataclass
class _Group:
    """The names in the file by the part that they are, in the first spelling; `twice` two for one part.

    small  whether the matrices have small letters, w_xr: many things are called so, and only all are a GRU's
    """

    parts: dict[str, str] = field(default_factory=dict)
    twice: tuple[str, ...] = ()
    small: bool = False


def _groups(tensors: Mapping[str, Tensor], spelling: _Spelling, used: set[str]) -> dict[str, _Group]:
    """Everything that is spelt so, by prefix."""
    groups: dict[str, _Group] = {}
    matches = [(name, spelling.pattern.fullmatch(name)) for name in tensors if name not in used]
    found = [(name, match["prefix"] or "", match["part"]) for name, match in matches if match]
    capital = {prefix for _, prefix, part in found if part[0] in "WU"}
    for name, prefix, written in found:
        small = written[0] in "wu"
        if small and prefix in capital:
            continue
        letters = written[0].replace("w", "W").replace("u", "U") + written[1:].replace("_", "")
        gate = letters[-1] if letters[1:] else "h"
        gate = "h" if gate in _CANDIDATE else gate
        if letters[0] == "b":
            part = "b_hh" if letters == "bhh" else f"b_{gate}"
        elif spelling is _ZHANG:
            part = f"W_{letters[1]}{gate}"
        else:
            part = f"W_{'x' if letters[0] == 'W' else 'h'}{gate}"
        group = groups.setdefault(prefix, _Group(small=prefix not in capital))
        if part in group.parts:
            group.twice = (group.parts[part], name)
        group.parts.setdefault(part, name)
    return groups


def _plain_rnn(found: Found, prefix: str, parts: Mapping[str, str], tensors: Mapping[str, Tensor]) -> None:
    """Name the RNN of W_xh, W_hh and b_h, where they are there and fit together."""
    if not all(parts.get(part, "").endswith(part) for part in ("W_xh", "W_hh")):
        return
    weight_x, weight_h = tensors[parts["W_xh"]], tensors[parts["W_hh"]]
    bias = tensors[parts["b_h"]] if "b_h" in parts else None
    if not (is_matrix(weight_x) and is_matrix(weight_h)) or weight_h.shape[0] != weight_h.shape[1]:
        return
    units = weight_h.shape[0]
    if weight_x.shape[1] != units or (bias is not None and not is_vector(bias)):
        return
    note = "W_xh and W_hh without matrices of gates: this is a plain RNN, read as tanh(x W + h W + b)."
    cell = CoreCell(weight_x.T, weight_h.T, bias)
    found.others.append(core_layer(prefix.strip("./_"), "RNN", [cell], 1, note))
    found.used |= {parts[part] for part in ("W_xh", "W_hh", "b_h") if part in parts}


def _gru(path: str, parts: dict[str, tuple[str, Tensor]], spelling: _Spelling, choices: Choices) -> GRU:
    """The GRU of one layer whose parts are given as (name in the file, array)."""
    inputs, units, by_columns = _shapes(parts, spelling)
    check_gru_size(path, inputs, units, 1, 1)
    values = {part: as_float(name, tensor) for part, (name, tensor) in parts.items()}
    turned = not spelling.says_z and choices.z_sense == "update"
    if turned:
        values |= {part: -value for part, value in values.items() if part.endswith("z")}

    def stacked(source: str) -> Tensor:
        blocks = [values[f"W_{source}{gate}"] for gate in GATES]
        return torch.cat([block.T if by_columns else block for block in blocks])

    zeros = torch.zeros(units)
    biases = [values.get(f"b_{gate}", zeros).reshape(-1) for gate in GATES]
    arrays = {"W_x*": stacked("x"), "W_h*": stacked("h"), "b_*": torch.cat(biases)}
    cell = PackedCell("W_x*", "W_h*", "b_*")
    after = "b_hh" in parts
    if after:
        arrays["b_hh"] = torch.cat([zeros, zeros, values["b_hh"].reshape(-1)])
        cell = PackedCell("W_x*", "W_h*", "b_*", "b_hh")
    row = "gatescope" if after else "textbook"
    gru = build_gru(path, row, Sizes(inputs, units, 1, 1), [cell], arrays, "after" if after else "before")
    gru.notes = precision_notes(tensor for _, tensor in parts.values())
    if spelling.columns:
        gru.notes += () if by_columns and inputs != units else (ROWS_NOTE if by_columns else WX_NOTE,)
    else:
        if by_columns or inputs == units:
            gru.notes += (CHO_ROWS_NOTE if by_columns else CHO_SQUARE_NOTE,)
        gru.notes += (UPDATE_NOTE if turned else KEEP_NOTE,)
        leave_open(gru, choices, "z_sense")
    return gru


def _shapes(parts: Mapping[str, tuple[str, Tensor]], spelling: _Spelling) -> tuple[int, int, bool]:
    """(inputs, units, whether the matrices are (inputs, units)), after every array was found to fit."""
    state_name, state = parts["W_hr"]
    if state.ndim != 2 or state.shape[0] != state.shape[1] or not state.shape[0]:
        raise ModelFileError(
            f"{state_name} must be a square matrix (hidden, hidden), got {tuple(state.shape)}."
        )
    units = state.shape[0]
    input_name, first = parts["W_xr"]
    if first.ndim != 2 or units not in first.shape or 0 in first.shape:
        raise ModelFileError(f"{input_name} must be (inputs, {units}), got {tuple(first.shape)}.")
    by_columns = first.shape[1] == units if spelling.columns else first.shape[0] != units
    inputs = first.shape[0] if by_columns else first.shape[1]
    shapes = {"x": (inputs, units) if by_columns else (units, inputs), "h": (units, units)}
    for part, (name, tensor) in parts.items():
        expected = shapes[part[2]] if part.startswith("W_") else (units,)
        if tuple(tensor.shape) != expected and (part.startswith("W_") or tensor.numel() != units):
            raise ModelFileError(f"{name} must have the shape {expected}, got {tuple(tensor.shape)}.")
    return inputs, units, by_columns


GUIDES = (
    Guide(
        title="A GRU written by hand with textbook names",
        files=".npz, .safetensors, .pt",
        holds="W_xr, W_hr, b_r and so on, as in Dive into Deep Learning, or W_r, U_r, b_r as in Cho et al. "
        "(2014), with or without underscores, or in small letters. Shapes tell whether x W or W x is meant; "
        "where square, the textbook's own is taken, and said.",
        conventions=("textbook",),
        example="np.savez('gru.npz', W_xr=W_xr, W_hr=W_hr, b_r=b_r, W_xz=W_xz, W_hz=W_hz, b_z=b_z, "
        "W_xh=W_xh, W_hh=W_hh, b_h=b_h)\ngrus = load('gru.npz')",
    ),
)

NAMING = Naming("textbook", find, GUIDES)
