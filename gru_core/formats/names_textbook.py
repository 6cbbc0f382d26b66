"""Textbook names: W_xr, W_xz, W_xh, W_hr, W_hz, W_hh, b_r, b_z, b_h; row vectors times matrices.

Row of conventions.py: "textbook" (reset mode "before"). A file that also has `b_hh` is this project's
own reset mode "after", row "gatescope".
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.layers import Found, Naming, path_of
from gru_core.formats.weights import PackedCell, Sizes, as_float, build_gru, precision_notes
from gru_core.limits import check_gru_size
from gru_core.model import GRU

GATES = ("r", "z", "h")
_NAME = re.compile(r"(?:(?P<prefix>.*)[./_])?(?P<part>W_[xh][rzh]|b_[rzh]|b_hh)")


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every GRU whose matrices have textbook names."""
    groups: dict[str, dict[str, str]] = {}
    for name in tensors:
        match = _NAME.fullmatch(name)
        if match:
            groups.setdefault(match["prefix"] or "", {})[match["part"]] = name

    found = Found()
    for prefix, parts in groups.items():
        matrices = [f"W_{source}{gate}" for source in "xh" for gate in GATES]
        missing = [part for part in matrices if part not in parts]
        if len(missing) == len(matrices):
            continue
        path = path_of(prefix)
        if missing:
            raise ModelFileError(
                f"{path!r} is incomplete: a GRU has {', '.join(matrices)}, and {', '.join(missing)} "
                "is missing."
            )
        found.used |= set(parts.values())
        found.grus[path] = _gru(path, {part: (name, tensors[name]) for part, name in parts.items()})
    return found


def _gru(path: str, parts: dict[str, tuple[str, Tensor]]) -> GRU:
    """The GRU of one layer whose parts are given as (name in the file, array)."""
    state_name, state = parts["W_hr"]
    if state.ndim != 2 or state.shape[0] != state.shape[1] or not state.shape[0]:
        raise ModelFileError(
            f"{state_name} must be a square matrix (hidden, hidden), got {tuple(state.shape)}."
        )
    units = state.shape[0]
    input_name, first = parts["W_xr"]
    if first.ndim != 2 or units not in first.shape or 0 in first.shape:
        raise ModelFileError(f"{input_name} must be (inputs, {units}), got {tuple(first.shape)}.")
    by_columns = first.shape[1] == units
    inputs = first.shape[0] if by_columns else first.shape[1]
    shapes = {"x": (inputs, units) if by_columns else (units, inputs), "h": (units, units)}
    for part, (name, tensor) in parts.items():
        expected = shapes[part[2]] if part.startswith("W_") else (units,)
        if tuple(tensor.shape) != expected and (part.startswith("W_") or tensor.numel() != units):
            raise ModelFileError(f"{name} must have the shape {expected}, got {tuple(tensor.shape)}.")
    check_gru_size(path, inputs, units, 1, 1)
    values = {part: as_float(name, tensor) for part, (name, tensor) in parts.items()}

    def stacked(source: str) -> Tensor:
        blocks = [values[f"W_{source}{gate}"] for gate in GATES]
        return torch.cat([block.T if by_columns else block for block in blocks])

    zeros = torch.zeros(units)
    biases = [values.get(f"b_{gate}", zeros).reshape(-1) for gate in GATES]
    arrays = {"W_x*": stacked("x"), "W_h*": stacked("h"), "b_*": torch.cat(biases)}
    cell = PackedCell("W_x*", "W_h*", "b_*")
    if "b_hh" in parts:
        arrays["b_hh"] = torch.cat([zeros, zeros, values["b_hh"].reshape(-1)])
        cell = PackedCell("W_x*", "W_h*", "b_*", "b_hh")
    after = "b_hh" in parts
    sizes = Sizes(inputs, units, 1, 1)
    gru = build_gru(
        path, "gatescope" if after else "textbook", sizes, [cell], arrays, "after" if after else "before"
    )
    gru.notes = precision_notes(tensor for _, tensor in parts.values())
    if not by_columns:
        gru.notes += ("Its matrices are stored as (units, inputs), so they are read as W x, not x W.",)
    elif inputs == units:
        gru.notes += (
            "Its matrices are square, so their orientation is taken from the textbook: x W, not W x.",
        )
    return gru


NAMING = Naming("textbook", find)
