"""The places where a person stayed, as thumbnails to return to."""

from PySide6.QtCore import QObject, Signal

from studio.api.panel import HistoryStrip, Place, frame_thumbnail
from studio.core.frame import Frame
from studio.core.text import N_, translate

from .scene import Scene

THUMBNAIL_PX = 112  # twice what is shown, for dense screens
MAX_PLACES = 30


class PlaceHistory(QObject):
    """Keeps the last thirty places.

    Signals: place_requested(Scene).
    """

    place_requested = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.strip = HistoryStrip()
        self.strip.place_requested.connect(self._on_place_requested)
        self._scenes: list[Scene] = []
        self._places: list[Place] = []

    def add(self, scene: Scene, frame: Frame) -> None:
        """Add a place unless it is there already; then only mark it."""
        known = [i for i, other in enumerate(self._scenes) if _is_same(scene, other)]
        if not known:
            title = scene.text or translate(N_("Place"))
            label = translate(N_("{title}, seed {seed}")).format(title=title, seed=scene.seed)
            self._scenes = [*self._scenes, scene][-MAX_PLACES:]
            self._places = [*self._places, Place(frame_thumbnail(frame, THUMBNAIL_PX), label)][-MAX_PLACES:]
        self.strip.show_places(self._places, known[0] if known else len(self._places) - 1)

    def _on_place_requested(self, index: int) -> None:
        self.place_requested.emit(self._scenes[index])


def _is_same(a: Scene, b: Scene) -> bool:
    return a.text == b.text and bool((a.z == b.z).all())
