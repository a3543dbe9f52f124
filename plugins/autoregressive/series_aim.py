"""What of a forecast lies under a pointer: the origin, a past value, the future, or a value that a hand has set."""

from typing import Final

from PySide6.QtCore import QPointF

from .series_ink import Places
from .series_view import SeriesView

REACH_PX: Final = 18.0
_GRIP_REACH_PX: Final = 9.0


def aimed_at(view: SeriesView, places: Places, point: QPointF) -> tuple[str, int]:
    """"origin", "past" or "future" with a place; "" for nothing."""
    if not places.area.adjusted(-12, -40, 12, 12).contains(point):
        return "", -1
    place, is_above = places.place_at(point.x()), point.y() < places.area.top()
    last = view.n_known - 1
    is_on_line = abs(point.x() - places.x_px(last)) <= _GRIP_REACH_PX
    if is_on_line and (is_above or not _is_near(view, places, last, point)):
        return "origin", place
    if is_above:
        return "", -1
    if place >= view.n_known:
        return "future", place
    return ("past", place) if _is_near(view, places, place, point) else ("", -1)


def set_value_at(view: SeriesView, places: Places, point: QPointF) -> int | None:
    """The place of the moved or pinned value that is next to a point, None where none is near."""
    set_ones = {**view.edits, **view.pins}
    near = min(set_ones, key=lambda at: abs(places.x_px(at) - point.x()), default=None)
    return near if near is not None and abs(places.x_px(near) - point.x()) <= REACH_PX else None


def _is_near(view: SeriesView, places: Places, place: int, point: QPointF) -> bool:
    return abs(point.y() - places.y_px(float(view.line.values[place]))) <= REACH_PX
