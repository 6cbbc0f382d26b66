"""The plain RNN and the LSTM, built and traced the way the GRU is, to be compared with it.

    RNN    H_t = tanh(X_t W_x + H_{t-1} W_h + b)                              Elman 1990
    LSTM   I, F, O = sigmoid(...), C~_t = tanh(X_t W_x + H_{t-1} W_h + b)      Hochreiter & Schmidhuber 1997,
           C_t = F_t * C_{t-1} + I_t * C~_t,  H_t = O_t * tanh(C_t)            Gers et al. 2000 (F)

The layers are torch's own. With one bias per block instead of torch's two, a layer of H units and I inputs
has 1, 3 and 4 blocks of (I + H + 1) H weights: RNN, GRU, LSTM.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gru_core.errors import InputError, ShapeError
from gru_core.model import ModelCard
from gru_core.overrides import Direction
from gru_core.sequences.encoders import Encoder

FloatArray = NDArray[np.floating]
Baseline = Literal["rnn", "lstm"]


@dataclass(frozen=True, eq=False)
class RNNTrace:
    """One RNN layer in one direction on one batch: X (batch, time, inputs), H, H_prev (batch, time, units).

    H is in [-1, 1], or at least 0 and unbounded where `nonlinearity` is "relu". Index t belongs to x[:, t]
    also for a layer that reads backwards; there H_prev[:, t] is H[:, t + 1].
    """

    X: FloatArray
    H: FloatArray
    H_prev: FloatArray
    layer: int = 0
    direction: Direction = "forward"
    nonlinearity: str = "tanh"


@dataclass(frozen=True, eq=False)
class LSTMTrace:
    """One LSTM layer in one direction on one batch; arrays are (batch, time, units), X (batch, time, inputs).

    F, I, O  forget, input and output gate in [0, 1]
    C_tilde  candidate in [-1, 1]
    C        cell state, unbounded: C = F * C_prev + I * C_tilde
    H        O * tanh(C), in [-1, 1]

    Index t belongs to x[:, t] also for a layer that reads backwards; there C_prev[:, t] is C[:, t + 1].
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
    direction: Direction = "forward"


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
def trace_baseline(
    core: nn.RNN | nn.LSTM, x: Any, h0: Any = None, c0: Any = None, backwards: bool = False
) -> list[RNNTrace | LSTMTrace]:
    """One trace per layer and direction of a batch-first torch.nn.RNN or torch.nn.LSTM.

    They come as `trace` gives those of a GRU: layer 0 forward, layer 0 backward, layer 1 forward ...

    x          (batch, time, inputs), or (time, inputs) for one sequence
    h0, c0     the states before the first step (layers * directions, batch, units), or without a batch
               (layers * directions, units); zeros when None. c0 is an LSTM's alone
    backwards  read from the last step to the first: a layer that does only that, which torch itself has not

    Raises InputError for another kind of layer or numbers that are not finite, ShapeError when x or a state
    does not fit.
    """
    _check_core(core, c0, backwards)
    dtype = next(core.parameters()).detach().numpy().dtype
    inputs = _as_array("the sequence", x, dtype)
    inputs = inputs[None] if inputs.ndim == 2 else inputs
    if inputs.ndim != 3 or inputs.shape[2] != core.input_size or 0 in inputs.shape:
        raise ShapeError(f"x must be (batch, time, {core.input_size}), got {inputs.shape}.")
    both: tuple[Direction, ...] = ("forward", "backward")
    directions = both if core.bidirectional else both[1:] if backwards else both[:1]
    starts = [_start(name, state, core, inputs) for name, state in (("h0", h0), ("c0", c0))]
    traces: list[RNNTrace | LSTMTrace] = []
    for layer in range(core.num_layers):
        of_layer = []
        for index, direction in enumerate(directions):
            suffix = f"_l{layer}" + ("_reverse" if index else "")
            start = [state[layer * len(directions) + index] for state in starts]
            of_layer.append(_scan(core, suffix, inputs, start, layer, direction))
        traces += of_layer
        inputs = np.concatenate([trace.H for trace in of_layer], axis=-1) if index else of_layer[0].H
    return traces


def _check_core(core: object, c0: Any, backwards: bool) -> None:
    if not isinstance(core, nn.RNN | nn.LSTM) or not core.batch_first:
        raise InputError("Only a batch-first torch.nn.RNN or torch.nn.LSTM can be traced.")
    if isinstance(core, nn.LSTM) and core.proj_size:
        raise InputError(f"An LSTM with a projection (proj_size {core.proj_size}) cannot be traced.")
    if isinstance(core, nn.RNN) and c0 is not None:
        raise InputError("An RNN has no cell state, so c0 must be None.")
    if backwards and core.bidirectional:
        raise InputError("A layer reads backwards only or in both directions, not both.")


def _start(name: str, state: Any, core: nn.RNN | nn.LSTM, inputs: FloatArray) -> FloatArray:
    """The states before the first step (layers * directions, batch, units)."""
    cells = core.num_layers * (2 if core.bidirectional else 1)
    expected = (cells, len(inputs), core.hidden_size)
    if state is None:
        return np.zeros(expected, inputs.dtype)
    given = _as_array(f"the initial state {name}", state, inputs.dtype)
    if given.shape == (cells, core.hidden_size):
        return np.repeat(given[:, None], len(inputs), axis=1)
    if given.shape != expected:
        raise ShapeError(
            f"{name} must be (layers * directions, batch, units) = {expected}, got {given.shape}."
        )
    return given


def _as_array(what: str, value: Any, dtype: np.dtype[Any]) -> FloatArray:
    value = getattr(value, "values", value) if not isinstance(value, Tensor | np.ndarray) else value
    try:
        # A copy, so that a trace stays what it was when the caller's array changes.
        array = np.array(value.detach().numpy() if isinstance(value, Tensor) else value, dtype)
    except (TypeError, ValueError) as problem:
        raise InputError(f"Expected {what} as an array of numbers, got {type(value).__name__}.") from problem
    if not np.isfinite(array).all():
        raise InputError(f"There is a NaN or an infinity in {what}; fill or drop such steps first.")
    return array


def _scan(
    core: nn.RNN | nn.LSTM,
    suffix: str,
    inputs: FloatArray,
    start: list[FloatArray],
    layer: int,
    direction: Direction,
) -> RNNTrace | LSTMTrace:
    """One layer in one direction; a backward one reads, and then shows, everything turned round."""
    names = ("weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if core.bias else ()))
    W_x, W_h, *biases = (getattr(core, name + suffix).detach().numpy() for name in names)
    projected: FloatArray = inputs @ W_x.T + sum(biases) if biases else inputs @ W_x.T
    turn = slice(None, None, -1 if direction == "backward" else 1)
    if isinstance(core, nn.LSTM):
        records = _lstm(projected[:, turn], W_h.T, *start)
        turned = {name: record[:, turn] for name, record in records.items()}
        return LSTMTrace(X=inputs, layer=layer, direction=direction, **turned)
    squash = np.tanh if core.nonlinearity == "tanh" else _relu
    H, H_prev = (record[:, turn] for record in _rnn(projected[:, turn], W_h.T, start[0], squash))
    return RNNTrace(inputs, H, H_prev, layer, direction, core.nonlinearity)


def _rnn(
    projected: FloatArray, W_h: FloatArray, start: FloatArray, squash: Callable[[FloatArray], FloatArray]
) -> tuple[FloatArray, FloatArray]:
    states = np.zeros((len(projected), projected.shape[1] + 1, W_h.shape[0]), projected.dtype)
    states[:, 0] = start
    for t in range(projected.shape[1]):
        states[:, t + 1] = squash(projected[:, t] + states[:, t] @ W_h)
    return states[:, 1:], states[:, :-1]


def _lstm(projected: FloatArray, W_h: FloatArray, h0: FloatArray, c0: FloatArray) -> dict[str, FloatArray]:
    """The arrays of an LSTMTrace by name.

    torch packs the blocks in the order input gate, forget gate, candidate, output gate.
    """
    batch, steps, units = len(projected), projected.shape[1], W_h.shape[0]
    H, C = (np.empty((batch, steps + 1, units), projected.dtype) for _ in range(2))
    F, I, O, C_tilde = (np.empty((batch, steps, units), projected.dtype) for _ in range(4))
    H[:, 0], C[:, 0] = h0, c0
    for t in range(steps):
        total = projected[:, t] + H[:, t] @ W_h
        I[:, t], F[:, t] = _sigmoid(total[:, :units]), _sigmoid(total[:, units : 2 * units])
        C_tilde[:, t], O[:, t] = np.tanh(total[:, 2 * units : 3 * units]), _sigmoid(total[:, 3 * units :])
        C[:, t + 1] = F[:, t] * C[:, t] + I[:, t] * C_tilde[:, t]
        H[:, t + 1] = O[:, t] * np.tanh(C[:, t + 1])
    gates = {"F": F, "I": I, "O": O, "C_tilde": C_tilde}
    return gates | {"C": C[:, 1:], "H": H[:, 1:], "C_prev": C[:, :-1], "H_prev": H[:, :-1]}


def _relu(a: FloatArray) -> FloatArray:
    return np.maximum(a, 0)


def _sigmoid(a: FloatArray) -> FloatArray:
    # By way of tanh, which does not overflow where exp(-a) would.
    half: FloatArray = 0.5 * np.tanh(0.5 * a) + 0.5
    return half
