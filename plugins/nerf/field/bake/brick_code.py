"""What compiled loops cannot say in Python: the eight corners of a cell, and the eight bytes of a point, at once."""

from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from .bricks import N_BYTES, N_POINTS

_INT64, _FLOAT, _BYTE = ir.IntType(64), ir.FloatType(), ir.IntType(8)
_FLOATS: Final = ir.VectorType(_FLOAT, 8)
_EIGHT: Final = types.UniTuple(types.float32, 8)
_EDGES: Final = tuple(N_POINTS * (y + N_POINTS * z) for z in range(2) for y in range(2))  # along x; of points
_CORNERS: Final = tuple(edge + x for edge in _EDGES for x in range(2))
_FAST: Final = ("fast",)


def _weigh_corners(typing_context: Any, values: Any, at: Any, x: Any, y: Any, z: Any) -> Any:
    """weigh_corners(uint8 (n,) values, int64 at, float32 x, y, z): eight float32, trilinear weight times value.

    They belong to the corners, x fastest, of the cell whose first one is at `at`; (x, y, z) is the place in the cell.
    """
    signature = _EIGHT(values, types.int64, types.float32, types.float32, types.float32)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(values)(context, builder, args[0]).data
        pairs = ir.Constant(ir.VectorType(ir.IntType(16), 4), ir.Undefined)
        for number, edge in enumerate(_EDGES):
            start = builder.gep(data, [builder.add(args[1], ir.Constant(_INT64, edge))])
            pair = builder.load(builder.bitcast(start, ir.IntType(16).as_pointer()), align=1)
            pairs = builder.insert_element(pairs, pair, ir.Constant(ir.IntType(32), number))
        product = builder.uitofp(builder.bitcast(pairs, ir.VectorType(_BYTE, 8)), _FLOATS)
        for axis, place in enumerate(args[2:]):
            rest = builder.fsub(ir.Constant(_FLOAT, 1.0), place, _FAST)
            pattern = [corner >> axis & 1 for corner in range(8)]
            product = builder.fmul(product, _two_of(builder, rest, place, pattern), _FAST)
        eight = [builder.extract_element(product, ir.Constant(ir.IntType(32), i)) for i in range(8)]
        return context.make_tuple(builder, _EIGHT, eight)

    return signature, generate


def _add_corners(typing_context: Any, sums: Any, values: Any, at: Any, weights: Any, scale: Any) -> Any:
    """add_corners(float32 (8,) sums, uint8 (8 n,) values, int64 at, eight float32 weights, float32 scale).

    Adds to the sums, weighted and scaled, the eight bytes of the point `at` and of the other corners of its cell.
    numba does not turn this loop into vector instructions by itself: it took four times as long.
    """
    signature = types.void(sums, values, types.int64, _EIGHT, types.float32)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums_data = context.make_array(sums)(context, builder, args[0]).data
        data = context.make_array(values)(context, builder, args[1]).data
        total = ir.Constant(_FLOATS, [0.0] * 8)
        for number, corner in enumerate(_CORNERS):
            place = builder.mul(builder.add(args[2], ir.Constant(_INT64, corner)), ir.Constant(_INT64, N_BYTES))
            start = builder.bitcast(builder.gep(data, [place]), ir.VectorType(_BYTE, 8).as_pointer())
            eight = builder.uitofp(builder.load(start, align=1), _FLOATS)
            weight = _spread(builder, builder.extract_value(args[3], number))
            total = builder.fadd(total, builder.fmul(eight, weight, _FAST), _FAST)
        target = builder.bitcast(sums_data, _FLOATS.as_pointer())
        scaled = builder.fmul(total, _spread(builder, args[4]), _FAST)
        builder.store(builder.fadd(builder.load(target, align=4), scaled, _FAST), target, align=4)
        return context.get_dummy_value()

    return signature, generate


def _two_of(builder: Any, first: Any, second: Any, pattern: list[int]) -> Any:
    """A vector of eight floats, each one of two."""
    undefined = ir.Constant(_FLOATS, ir.Undefined)
    both = builder.insert_element(undefined, first, ir.Constant(ir.IntType(32), 0))
    both = builder.insert_element(both, second, ir.Constant(ir.IntType(32), 1))
    return builder.shuffle_vector(both, undefined, ir.Constant(ir.VectorType(ir.IntType(32), 8), pattern))


def _spread(builder: Any, number: Any) -> Any:
    """A vector of eight times the same float."""
    return _two_of(builder, number, number, [0] * 8)


weigh_corners: Any = intrinsic(_weigh_corners)
add_corners: Any = intrinsic(_add_corners)
