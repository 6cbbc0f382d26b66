"""The recurrence as machine code: one scan forward, one backward. The fast twin of equations.py.

Importing this file compiles the kernels for float32 and float64, or loads them from the cache that numba
keeps beside it, so nothing but native.py imports it.

- The input part of every pre-activation stands ready where the gate will be, and all is added in place.
- Workers take disjoint rows of the batch, or disjoint units of all rows; in the second case they meet
  wherever one needs what the others wrote.

Axes: T steps, B batch, H units, n = u1 - u0 the units of this worker. Arrays are time-major and
contiguous: `R, Z, H_tilde (T, B, H)`, `states (T + 1, B, H)`. Inside a step they are flat, (B * H,).
"""

import hashlib
from pathlib import Path
from typing import Any

from numba import float32, float64, int64, njit, types

from gru_core.kernels.activations import COMPILED, constants, gate, tanh
from gru_core.kernels.meeting import meet
from gru_core.kernels.products import add_product


@njit(**COMPILED)
def _forward(
    marks: Any, worker: int, workers: int, b0: int, b1: int, u0: int, u1: int,
    reverse: int, after: int, activation: int, slope: Any,
    rows: Any, keep_r: Any, force_r: Any, keep_z: Any, force_z: Any,
    weights: Any, b_hh: Any, RH: Any, Q: Any,
    R: Any, R_proposed: Any, Z: Any, Z_proposed: Any, H_tilde: Any, states: Any,
) -> bool:  # fmt: skip
    """Fills R, Z, H_tilde, states for the rows b0:b1 and the units u0:u1. False when a worker gave up.

    reverse     the scan goes from the last step to the first; all stays at its input step
    after       reset mode "after" (Q is used) rather than "before" (RH is)
    activation  0 sigmoid, 1 clip(slope[0] * a + 1/2, 0, 1)
    rows, keep_*, force_*   see overrides.ForcedGates; (0, H) where that gate is as learned
    weights     (3, H, n) the recurrent weights of this worker's units
    RH          (B, H) scratch for R * H_prev
    Q           (T or 1, B, H) H_prev W_hh + b_hh; one step of it suffices when no gradient is wanted
    R_proposed, Z_proposed, H_tilde     hold X W_x + b on entry
    R, Z        the same arrays as the proposed ones where nothing is forced
    states      (T + 1, B, H) with H_0 in its place (row 0, or row T when reverse)
    """
    steps, _, units = R.shape
    n, count = u1 - u0, b1 - b0
    # Whole rows lie one after the other and are one long segment.
    segments, length = (1, count * units) if n == units else (count, n)
    first = b0 * units + u0
    one, _, _, _ = constants(slope[0])
    met = 0
    for i in range(steps):
        t = steps - 1 - i if reverse else i
        h = (states[t + 1] if reverse else states[t]).reshape(-1)
        new = (states[t] if reverse else states[t + 1]).reshape(-1)
        r, z, m = R[t].reshape(-1), Z[t].reshape(-1), H_tilde[t].reshape(-1)
        r_proposed, z_proposed = R_proposed[t].reshape(-1), Z_proposed[t].reshape(-1)
        q, rh = Q[t if Q.shape[0] > 1 else 0].reshape(-1), RH.reshape(-1)

        add_product(r_proposed, first, units, h, b0 * units, units, weights[0], count)
        for s in range(segments):
            at = first + s * units
            gate(activation, slope, r_proposed[at : at + length])
        if keep_r.shape[0] > 0:
            _force(r, r_proposed, keep_r[rows[t]], force_r[rows[t]], b0, b1, u0, u1)
        if after:
            for b in range(b0, b1):
                q[b * units + u0 : b * units + u1] = b_hh[u0:u1]
            add_product(q, first, units, h, b0 * units, units, weights[2], count)
        else:
            for s in range(segments):
                at = first + s * units
                _multiply(rh[at : at + length], r[at : at + length], h[at : at + length])
        add_product(z_proposed, first, units, h, b0 * units, units, weights[1], count)
        for s in range(segments):
            at = first + s * units
            gate(activation, slope, z_proposed[at : at + length])
        if keep_z.shape[0] > 0:
            _force(z, z_proposed, keep_z[rows[t]], force_z[rows[t]], b0, b1, u0, u1)
        if not after:
            met += 1
            if not meet(marks, worker, workers, met):
                return False
            add_product(m, first, units, rh, b0 * units, units, weights[2], count)
        for s in range(segments):
            at = first + s * units
            ms, zs, hs = m[at : at + length], z[at : at + length], h[at : at + length]
            news = new[at : at + length]
            if after:
                rs, qs = r[at : at + length], q[at : at + length]
                for j in range(length):
                    ms[j] = tanh(ms[j] + rs[j] * qs[j])
            else:
                for j in range(length):
                    ms[j] = tanh(ms[j])
            for j in range(length):
                news[j] = zs[j] * hs[j] + (one - zs[j]) * ms[j]
        met += 1
        if not meet(marks, worker, workers, met):
            return False
    return True


@njit(**COMPILED)
def _multiply(product: Any, a: Any, b: Any) -> None:
    for j in range(product.shape[0]):
        product[j] = a[j] * b[j]


@njit(**COMPILED)
def _force(applied: Any, proposed: Any, keep: Any, force: Any, b0: int, b1: int, u0: int, u1: int) -> None:
    """applied = keep * proposed + force for the units u0:u1 of the rows b0:b1."""
    units = keep.shape[0]
    for b in range(b0, b1):
        a, p = applied[b * units : (b + 1) * units], proposed[b * units : (b + 1) * units]
        for j in range(u0, u1):
            a[j] = keep[j] * p[j] + force[j]


@njit(**COMPILED)
def _slope_of_gate(
    activation: int, slope: Any, keep: Any, rows: Any, t: int, proposed: Any, out: Any, units: int
) -> None:
    """out[j] = d applied / d pre-activation, from the proposed gate (so that it is exact where keep is 0)."""
    one, _, _, _ = constants(slope[0])
    zero = one - one
    if activation == 0:
        for j in range(out.shape[0]):
            out[j] = proposed[j] * (one - proposed[j])
    else:
        k = slope[0]
        for j in range(out.shape[0]):
            out[j] = k if proposed[j] > zero and proposed[j] < one else zero
    if keep.shape[0] > 0:
        row = keep[rows[t]]
        for start in range(0, out.shape[0], units):
            part = out[start : start + units]
            for j in range(units):
                part[j] *= row[j]


@njit(**COMPILED)
def _backward(
    b0: int, b1: int, reverse: int, after: int, activation: int, slope: Any,
    rows: Any, keep_r: Any, keep_z: Any, w_rz: Any, w_h: Any,
    R: Any, R_proposed: Any, Z: Any, Z_proposed: Any, H_tilde: Any, states: Any, Q: Any,
    gR: Any, gZ: Any, gH_tilde: Any, gH: Any, dA: Any, dQ: Any, dH: Any, scratch: Any,
) -> None:  # fmt: skip
    """Fills dA, dQ and dH for the rows b0:b1, from the last step that was scanned back to the first.

    w_rz, w_h   (2H, H), (H, H) as torch keeps them
    gR, gZ, gH_tilde, gH    (T, B, H) gradients of the outputs, or (0, B, H) where there is none
    dA          (T, B, 3H) gradient of the three pre-activations (in mode "after" the h block is that of the
                whole argument of tanh); dQ (T, B, H) that of Q, (0, B, H) in mode "before"
    dH          (B, H) zero on entry, the gradient of H_0 on return
    scratch     (4, B, H)
    """
    steps, _, units = R.shape
    one, _, _, _ = constants(slope[0])
    zero = one - one
    rows_here, first, last = b1 - b0, b0 * units, b1 * units
    total, back, stays = (
        dH.reshape(-1)[first:last],
        scratch[0].reshape(-1),
        scratch[1].reshape(-1)[first:last],
    )
    length = last - first
    slope_r, slope_z = scratch[2].reshape(-1)[first:last], scratch[3].reshape(-1)[first:last]
    into = back[first:last]
    for i in range(steps):
        t = i if reverse else steps - 1 - i
        h = (states[t + 1] if reverse else states[t]).reshape(-1)[first:last]
        r, z, m = (
            R[t].reshape(-1)[first:last],
            Z[t].reshape(-1)[first:last],
            H_tilde[t].reshape(-1)[first:last],
        )
        _slope_of_gate(
            activation, slope, keep_r, rows, t, R_proposed[t].reshape(-1)[first:last], slope_r, units
        )
        _slope_of_gate(
            activation, slope, keep_z, rows, t, Z_proposed[t].reshape(-1)[first:last], slope_z, units
        )
        if gH.shape[0] > 0:
            g = gH[t].reshape(-1)[first:last]
            for j in range(length):
                total[j] += g[j]
        for j in range(length):
            slope_z[j] *= total[j] * (h[j] - m[j])
            into[j] = total[j] * (one - z[j]) * (one - m[j] * m[j])
            stays[j] = total[j] * z[j]
        if gZ.shape[0] > 0:
            proposed, g = Z_proposed[t].reshape(-1)[first:last], gZ[t].reshape(-1)[first:last]
            _slope_of_gate(activation, slope, keep_z, rows, t, proposed, total, units)
            for j in range(length):
                slope_z[j] += total[j] * g[j]
        if gH_tilde.shape[0] > 0:
            g = gH_tilde[t].reshape(-1)[first:last]
            for j in range(length):
                into[j] += g[j] * (one - m[j] * m[j])
        flat = dA[t].reshape(-1)
        for b in range(b0, b1):
            place = (b - b0) * units
            flat[3 * b * units + 2 * units : 3 * (b + 1) * units] = into[place : place + units]
        if after:
            dq, q = dQ[t].reshape(-1)[first:last], Q[t].reshape(-1)[first:last]
            for j in range(length):
                total[j] = into[j] * q[j]  # gradient of R
                into[j] *= r[j]
                dq[j] = into[j]
            add_product(scratch[1].reshape(-1), first, units, back, first, units, w_h, rows_here)
        else:
            for j in range(length):
                total[j] = zero
            add_product(dH.reshape(-1), first, units, back, first, units, w_h, rows_here)
            for j in range(length):  # total is the gradient of R * H_prev, and becomes that of R
                stays[j] += total[j] * r[j]
                total[j] *= h[j]
        if gR.shape[0] > 0:
            g = gR[t].reshape(-1)[first:last]
            for j in range(length):
                total[j] += g[j]
        for j in range(length):
            slope_r[j] *= total[j]
            total[j] = stays[j]
        for b in range(b0, b1):
            place = (b - b0) * units
            flat[3 * b * units : 3 * b * units + units] = slope_r[place : place + units]
            flat[3 * b * units + units : 3 * b * units + 2 * units] = slope_z[place : place + units]
        add_product(dH.reshape(-1), first, units, flat, 3 * first, 3 * units, w_rz, rows_here)


def _signatures(kind: str) -> list[Any]:
    found: list[Any] = []
    for real in (float32, float64):
        one, two, three = (types.Array(real, d, "C") for d in (1, 2, 3))
        whole = types.Array(int64, 1, "C")
        if kind == "forward":
            gates, arrays = [whole] + [two] * 4, [three, one, two] + [three] * 7
            found.append(types.boolean(types.Tuple([whole, *[int64] * 9, one, *gates, *arrays])))
        else:
            arrays = [two] * 2 + [three] * 13 + [two, three]
            found.append(types.void(types.Tuple([*[int64] * 5, one, whole, two, two, *arrays])))
    return found


def _entry_points(sources: str) -> tuple[Any, Any]:
    """Both kernels, compiled or from numba's cache.

    The arguments of a kernel come as one tuple. The cache notices by itself when this file changes;
    `sources`, as part of its key, tells it of the others.
    """

    @njit(_signatures("forward"), cache=True, **COMPILED)
    def forward(arguments: Any) -> Any:
        len(sources)
        return _forward(*arguments)

    @njit(_signatures("backward"), cache=True, **COMPILED)
    def backward(arguments: Any) -> Any:
        len(sources)
        return _backward(*arguments)

    return forward, backward


def _sources() -> str:
    digest = hashlib.sha256()
    for name in ("activations.py", "products.py", "meeting.py"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()


forward, backward = _entry_points(_sources())
