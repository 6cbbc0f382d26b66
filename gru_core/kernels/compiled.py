"""The recurrence as machine code: one scan forward, one backward. The fast twin of equations.py.

Importing this file compiles the kernels for float32 and float64, or loads them from the cache that
numba keeps beside it, so nothing but native.py imports it. Everything that the kernels call stands
in this one file, because the cache notices a change of this file only.

What makes them fast:
- The input part of every pre-activation stands ready where the gate will be, and all is added in place.
- A product keeps a tile of 4 rows and up to 64 outputs in registers while it reads the weights once;
  a single row sweeps over all outputs with eight rows of weights at a time. No sum is reordered.
- exp is a polynomial in registers rather than a call per number.
- Workers take disjoint parts of the batch, or disjoint units of all rows; in the second case they
  meet at a barrier wherever one needs what the others wrote.

Axes: T steps, B batch, H units, n = u1 - u0 the units of this worker. Arrays are time-major and
contiguous: `R, Z, H_tilde (T, B, H)`, `states (T + 1, B, H)`.
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

# --- exp, by e^x = 2^n e^r with n whole and |r| <= ln(2) / 2, e^r from its Taylor series -----------------

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
def _gate(activation, slope, a):
    """a[j] becomes activation(a[j]); 0 is the sigmoid, 1 clip(slope * a + 1/2, 0, 1)."""
    if activation == 0:
        for j in range(a.shape[0]):
            a[j] = _sigmoid(a[j])
    else:
        half = slope.dtype.type(0.5)
        k = slope[0]
        for j in range(a.shape[0]):
            a[j] = _clip01(k * a[j] + half)


# --- products ---------------------------------------------------------------------------------------------

_TILE_ROWS = 4


def _tile_of(vectors):
    """A function that adds to a tile of 4 rows and so many vectors of 64 bytes, all held in registers."""

    @intrinsic
    def tile(typingctx, y, y_at, y_stride, x, x_at, x_stride, w, w_at, w_stride, size):
        real = y.dtype

        def codegen(context, builder, signature, args):
            scalar = context.get_value_type(real)
            lanes = 512 // real.bitwidth
            vector, whole = ir.VectorType(scalar, lanes), args[1].type
            arrays = {name: args[at] for name, at in (("y", 0), ("x", 3), ("w", 6))}
            data = {
                name: context.make_array(kind)(context, builder, arrays[name]).data
                for name, kind in (("y", y), ("x", x), ("w", w))
            }
            _, y_at, y_stride, _, x_at, x_stride, _, w_at, w_stride, size = args

            def address(name, offset, kind):
                place = builder.gep(data[name], [offset], source_etype=scalar)
                return builder.bitcast(place, kind.as_pointer())

            def load(name, offset, kind):
                return builder.load(address(name, offset, kind), align=real.bitwidth // 8, typ=kind)

            def times(value, factor):
                return builder.mul(value, whole(factor))

            y_offsets = [
                builder.add(builder.add(y_at, times(y_stride, r)), whole(v * lanes))
                for r in range(_TILE_ROWS)
                for v in range(vectors)
            ]
            x_rows = [builder.add(x_at, times(x_stride, r)) for r in range(_TILE_ROWS)]
            sums = [load("y", offset, vector) for offset in y_offsets]

            before = builder.block
            loop, done = builder.append_basic_block("tile"), builder.append_basic_block("tiled")
            builder.branch(loop)
            builder.position_at_end(loop)
            k = builder.phi(whole)
            k.add_incoming(whole(0), before)
            kept = [builder.phi(vector) for _ in sums]
            for phi, start in zip(kept, sums, strict=True):
                phi.add_incoming(start, before)
            row = builder.add(w_at, builder.mul(k, w_stride))
            weights = [load("w", builder.add(row, whole(v * lanes)), vector) for v in range(vectors)]
            added = []
            for r in range(_TILE_ROWS):
                one = load("x", builder.add(x_rows[r], k), scalar)
                first = builder.insert_element(ir.Constant(vector, ir.Undefined), one, ir.IntType(32)(0))
                lane = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
                every = builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), lane)
                for v in range(vectors):
                    product = builder.fmul(every, weights[v], flags=("contract",))
                    added.append(builder.fadd(kept[r * vectors + v], product, flags=("contract",)))
            following = builder.add(k, whole(1))
            k.add_incoming(following, loop)
            for phi, value in zip(kept, added, strict=True):
                phi.add_incoming(value, loop)
            builder.cbranch(builder.icmp_signed("<", following, size), loop, done)
            builder.position_at_end(done)
            for offset, value in zip(y_offsets, added, strict=True):
                builder.store(value, address("y", offset, vector), align=real.bitwidth // 8)
            return context.get_dummy_value()

        return types.void(y, y_at, y_stride, x, x_at, x_stride, w, w_at, w_stride, size), codegen

    return tile


_tile4, _tile2, _tile1 = _tile_of(4), _tile_of(2), _tile_of(1)


@njit(**_INLINE)
def _add_row(y, x, w, c):
    """y (n,) += x (K,) @ w (K, >= c + n)[:, c:]."""
    size, n = w.shape[0], y.shape[0]
    k = 0
    while k + 8 <= size:
        a0, a1, a2, a3 = x[k], x[k + 1], x[k + 2], x[k + 3]
        a4, a5, a6, a7 = x[k + 4], x[k + 5], x[k + 6], x[k + 7]
        w0, w1, w2, w3 = w[k, c:], w[k + 1, c:], w[k + 2, c:], w[k + 3, c:]
        w4, w5, w6, w7 = w[k + 4, c:], w[k + 5, c:], w[k + 6, c:], w[k + 7, c:]
        for j in range(n):
            first = a0 * w0[j] + a1 * w1[j] + a2 * w2[j] + a3 * w3[j]
            y[j] += first + (a4 * w4[j] + a5 * w5[j] + a6 * w6[j] + a7 * w7[j])
        k += 8
    while k < size:
        a0, w0 = x[k], w[k, c:]
        for j in range(n):
            y[j] += a0 * w0[j]
        k += 1


@njit(**_INLINE)
def _add_product(y, y_at, y_stride, x, x_at, x_stride, w, rows):
    """y[r] (n,) += x[r] (K,) @ w (K, n) for so many rows; row r of y starts at y_at + r * y_stride, of x likewise.

    y and x are flat. Four rows at a time go tile by tile of the outputs; what remains goes row by row.
    """
    size, n = w.shape
    lanes = 512 // (8 * y.itemsize)
    fours = rows // _TILE_ROWS * _TILE_ROWS
    flat = w.reshape(-1)
    c = 0
    if fours > 0:
        while n - c >= lanes:
            wide = 4 if n - c >= 4 * lanes else (2 if n - c >= 2 * lanes else 1)
            for r in range(0, fours, _TILE_ROWS):
                ya, xa = y_at + r * y_stride + c, x_at + r * x_stride
                if wide == 4:
                    _tile4(y, ya, y_stride, x, xa, x_stride, flat, c, n, size)
                elif wide == 2:
                    _tile2(y, ya, y_stride, x, xa, x_stride, flat, c, n, size)
                else:
                    _tile1(y, ya, y_stride, x, xa, x_stride, flat, c, n, size)
            c += wide * lanes
    for r in range(rows):
        start, first = (c if r < fours else 0), x_at + r * x_stride
        if start < n:
            place = y_at + r * y_stride
            _add_row(y[place + start : place + n], x[first : first + size], w, start)


# --- workers meet ----------------------------------------------------------------------------------------


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
    """Waits until all workers have written the mark `count`. False when one gave up (its mark is < 0)."""
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


# --- the scans -------------------------------------------------------------------------------------------


def _forward(
    marks, worker, workers, b0, b1, u0, u1, reverse, after, activation, slope,
    rows, keep_r, force_r, keep_z, force_z,
    weights, b_hh, RH, Q, R, R_proposed, Z, Z_proposed, H_tilde, states,
):  # fmt: skip
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
    steps, batch, units = R.shape
    n, count = u1 - u0, b1 - b0
    # Whole rows lie one after the other and are one long segment.
    segments, length = (1, count * units) if n == units else (count, n)
    first = b0 * units + u0
    one, _, _, _ = _constants(slope[0])
    met = 0
    for i in range(steps):
        t = steps - 1 - i if reverse else i
        h = (states[t + 1] if reverse else states[t]).reshape(-1)
        new = (states[t] if reverse else states[t + 1]).reshape(-1)
        r, z, m = R[t].reshape(-1), Z[t].reshape(-1), H_tilde[t].reshape(-1)
        r_proposed, z_proposed = R_proposed[t].reshape(-1), Z_proposed[t].reshape(-1)
        q, rh = Q[t if Q.shape[0] > 1 else 0].reshape(-1), RH.reshape(-1)

        _add_product(r_proposed, first, units, h, b0 * units, units, weights[0], count)
        for s in range(segments):
            at = first + s * units
            _gate(activation, slope, r_proposed[at : at + length])
        if keep_r.shape[0] > 0:
            _force(r, r_proposed, keep_r[rows[t]], force_r[rows[t]], b0, b1, u0, u1)
        if after:
            for b in range(b0, b1):
                q[b * units + u0 : b * units + u1] = b_hh[u0:u1]
            _add_product(q, first, units, h, b0 * units, units, weights[2], count)
        else:
            for s in range(segments):
                at = first + s * units
                _multiply(rh[at : at + length], r[at : at + length], h[at : at + length])
        _add_product(z_proposed, first, units, h, b0 * units, units, weights[1], count)
        for s in range(segments):
            at = first + s * units
            _gate(activation, slope, z_proposed[at : at + length])
        if keep_z.shape[0] > 0:
            _force(z, z_proposed, keep_z[rows[t]], force_z[rows[t]], b0, b1, u0, u1)
        if not after:
            met += 1
            if not _meet(marks, worker, workers, met):
                return False
            _add_product(m, first, units, rh, b0 * units, units, weights[2], count)
        for s in range(segments):
            at = first + s * units
            ms, zs, hs = m[at : at + length], z[at : at + length], h[at : at + length]
            news = new[at : at + length]
            if after:
                rs, qs = r[at : at + length], q[at : at + length]
                for j in range(length):
                    ms[j] = _tanh(ms[j] + rs[j] * qs[j])
            else:
                for j in range(length):
                    ms[j] = _tanh(ms[j])
            for j in range(length):
                news[j] = zs[j] * hs[j] + (one - zs[j]) * ms[j]
        met += 1
        if not _meet(marks, worker, workers, met):
            return False
    return True


@njit(**_INLINE)
def _multiply(product, a, b):
    for j in range(product.shape[0]):
        product[j] = a[j] * b[j]


@njit(**_INLINE)
def _force(applied, proposed, keep, force, b0, b1, u0, u1):
    """applied = keep * proposed + force for the units u0:u1 of the rows b0:b1."""
    units = keep.shape[0]
    for b in range(b0, b1):
        a, p = applied[b * units : (b + 1) * units], proposed[b * units : (b + 1) * units]
        for j in range(u0, u1):
            a[j] = keep[j] * p[j] + force[j]


@njit(**_INLINE)
def _slope_of_gate(activation, slope, keep, rows, t, proposed, out, units):
    """out[j] = d applied / d pre-activation, from the proposed gate (so that it is exact where keep is 0)."""
    one, _, _, _ = _constants(slope[0])
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
    scratch     (4, B, H)
    """
    steps, batch, units = R.shape
    one, _, _, _ = _constants(slope[0])
    zero = one - one
    rows_here, first, last = b1 - b0, b0 * units, b1 * units
    total, back, stays = dH.reshape(-1)[first:last], scratch[0].reshape(-1), scratch[1].reshape(-1)[first:last]
    length = last - first
    slope_r, slope_z = scratch[2].reshape(-1)[first:last], scratch[3].reshape(-1)[first:last]
    into = back[first:last]
    for i in range(steps):
        t = i if reverse else steps - 1 - i
        h = (states[t + 1] if reverse else states[t]).reshape(-1)[first:last]
        r, z, m = (R[t].reshape(-1)[first:last], Z[t].reshape(-1)[first:last], H_tilde[t].reshape(-1)[first:last])
        _slope_of_gate(activation, slope, keep_r, rows, t, R_proposed[t].reshape(-1)[first:last], slope_r, units)
        _slope_of_gate(activation, slope, keep_z, rows, t, Z_proposed[t].reshape(-1)[first:last], slope_z, units)
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
            _add_product(scratch[1].reshape(-1), first, units, back, first, units, w_h, rows_here)
        else:
            for j in range(length):
                total[j] = zero
            _add_product(dH.reshape(-1), first, units, back, first, units, w_h, rows_here)
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
        _add_product(dH.reshape(-1), first, units, flat, 3 * first, 3 * units, w_rz, rows_here)


def _signatures(kind: str) -> list[types.Type]:
    found = []
    for real in (float32, float64):
        one, two, three = (types.Array(real, d, "C") for d in (1, 2, 3))
        whole = types.Array(int64, 1, "C")
        if kind == "forward":
            gates = [whole] + [two] * 4
            arrays = [three, one, two] + [three] * 7
            found.append(types.boolean(whole, *[int64] * 9, one, *gates, *arrays))
        else:
            arrays = [two, two] + [three] * 7 + [three] * 6 + [two, three]
            found.append(types.void(*[int64] * 5, one, whole, two, two, *arrays))
    return found


forward = njit(_signatures("forward"), cache=True, **_INLINE)(_forward)
backward = njit(_signatures("backward"), cache=True, **_INLINE)(_backward)
