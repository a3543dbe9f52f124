"""A picture of everything around the camera, twice as wide as high: longitude across, latitude down (equirectangular).

It is put together from six square pictures, the sides of a cube about the eye.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from .band import NAMES, PictureSteps, empty_rendering
from .camera.camera import Camera, level_axes
from .camera.ray import FloatArray, RayGrid, Rendering

Doubles: TypeAlias = npt.NDArray[np.float64]
MARGIN: Final = 1
"""Pixels that each side of the cube has beyond its edges, so that places between two sides have neighbours."""
LEAST_LEVEL: Final = 1e-6


def panorama_size(width: int) -> tuple[int, int]:
    """Width and height of the picture that is wanted so wide: twice as wide as high, both whole."""
    return 2 * max(width // 2, 1), max(width // 2, 1)


def directions_around(camera: Camera, up: npt.ArrayLike, width: int) -> FloatArray:
    """The unit directions (H, W, 3) of the pixels; the horizon is level, and the middle is where the camera looks."""
    wide, high = panorama_size(width)
    longitude = ((np.arange(wide) + 0.5) / wide - 0.5) * 2 * math.pi
    latitude = (0.5 - (np.arange(high) + 0.5) / high) * math.pi
    axes = _level(camera, up)
    level = np.cos(latitude)[:, None]
    parts = level * np.sin(longitude), np.sin(latitude)[:, None] + 0 * longitude, -level * np.cos(longitude)
    return np.asarray(np.stack(parts, -1) @ axes.T, np.float32)


def _level(camera: Camera, up: npt.ArrayLike) -> Doubles:
    """The axes (3, 3) of a camera that looks as far round but neither up nor down: columns right, up, backward."""
    upward = np.asarray(up, np.float64)
    _right, top, back = camera.axes.T
    rise = back @ upward
    back = back - rise * upward
    if np.linalg.norm(back) < LEAST_LEVEL:  # it looks straight down or up: its upper edge points ahead, or behind
        back = -np.sign(rise) * top
    return np.asarray(level_axes(back / np.linalg.norm(back), up), np.float64)


def cube_around(camera: Camera, up: npt.ArrayLike, width: int, near: float) -> list[RayGrid]:
    """The rays of the six sides, as fine in their middles as the picture is."""
    right, upward, back = _level(camera, up).T
    looks = [(right, upward, back), (-right, upward, -back), (-back, upward, right), (back, upward, -right)]
    looks += [(right, back, -upward), (right, -back, upward)]
    side = max(2, math.ceil(panorama_size(width)[0] / math.pi))
    n, step = side + 2 * MARGIN, 2 / side
    to_plane = np.array([[step, 0, -n * step / 2], [0, -step, n * step / 2], [0, 0, -1]])
    ways = [np.ascontiguousarray(np.stack(look, 1) @ to_plane, np.float32) for look in looks]
    return [RayGrid(camera.eye, way, n, n, near) for way in ways]


class PanoramaSteps:
    """The picture as it comes about, side by side of the cube."""

    def __init__(
        self, camera: Camera, up: npt.ArrayLike, width: int, near: float, steps_of: Callable[[RayGrid], PictureSteps]
    ) -> None:
        """`steps_of` says how the picture of one side comes about."""
        self._sides = cube_around(camera, up, width, near)
        self._steps_of = steps_of
        self._directions = directions_around(camera, up, width)

    def __len__(self) -> int:
        return len(self._sides)

    def from_step(self, first: int) -> Iterator[Rendering]:
        """Yield the picture after step `first`, then after each of the following ones."""
        step = 0
        for found in self._drawn():
            if found is not None:
                if step >= first:
                    yield found
                step += 1

    def to_end(self) -> Iterator[Rendering | None]:
        """Yield None as long as it is not whole, and at last the picture."""
        found = None
        for part in self._drawn():
            found = part if part is not None else found
            yield None
        yield found

    def _drawn(self) -> Iterator[Rendering | None]:
        height, width = self._directions.shape[:2]
        found = empty_rendering(width, height)
        for side in self._sides:
            drawn = None
            for drawn in self._steps_of(side).to_end():
                if drawn is None:
                    yield None
            assert drawn is not None
            _put_side(found, side, drawn, self._directions)
            yield found


def _put_side(found: Rendering, side: RayGrid, drawn: Rendering, directions: FloatArray) -> None:
    """Copy what one side of the cube shows to the pixels that look through it."""
    place = directions @ np.linalg.inv(side.to_direction.astype(np.float64)).T
    x, y = (
        np.divide(place[..., axis], place[..., 2], where=place[..., 2] > 0, out=np.full_like(place[..., 0], -1))
        for axis in (0, 1)
    )
    inner = MARGIN, side.width - MARGIN
    is_seen = (x >= inner[0]) & (x <= inner[1]) & (y >= inner[0]) & (y <= inner[1])
    for name in NAMES:
        getattr(found, name)[is_seen] = _between(getattr(drawn, name), x[is_seen] - 0.5, y[is_seen] - 0.5)


def _between(values: npt.NDArray[Any], x: Doubles, y: Doubles) -> npt.NDArray[Any]:
    """Values (N, ...) of a picture at places (N,) between the middles of its pixels."""
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    shape = (-1, *[1] * (values.ndim - 2))
    u, v = (x - column).reshape(shape), (y - row).reshape(shape)
    upper = values[row, column] * (1 - u) + values[row, column + 1] * u
    lower = values[row + 1, column] * (1 - u) + values[row + 1, column + 1] * u
    return np.asarray(upper * (1 - v) + lower * v).astype(values.dtype)
