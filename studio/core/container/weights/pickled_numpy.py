"""Stand-ins for what numpy puts into pickles: types of numbers, arrays and single numbers, as plain data."""

import math
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from studio.core.container.weights.pickle_reader import Global, Rebuilder, Stateful, broken_pickle, foreign_call
from studio.core.container.weights.tensor import check_shape

_TYPES: Final = {
    "f8",
    "f4",
    "f2",
    "i8",
    "i4",
    "i2",
    "i1",
    "u8",
    "u4",
    "u2",
    "u1",
    "b1",
}
_TYPE: Final = "numpy.dtype"


class NumpyType(Stateful):
    """A type of number in numpy's short form, such as "f4"; `order` is "<" or ">"."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.order = "<"

    def set_state(self, state: Any) -> None:
        """Take in the order of bytes; everything else belongs to types that are not read."""
        match state:
            case (int(), "<" | ">" | "|" | "=" as order, None, None, None, int(), int(), int(), *_):
                self.order = ">" if order == ">" else "<"
            case _:
                raise broken_pickle()

    def numpy(self) -> np.dtype[Any]:
        """The type itself."""
        return np.dtype(self.order + self.code)


@dataclass
class NumpyArray(Stateful):
    """An array: its shape, its type and its bytes, which may still lie in the file; no shape until it has its state."""

    shape: tuple[int, ...] | None = None
    dtype: NumpyType | None = None
    data: Any = b""

    def set_state(self, state: Any) -> None:
        """Take in version, shape, type, whether the first axis comes first, and bytes."""
        match state:
            case (int(), tuple(shape), NumpyType() as dtype, int(), data) if not isinstance(data, str | list | tuple):
                self.shape, self.dtype, self.data = _checked(shape, dtype, data), dtype, data
            case _:
                raise broken_pickle()


def _checked(shape: tuple[Any, ...], dtype: NumpyType, data: Any) -> tuple[int, ...]:
    sizes = check_shape(shape)
    if not isinstance(data, Sized) or math.prod(sizes) * dtype.numpy().itemsize != len(data):
        raise broken_pickle()
    return sizes


def _rebuild_type(arguments: tuple[Any, ...]) -> NumpyType:
    match arguments:
        case (str(code), *_) if code in _TYPES:
            return NumpyType(code)
    raise foreign_call(_TYPE)


def _rebuild_array(arguments: tuple[Any, ...]) -> NumpyArray:
    match arguments:
        case (Global("numpy", "ndarray"), _, _):
            return NumpyArray()
    raise broken_pickle()


def _rebuild_buffer(arguments: tuple[Any, ...]) -> NumpyArray:
    match arguments:
        case ((bytes() | bytearray()) as data, NumpyType() as dtype, tuple(shape), str()):
            return NumpyArray(_checked(shape, dtype, data), dtype, bytes(data))
    raise broken_pickle()


def _rebuild_number(arguments: tuple[Any, ...]) -> int | float | bool:
    match arguments:
        case (NumpyType() as dtype, bytes(data)) if len(data) == dtype.numpy().itemsize:
            number: int | float | bool = np.frombuffer(data, dtype.numpy())[0].item()
            return number
    raise broken_pickle()


def _both_places(name: str) -> tuple[str, str]:
    """numpy moved these functions from one package to another."""
    return f"numpy.core.{name}", f"numpy._core.{name}"


NUMPY_REBUILDERS: Final[Mapping[str, Rebuilder]] = {
    _TYPE: _rebuild_type,
    **dict.fromkeys(_both_places("multiarray._reconstruct"), _rebuild_array),
    **dict.fromkeys(_both_places("numeric._frombuffer"), _rebuild_buffer),
    **dict.fromkeys(_both_places("multiarray.scalar"), _rebuild_number),
}
NUMPY_NAMES: Final = frozenset({"numpy.ndarray"})
