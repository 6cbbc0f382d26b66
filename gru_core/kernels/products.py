"""Products for compiled code: rows of states by a block of weights, added to what stands there.

A product keeps a tile of the outputs in registers, 4 rows of up to 64 or one row of up to 128, while it goes
through the inputs in their order. No sum is reordered.
"""

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic as typed_intrinsic

from gru_core.kernels.activations import COMPILED

# Its type asks the caller for the typing context too, which only the compiler passes.
intrinsic: Any = typed_intrinsic

TILE_ROWS = 4


def _tile_of(rows: int, vectors: int) -> Any:
    """A function that adds to a tile of so many rows and vectors of 64 bytes, all held in registers."""

    @intrinsic
    def tile(
        typingctx: Any,
        y: Any,
        y_at: Any,
        y_stride: Any,
        x: Any,
        x_at: Any,
        x_stride: Any,
        w: Any,
        w_at: Any,
        w_stride: Any,
        size: Any,
    ) -> Any:
        real = y.dtype

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            scalar = context.get_value_type(real)
            lanes = 512 // real.bitwidth
            vector, whole = ir.VectorType(scalar, lanes), args[1].type
            arrays = {name: args[at] for name, at in (("y", 0), ("x", 3), ("w", 6))}
            data = {
                name: context.make_array(kind)(context, builder, arrays[name]).data
                for name, kind in (("y", y), ("x", x), ("w", w))
            }
            _, y_at, y_stride, _, x_at, x_stride, _, w_at, w_stride, size = args

            def address(name: Any, offset: Any, kind: Any) -> Any:
                place = builder.gep(data[name], [offset], source_etype=scalar)
                return builder.bitcast(place, kind.as_pointer())

            def load(name: Any, offset: Any, kind: Any) -> Any:
                return builder.load(address(name, offset, kind), align=real.bitwidth // 8, typ=kind)

            def times(value: Any, factor: Any) -> Any:
                return builder.mul(value, whole(factor))

            y_offsets = [
                builder.add(builder.add(y_at, times(y_stride, r)), whole(v * lanes))
                for r in range(rows)
                for v in range(vectors)
            ]
            x_rows = [builder.add(x_at, times(x_stride, r)) for r in range(rows)]
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
            for r in range(rows):
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


_tile4x4, _tile4x2, _tile4x1 = _tile_of(4, 4), _tile_of(4, 2), _tile_of(4, 1)
_tile1x8, _tile1x4, _tile1x2, _tile1x1 = _tile_of(1, 8), _tile_of(1, 4), _tile_of(1, 2), _tile_of(1, 1)


@njit(**COMPILED)
def add_product(
    y: Any, y_at: int, y_stride: int, x: Any, x_at: int, x_stride: int, w: Any, rows: int
) -> None:
    """y[r] (n,) += x[r] (K,) @ w (K, n) for so many rows.

    y and x are flat; row r of y starts at y_at + r * y_stride, of x likewise. Four rows at a time and then
    single ones go tile by tile of the outputs; the outputs that fill no vector go one by one.
    """
    size, n = w.shape
    lanes = 512 // (8 * y.itemsize)
    fours = rows // TILE_ROWS * TILE_ROWS
    flat = w.reshape(-1)
    c = 0
    while n - c >= lanes:
        wide = 4 if n - c >= 4 * lanes else (2 if n - c >= 2 * lanes else 1)
        for r in range(0, fours, TILE_ROWS):
            ya, xa = y_at + r * y_stride + c, x_at + r * x_stride
            if wide == 4:
                _tile4x4(y, ya, y_stride, x, xa, x_stride, flat, c, n, size)
            elif wide == 2:
                _tile4x2(y, ya, y_stride, x, xa, x_stride, flat, c, n, size)
            else:
                _tile4x1(y, ya, y_stride, x, xa, x_stride, flat, c, n, size)
        c += wide * lanes
    for r in range(fours, rows):
        _add_row(y, y_at + r * y_stride, x, x_at + r * x_stride, flat, size, n, lanes)
    if c < n:
        for r in range(rows):
            out = y[y_at + r * y_stride + c : y_at + r * y_stride + n]
            for k in range(size):
                factor, weights = x[x_at + r * x_stride + k], flat[k * n + c : (k + 1) * n]
                for j in range(n - c):
                    out[j] += factor * weights[j]


@njit(**COMPILED)
def _add_row(y: Any, y_at: int, x: Any, x_at: int, w: Any, size: int, n: int, lanes: int) -> None:
    """One row, but for the outputs that fill no vector."""
    c = 0
    while n - c >= 8 * lanes:
        _tile1x8(y, y_at + c, 0, x, x_at, 0, w, c, n, size)
        c += 8 * lanes
    if n - c >= 4 * lanes:
        _tile1x4(y, y_at + c, 0, x, x_at, 0, w, c, n, size)
        c += 4 * lanes
    if n - c >= 2 * lanes:
        _tile1x2(y, y_at + c, 0, x, x_at, 0, w, c, n, size)
        c += 2 * lanes
    if n - c >= lanes:
        _tile1x1(y, y_at + c, 0, x, x_at, 0, w, c, n, size)
