"""The rays of a picture, and what is found along them."""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class RayGrid:
    """The rays through the pixels of a picture, told by nine numbers, so that kernels make them on the way.

    The ray through pixel (row, column) starts at `origin` and goes along to_direction @ (column + 0.5, row + 0.5, 1),
    brought to length 1. `near` is where it begins to see, in world units.

    Attributes:
        origin: float32 (3,). to_direction: float32 (3, 3).
        width, height: pixels.
        fill: how much of the way to the next pixel's middle a pixel covers; less than 1 where others lie between.
    """

    origin: FloatArray
    to_direction: FloatArray
    width: int
    height: int
    near: float = 0.0
    fill: float = 1.0

    @property
    def spread(self) -> FloatArray:
        """Float32 (3,): times a unit direction, how wide a pixel is one world unit ahead."""
        across, down, corner = self.to_direction.astype(np.float64).T
        ahead = np.cross(across, down)  # as long as a pixel is large
        return np.asarray(self.fill * np.sqrt(np.linalg.norm(ahead)) / (corner @ ahead) * ahead, np.float32)

    def directions(self, shift: tuple[float, float] = (0.5, 0.5)) -> FloatArray:
        """Unit directions (H, W, 3); `shift` is where in its pixel a ray goes through (x, y in 0..1)."""
        x = np.arange(self.width, dtype=np.float32) + np.float32(shift[0])
        y = np.arange(self.height, dtype=np.float32) + np.float32(shift[1])
        columns, rows = np.meshgrid(x, y)
        pixels = np.stack([columns, rows, np.ones_like(columns)], axis=-1)  # (H, W, 3)
        directions = pixels @ self.to_direction.T
        return np.asarray(directions / np.linalg.norm(directions, axis=-1, keepdims=True), np.float32)

    def rows(self, first: int, last: int) -> "RayGrid":
        """The rays of the rows first .. last - 1 only."""
        shift = np.array([[1, 0, 0], [0, 1, first], [0, 0, 1]], np.float32)
        return replace(self, to_direction=np.ascontiguousarray(self.to_direction @ shift), height=last - first)

    def sized(self, width: int, height: int) -> "RayGrid":
        """The same view with other pixels."""
        scale = np.diag([self.width / width, self.height / height, 1.0]).astype(np.float32)
        to_direction = np.ascontiguousarray(self.to_direction @ scale)
        return replace(self, to_direction=to_direction, width=width, height=height)


@dataclass(frozen=True, eq=False)
class Rendering:
    """What a pass along the rays found, before a background is put behind it.

    Attributes:
        colour: float32 (H, W, 3), sRGB 0..1, already multiplied by opacity: Σ w c.
        opacity: float32 (H, W), 1 - T at the end of the ray: Σ w.
        depth: float32 (H, W), the mean distance Σ w t / Σ w in world units; 0 where nothing is.
        normal: float32 (H, W, 3), unit, pointing against the density's gradient; 0 where nothing is.
        n_samples: uint16 (H, W), places of the field that were looked at.
    """

    colour: FloatArray
    opacity: FloatArray
    depth: FloatArray
    normal: FloatArray
    n_samples: npt.NDArray[np.uint16]
