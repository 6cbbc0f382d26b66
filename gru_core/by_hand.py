"""Weights that nobody trained: small enough to be worked out, so that what follows from them is algebra."""

from collections.abc import Callable
from math import log

import torch
from torch import nn

from gru_core.model import GRU

ByHand = Callable[[GRU, nn.Linear], None]
"""Sets every weight of a GRU of one layer and of its readout."""

LOOP, PUSH = 2.0, 3.0
"""How strongly the latch's unit 0 holds itself, and how strongly a pulse pushes it."""


@torch.no_grad()
def latch(gru: GRU, readout: nn.Linear) -> None:
    """A latch of two units that do not see each other, on one input u; the readout says the sign of unit 0.

    Unit 0 rests where h = tanh(R LOOP h + PUSH u): at two stable places for a small u, with one between that
    is not, and at a single one beyond |u| = 0.17, where two of the three meet and vanish. Unit 1 rests where
    h = tanh(R h / 2 + u), at one place for every u. R is 0.98 for both (its bias is 4), and Z is 1/4 for unit
    0, which lets one pulse turn it over, and 3/4 for unit 1, which so trails behind.
    """
    cell = gru.cell(0)
    for parameter in (*gru.parameters(), *readout.parameters()):
        parameter.zero_()
    cell.W_xh.copy_(torch.tensor([[PUSH, 1.0]]))
    cell.W_hh.copy_(torch.diag(torch.tensor([LOOP, 0.5])))
    cell.b_r.fill_(4.0)
    cell.b_z.copy_(torch.tensor([-log(3), log(3)]))
    readout.weight.copy_(torch.tensor([[-4.0, 0.0], [4.0, 0.0]]))
