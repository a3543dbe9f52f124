"""The product of a row of whole numbers in groups and a vector, written for the processor's vector units by hand.

A loop over bytes is not made into good vectors by the compiler: it is eleven times as slow. The instructions are LLVM's
own for sixteen numbers at once; each processor does them in as many parts as it has to.
"""

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_WIDTH: Final = 16
_FLOAT, _LONG = ir.FloatType(), ir.IntType(64)
_FLOATS, _BYTES, _INTS = (ir.VectorType(one, _WIDTH) for one in (_FLOAT, ir.IntType(8), ir.IntType(32)))


def _dot_nibbles(_: Any, codes: Any, scales: Any, x: Any, row: Any) -> Any:
    """Of row `row` of codes (n out, n in / 2), whose groups of 32 share scales (n out, n in / 32), and x (n in,)."""
    return types.float32(codes, scales, x, row), _row_code(_nibbles)


def _dot_bytes(_: Any, codes: Any, scales: Any, x: Any, row: Any) -> Any:
    """The same of codes (n out, n in) with a sign, of which 16 share a scale, (n out, n in / 16)."""
    return types.float32(codes, scales, x, row), _row_code(_signed_bytes)


def _row_code(group_code: Callable[[Any, Any, Any, Any], Any]) -> Callable[..., Any]:
    """Code that adds up scale times codes times x over all groups of a row."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        codes, scales, x = (
            context.make_array(kind)(context, builder, one)
            for kind, one in zip(signature.args[:3], args[:3], strict=True)
        )
        n_bytes, n_groups = (cgutils.unpack_tuple(builder, one.shape)[1] for one in (codes, scales))
        its_codes = builder.gep(codes.data, [builder.mul(args[3], n_bytes)])
        its_scales = builder.gep(scales.data, [builder.mul(args[3], n_groups)])
        total = cgutils.alloca_once_value(builder, ir.Constant(_FLOATS, [0.0] * _WIDTH))
        with cgutils.for_range(builder, n_groups) as loop:
            seen = group_code(builder, its_codes, x.data, loop.index)
            scale = _spread(builder, builder.load(builder.gep(its_scales, [loop.index])))
            builder.store(_multiply_add(builder, scale, seen, builder.load(total)), total)
        return _sum(builder, builder.load(total))

    return code


def _nibbles(builder: Any, codes: Any, x: Any, group: Any) -> Any:
    """The low halves of sixteen bytes are the first numbers of the group, the high ones the others."""
    both = _loaded(builder, codes, builder.mul(group, _LONG(_WIDTH)), _BYTES)
    low = builder.and_(both, ir.Constant(_BYTES, [15] * _WIDTH))
    high = builder.lshr(both, ir.Constant(_BYTES, [4] * _WIDTH))
    first, second = (builder.uitofp(builder.zext(one, _INTS), _FLOATS) for one in (low, high))
    place = builder.mul(group, _LONG(2 * _WIDTH))
    seen = builder.fmul(first, _loaded(builder, x, place, _FLOATS))
    return _multiply_add(builder, second, _loaded(builder, x, builder.add(place, _LONG(_WIDTH)), _FLOATS), seen)


def _signed_bytes(builder: Any, codes: Any, x: Any, group: Any) -> Any:
    place = builder.mul(group, _LONG(_WIDTH))
    numbers = builder.sitofp(builder.sext(_loaded(builder, codes, place, _BYTES), _INTS), _FLOATS)
    return builder.fmul(numbers, _loaded(builder, x, place, _FLOATS))


def _loaded(builder: Any, begin: Any, place: Any, kind: Any) -> Any:
    return builder.load(builder.bitcast(builder.gep(begin, [place]), kind.as_pointer()), align=1)


def _spread(builder: Any, number: Any) -> Any:
    """The same number in all places."""
    nothing = ir.Constant(_FLOATS, ir.Undefined)
    first = builder.insert_element(nothing, number, ir.IntType(32)(0))
    return builder.shuffle_vector(first, nothing, ir.Constant(_INTS, [0] * _WIDTH))


def _multiply_add(builder: Any, one: Any, other: Any, more: Any) -> Any:
    kind = ir.FunctionType(_FLOATS, [_FLOATS] * 3)
    code = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fmuladd.v{_WIDTH}f32")
    return builder.call(code, [one, other, more])


def _sum(builder: Any, numbers: Any) -> Any:
    kind = ir.FunctionType(_FLOAT, [_FLOAT, _FLOATS])
    code = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{_WIDTH}f32")
    return builder.call(code, [_FLOAT(0.0), numbers], fastmath=("reassoc",))


dot_nibbles: Any = intrinsic(_dot_nibbles)
dot_bytes: Any = intrinsic(_dot_bytes)
