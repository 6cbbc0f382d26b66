"""The plain RNN and the LSTM, built and traced the way the GRU is, to be compared with it.

    RNN    H_t = tanh(X_t W_x + H_{t-1} W_h + b)                              Elman 1990
    LSTM   I, F, O = sigmoid(...), C~_t = tanh(X_t W_x + H_{t-1} W_h + b)      Hochreiter & Schmidhuber 1997,
           C_t = F_t * C_{t-1} + I_t * C~_t,  H_t = O_t * tanh(C_t)            Gers et al. 2000 (F)

The layers are torch's own. With one bias per block instead of torch's two, a layer of H units and I inputs
has 1, 3 and 4 blocks of (I + H + 1) H weights: RNN, GRU, LSTM.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gru_core.errors import InputError, ShapeError
from gru_core.model import ModelCard
from gru_core.sequences.encoders import Encoder

FloatArray = NDArray[np.floating]
Baseline = Literal["rnn", "lstm"]


@dataclass(frozen=True, eq=False)
class RNNTrace:
    """One RNN layer on one batch: X (batch, time, inputs), H and H_prev (batch, time, units) in [-1, 1]."""

    X: FloatArray
    H: FloatArray
    H_prev: FloatArray
    layer: int = 0


@dataclass(frozen=True, eq=False)
class LSTMTrace:
    """One LSTM layer on one batch; arrays are (batch, time, units), X (batch, time, inputs).

    F, I, O  forget, input and output gate in [0, 1]
    C_tilde  candidate in [-1, 1]
    C        cell state, unbounded: C = F * C_prev + I * C_tilde
    H        O * tanh(C), in [-1, 1]
    """

    X: FloatArray
    F: FloatArray
    I: FloatArray
    O: FloatArray
    C_tilde: FloatArray
    C: FloatArray
    H: FloatArray
    C_prev: FloatArray
    H_prev: FloatArray
    layer: int = 0


class BaselineModel(nn.Module):
    """Encoder -> RNN or LSTM -> linear readout, for training and tracing beside a SequenceModel.

    `core` is a torch.nn.RNN or torch.nn.LSTM, batch-first, whose second bias is held at 0.
    """

    def __init__(
        self,
        kind: Baseline,
        encoder: Encoder,
        hidden_size: int,
        num_layers: int,
        outputs: int,
        card: ModelCard,
    ) -> None:
        super().__init__()
        if kind not in ("rnn", "lstm"):
            raise InputError(f"A baseline is 'rnn' or 'lstm', got {kind!r}.")
        self.kind, self.encoder, self.card = kind, encoder, card
        layer = {"rnn": nn.RNN, "lstm": nn.LSTM}[kind]
        self.core = layer(encoder.width, hidden_size, num_layers, batch_first=True)
        self.readout = nn.Linear(hidden_size, outputs)
        for name, parameter in self.core.named_parameters():
            if name.startswith("bias_hh"):
                nn.init.zeros_(parameter)
                parameter.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Readout at every step (batch, time, outputs): logits, or standardised numbers."""
        result: Tensor = self.readout(self.core(x)[0])
        return result


@torch.no_grad()
def trace_baseline(core: nn.RNN | nn.LSTM, x: Any) -> list[RNNTrace | LSTMTrace]:
    """One trace per layer of a one-directional, batch-first torch.nn.RNN (tanh) or torch.nn.LSTM.

    x (batch, time, inputs), or (time, inputs) for one sequence. The state before the first step is 0.
    Raises InputError for another kind of layer, ShapeError when x does not fit.
    """
    if not isinstance(core, nn.RNN | nn.LSTM) or core.bidirectional or not core.batch_first:
        raise InputError("Only a batch-first torch.nn.RNN or torch.nn.LSTM of one direction can be traced.")
    if isinstance(core, nn.LSTM) and core.proj_size:
        raise InputError(f"An LSTM with a projection (proj_size {core.proj_size}) cannot be traced.")
    if isinstance(core, nn.RNN) and core.nonlinearity != "tanh":
        raise InputError(f"Only an RNN with tanh can be traced, this one has {core.nonlinearity}.")
    inputs = np.asarray(x.detach().numpy() if isinstance(x, Tensor) else x)
    inputs = inputs[None] if inputs.ndim == 2 else inputs
    if inputs.ndim != 3 or inputs.shape[2] != core.input_size:
        raise ShapeError(f"x must be (batch, time, {core.input_size}), got {inputs.shape}.")
    traces: list[RNNTrace | LSTMTrace] = []
    for layer in range(core.num_layers):
        weights = {
            name: getattr(core, f"{name}_l{layer}").detach().numpy() for name in ("weight_ih", "weight_hh")
        }
        projected = inputs @ weights["weight_ih"].T
        if core.bias:
            biases = (getattr(core, f"{name}_l{layer}").detach().numpy() for name in ("bias_ih", "bias_hh"))
            projected = projected + sum(biases)
        step = _lstm if isinstance(core, nn.LSTM) else _rnn
        traces.append(step(inputs, projected, weights["weight_hh"].T, layer))
        inputs = traces[-1].H
    return traces


def _rnn(x: FloatArray, projected: FloatArray, W_h: FloatArray, layer: int) -> RNNTrace:
    states = np.zeros((len(x), x.shape[1] + 1, W_h.shape[0]), projected.dtype)
    for t in range(x.shape[1]):
        np.tanh(projected[:, t] + states[:, t] @ W_h, out=states[:, t + 1])
    return RNNTrace(x, states[:, 1:], states[:, :-1], layer)


def _lstm(x: FloatArray, projected: FloatArray, W_h: FloatArray, layer: int) -> LSTMTrace:
    """torch packs the blocks in the order input gate, forget gate, candidate, output gate."""
    units = W_h.shape[0]
    H, C = (np.zeros((len(x), x.shape[1] + 1, units), projected.dtype) for _ in range(2))
    F, I, O, C_tilde = (np.empty((len(x), x.shape[1], units), projected.dtype) for _ in range(4))
    for t in range(x.shape[1]):
        total = projected[:, t] + H[:, t] @ W_h
        I[:, t], F[:, t] = _sigmoid(total[:, :units]), _sigmoid(total[:, units : 2 * units])
        C_tilde[:, t], O[:, t] = np.tanh(total[:, 2 * units : 3 * units]), _sigmoid(total[:, 3 * units :])
        C[:, t + 1] = F[:, t] * C[:, t] + I[:, t] * C_tilde[:, t]
        H[:, t + 1] = O[:, t] * np.tanh(C[:, t + 1])
    return LSTMTrace(x, F, I, O, C_tilde, C[:, 1:], H[:, 1:], C[:, :-1], H[:, :-1], layer)


def _sigmoid(a: FloatArray) -> FloatArray:
    # By way of tanh, which does not overflow where exp(-a) would.
    half: FloatArray = 0.5 * np.tanh(0.5 * a) + 0.5
    return half
