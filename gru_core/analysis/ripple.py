"""What becomes of one changed input: the difference that it makes in the state, and what carried it.

Two runs of one GRU are compared, one on the input as it is and one in which a single step reads something
else. With ' for the run before the change, the difference dH = H - H' of every unit and step is the sum of
four parts, by the ways of `jacobian.ROUTES`:

    copy       Z * (H_prev - H_prev')          the state before differed, and was copied on
    update     (Z - Z') * (H_prev' - H~')      the update gate chose differently between what there was
    reset      (1 - Z) * (H~ - H~*)            the candidate differed because R did: H~* has the new input and
                                               state under the old R
    candidate  (1 - Z) * (H~* - H~')           the candidate differed for all other reasons

Each is exact, not a derivative: written out, all but H and H' cancels. The browser splits a change by hand in
the same way (assets/components/cell/ripple.js). All in float64, for a small change leaves nothing of itself
in the seven digits of a float32.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from gru_core.analysis.jacobian import ROUTES
from gru_core.errors import InputError, ShapeError
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.trace import GateTrace, trace

Array = NDArray[np.float64]

GONE: Final = 0.01
"""A ripple has died where less than this share of its size at the changed step is left for good."""


@dataclass(frozen=True, eq=False)
class Ripple:
    """The difference that one changed step makes; arrays are (time, units), in input time.

    step        the step that reads something else
    difference  H after the change minus H before it
    copy, update, candidate, reset   its four parts, which sum to it
    layer       the layer that was looked at
    backward    True for one that reads from the last step to the first
    kept        whether Z was 1 in every unit at the changed step, before the change
    """

    step: int
    difference: Array
    copy: Array
    update: Array
    candidate: Array
    reset: Array
    layer: int = 0
    backward: bool = False
    kept: bool = False

    @property
    def size(self) -> Array:
        """(time,): |dH| summed over the units."""
        total: Array = np.abs(self.difference).sum(axis=1)
        return total

    @property
    def sizes(self) -> dict[str, Array]:
        """(time,) of each part: its absolute values summed over the units. Sizes of parts do not add up."""
        return {name: np.abs(getattr(self, name)).sum(axis=1) for name in ROUTES}

    @property
    def carriers(self) -> NDArray[np.intp]:
        """(time, units): the number in ROUTES of the largest part; -1 where there is no difference."""
        parts = np.stack([np.abs(getattr(self, name)) for name in ROUTES])
        return np.where(self.difference == 0, -1, parts.argmax(axis=0))

    @property
    def after(self) -> NDArray[np.intp]:
        """The steps from the changed one on, in the order in which they are read."""
        steps = np.arange(len(self.difference))
        return steps[self.step :: -1] if self.backward else steps[self.step :]

    @property
    def start(self) -> float:
        """Its size in the state right after the changed step."""
        return float(self.size[self.step])

    @property
    def died(self) -> int | None:
        """The first step, as they are read, from which on less than GONE of its start is left.

        None where some of it lives at the step that is read last, or where it never entered.
        """
        order = self.after
        alive = np.flatnonzero(self.size[order] >= GONE * self.start)
        if self.start == 0 or alive[-1] == len(order) - 1:
            return None
        return int(order[alive[-1] + 1])

    @property
    def left(self) -> float:
        """What is left of it at the step that is read last, as a share of its start; NaN without one."""
        return float(self.size[self.after[-1]] / self.start) if self.start else float("nan")

    @property
    def main_carrier(self) -> str | None:
        """The way by which most of it came, over the steps after the changed one in which it is alive.

        None where there is no such step.
        """
        alive = self.after[1:]
        if self.died is not None:
            alive = alive[: int(np.flatnonzero(self.after == self.died)[0]) - 1]
        sums = {name: float(size[alive].sum()) for name, size in self.sizes.items()}
        largest = max(sums, key=sums.__getitem__)
        return largest if sums[largest] > 0 else None


def ripple(gru: GRU, before: GateTrace, after: GateTrace, step: int) -> Ripple:
    """The difference between two traces of one layer and direction of a GRU; of the first of the batch.

    before, after   its records on the input as it was and as it is, of a GRU in float64 where the difference
                    is small
    step            the step of the input that was changed

    Raises ShapeError where the two are not of the same layer, direction and length, InputError when there is
    no such step.
    """
    same = (before.layer, before.direction, before.H.shape) == (after.layer, after.direction, after.H.shape)
    if not same:
        raise ShapeError(
            f"A ripple is the difference of two runs of one layer, got {before.name} with (batch, time, "
            f"units) {before.H.shape} and {after.name} with {after.H.shape}."
        )
    if not 0 <= step < before.steps:
        raise InputError(f"There is no step {step}: this trace has {before.steps}, counted from 0.")
    old, new = ({name: getattr(t, name)[0].astype(np.float64) for name in _NAMES} for t in (before, after))
    under_old_reset = _candidate(gru, after, old["R"], new["H_prev"], new["H_tilde"], new["R"])
    Z = new["Z"]
    return Ripple(
        step=step,
        difference=new["H"] - old["H"],
        copy=Z * (new["H_prev"] - old["H_prev"]),
        update=(Z - old["Z"]) * (old["H_prev"] - old["H_tilde"]),
        candidate=(1 - Z) * (under_old_reset - old["H_tilde"]),
        reset=(1 - Z) * (new["H_tilde"] - under_old_reset),
        layer=before.layer,
        backward=before.direction == "backward",
        kept=bool((old["Z"][step] == 1).all()),
    )


_NAMES = ("R", "Z", "H_tilde", "H", "H_prev")


def _candidate(gru: GRU, t: GateTrace, R: Array, H_prev: Array, H_tilde: Array, R_now: Array) -> Array:
    """H~ of every step under another reset gate (time, units); where R is the same, the same number."""
    cell = gru.cell(t.layer * gru.num_directions + gru.directions.index(t.direction))
    weight_x, weight_h, bias, bias_hh = (
        part.detach().cpu().numpy().astype(np.float64)
        for part in (cell.weight_x, cell.weight_h, cell.bias, cell.b_hh)
    )
    units = t.units
    to_x, to_h = weight_x[2 * units :], weight_h[2 * units :]
    reads = t.X[0].astype(np.float64) @ to_x.T + bias[2 * units :]
    if t.reset_mode == "before":
        found = np.tanh(reads + (R * H_prev) @ to_h.T)
        # In this mode each unit's candidate depends on every unit's R.
        moved = (R_now != R).any(axis=1, keepdims=True)
    else:
        found = np.tanh(reads + R * (H_prev @ to_h.T + bias_hh))
        moved = R_now != R
    return np.where(moved, found, H_tilde)


def changed(x: NDArray[np.floating], step: int, row: Sequence[float] | NDArray[np.floating]) -> Array:
    """The input x (time, inputs) in which one step reads another row (inputs,).

    Raises InputError when there is no such step, ShapeError for a row of another width.
    """
    found = np.array(x, dtype=np.float64)
    if not 0 <= step < len(found):
        raise InputError(f"There is no step {step}: this sequence has {len(found)}, counted from 0.")
    numbers = np.asarray(row, dtype=np.float64)
    if numbers.shape != found[step].shape:
        raise ShapeError(f"A step of this input has {found.shape[1]} numbers, the new one {numbers.size}.")
    found[step] = numbers
    return found


@torch.no_grad()
def double(gru: GRU) -> GRU:
    """The same GRU in float64."""
    return copy.deepcopy(gru).double()


def change_input(
    gru: GRU,
    x: NDArray[np.floating],
    step: int,
    row: Sequence[float] | NDArray[np.floating],
    overrides: Sequence[GateOverride] = (),
) -> tuple[list[GateTrace], list[GateTrace]]:
    """The traces of all layers in float64, on x (time, inputs) and on x in which one step reads another row.

    Raises as `changed` and `trace` do.
    """
    exact = double(gru)
    other = changed(x, step, row)
    return trace(exact, np.asarray(x, np.float64), overrides=overrides), trace(
        exact, other, overrides=overrides
    )
