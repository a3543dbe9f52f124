"""A table over all directions: the sphere unfolded into a square, by an octahedron, and read bilinearly."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

FloatArray = npt.NDArray[np.float32]

SIDE: Final = 25  # entries per axis, 7.5° from one to the next; those of the edges stand for two of them each
_F = np.float32
_HALF: Final = np.float32((SIDE - 1) / 2)
_ZERO, _ONE = np.float32(0), np.float32(1)


def table_rays() -> FloatArray:
    """The unit directions (SIDE², 3) of the entries, row by row."""
    along = np.linspace(-1, 1, SIDE)
    v, u = np.meshgrid(along, along, indexing="ij")
    z = 1 - np.abs(u) - np.abs(v)
    fold = np.maximum(-z, 0)
    rays = np.stack([u - np.copysign(fold, u), v - np.copysign(fold, v), z], axis=-1).reshape(-1, 3)
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True), np.float32)


def read_table(table: FloatArray, rays: FloatArray) -> FloatArray:
    """The entries (K, ...) along unit directions (K, 3), bilinear between those of the table (SIDE, SIDE, ...)."""
    places = np.array([table_place(*ray) for ray in rays.astype(np.float32)], np.float32).reshape(-1, 2)
    first = np.minimum(places.astype(np.int64), SIDE - 2)
    part = (places - first).reshape(-1, 2, *[1] * (table.ndim - 2))
    (u, v), (x, y) = first.T, (part[:, 0], part[:, 1])
    upper = table[v, u] * (1 - x) + table[v, u + 1] * x
    lower = table[v + 1, u] * (1 - x) + table[v + 1, u + 1] * x
    return np.asarray(upper * (1 - y) + lower * y, np.float32)


@kernel(fast_math=True)
def table_place(x: Any, y: Any, z: Any) -> Any:
    """Column and row, 0 to SIDE - 1, of a unit direction in the table."""
    scale = _ONE / (abs(x) + abs(y) + abs(z))
    u, v = x * scale, y * scale
    if z < _ZERO:
        folded_u, folded_v = _ONE - abs(v), _ONE - abs(u)
        u, v = (folded_u if u >= _ZERO else -folded_u), (folded_v if v >= _ZERO else -folded_v)
    return (u + _ONE) * _HALF, (v + _ONE) * _HALF
