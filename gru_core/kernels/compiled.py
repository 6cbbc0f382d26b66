"""The recurrence as machine code: one scan forward, one backward. Read equations.py first; this is the fast twin.

Importing this file compiles the kernels for float32 and float64, or loads them from the cache that
numba keeps beside it, so nothing but native.py imports it. Everything that the kernels call stands
in this one file, because the cache notices a change of this file only.

What makes them fast:
- The input part of every pre-activation comes ready in P, and products are added to it in place.
- A product reads the weights row by row, eight (or four by four) rows in one sweep over the outputs,
  so that the inner loops are contiguous and vectorise without reordering any sum.
- exp is a polynomial in registers rather than a call per number.
- Workers take disjoint parts of the batch, or disjoint units of all rows; in the second case they
  meet at a barrier wherever one needs what the others wrote.

Axes: T steps, B batch, H units, n = u1 - u0 the units of this worker. Arrays are time-major and
contiguous: `P (T, B, 3H)`, `R, Z, H_tilde (T, B, H)`, `states (T + 1, B, H)`.
"""

import math
import os

import numpy as np
from llvmlite import ir
from numba import float32, float64, int64, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

# Contracting a * b + c into one rounding, and ignoring the sign of zero: no reordering, NaN stays NaN.
_MATH = {"contract", "nsz"}
_INLINE = {"fastmath": _MATH, "error_model": "numpy", "nogil": True}

# --- exp, by e^x = 2^n e^r with n whole and |r| <= ln(2) / 2, e^r from its Taylor series ----------------------

_LOG2E_32, _LOG2E_64 = np.float32(1.0 / math.log(2.0)), np.float64(1.0 / math.log(2.0))
# ln 2 in two parts; the first has so few bits that n times it is exact.
_LN2_HIGH_32, _LN2_HIGH_64 = np.float32(355.0 / 512.0), np.float64(round(math.log(2.0) * 2.0**32) / 2.0**32)
_LN2_LOW_32 = np.float32(math.log(2.0) - 355.0 / 512.0)
# ln 2 = 0.693147180559945309417232121458176568, of which a float64 shows only the first half.
_LN2_LOW_64 = np.float64((math.log(2.0) - float(_LN2_HIGH_64)) + 2.3190468138462996e-17)
# Adding 1.5 * 2^(bits of the fraction) rounds to a whole number, which then stands in the lowest bits.
_ROUND_32, _ROUND_64 = np.float32(1.5 * 2.0**23), np.float64(1.5 * 2.0**52)
_ONE_32, _HALF_32, _TWO_32 = np.float32(1.0), np.float32(0.5), np.float32(2.0)
_C32 = tuple(np.float32(1.0 / math.factorial(k)) for k in range(8))
_C64 = tuple(1.0 / math.factorial(k) for k in range(15))


@intrinsic
def _power_of_two(typingctx, shifted):
    """2^n from a number whose lowest bits hold n: they are moved into the exponent."""
    width, fraction, bias = (32, 23, 127) if shifted == float32 else (64, 52, 1023)

    def codegen(context, builder, signature, args):
        whole = ir.IntType(width)
        bits = builder.shl(builder.bitcast(args[0], whole), whole(fraction))
        return builder.bitcast(builder.add(bits, whole(bias << fraction)), args[0].type)

    return shifted(shifted), codegen


def _exp_parts(x):
    """(2^n, e^r - 1) of x, for |x| <= 87 in float32 and <= 708 in float64."""
    raise NotImplementedError("compiled code only")


@overload(_exp_parts)
def _exp_parts_of(x):
    if x == float32:

        def parts32(x):
            shifted = x * _LOG2E_32 + _ROUND_32
            n = shifted - _ROUND_32
            r = (x - n * _LN2_HIGH_32) - n * _LN2_LOW_32
            p = _C32[6] + r * _C32[7]
            p = _C32[4] + r * (_C32[5] + r * p)
            p = r + r * r * (_HALF_32 + r * (_C32[3] + r * p))
            return _power_of_two(shifted), p

        return parts32

    def parts64(x):
        shifted = x * _LOG2E_64 + _ROUND_64
        n = shifted - _ROUND_64
        r = (x - n * _LN2_HIGH_64) - n * _LN2_LOW_64
        p = _C64[13] + r * _C64[14]
        p = _C64[11] + r * (_C64[12] + r * p)
        p = _C64[9] + r * (_C64[10] + r * p)
        p = _C64[7] + r * (_C64[8] + r * p)
        p = _C64[5] + r * (_C64[6] + r * p)
        p = r + r * r * (0.5 + r * (_C64[3] + r * (_C64[4] + r * p)))
        return _power_of_two(shifted), p

    return parts64


def _constants(x):
    """(1, 2, where tanh has become 1, where exp would leave its range), of the type of x."""
    raise NotImplementedError("compiled code only")


@overload(_constants)
def _constants_of(x):
    if x == float32:
        return lambda x: (_ONE_32, _TWO_32, np.float32(9.5), np.float32(87.0))
    return lambda x: (1.0, 2.0, 20.0, 708.0)


@njit(**_INLINE)
def _tanh(x):
    one, two, end, _ = _constants(x)
    x = end if x > end else x  # written so that NaN passes
    x = -end if x < -end else x
    scale, p = _exp_parts(two * x)
    m = scale * p + (scale - one)  # e^2x - 1, without cancellation near 0
    return m / (m + two)


@njit(**_INLINE)
def _sigmoid(x):
    one, _, _, end = _constants(x)
    x = end if x > end else x
    x = -end if x < -end else x
    scale, p = _exp_parts(-x)
    return one / (one + (scale * p + scale))


@njit(**_INLINE)
def _clip01(a):
    one, _, _, _ = _constants(a)
    zero = one - one
    a = one if a > one else a
    return zero if a < zero else a


@njit(**_INLINE)
def _gate(activation, slope, a, gate):
    """gate[j] = activation(a[j]); 0 is the sigmoid, 1 clip(slope * a + 1/2, 0, 1)."""
    if activation == 0:
        for j in range(gate.shape[0]):
            gate[j] = _sigmoid(a[j])
    else:
        half = slope.dtype.type(0.5)
        k = slope[0]
        for j in range(gate.shape[0]):
            gate[j] = _clip01(k * a[j] + half)


# --- products ---------------------------------------------------------------------------------------------


@njit(**_INLINE)
def _add_row(y, x, w):
    """y (n,) += x (K,) @ w (K, n)."""
    size, n = w.shape[0], y.shape[0]
    k = 0
    while k + 8 <= size:
        a0, a1, a2, a3 = x[k], x[k + 1], x[k + 2], x[k + 3]
        a4, a5, a6, a7 = x[k + 4], x[k + 5], x[k + 6], x[k + 7]
        w0, w1, w2, w3 = w[k], w[k + 1], w[k + 2], w[k + 3]
        w4, w5, w6, w7 = w[k + 4], w[k + 5], w[k + 6], w[k + 7]
        for j in range(n):
            first = a0 * w0[j] + a1 * w1[j] + a2 * w2[j] + a3 * w3[j]
            y[j] += first + (a4 * w4[j] + a5 * w5[j] + a6 * w6[j] + a7 * w7[j])
        k += 8
    while k < size:
        a0, w0 = x[k], w[k]
        for j in range(n):
            y[j] += a0 * w0[j]
        k += 1


@njit(**_INLINE)
def _add_product(y, c0, c1, x, w, b0, b1):
    """y[b0:b1, c0:c1] += x[b0:b1] (rows, K) @ w (K, c1 - c0)."""
    size, n = w.shape[0], c1 - c0
    fours = b0 + (b1 - b0) // 4 * 4
    if fours > b0:
        k = 0
        while k + 4 <= size:
            w0, w1, w2, w3 = w[k], w[k + 1], w[k + 2], w[k + 3]
            for b in range(b0, fours, 4):
                p0, p1, p2, p3 = x[b, k], x[b, k + 1], x[b, k + 2], x[b, k + 3]
                q0, q1, q2, q3 = x[b + 1, k], x[b + 1, k + 1], x[b + 1, k + 2], x[b + 1, k + 3]
                r0, r1, r2, r3 = x[b + 2, k], x[b + 2, k + 1], x[b + 2, k + 2], x[b + 2, k + 3]
                s0, s1, s2, s3 = x[b + 3, k], x[b + 3, k + 1], x[b + 3, k + 2], x[b + 3, k + 3]
                y0, y1, y2, y3 = y[b, c0:c1], y[b + 1, c0:c1], y[b + 2, c0:c1], y[b + 3, c0:c1]
                for j in range(n):
                    v0, v1, v2, v3 = w0[j], w1[j], w2[j], w3[j]
                    y0[j] += p0 * v0 + p1 * v1 + p2 * v2 + p3 * v3
                    y1[j] += q0 * v0 + q1 * v1 + q2 * v2 + q3 * v3
                    y2[j] += r0 * v0 + r1 * v1 + r2 * v2 + r3 * v3
                    y3[j] += s0 * v0 + s1 * v1 + s2 * v2 + s3 * v3
            k += 4
        while k < size:
            w0 = w[k]
            for b in range(b0, fours):
                a0, y0 = x[b, k], y[b, c0:c1]
                for j in range(n):
                    y0[j] += a0 * w0[j]
            k += 1
    for b in range(fours, b1):
        _add_row(y[b, c0:c1], x[b], w)


# --- workers meet ----------------------------------------------------------------------------------------------


@intrinsic
def _atomic_load(typingctx, array, index):
    def codegen(context, builder, signature, args):
        pointer = _element(context, builder, signature, args)
        return builder.load_atomic(pointer, "seq_cst", 8)

    return int64(array, index), codegen


@intrinsic
def _atomic_store(typingctx, array, index, value):
    def codegen(context, builder, signature, args):
        builder.store_atomic(args[2], _element(context, builder, signature, args), "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(array, index, value), codegen


def _element(context, builder, signature, args):
    array_type = signature.args[0]
    array = context.make_array(array_type)(context, builder, args[0])
    return cgutils.get_item_pointer(context, builder, array_type, array, [args[1]])


@intrinsic
def _give_way(typingctx):
    """Lets another thread have this core: a worker that waits must not hold up the one it waits for."""

    def codegen(context, builder, signature, args):
        if os.name == "posix":
            function = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, function, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), codegen


SLOT = 16  # int64 between two workers' marks: no two share a cache line
_SPINS = 2000  # waiting this often costs less than handing over the core


@njit(**_INLINE)
def _meet(marks, worker, workers, count):
    """Waits until all workers have written the mark `count`. False when one has given up (its mark is < 0)."""
    if workers == 1:
        return True
    _atomic_store(marks, worker * SLOT, count)
    for other in range(workers):
        spins = 0
        while True:
            mark = _atomic_load(marks, other * SLOT)
            if mark >= count:
                break
            if mark < 0:
                return False
            spins += 1
            if spins > _SPINS:
                _give_way()
    return True


# --- the scans ------------------------------------------------------------------------------------------------


def _forward(
    marks, worker, workers, b0, b1, u0, u1, reverse, after, activation, slope,
    rows, keep_r, force_r, keep_z, force_z,
    P, w_rz, w_h, b_hh, RH, Q, R, R_proposed, Z, Z_proposed, H_tilde, states,
):  # fmt: skip
    """Fills R, Z, H_tilde, states for the rows b0:b1 and the units u0:u1. False when a worker gave up.

    reverse     the scan goes from the last step to the first; all stays at its input step
    after       reset mode "after" (Q is used) rather than "before" (RH is)
    activation  0 sigmoid, 1 clip(slope[0] * a + 1/2, 0, 1)
    rows, keep_*, force_*   see overrides.ForcedGates; (0, H) where that gate is as learned
    P           (T, B, 3H) X W_x + b, its columns in blocks r, z, h per worker; spent afterwards
    w_rz, w_h   (H, 2n), (H, n) columns of this worker
    RH          (B, H) scratch for R * H_prev
    Q           (T or 1, B, H) H_prev W_hh + b_hh; one step of it suffices when no gradient is wanted
    states      (T + 1, B, H) with H_0 in its place (row 0, or row T when reverse)
    """
    steps, n = R.shape[0], u1 - u0
    c0, c1, c2 = 3 * u0, 3 * u0 + n, 3 * u0 + 2 * n
    c3 = c2 + n
    one, _, _, _ = _constants(slope[0])
    met = 0
    for i in range(steps):
        t = steps - 1 - i if reverse else i
        H_prev, H = (states[t + 1], states[t]) if reverse else (states[t], states[t + 1])
        q = Q[t if Q.shape[0] > 1 else 0]
        _add_product(P[t], c0, c2, H_prev, w_rz, b0, b1)
        for b in range(b0, b1):
            r, z = R_proposed[t, b, u0:u1], Z_proposed[t, b, u0:u1]
            _gate(activation, slope, P[t, b, c0:c1], r)
            _gate(activation, slope, P[t, b, c1:c2], z)
            if keep_r.shape[0] > 0:
                applied, keep, force = R[t, b, u0:u1], keep_r[rows[t], u0:u1], force_r[rows[t], u0:u1]
                for j in range(n):
                    applied[j] = keep[j] * r[j] + force[j]
            if keep_z.shape[0] > 0:
                applied, keep, force = Z[t, b, u0:u1], keep_z[rows[t], u0:u1], force_z[rows[t], u0:u1]
                for j in range(n):
                    applied[j] = keep[j] * z[j] + force[j]
            if after:
                q[b, u0:u1] = b_hh[u0:u1]
            else:
                r, h, rh = R[t, b, u0:u1], H_prev[b, u0:u1], RH[b, u0:u1]
                for j in range(n):
                    rh[j] = r[j] * h[j]
        if after:
            _add_product(q, u0, u1, H_prev, w_h, b0, b1)
        else:
            met += 1
            if not _meet(marks, worker, workers, met):
                return False
            _add_product(P[t], c2, c3, RH, w_h, b0, b1)
        for b in range(b0, b1):
            a, m = P[t, b, c2:c3], H_tilde[t, b, u0:u1]
            if after:
                r, qb = R[t, b, u0:u1], q[b, u0:u1]
                for j in range(n):
                    m[j] = _tanh(a[j] + r[j] * qb[j])
            else:
                for j in range(n):
                    m[j] = _tanh(a[j])
            z, h, new = Z[t, b, u0:u1], H_prev[b, u0:u1], H[b, u0:u1]
            for j in range(n):
                new[j] = z[j] * h[j] + (one - z[j]) * m[j]
        met += 1
        if not _meet(marks, worker, workers, met):
            return False
    return True


@njit(**_INLINE)
def _slope_of_gate(activation, slope, keep, rows, t, proposed, out, u):
    """out[j] = d applied / d pre-activation, from the proposed gate (so that it is exact where keep is 0)."""
    one, _, _, _ = _constants(slope[0])
    zero = one - one
    if activation == 0:
        for j in range(u):
            out[j] = proposed[j] * (one - proposed[j])
    else:
        k = slope[0]
        for j in range(u):
            out[j] = k if proposed[j] > zero and proposed[j] < one else zero
    if keep.shape[0] > 0:
        row = keep[rows[t]]
        for j in range(u):
            out[j] *= row[j]


def _backward(
    b0, b1, reverse, after, activation, slope, rows, keep_r, keep_z,
    w_rz, w_h, R, R_proposed, Z, Z_proposed, H_tilde, states, Q,
    gR, gZ, gH_tilde, gH, dA, dQ, dH, scratch,
):  # fmt: skip
    """Fills dA, dQ and dH for the rows b0:b1, from the last step that was scanned back to the first.

    w_rz, w_h   (2H, H), (H, H) as torch keeps them
    gR, gZ, gH_tilde, gH    (T, B, H) gradients of the outputs, or (0, B, H) where there is none
    dA          (T, B, 3H) gradient of the three pre-activations (in mode "after" the h block is that of the
                whole argument of tanh); dQ (T, B, H) that of Q, (0, B, H) in mode "before"
    dH          (B, H) zero on entry, the gradient of H_0 on return
    scratch     (2, B, H)
    """
    steps, units = R.shape[0], R.shape[2]
    one, _, _, _ = _constants(slope[0])
    back, carry = scratch[0], scratch[1]
    for i in range(steps):
        t = i if reverse else steps - 1 - i
        H_prev = states[t + 1] if reverse else states[t]
        for b in range(b0, b1):
            total, stays = dH[b], carry[b]
            if gH.shape[0] > 0:
                g = gH[t, b]
                for j in range(units):
                    total[j] += g[j]
            z, m, h = Z[t, b], H_tilde[t, b], H_prev[b]
            da_z, da_h = dA[t, b, units : 2 * units], dA[t, b, 2 * units :]
            _slope_of_gate(activation, slope, keep_z, rows, t, Z_proposed[t, b], da_z, units)
            if gZ.shape[0] > 0:
                g = gZ[t, b]
                for j in range(units):
                    da_z[j] *= total[j] * (h[j] - m[j]) + g[j]
            else:
                for j in range(units):
                    da_z[j] *= total[j] * (h[j] - m[j])
            if gH_tilde.shape[0] > 0:
                g = gH_tilde[t, b]
                for j in range(units):
                    da_h[j] = (total[j] * (one - z[j]) + g[j]) * (one - m[j] * m[j])
            else:
                for j in range(units):
                    da_h[j] = total[j] * (one - z[j]) * (one - m[j] * m[j])
            for j in range(units):
                stays[j] = total[j] * z[j]
            if after:
                dq, r, into = dQ[t, b], R[t, b], back[b]
                for j in range(units):
                    dq[j] = da_h[j] * r[j]
                    into[j] = dq[j]
            else:
                into, rh = back[b], total
                for j in range(units):
                    into[j] = da_h[j]
                    rh[j] = one - one
        # dH has been read: it now gathers the gradient of R * H_prev (before), or is skipped (after).
        if after:
            _add_product(carry, 0, units, back, w_h, b0, b1)
        else:
            _add_product(dH, 0, units, back, w_h, b0, b1)
        for b in range(b0, b1):
            da_r, r, stays, rh = dA[t, b, :units], R[t, b], carry[b], dH[b]
            _slope_of_gate(activation, slope, keep_r, rows, t, R_proposed[t, b], da_r, units)
            if after:
                da_h, q = dA[t, b, 2 * units :], Q[t, b]
                for j in range(units):
                    rh[j] = da_h[j] * q[j]
            else:
                h = H_prev[b]
                for j in range(units):
                    stays[j] += rh[j] * r[j]
                    rh[j] *= h[j]
            if gR.shape[0] > 0:
                g = gR[t, b]
                for j in range(units):
                    rh[j] += g[j]
            for j in range(units):
                da_r[j] *= rh[j]
                rh[j] = stays[j]
        _add_product(dH, 0, units, dA[t], w_rz, b0, b1)


def _signatures(kind: str) -> list[types.Type]:
    found = []
    for real in (float32, float64):
        one, two, three = (types.Array(real, d, "C") for d in (1, 2, 3))
        whole = types.Array(int64, 1, "C")
        if kind == "forward":
            gates = [whole] + [two] * 4
            arrays = [three, two, two, one, two] + [three] * 7
            found.append(types.boolean(whole, *[int64] * 9, one, *gates, *arrays))
        else:
            arrays = [two, two] + [three] * 7 + [three] * 6 + [two, three]
            found.append(types.void(*[int64] * 5, one, whole, two, two, *arrays))
    return found


forward = njit(_signatures("forward"), cache=True, **_INLINE)(_forward)
backward = njit(_signatures("backward"), cache=True, **_INLINE)(_backward)
