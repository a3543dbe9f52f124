"""Draws a picture in bands of rows from the middle outward, so that others get a turn in between."""

from collections.abc import Callable, Iterator
from typing import Final, Protocol

import numpy as np

from .camera.ray import FloatArray, RayGrid, Rendering

BAND_RAYS: Final = 65_536
STEP_RAYS: Final = 32_768
COARSE: Final = 4
NAMES: Final = ("colour", "opacity", "depth", "normal", "n_samples")

DrawRows = Callable[[RayGrid, int, int], Rendering]


def bands_of(rays: RayGrid, n_rays: int = BAND_RAYS) -> list[tuple[int, int]]:
    """The first row and the one behind the last of each band, those in the middle first."""
    n_rows = max(1, n_rays // rays.width)
    firsts = range(0, rays.height, n_rows)
    bands = [(first, min(first + n_rows, rays.height)) for first in firsts]
    return sorted(bands, key=lambda band: abs(band[0] + band[1] - rays.height))


def drawn_in_bands(draw: DrawRows, rays: RayGrid, n_rays: int = BAND_RAYS) -> Iterator[Rendering | None]:
    """Yield None after each band of about so many rays, and at last the picture."""
    found = empty_rendering(rays.width, rays.height)
    for first, last in bands_of(rays, n_rays):
        put_rows(found, first, last, draw(rays, first, last))
        yield None
    yield found


class PictureSteps(Protocol):
    """How a picture comes about in steps."""

    def __len__(self) -> int: ...

    def from_step(self, first: int) -> Iterator[Rendering]:
        """Yield the picture after step `first`, then after each of the following ones."""

    def to_end(self) -> Iterator[Rendering | None]:
        """Yield None after each part, and at last the picture of the last step."""


class Steps:
    """A picture that comes about in steps which depend on its size only: coarse where wanted, then band by band."""

    def __init__(self, draw: DrawRows, rays: RayGrid, *, is_coarse_first: bool) -> None:
        self._draw = draw
        self._rays = rays
        self._is_coarse_first = is_coarse_first
        self._bands = bands_of(rays, STEP_RAYS)

    def __len__(self) -> int:
        return len(self._bands) + self._is_coarse_first

    def from_step(self, first: int) -> Iterator[Rendering]:
        """Yield the picture after step `first`, then after each of the following ones."""
        found = empty_rendering(self._rays.width, self._rays.height)
        if self._is_coarse_first:
            self._put_coarse(found)
            if first == 0:
                yield found
        for step, (start, end) in enumerate(self._bands, int(self._is_coarse_first)):
            put_rows(found, start, end, self._draw(self._rays, start, end))
            if step >= first:
                yield found

    def to_end(self) -> Iterator[Rendering | None]:
        """Yield None after each band, and at last the picture of the last step."""
        return drawn_in_bands(self._draw, self._rays, STEP_RAYS)

    def _put_coarse(self, found: Rendering) -> None:
        width, height = (-(-side // COARSE) for side in (self._rays.width, self._rays.height))
        few = self._rays.sized(width, height)
        coarse = self._draw(few, 0, height)
        rows = np.arange(self._rays.height) * height // self._rays.height
        columns = np.arange(self._rays.width) * width // self._rays.width
        for name in NAMES:
            getattr(found, name)[:] = getattr(coarse, name)[rows[:, None], columns]


def empty_rendering(width: int, height: int) -> Rendering:
    """A picture in which nothing was found."""
    return Rendering(
        np.zeros((height, width, 3), np.float32),
        np.zeros((height, width), np.float32),
        np.zeros((height, width), np.float32),
        np.zeros((height, width, 3), np.float32),
        np.zeros((height, width), np.uint16),
    )


def put_rows(found: Rendering, first: int, last: int, rows: Rendering) -> None:
    """Copy some rows of a picture to where they belong."""
    for name in NAMES:
        getattr(found, name)[first:last] = getattr(rows, name)


def mean_rendering(renderings: list[Rendering]) -> Rendering:
    """The mean of pictures whose rays went through other places of the same pixels; depth counts where something is."""
    opacity = _mean([one.opacity for one in renderings])
    weighted = _mean([one.depth * one.opacity for one in renderings])
    normal = _mean([one.normal * one.opacity[..., None] for one in renderings])
    length = np.linalg.norm(normal, axis=-1, keepdims=True)
    return Rendering(
        _mean([one.colour for one in renderings]),
        opacity,
        np.where(opacity > 0, weighted / np.maximum(opacity, 1e-8), 0).astype(np.float32),
        np.where(length > 0, normal / np.maximum(length, 1e-8), 0).astype(np.float32),
        np.mean([one.n_samples for one in renderings], axis=0).astype(np.uint16),
    )


def _mean(arrays: list[FloatArray]) -> FloatArray:
    return np.asarray(np.mean(arrays, axis=0), np.float32)
