"""A step's derivatives in a plain RNN and in an LSTM, in closed form, as jacobian.py has a GRU's.

With a dot for a row of derivatives that arrives:

    RNN     a = (1 - H^2) . H                       relu: 1 where H > 0
            to H_prev  a W_hh,   to X_t  a W_xh

    LSTM    the state is H and the cell C together, and C is what carries:
            c = .C + .H O (1 - tanh(C)^2)           what arrives at C, also by way of H
            a = [c C~ I (1-I),  c C_prev F (1-F),  c I (1-C~^2),  .H tanh(C) O (1-O)]
            to C_prev  c F,   to H_prev  a W_hh,   to X_t  a W_xh
"""

from functools import cached_property

import numpy as np
from torch import nn

from gru_core.analysis.way_back import Array, Handed
from gru_core.baselines import LSTMTrace, RNNTrace
from gru_core.errors import ShapeError


class BaselineDerivatives:
    """The derivatives of every step of one layer and direction of an RNN or an LSTM, the first of a batch.

    core   the torch.nn.RNN or torch.nn.LSTM that the trace is of
    t      its record, as `trace_baseline` gave it

    Rows about an LSTM's state have the H part first and the C part behind it, 2 x units numbers.
    Raises ShapeError where the trace is not one of this layer.
    """

    def __init__(
        self, core: nn.RNN | nn.LSTM, t: RNNTrace | LSTMTrace, dtype: type[np.floating] = np.float64
    ) -> None:
        is_lstm = isinstance(core, nn.LSTM)
        units = t.H.shape[2]
        fits = is_lstm == isinstance(t, LSTMTrace) and t.layer < core.num_layers
        if not fits or units != core.hidden_size:
            kind = "LSTM" if is_lstm else "RNN"
            raise ShapeError(
                f"The trace of layer {t.layer} with {units} units is not one of this {kind}, which has "
                f"{core.num_layers} layers of {core.hidden_size} units."
            )
        self.trace, self.dtype = t, dtype
        # A layer that only reads backwards is a forward one to torch.
        suffix = f"_l{t.layer}" + ("_reverse" if t.direction == "backward" and core.bidirectional else "")
        self._to_x, self._to_h = (
            getattr(core, name + suffix).detach().cpu().numpy().astype(dtype)
            for name in ("weight_ih", "weight_hh")
        )

    @property
    def order(self) -> range:
        """The steps in the order in which they were read."""
        steps = range(self.trace.H.shape[1])
        return steps[::-1] if self.trace.direction == "backward" else steps

    def ask(self, rows: Array) -> Array:
        """Rows about H_t (rows, units) as rows about the whole state: nothing is asked about C_t."""
        rows = rows.astype(self.dtype)
        return np.concatenate([rows, np.zeros_like(rows)], axis=1) if self._is_lstm else rows

    def hand_back(self, rows: Array, step: int) -> Handed:
        """What `step` makes of rows about the state after it."""
        return self._lstm(rows, step) if self._is_lstm else self._rnn(rows, step)

    @cached_property
    def _is_lstm(self) -> bool:
        return isinstance(self.trace, LSTMTrace)

    def _rnn(self, rows: Array, step: int) -> Handed:
        t = self.trace
        assert isinstance(t, RNNTrace)
        H = t.H[0, step].astype(self.dtype)
        at = rows * (1 - H * H if t.nonlinearity == "tanh" else (H > 0).astype(self.dtype))
        return Handed(at @ self._to_h, at @ self._to_x)

    def _lstm(self, rows: Array, step: int) -> Handed:
        t = self.trace
        assert isinstance(t, LSTMTrace)
        forget, enter, show, C_tilde, C, C_prev = (
            array[0, step].astype(self.dtype) for array in (t.F, t.I, t.O, t.C_tilde, t.C, t.C_prev)
        )
        by_H, by_C = np.split(rows, 2, axis=1)
        shown = np.tanh(C)
        at_C = by_C + by_H * (show * (1 - shown * shown))
        at = np.concatenate(
            [
                at_C * (C_tilde * enter * (1 - enter)),
                at_C * (C_prev * forget * (1 - forget)),
                at_C * (enter * (1 - C_tilde * C_tilde)),
                by_H * (shown * show * (1 - show)),
            ],
            axis=1,
        )
        return Handed(np.concatenate([at @ self._to_h, at_C * forget], axis=1), at @ self._to_x)
