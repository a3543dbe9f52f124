"""What compiled loops cannot say in Python: a counter that threads share, and sums over eight bytes at once."""

from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from .bricks import N_BYTES, N_POINTS

_INT64: Final = ir.IntType(64)
_COUNTER: Final = types.Array(types.int64, 1, "C")
_CORNERS: Final = tuple(
    N_BYTES * (x + N_POINTS * (y + N_POINTS * z)) for z in range(2) for y in range(2) for x in range(2)
)


def _take_number(typing_context: Any, counter: Any) -> Any:
    """take_number(int64 (1,)): what the counter holds; then it holds one more. No two threads get the same."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(_COUNTER)(context, builder, args[0])
        return builder.atomic_rmw("add", array.data, ir.Constant(_INT64, 1), "monotonic")

    return types.int64(_COUNTER), generate


def _add_corners(typing_context: Any, sums: Any, bytes_: Any, at: Any, weights: Any) -> Any:
    """add_corners(float32 (8,) sums, uint8 (n,) bytes, int64 at, eight float32 weights).

    Adds to the sums, weighted, the eight bytes at `at` and those of the other corners of the cell that begins there.
    numba does not turn this loop into vector instructions by itself: it took six times as long.
    """
    signature = types.void(sums, bytes_, types.int64, weights)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums_data = context.make_array(sums)(context, builder, args[0]).data
        data = context.make_array(bytes_)(context, builder, args[1]).data
        floats = ir.VectorType(ir.FloatType(), N_BYTES)
        place = builder.bitcast(sums_data, floats.as_pointer())
        total = builder.load(place, align=4)
        for number, offset in enumerate(_CORNERS):
            start = builder.gep(data, [builder.add(args[2], ir.Constant(_INT64, offset))])
            eight = builder.load(builder.bitcast(start, ir.VectorType(ir.IntType(8), N_BYTES).as_pointer()), align=1)
            weight = _spread(builder, builder.extract_value(args[3], number))
            total = builder.fadd(total, builder.fmul(builder.uitofp(eight, floats), weight, ("fast",)), ("fast",))
        builder.store(total, place, align=4)
        return context.get_dummy_value()

    return signature, generate


def _spread(builder: Any, number: Any) -> Any:
    """A vector of eight times the same float."""
    floats = ir.VectorType(ir.FloatType(), N_BYTES)
    one = builder.insert_element(ir.Constant(floats, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), N_BYTES), [0] * N_BYTES)
    return builder.shuffle_vector(one, ir.Constant(floats, ir.Undefined), zeros)


take_number: Any = intrinsic(_take_number)
add_corners: Any = intrinsic(_add_corners)
