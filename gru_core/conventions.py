"""How frameworks pack a GRU, as one table of named rows, and the way into the canonical form.

Canonical here: row blocks in the order r, z, h; a weight matrix has one row per unit of its gate
(`x @ weight.T`); Z = 1 keeps the old state; the biases of input and state are summed, except `b_hh`
of reset mode "after", which sits inside the reset product and cannot be merged.

A loader names its row; `to_canonical` then is exact or refuses. Reading a model with the wrong row
gives states that are off by 0.4 to 2.0, so a row is never guessed silently.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import torch
from torch import Tensor

from gru_core.equations import ResetMode
from gru_core.errors import ModelFileError


@dataclass(frozen=True)
class Convention:
    """One framework's way to pack the parameters of a GRU.

    name        key in `CONVENTIONS`
    framework   in words, with the versions it is true of
    order       gate blocks in the order they are stored; "n" and "c" are other names of the candidate h
    z_sense     "keep" when z = 1 keeps the old state, "update" when z = 1 writes the new one
    reset_mode  where R multiplies; "either" when each file decides by itself
    layout      "rows" (3H, I), "columns" (I, 3H), or "separate" matrices per gate
    biases      in words
    source      where that can be read
    """

    name: str
    framework: str
    order: tuple[str, str, str]
    z_sense: Literal["keep", "update"]
    reset_mode: ResetMode | Literal["either"]
    layout: Literal["rows", "columns", "separate"]
    biases: str
    source: str


_ROWS = (
    Convention(
        name="gatescope",
        framework="GateScope",
        order=("r", "z", "h"),
        z_sense="keep",
        reset_mode="either",
        layout="rows",
        biases="one per gate, and b_hh in reset mode 'after'",
        source="gru_core/equations.py",
    ),
    Convention(
        name="torch",
        framework="PyTorch nn.GRU and nn.GRUCell",
        order=("r", "z", "n"),
        z_sense="keep",
        reset_mode="after",
        layout="rows",
        biases="two per gate: bias_ih (3H) and bias_hh (3H)",
        source="documentation of torch.nn.GRU",
    ),
    Convention(
        name="textbook",
        framework="parameters named as in textbooks: W_xr, W_hr, b_r, ...",
        order=("r", "z", "h"),
        z_sense="keep",
        reset_mode="before",
        layout="separate",
        biases="one per gate",
        source="Zhang et al., Dive into Deep Learning, chapter on gated recurrent units",
    ),
)

CONVENTIONS: MappingProxyType[str, Convention] = MappingProxyType({row.name: row for row in _ROWS})
"""Every convention a loader can name."""


@dataclass(frozen=True, eq=False)
class CanonicalWeights:
    """The parameters of one layer and direction in canonical form.

    weight_x (3H, I), weight_h (3H, H), bias (3H,), and bias_hh (H,) in reset mode "after", else None.
    """

    weight_x: Tensor
    weight_h: Tensor
    bias: Tensor
    bias_hh: Tensor | None


def to_canonical(
    convention: Convention,
    weight_x: Tensor,
    weight_h: Tensor,
    bias_x: Tensor | None,
    bias_h: Tensor | None,
    reset_mode: ResetMode,
) -> CanonicalWeights:
    """Canonical weights from packed ones: blocks reordered, sense of z turned to "keep", biases merged.

    weight_x and weight_h are packed as `convention.layout` says ((3H, I) and (3H, H) for "rows",
    (I, 3H) and (H, 3H) for "columns"); the biases are (3H,) in the same order, or None for zeros.

    Raises ModelFileError when the shapes do not fit each other or the reset mode is not that convention's.
    """
    if convention.reset_mode not in ("either", reset_mode):
        raise ModelFileError(
            f"{convention.framework} has reset mode {convention.reset_mode!r}, not {reset_mode!r}: "
            "the two are different functions and one cannot be turned into the other."
        )
    if convention.layout == "columns":
        weight_x, weight_h = weight_x.T, weight_h.T
    check_packed(weight_x, weight_h, bias_x, bias_h)
    hidden = weight_h.shape[1]
    zeros = torch.zeros(3 * hidden, dtype=weight_h.dtype, device=weight_h.device)
    bias_x = zeros if bias_x is None else bias_x
    bias_h = zeros if bias_h is None else bias_h

    def in_order(packed: Tensor) -> Tensor:
        """Blocks r, z, h, with the sense of z turned where needed (sigmoid(-a) = 1 - sigmoid(a))."""
        named = dict(
            zip(("h" if g in "nc" else g for g in convention.order), packed.split(hidden), strict=True)
        )
        if convention.z_sense == "update":
            named["z"] = -named["z"]
        return torch.cat([named["r"], named["z"], named["h"]])

    ordered_x, ordered_h = in_order(bias_x), in_order(bias_h)
    if reset_mode == "before":
        bias, bias_hh = ordered_x + ordered_h, None
    else:
        bias_hh = ordered_h[2 * hidden :].clone()
        bias = torch.cat([ordered_x[: 2 * hidden] + ordered_h[: 2 * hidden], ordered_x[2 * hidden :]])
    return CanonicalWeights(in_order(weight_x), in_order(weight_h), bias, bias_hh)


def check_packed(weight_x: Tensor, weight_h: Tensor, bias_x: Tensor | None, bias_h: Tensor | None) -> None:
    """Check that (3H, I), (3H, H) and (3H,) fit together; raises ModelFileError that says what does not."""
    if weight_x.ndim != 2 or weight_h.ndim != 2:
        shapes = f"{tuple(weight_x.shape)} and {tuple(weight_h.shape)}"
        raise ModelFileError(f"The weights of a GRU layer are two matrices; the file has shapes {shapes}.")
    hidden = weight_h.shape[1]
    for what, tensor in (("the state's weights", weight_h), ("the input's weights", weight_x)):
        rows = tensor.shape[0]
        if rows != 3 * hidden:
            guess = {4 * hidden: ": is this an LSTM?", hidden: ": is this a plain RNN?"}.get(rows, ".")
            raise ModelFileError(
                f"A GRU of {hidden} units has 3 x {hidden} = {3 * hidden} rows in {what}, got {rows}{guess}"
            )
    for what, bias in (("input", bias_x), ("state", bias_h)):
        if bias is not None and tuple(bias.shape) != (3 * hidden,):
            raise ModelFileError(
                f"The {what} bias of a GRU of {hidden} units has {3 * hidden} entries, "
                f"got shape {tuple(bias.shape)}."
            )
