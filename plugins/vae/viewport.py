"""The arithmetic of a zoomable map: which part of the plane a rectangle of pixels shows."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

MIN_ZOOM, MAX_ZOOM = 1.0, 24.0


@dataclass(frozen=True)
class Viewport:
    """Shows [-extent_x, extent_x] x [-extent_y, extent_y], y upwards, `zoom` times enlarged about a centre."""

    extent_x: float
    extent_y: float
    centre_x: float = 0.0
    centre_y: float = 0.0
    zoom: float = 1.0

    def scale(self, width_px: float, height_px: float) -> tuple[float, float]:
        """Pixels per unit of the plane, along x and y."""
        return width_px / 2 / self.extent_x * self.zoom, height_px / 2 / self.extent_y * self.zoom

    def to_pixel(self, x: float, y: float, width_px: float, height_px: float) -> tuple[float, float]:
        """Where a point of the plane lies in the rectangle."""
        scale_x, scale_y = self.scale(width_px, height_px)
        return width_px / 2 + (x - self.centre_x) * scale_x, height_px / 2 - (y - self.centre_y) * scale_y

    def to_pixels(self, points: npt.NDArray[np.floating], width_px: float, height_px: float) -> npt.NDArray[np.float64]:
        """Where points (..., 2) of the plane lie in the rectangle."""
        scale_x, scale_y = self.scale(width_px, height_px)
        moved = np.asarray(points, np.float64) - (self.centre_x, self.centre_y)
        return np.asarray(moved * (scale_x, -scale_y) + (width_px / 2, height_px / 2))

    def to_plane(self, x_px: float, y_px: float, width_px: float, height_px: float) -> tuple[float, float]:
        """Which point of the plane lies under a pixel."""
        scale_x, scale_y = self.scale(width_px, height_px)
        return self.centre_x + (x_px - width_px / 2) / scale_x, self.centre_y - (y_px - height_px / 2) / scale_y

    def zoomed(self, factor: float, at: tuple[float, float]) -> "Viewport":
        """Enlarge by `factor` so that the plane's point `at` stays under its pixel."""
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, self.zoom * factor))
        keep = self.zoom / zoom
        x = at[0] + (self.centre_x - at[0]) * keep
        y = at[1] + (self.centre_y - at[1]) * keep
        return replace(self, zoom=zoom).panned_to(x, y)

    def panned_to(self, x: float, y: float) -> "Viewport":
        """Move the centre, at most so far that the plane still fills the view."""
        limit_x, limit_y = self.extent_x * (1 - 1 / self.zoom), self.extent_y * (1 - 1 / self.zoom)
        return replace(self, centre_x=min(limit_x, max(-limit_x, x)), centre_y=min(limit_y, max(-limit_y, y)))
