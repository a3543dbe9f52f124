"""Keeps what was drawn of a map in squares, so that moving it about costs nothing but what comes in at its edge."""

import math
import time
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QPixmap

from ..map_geometry import Viewport
from .mosaic import TILE_PX, Mosaic

BUDGET_S: Final = 0.008
"""So long squares are drawn for one frame; those that are missing come with the next ones."""
MAX_KEPT: Final = 160  # 40 MB


class Tiles:
    """The squares of one map at one zoom, and those of the zoom before, which are shown until there are others."""

    def __init__(self) -> None:
        self._made_for: tuple[object, ...] = ()
        self._tiles: dict[tuple[int, int], QPixmap] = {}
        self._before: tuple[dict[tuple[int, int], QPixmap], Viewport | None] = {}, None
        self._view: Viewport | None = None

    def forget(self) -> None:
        """Draw all of it anew, with other colours; what is there is shown meanwhile."""
        self._made_for = ()

    def paint(
        self, painter: QPainter, mosaic: Mosaic, view: Viewport, width_px: int, height_px: int, scale: int
    ) -> bool:
        """Paint a rectangle of so many pixels of the screen; returns whether none of it is missing."""
        made_for = id(mosaic), view.zoom, width_px, height_px, scale
        if made_for != self._made_for:
            self._before = (self._tiles or self._before[0]), self._view
            self._made_for, self._tiles = made_for, {}
        self._view = view
        needed = list(_needed(view, width_px, height_px))
        end_s, is_whole = time.perf_counter() + BUDGET_S, True
        if any(place not in self._tiles for place, _corner in needed):
            self._paint_before(painter, view, width_px, height_px)
        for place, corner in needed:
            if place not in self._tiles and time.perf_counter() > end_s:
                is_whole = False
                continue
            if place not in self._tiles:
                self._keep(place, tile_image(mosaic, view, width_px, height_px, scale, place))
            painter.drawPixmap(corner, self._tiles[place])
        return is_whole

    def _keep(self, place: tuple[int, int], image: QImage) -> None:
        if len(self._tiles) >= MAX_KEPT:
            del self._tiles[next(iter(self._tiles))]
        self._tiles[place] = QPixmap.fromImage(image)

    def _paint_before(self, painter: QPainter, view: Viewport, width_px: int, height_px: int) -> None:
        tiles, before = self._before
        if before is None:
            return
        factor = view.zoom / before.zoom
        for place, tile in tiles.items():
            corner = corner_of(view, width_px, height_px, (place[0] * factor, place[1] * factor))
            painter.drawPixmap(QRectF(corner, QRectF(tile.rect()).size() * factor), tile, QRectF(tile.rect()))


def corner_of(view: Viewport, width_px: int, height_px: int, place: tuple[float, float]) -> QPointF:
    """Where a square lies in the rectangle, in whole pixels where it is one of this zoom."""
    x, y = view.to_pixel(0.0, 0.0, width_px, height_px)
    return QPointF(math.floor(x) + place[0] * TILE_PX, math.floor(y) + place[1] * TILE_PX)


def _needed(view: Viewport, width_px: int, height_px: int) -> Iterator[tuple[tuple[int, int], QPointF]]:
    """The squares that are seen, with their corners, the middle ones first."""
    start = corner_of(view, width_px, height_px, (0, 0))
    columns = range(math.floor(-start.x() / TILE_PX), math.ceil((width_px - start.x()) / TILE_PX))
    rows = range(math.floor(-start.y() / TILE_PX), math.ceil((height_px - start.y()) / TILE_PX))
    places = [(column, row) for column in columns for row in rows]
    middle = sum(columns) / max(len(columns), 1), sum(rows) / max(len(rows), 1)
    for place in sorted(places, key=lambda one: math.dist(one, middle)):
        yield place, corner_of(view, width_px, height_px, place)


def tile_image(
    mosaic: Mosaic, view: Viewport, width_px: int, height_px: int, scale: int, place: tuple[int, int]
) -> QImage:
    """One square as a picture."""
    words = mosaic.tile(view, width_px, height_px, scale, *place).copy()
    return QImage(words.data, TILE_PX, TILE_PX, 4 * TILE_PX, QImage.Format.Format_RGB32).copy()


def whole_image(mosaic: Mosaic, view: Viewport, width_px: int, height_px: int, scale: int) -> QImage:
    """All that a rectangle of so many pixels shows, as a picture."""
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for place, corner in _needed(view, width_px, height_px):
        painter.drawImage(corner, tile_image(mosaic, view, width_px, height_px, scale, place))
    painter.end()
    return image
