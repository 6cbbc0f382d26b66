"""One step of a GRU, one line per equation. Read this file first.

Source: K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014
(arXiv:1406.1078), equations 5 to 8, with Z = 1 keeping the old state, as there.
Reset mode "before" is that paper's: R multiplies the old state before the matrix product.
Reset mode "after" is the variant of cuDNN, torch.nn.GRU and Keras' default, which multiplies the
product instead and has one bias more, `b_hh`. They are two different functions.

This is the text and the referee: `scan.py` is fast and must give the same numbers.
"""

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import torch
from torch import Tensor

from gru_core.errors import InputError

ResetMode = Literal["before", "after"]
GateActivation = Literal["sigmoid", "hard_sigmoid_fifth", "hard_sigmoid_sixth"]

RESET_MODES: tuple[ResetMode, ...] = ("before", "after")


class Weights(Protocol):
    """The parameters of one layer in one direction. I inputs, H units; a row vector times a matrix."""

    @property
    def W_xr(self) -> Tensor: ...  # (I, H)
    @property
    def W_xz(self) -> Tensor: ...  # (I, H)
    @property
    def W_xh(self) -> Tensor: ...  # (I, H)
    @property
    def W_hr(self) -> Tensor: ...  # (H, H)
    @property
    def W_hz(self) -> Tensor: ...  # (H, H)
    @property
    def W_hh(self) -> Tensor: ...  # (H, H)
    @property
    def b_r(self) -> Tensor: ...  # (H,)
    @property
    def b_z(self) -> Tensor: ...  # (H,)
    @property
    def b_h(self) -> Tensor: ...  # (H,)
    @property
    def b_hh(self) -> Tensor: ...  # (H,)   zeros in reset mode "before"


def hard_sigmoid_fifth(a: Tensor) -> Tensor:
    """clip(a/5 + 1/2, 0, 1): the gate of Keras 1 and 2 and of TensorFlow.js."""
    return torch.clamp(0.2 * a + 0.5, 0.0, 1.0)


def hard_sigmoid_sixth(a: Tensor) -> Tensor:
    """clip(a/6 + 1/2, 0, 1): the hard gate of Keras 3, and of ONNX with alpha = 1/6."""
    return torch.clamp(a / 6.0 + 0.5, 0.0, 1.0)


GATE_ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "hard_sigmoid_fifth": hard_sigmoid_fifth,
    "hard_sigmoid_sixth": hard_sigmoid_sixth,
}


def reset_gate(X: Tensor, H_prev: Tensor, w: Weights, gate_activation: str = "sigmoid") -> Tensor:
    """R (batch, units) in [0, 1]: how much of the old state the candidate may see. Cho et al., eq. 5."""
    return GATE_ACTIVATIONS[gate_activation](X @ w.W_xr + H_prev @ w.W_hr + w.b_r)


def update_gate(X: Tensor, H_prev: Tensor, w: Weights, gate_activation: str = "sigmoid") -> Tensor:
    """Z (batch, units) in [0, 1]: how much of the old state is kept. Cho et al., eq. 6."""
    return GATE_ACTIVATIONS[gate_activation](X @ w.W_xz + H_prev @ w.W_hz + w.b_z)


def candidate(X: Tensor, H_prev: Tensor, R: Tensor, w: Weights, reset_mode: ResetMode) -> Tensor:
    """H_tilde (batch, units) in [-1, 1]: what would be written. Cho et al., eq. 8."""
    if reset_mode == "before":
        return torch.tanh(X @ w.W_xh + (R * H_prev) @ w.W_hh + w.b_h)
    if reset_mode == "after":
        return torch.tanh(X @ w.W_xh + w.b_h + R * (H_prev @ w.W_hh + w.b_hh))
    raise InputError(f"reset_mode must be 'before' or 'after', got {reset_mode!r}.")


def hidden_state(H_prev: Tensor, Z: Tensor, H_tilde: Tensor) -> Tensor:
    """H (batch, units): the old state where Z = 1, the candidate where Z = 0. Cho et al., eq. 7."""
    return Z * H_prev + (1 - Z) * H_tilde


def gru_step(
    X: Tensor, H_prev: Tensor, w: Weights, reset_mode: ResetMode = "before", gate_activation: str = "sigmoid"
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """R, Z, H_tilde, H of one step, each (batch, units), from X (batch, inputs) and H_prev (batch, units)."""
    R = reset_gate(X, H_prev, w, gate_activation)
    Z = update_gate(X, H_prev, w, gate_activation)
    H_tilde = candidate(X, H_prev, R, w, reset_mode)
    H = hidden_state(H_prev, Z, H_tilde)
    return R, Z, H_tilde, H
