"""Several sequences scanned together, each with exactly the numbers that it has when it is scanned alone.

What a matrix product rounds may depend on how many rows it has. So each sequence is projected by a product
of its own, and only the recurrence runs for all of them at once: the compiled kernel does it row by row, and
no sum in it is reordered. The engine without compiled kernels multiplies whole batches, so there sequences
are scanned one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gru_core.kernels import engine
from gru_core.kernels.choice import engine_name
from gru_core.kernels.job import Job, Scanned
from gru_core.model import GRU
from gru_core.overrides import GateOverride, compile_overrides
from gru_core.survey.inputs import Inputs
from gru_core.survey.tally import Tally

Read = list[Tensor]
"""What a layer reads of each sequence: (time, inputs) each, or (time,) places of ones."""


@dataclass(frozen=True)
class _RowsJob(Job):
    """A scan of rows that are projected one by one; each begins at the step that it reads first."""

    rows: tuple[Tensor, ...] = ()
    lengths: tuple[int, ...] = ()
    backwards: bool = False

    @property
    def sizes(self) -> tuple[int, int, int]:
        return max(self.lengths), len(self.lengths), self.h0.shape[1]

    def project(self, *blocks: slice) -> list[Tensor]:
        if self.rows[0].ndim == 1:
            return self._looked_up(blocks)
        steps, batch, _ = self.sizes
        found = []
        for block in blocks:
            weight, bias = self.weight_x[block].t(), self.bias[block]
            # What lies behind the end of a shorter row is computed with and never looked at.
            out = torch.zeros(steps, batch, len(bias), dtype=self.x.dtype)
            for index, (row, length) in enumerate(zip(self.rows, self.lengths, strict=True)):
                part = torch.addmm(bias, row, weight)
                out[:length, index] = part.flip(0) if self.backwards else part
            found.append(out)
        return found

    def _looked_up(self, blocks: tuple[slice, ...]) -> list[Tensor]:
        """A one-hot step's product is one row of the weights: what is added to it is 0, so it is the same."""
        rows = [row.flip(0) for row in self.rows] if self.backwards else list(self.rows)
        places = torch.nn.utils.rnn.pad_sequence(rows)
        return [self.weight_x[block].t()[places] + self.bias[block] for block in blocks]


def together() -> int:
    """Sequences that may be scanned at a time without changing a number."""
    return 1 if engine_name() == "torch" else 1 << 30


@torch.no_grad()
def count_rows(
    gru: GRU, sequences: Sequence[Inputs], overrides: Sequence[GateOverride], tally: Tally
) -> None:
    """Scan the sequences and count their gates.

    Where an override names steps all sequences must have one length. Raises OverrideError for units or steps
    that do not exist, InputError for gates that are no numbers; nothing is counted then.
    """
    counted = Tally.empty(len(gru.cells), gru.hidden_size)
    read: Read = [_tensor(each, gru.dtype) for each in sequences]
    lengths = tuple(map(len, sequences))
    for layer in range(gru.num_layers):
        last = layer + 1 == gru.num_layers
        outputs = []
        for number in range(gru.num_directions):
            cell = layer * gru.num_directions + number
            scanned = _scan_cell(gru, cell, read, lengths, overrides)
            counted.add(cell, _valid(scanned.R, lengths), _valid(scanned.Z, lengths))
            if not last:
                outputs.append(_states(scanned.H, lengths, gru.directions[number] == "backward"))
        if not last:
            read = [torch.cat(parts, dim=1) for parts in zip(*outputs, strict=True)]
    tally.take(counted)


def _tensor(sequence: Inputs, dtype: torch.dtype) -> Tensor:
    # A copy: a product may round by where in memory its rows begin, and torch aligns its own memory.
    values = torch.tensor(sequence.values)
    return values.long() if sequence.one_hot else values.to(dtype)


def _scan_cell(
    gru: GRU, cell: int, read: Read, lengths: tuple[int, ...], overrides: Sequence[GateOverride]
) -> Scanned:
    """One layer and direction of all rows, in the order in which it reads."""
    layer, number = divmod(cell, gru.num_directions)
    name = gru.directions[number]
    forced = compile_overrides(
        overrides, steps=max(lengths), units=gru.hidden_size, layer=layer, direction=name
    )
    if forced is not None and name == "backward":
        forced = replace(forced, rows=np.ascontiguousarray(forced.rows[::-1]))
    weight_x, weight_h, bias, bias_hh = gru.cell_weights(cell)
    nothing = torch.zeros(1, 1, 1, dtype=gru.dtype)
    job = _RowsJob(
        nothing,
        gru.initial_state(nothing)[cell].expand(len(read), -1).contiguous(),
        weight_x,
        weight_h.contiguous(),
        bias,
        bias_hh,
        gru.gate_activation,
        forced,
        False,
        rows=tuple(read),
        lengths=lengths,
        backwards=name == "backward",
    )
    return engine().forward(job, False)


def _states(H: Tensor, lengths: tuple[int, ...], backwards: bool) -> Read:
    """The states (time, units) of each row, in input time."""
    own = [H[:length, index] for index, length in enumerate(lengths)]
    return [row.flip(0) for row in own] if backwards else own


def _valid(gates: Tensor, lengths: tuple[int, ...]) -> NDArray[np.floating]:
    """The steps of every row (steps, units), one row after the other."""
    if len(set(lengths)) == 1:
        return gates.reshape(-1, gates.shape[2]).numpy()
    return torch.cat([gates[:length, index] for index, length in enumerate(lengths)]).numpy()
