"""What is new in a view or an array since the frame before, for what would be too large to repeat each time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from studio.core.view import Audio, Field, Image, Notes, Points, Series, Tokens

AnyArray: TypeAlias = npt.NDArray[Any]
Growing: TypeAlias = Audio | Tokens | Series | Points | Notes
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Append:
    """`more` comes after what was there: samples, pieces, points, notes, or values of the same curves."""

    more: Growing


@dataclass(frozen=True, eq=False)
class AppendRows:
    """`rows` come after what was there, along `axis`, for an array or the array of an Image or a Field."""

    rows: AnyArray
    axis: int = 0


@dataclass(frozen=True, eq=False)
class Patch:
    """`block` replaces what was there from index `corner` on, for an array or the array of an Image or a Field."""

    block: AnyArray
    corner: tuple[int, ...]


Delta: TypeAlias = Append | AppendRows | Patch


def applied(whole: T, deltas: Sequence[Delta]) -> T:
    """Return `whole`, a view or an array, after the changes; `whole` itself stays as it is.

    Changes of one kind in a row are made in one go, so that many small ones cost one copy. Raises ValueError where
    one does not fit.
    """
    result: Any = whole
    for _, group in groupby(deltas, key=_kind):
        same = list(group)
        if isinstance(same[0], Append):
            result = _append(result, [delta.more for delta in same if isinstance(delta, Append)])
        else:
            result = _with_array(result, lambda array, same=same: _change_array(array, same))  # type: ignore[misc]
    return result  # type: ignore[no-any-return]  # each step returns what it was given


def _kind(delta: Delta) -> tuple[type, int]:
    return type(delta), delta.axis if isinstance(delta, AppendRows) else 0


def _change_array(array: AnyArray, deltas: Sequence[Any]) -> AnyArray:
    blocks = [delta.block if isinstance(delta, Patch) else delta.rows for delta in deltas]
    if any(block.dtype != array.dtype or block.ndim != array.ndim for block in blocks):
        raise ValueError("a change is of another type or number of dimensions than what it changes")
    if isinstance(deltas[0], AppendRows):
        return np.concatenate([array, *blocks], axis=deltas[0].axis)
    return _patch(array, deltas)


def _patch(array: AnyArray, patches: Sequence[Patch]) -> AnyArray:
    changed = np.array(array, order="C")
    for patch in patches:
        ends = [first + size for first, size in zip(patch.corner, patch.block.shape, strict=True)]
        if any(first < 0 for first in patch.corner) or any(np.greater(ends, changed.shape)):
            raise ValueError("a patch reaches beyond what it changes")
        changed[tuple(map(slice, patch.corner, ends))] = patch.block
    return changed


def _with_array(whole: Any, change: Callable[[AnyArray], AnyArray]) -> Any:
    match whole:
        case np.ndarray():
            return change(whole)
        case Image():
            return Image(change(whole.pixels))
        case Field():
            return replace(whole, values=change(whole.values))
    raise ValueError(f"{type(whole).__name__} cannot be changed in part")


def _append(whole: Any, more: Sequence[Any]) -> Growing:
    parts = [whole, *more]
    if any(type(part) is not type(whole) for part in parts):
        raise ValueError(f"only more of its kind can come after {type(whole).__name__}")
    match whole:
        case Audio():
            if any(part.rate_hz != whole.rate_hz for part in parts):
                raise ValueError("sound of another rate cannot be appended")
            return Audio(np.concatenate([part.samples for part in parts]), whole.rate_hz)
        case Tokens():
            return Tokens(_joined(parts, "pieces"), _joined(parts, "weights"))
        case Notes():
            return Notes(_joined(parts, "notes"))
        case Points():
            return Points(np.concatenate([part.positions for part in parts]), _joined(parts, "labels"))
        case Series():
            x = np.concatenate([part.x for part in parts])
            return replace(whole, x=x, curves=_joined_curves([part.curves for part in parts]))
    raise ValueError(f"nothing can be appended to {type(whole).__name__}")


def _joined(parts: Sequence[Any], name: str) -> tuple[Any, ...]:
    return tuple(value for part in parts for value in getattr(part, name))


def _joined_curves(parts: Sequence[Mapping[str, AnyArray]]) -> dict[str, AnyArray]:
    if any(part.keys() != parts[0].keys() for part in parts):
        raise ValueError("the same curves must go on")
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
