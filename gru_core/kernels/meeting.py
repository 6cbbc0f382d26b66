"""Workers meet, for compiled code: each goes on when all have come as far."""

import os
from typing import Any

from llvmlite import ir
from numba import int64, njit, types
from numba.core import cgutils
from numba.extending import intrinsic as typed_intrinsic

from gru_core.kernels.activations import COMPILED

# Its type asks the caller for the typing context too, which only the compiler passes.
intrinsic: Any = typed_intrinsic


@intrinsic
def _atomic_load(typingctx: Any, array: Any, index: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _element(context, builder, signature, args)
        return builder.load_atomic(pointer, "seq_cst", 8)

    return int64(array, index), codegen


@intrinsic
def _atomic_store(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store_atomic(args[2], _element(context, builder, signature, args), "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(array, index, value), codegen


def _element(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    array_type = signature.args[0]
    array = context.make_array(array_type)(context, builder, args[0])
    return cgutils.get_item_pointer(context, builder, array_type, array, [args[1]])


@intrinsic
def _give_way(typingctx: Any) -> Any:
    """Lets another thread have this core: a worker that waits must not hold up the one it waits for."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if os.name == "posix":
            function = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, function, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), codegen


SLOT = 16  # int64 between two workers' marks: no two share a cache line
_SPINS = 2000  # waiting this often costs less than handing over the core


@njit(**COMPILED)
def meet(marks: Any, worker: int, workers: int, count: int) -> bool:
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
