"""Which part of a large picture a view shows, and how large: plain numbers."""

import math
from dataclasses import dataclass, replace
from typing import Final

LEAST_ZOOM: Final = 1e-9
MAX_ZOOM: Final = 16.0
AIR_SHARE: Final = 0.98
MOST_FITTED: Final = 8.0


@dataclass(frozen=True)
class Lens:
    """A place over a picture.

    Attributes:
        size: width and height of the picture in its own pixels.
        room: width and height of the view in those of the screen.
        zoom: pixels of the screen for one of the picture; None: as large as fits.
        centre: the picture's place in the middle of the view, as shares of its width and height.
    """

    size: tuple[int, int] = (1, 1)
    room: tuple[float, float] = (1.0, 1.0)
    zoom: float | None = None
    centre: tuple[float, float] = (0.5, 0.5)

    @property
    def fitted(self) -> float:
        """The zoom at which the whole picture is seen."""
        scales = [AIR_SHARE * room / side for room, side in zip(self.room, self.size, strict=True)]
        return min(*scales, MOST_FITTED)

    @property
    def scale(self) -> float:
        """The zoom in force."""
        return self.fitted if self.zoom is None else self.zoom

    @property
    def rect(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the whole picture on the screen; it starts on a whole pixel."""
        width, height = (side * self.scale for side in self.size)
        left = round(self.room[0] / 2 - self.centre[0] * width)
        top = round(self.room[1] / 2 - self.centre[1] * height)
        return left, top, width, height

    @property
    def visible(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of what is seen, in whole pixels of the picture."""
        left, top, _, _ = self.rect
        edges = []
        for first, room, side in ((left, self.room[0], self.size[0]), (top, self.room[1], self.size[1])):
            low = max(0, math.floor(-first / self.scale))
            edges.append((low, max(low, min(side, math.ceil((room - first) / self.scale)))))
        return edges[0][0], edges[1][0], edges[0][1], edges[1][1]

    def place(self, x_px: float, y_px: float) -> tuple[float, float]:
        """The share of width and height that lies at a place of the screen."""
        left, top, width, height = self.rect
        return (x_px - left) / width, (y_px - top) / height

    def zoomed(self, zoom: float | None, x_px: float, y_px: float) -> "Lens":
        """Another zoom, with the place of the picture under a place of the screen kept where it is."""
        if zoom is None:
            return replace(self, zoom=None, centre=(0.5, 0.5))
        zoom = min(max(zoom, min(self.fitted, 1.0)), MAX_ZOOM)
        share, half = self.place(x_px, y_px), (self.room[0] / 2, self.room[1] / 2)
        centre = [
            one + (middle - at) / (side * zoom)
            for one, middle, at, side in zip(share, half, (x_px, y_px), self.size, strict=True)
        ]
        return replace(self, zoom=zoom, centre=(centre[0], centre[1])).kept()

    def panned(self, dx_px: float, dy_px: float) -> "Lens":
        """The picture moved along by so many pixels of the screen."""
        centre = [
            share - way / (side * self.scale)
            for share, way, side in zip(self.centre, (dx_px, dy_px), self.size, strict=True)
        ]
        return replace(self, centre=(centre[0], centre[1])).kept()

    def kept(self) -> "Lens":
        """The same with the picture filling the view where it is larger, and in its middle where it is smaller."""
        centre = []
        for share, room, side in zip(self.centre, self.room, self.size, strict=True):
            half = room / 2 / (side * self.scale)
            centre.append(0.5 if half >= 0.5 else min(max(share, half), 1 - half))
        return replace(self, centre=(centre[0], centre[1]))
