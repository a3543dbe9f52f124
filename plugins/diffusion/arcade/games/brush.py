"""Paints into the pictures that a dream goes on from. Shape letters: K pictures, H W pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .drawing import Colour, Floats, Pictures, as_bytes, disc, paint

Point = tuple[float, float]


@dataclass(frozen=True)
class Brush:
    """A colour to paint with, or a thing to put down.

    Attributes:
        fall_px: how far it has fallen from picture to picture; 0 for what stands still.
        is_stamp: whether it is put where the hand lets go, rather than along its way.
    """

    colour: Colour
    radius_px: float
    fall_px: float = 0.0
    is_stamp: bool = False

    def painted(self, pictures: Pictures, way: Sequence[Point]) -> Pictures:
        """Pictures (K, H, W, 3), the newest last, with the brush led along points (x, y) in pixels of the newest."""
        canvas = pictures.astype(np.float32)
        x, y = np.array(_filled(way[-1:] if self.is_stamp else way), np.float32).T
        for number in range(len(canvas)):
            covered = disc(x, y - self.fall_px * (len(canvas) - 1 - number), self.radius_px).max(0, keepdims=True)
            paint(canvas[number : number + 1], covered, self.colour)
        return as_bytes(canvas)


def _filled(way: Sequence[Point]) -> Floats:
    """The points (N, 2) of a way, at most a pixel apart."""
    points = np.array(way, np.float32)
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([np.zeros(1), np.cumsum(lengths)])
    places = np.linspace(0, along[-1], int(np.ceil(along[-1])) + 1)
    return np.stack([np.interp(places, along, points[:, axis]) for axis in (0, 1)], 1).astype(np.float32)
