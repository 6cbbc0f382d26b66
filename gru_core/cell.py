"""The parameters of one layer in one direction."""

import math

import torch
from torch import Tensor, nn

from gru_core.conventions import CanonicalWeights
from gru_core.equations import ResetMode
from gru_core.errors import ModelFileError


class GRUCell(nn.Module):
    """The parameters of one layer in one direction, I inputs and H units, row blocks in the order r, z, h.

    weight_x (3H, I), weight_h (3H, H), bias (3H,), and bias_hh (H,) only in reset mode "after".
    The textbook names W_xr (I, H), W_hr (H, H), b_r (H,), ... are views: `X @ cell.W_xr` is the formula.
    """

    def __init__(self, input_size: int, hidden_size: int, reset_mode: ResetMode) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.reset_mode = input_size, hidden_size, reset_mode
        self.weight_x = nn.Parameter(torch.empty(3 * hidden_size, input_size))
        self.weight_h = nn.Parameter(torch.empty(3 * hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(3 * hidden_size))
        self.bias_hh = nn.Parameter(torch.empty(hidden_size)) if reset_mode == "after" else None
        bound = 1.0 / math.sqrt(hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def _block(self, packed: Tensor, index: int) -> Tensor:
        return packed[index * self.hidden_size : (index + 1) * self.hidden_size]

    @property
    def W_xr(self) -> Tensor:
        return self._block(self.weight_x, 0).T

    @property
    def W_xz(self) -> Tensor:
        return self._block(self.weight_x, 1).T

    @property
    def W_xh(self) -> Tensor:
        return self._block(self.weight_x, 2).T

    @property
    def W_hr(self) -> Tensor:
        return self._block(self.weight_h, 0).T

    @property
    def W_hz(self) -> Tensor:
        return self._block(self.weight_h, 1).T

    @property
    def W_hh(self) -> Tensor:
        return self._block(self.weight_h, 2).T

    @property
    def b_r(self) -> Tensor:
        return self._block(self.bias, 0)

    @property
    def b_z(self) -> Tensor:
        return self._block(self.bias, 1)

    @property
    def b_h(self) -> Tensor:
        return self._block(self.bias, 2)

    @property
    def b_hh(self) -> Tensor:
        """The bias inside the reset product (H,); zeros in reset mode "before", which has none."""
        return torch.zeros_like(self.b_h) if self.bias_hh is None else self.bias_hh

    def set_canonical(self, weights: CanonicalWeights) -> None:
        """Copy canonical weights into the parameters. Raises ModelFileError when a shape differs."""
        given = {"weight_x": weights.weight_x, "weight_h": weights.weight_h, "bias": weights.bias}
        if self.bias_hh is not None and weights.bias_hh is not None:
            given["bias_hh"] = weights.bias_hh
        with torch.no_grad():
            for name, value in given.items():
                parameter = getattr(self, name)
                if parameter.shape != value.shape:
                    raise ModelFileError(
                        f"{name} must have shape {tuple(parameter.shape)}, got {tuple(value.shape)}: "
                        "do all layers of this GRU have the same number of units?"
                    )
                parameter.copy_(value)
