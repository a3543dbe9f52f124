"""The places where a person stayed, as thumbnails to return to."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.core.frame import Frame
from studio.widgets.views.history_strip import HistoryStrip, Place
from studio.widgets.views.thumbnail import frame_thumbnail

THUMBNAIL_PX = 112  # twice what is shown, for dense screens
MAX_PLACES = 30


class PlaceHistory(QObject):
    """Keeps the last thirty scenes of a panel. `is_same` says whether two of them are one place.

    Signals: place_requested(scene).
    """

    place_requested = Signal(object)

    def __init__(self, is_same: Callable[[Any, Any], bool], parent: QObject) -> None:
        super().__init__(parent)
        self.strip = HistoryStrip()
        self.strip.place_requested.connect(self._on_place_requested)
        self._is_same = is_same
        self._scenes: list[Any] = []
        self._places: list[Place] = []

    def add(self, scene: Any, label: str, frame: Frame) -> None:
        """Add a place unless it is there already; then only mark it."""
        known = [i for i, other in enumerate(self._scenes) if self._is_same(scene, other)]
        if not known:
            self._scenes = [*self._scenes, scene][-MAX_PLACES:]
            self._places = [*self._places, Place(frame_thumbnail(frame, THUMBNAIL_PX), label)][-MAX_PLACES:]
        self.strip.show_places(self._places, known[0] if known else len(self._places) - 1)

    def _on_place_requested(self, index: int) -> None:
        self.place_requested.emit(self._scenes[index])
