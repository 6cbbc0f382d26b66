"""The Jacobian of a step in closed form, split into the four ways by which a step hands on what was.

With a dot for a row of derivatives that arrives at H_t, N = H_tilde, g the derivative of a gate that was not
forced (times 1 - blend where it was forced in part, so 0 where it is held), s = (1 - Z) (1 - N^2), and
q = H_prev W_hh + b_hh, the four parts of d H_t / d H_prev are

    copy       . Z                                                   what is kept
    update     (. (H_prev - N) g_Z) W_hz^T                           through Z, which read the old state
    candidate  ((. s) W_hh^T) R       or ((. s R) W_hh^T)            the candidate that saw it
    reset      (((. s) W_hh^T) H_prev g_R) W_hr^T or (. s q g_R) W_hr^T    through R, which read it

with the first form in reset mode "before" and the second in mode "after"; their sum is the Jacobian. The
input has the same ways without the copy. All in float64, whatever the trace is in, unless told otherwise.
A way that is shut at a step, because its gate is held or Z is 1, costs nothing there.

Products over steps run from the right to the left, one step at a time: what is in memory is one row per
number that was asked about, never the Jacobians of all steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.way_back import Handed
from gru_core.errors import InputError, ShapeError
from gru_core.kernels.job import HARD_SLOPES
from gru_core.model import GRU
from gru_core.overrides import ForcedGates, GateOverride, compile_overrides
from gru_core.trace import GateTrace

Array = NDArray[np.floating]

ROUTES = ("copy", "update", "candidate", "reset")
"""The names of the four ways, in the order of the equations above."""


@dataclass(frozen=True, eq=False)
class Routes:
    """One array of derivatives by the way that they came; each (batch, rows, columns).

    Row k, column j of a Jacobian is the derivative of unit k's new state to number j before the step.
    """

    copy: Array
    update: Array
    candidate: Array
    reset: Array

    @property
    def total(self) -> Array:
        """Their sum: the whole derivative."""
        return self.copy + self.update + self.candidate + self.reset

    @property
    def norms(self) -> dict[str, Array]:
        """The Frobenius norm of each way and of the "total" (batch,). Norms of parts do not add up."""
        parts = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {name: frobenius(part) for name, part in (*parts.items(), ("total", self.total))}


@dataclass(frozen=True, eq=False)
class Pulled:
    """What a step makes of derivatives that arrive at its new state.

    state   with respect to the state it started from, H_prev (batch, rows, units)
    input   with respect to what it read, X_t (batch, rows, inputs); `copy` is 0 there
    """

    state: Routes
    input: Routes


@dataclass(frozen=True, eq=False)
class Reached:
    """One step of the way back.

    step    index into time
    rows    derivatives with respect to H_t, the state after that step (batch, rows, units)
    pulled  the same with respect to what that step started from and read
    """

    step: int
    rows: Array
    pulled: Pulled


def frobenius(matrices: Array) -> Array:
    """The root of the sum of squares of each matrix: (batch, rows, columns) -> (batch,)."""
    norms: Array = np.sqrt(np.square(matrices).sum(axis=(-2, -1)))
    return norms


class StepDerivatives:
    """The derivatives of every step of one layer and direction, computed when a step is asked for.

    gru        the GRU that the trace is of
    t          its record, as `trace(gru, x, h0, overrides)` gave it; of a GRU in float64 where the last digit
               counts, for a record in float32 is rounded to seven
    overrides  the gates that were forced: a forced gate no longer depends on state and input
    dtype      what is computed in; float32 where speed counts and seven digits are enough

    Raises InputError where the trace does not follow from these overrides, ShapeError where it is of
    another GRU.
    """

    def __init__(
        self,
        gru: GRU,
        t: GateTrace,
        overrides: Sequence[GateOverride] = (),
        dtype: type[np.floating] = np.float64,
    ) -> None:
        if t.direction not in gru.directions or t.layer >= gru.num_layers or t.units != gru.hidden_size:
            raise ShapeError(
                f"The trace of {t.name} with {t.units} units is not one of this GRU, which has "
                f"{gru.num_layers} layers, reads {' and '.join(gru.directions)}, and has "
                f"{gru.hidden_size} units."
            )
        cell = gru.cell(t.layer * gru.num_directions + gru.directions.index(t.direction))
        self.trace, self.dtype = t, dtype
        self._activation = gru.gate_activation
        self._forced = compile_overrides(
            overrides, steps=t.steps, units=t.units, layer=t.layer, direction=t.direction
        )
        weight_x, weight_h, bias_hh = (
            part.detach().cpu().numpy().astype(dtype) for part in (cell.weight_x, cell.weight_h, cell.b_hh)
        )
        if weight_x.shape[1] != t.X.shape[2]:
            raise ShapeError(
                f"The trace of {t.name} read {t.X.shape[2]} inputs per step, this GRU reads "
                f"{weight_x.shape[1]} there."
            )
        self._to_x_r, self._to_x_z, self._to_x_h = np.split(weight_x, 3)
        self._to_h_r, self._to_h_z, self._to_h_h = np.split(weight_h, 3)
        self._bias_hh = bias_hh
        self._check_overrides()

    @property
    def order(self) -> range:
        """The steps in the order in which they were read."""
        steps = range(self.trace.steps)
        return steps[::-1] if self.trace.direction == "backward" else steps

    def pull(self, rows: Array, step: int) -> Pulled:
        """What `step` makes of `rows` (batch, rows, units), derivatives with respect to its new state."""
        state, read = self._ways(rows, step)
        shape, inputs = rows.shape, (*rows.shape[:2], self._to_x_h.shape[1])
        return Pulled(
            state=Routes(*(np.zeros(shape, rows.dtype) if part is None else part for part in state)),
            input=Routes(*(np.zeros(inputs, rows.dtype) if part is None else part for part in read)),
        )

    def ask(self, rows: Array) -> Array:
        """What is asked about H_t (rows, units), as it is: a GRU hands on nothing else."""
        return rows.astype(self.dtype)

    def hand_back(self, rows: Array, step: int) -> Handed:
        """The same as `pull` for the first sequence of the batch, rows (rows, units); parts as in ROUTES."""
        state, read = (
            [None if part is None else part[0] for part in parts] for parts in self._ways(rows[None], step)
        )
        return Handed(_sum(state, rows), _sum(read, rows[:, :1] * self._to_x_h[:1]), tuple(state))

    def _ways(self, rows: Array, step: int) -> tuple[list[Array | None], list[Array | None]]:
        """The parts with respect to state and input in the order of ROUTES; None for a way that is shut."""
        t = self.trace
        R, Z, N, H_prev = (
            array[:, step].astype(self.dtype)[:, None] for array in (t.R, t.Z, t.H_tilde, t.H_prev)
        )
        slope_r = self._slope("r", step)
        at_update = _times(rows, (H_prev - N) * self._slope("z", step))
        at_candidate = _times(rows, (1 - Z) * (1 - N * N))
        if t.reset_mode == "before":
            seen = _into(at_candidate, self._to_h_h)
            by_candidate, at_reset = _times(seen, R), _times(seen, H_prev * slope_r)
        else:
            by_candidate = _into(_times(at_candidate, R), self._to_h_h)
            at_reset = _times(at_candidate, (H_prev @ self._to_h_h.T + self._bias_hh) * slope_r)
        state = [
            _times(rows, Z),
            _into(at_update, self._to_h_z),
            by_candidate,
            _into(at_reset, self._to_h_r),
        ]
        read = [
            None,
            _into(at_update, self._to_x_z),
            _into(at_candidate, self._to_x_h),
            _into(at_reset, self._to_x_r),
        ]
        return state, read

    def jacobian(self, step: int) -> Pulled:
        """d H_t / d H_prev (batch, units, units) and d H_t / d X_t (batch, units, inputs) of one step.

        step    index into time, negative ones from the end

        Raises InputError when there is no such step.
        """
        return self.pull(self.identity, self._index(step))

    @cached_property
    def identity(self) -> Array:
        """(batch, units, units): the rows that ask about every unit of a state."""
        batch, units = self.trace.H0.shape
        return np.broadcast_to(np.eye(units), (batch, units, units))

    def back(self, seeds: Mapping[int, Array] | None = None) -> Iterator[Reached]:
        """The way back from a state to the first step that was read, one step after the other.

        seeds  derivatives of what is asked about with respect to the state after a step, (batch, rows,
               units), by step: the rows of a readout, say, at every step that is answered. Those of earlier
               steps are added when the way back arrives there. None asks about every unit of the last state,
               so that `rows` is d H_T / d H_t and `pulled.input.total` is d H_T / d X_t.

        Only the rows of the present step are kept. Raises InputError for a step that does not exist.
        """
        order = self.order
        seeded = (
            {order[-1]: self.identity}
            if seeds is None
            else {self._index(step): np.asarray(rows, np.float64) for step, rows in seeds.items()}
        )
        rows: Array | None = None
        for step in reversed(order):
            if step in seeded:
                rows = seeded[step] if rows is None else rows + seeded[step]
            if rows is None:
                continue
            pulled = self.pull(rows, step)
            yield Reached(step, rows, pulled)
            rows = pulled.state.total

    def _index(self, step: int) -> int:
        steps = self.trace.steps
        if not -steps <= step < steps:
            raise InputError(f"There is no step {step}: this trace has {steps} steps, from 0 to {steps - 1}.")
        return step % steps

    def _slope(self, gate: str, step: int) -> Array:
        """d applied gate / d its argument (batch, 1, units) at one step."""
        t = self.trace
        proposed = (t.R_proposed if gate == "r" else t.Z_proposed)[:, step].astype(self.dtype)[:, None]
        slope: Array
        if self._activation == "sigmoid":
            slope = proposed * (1 - proposed)
        else:
            slope = np.where((proposed > 0) & (proposed < 1), HARD_SLOPES[self._activation], 0.0)
        keep = _part(self._forced, f"keep_{gate}", step)
        return slope if keep is None else slope * keep.astype(self.dtype)

    def _check_overrides(self) -> None:
        t = self.trace
        for gate, applied, proposed in (("r", t.R, t.R_proposed), ("z", t.Z, t.Z_proposed)):
            expected: NDArray[np.floating] = proposed
            if self._forced is not None:
                keep, force = (getattr(self._forced, f"{what}_{gate}") for what in ("keep", "force"))
                if keep is not None:
                    rows = self._forced.rows
                    expected = keep[rows] * proposed + force[rows]
            apart = float(np.abs(applied - expected).max())
            if apart > 1e-5:
                raise InputError(
                    f"These gate settings are not those of the trace: its {gate.upper()} is up to "
                    f"{apart:.2g} away from what they give. Pass the overrides that the trace was made with."
                )


@dataclass(frozen=True, eq=False)
class Influence:
    """How strongly a state depends on everything before it, as Frobenius norms; arrays are (batch, ...).

    start   (batch,) || d H_T / d H_0 ||
    state   (batch, time) || d H_T / d H_t ||, H_t the state after step t; 0 for steps read later
    input   (batch, time) || d H_T / d X_t ||
    """

    start: Array
    state: Array
    input: Array


def influence(derivatives: StepDerivatives, step: int | None = None) -> Influence:
    """The influence on the state after `step`, or on the last one that was computed, of all before it.

    Raises InputError when there is no such step.
    """
    t = derivatives.trace
    batch = len(t.H0)
    start: Array = np.zeros(batch)
    state, read = np.zeros((batch, t.steps)), np.zeros((batch, t.steps))
    for reached in derivatives.back(None if step is None else {step: derivatives.identity}):
        state[:, reached.step] = frobenius(reached.rows)
        read[:, reached.step] = frobenius(reached.pulled.input.total)
        start = frobenius(reached.pulled.state.total)
    return Influence(start, state, read)


def _times(rows: Array | None, factors: Array) -> Array | None:
    """rows * factors; None where all of that is 0, which then costs nothing further on."""
    return None if rows is None or not factors.any() else rows * factors


def _into(rows: Array | None, weights: Array) -> Array | None:
    """rows @ weights, None for None."""
    return None if rows is None else rows @ weights


def _sum(parts: list[Array | None], like: Array) -> Array:
    """What there is of the parts together; 0 in the shape of `like` where there is nothing."""
    found = [part for part in parts if part is not None]
    if not found:
        return np.zeros_like(like)
    total = found[0] if len(found) == 1 else found[0] + found[1]
    for part in found[2:]:
        total += part
    return total


def _part(forced: ForcedGates | None, name: str, step: int) -> Array | None:
    table = None if forced is None else getattr(forced, name)
    return None if forced is None or table is None else table[forced.rows[step]]
