"""Gates and tanh for compiled code: exp as a polynomial in registers rather than a call per number.

e^x = 2^n e^r with n whole and |r| <= ln(2) / 2, and e^r from its Taylor series. Within two units in the last
place for float32 and float64, and NaN stays NaN.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import float32, njit
from numba.extending import intrinsic as typed_intrinsic
from numba.extending import overload

# Its type asks the caller for the typing context too, which only the compiler passes.
intrinsic: Any = typed_intrinsic

# Contracting a * b + c into one rounding, and ignoring the sign of zero: no reordering, NaN stays NaN.
COMPILED: dict[str, Any] = {"fastmath": {"contract", "nsz"}, "error_model": "numpy", "nogil": True}

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
def _power_of_two(typingctx: Any, shifted: Any) -> Any:
    """2^n from a number whose lowest bits hold n: they are moved into the exponent."""
    width, fraction, bias = (32, 23, 127) if shifted == float32 else (64, 52, 1023)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        whole = ir.IntType(width)
        bits = builder.shl(builder.bitcast(args[0], whole), whole(fraction))
        return builder.bitcast(builder.add(bits, whole(bias << fraction)), args[0].type)

    return shifted(shifted), codegen


def _exp_parts(x: Any) -> Any:
    """(2^n, e^r - 1) of x, for |x| <= 87 in float32 and <= 708 in float64."""
    raise NotImplementedError("compiled code only")


@overload(_exp_parts)
def _exp_parts_of(x: Any) -> Any:
    if x == float32:

        def parts32(x: Any) -> Any:
            shifted = x * _LOG2E_32 + _ROUND_32
            n = shifted - _ROUND_32
            r = (x - n * _LN2_HIGH_32) - n * _LN2_LOW_32
            p = _C32[6] + r * _C32[7]
            p = _C32[4] + r * (_C32[5] + r * p)
            p = r + r * r * (_HALF_32 + r * (_C32[3] + r * p))
            return _power_of_two(shifted), p

        return parts32

    def parts64(x: Any) -> Any:
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


def constants(x: Any) -> Any:
    """(1, 2, where tanh has become 1, where exp would leave its range), of the type of x."""
    raise NotImplementedError("compiled code only")


@overload(constants)
def _constants_of(x: Any) -> Any:
    if x == float32:

        def constants32(x: Any) -> Any:
            return _ONE_32, _TWO_32, np.float32(9.5), np.float32(87.0)

        return constants32

    def constants64(x: Any) -> Any:
        return 1.0, 2.0, 20.0, 708.0

    return constants64


@njit(**COMPILED)
def tanh(x: float) -> float:
    one, two, end, _ = constants(x)
    x = end if x > end else x  # written so that NaN passes
    x = -end if x < -end else x
    scale, p = _exp_parts(two * x)
    m = scale * p + (scale - one)  # e^2x - 1, without cancellation near 0
    return m / (m + two)


@njit(**COMPILED)
def _sigmoid(x: float) -> float:
    one, _, _, end = constants(x)
    x = end if x > end else x
    x = -end if x < -end else x
    scale, p = _exp_parts(-x)
    return one / (one + (scale * p + scale))


@njit(**COMPILED)
def _clip01(a: float) -> float:
    one, _, _, _ = constants(a)
    zero = one - one
    a = one if a > one else a
    return zero if a < zero else a


@njit(**COMPILED)
def gate(activation: int, slope: Any, a: Any) -> None:
    """a[j] becomes activation(a[j]); 0 is the sigmoid, 1 clip(slope * a + 1/2, 0, 1)."""
    if activation == 0:
        for j in range(a.shape[0]):
            a[j] = _sigmoid(a[j])
    else:
        half = slope.dtype.type(0.5)
        k = slope[0]
        for j in range(a.shape[0]):
            a[j] = _clip01(k * a[j] + half)
