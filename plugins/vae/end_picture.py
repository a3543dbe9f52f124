"""The thumbnails of A and B, drawn in the word that is on the canvas."""

from functools import partial

from PySide6.QtCore import QObject

from studio.api.engine import EngineHandle
from studio.api.panel import TaskScope
from studio.core.frame import Frame

from .blend_section import THUMBNAIL_PX, BlendSection
from .engine_call import draw
from .place_history import thumbnail
from .scene import Array, End, Scene, seed_params


class EndPictures(QObject):
    """Draws A and B again when place or word are others than those on show."""

    def __init__(self, tasks: TaskScope, handle: EngineHandle, section: BlendSection, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._handle = handle
        self._section = section
        self._shown: dict[End, tuple[Array | None, str]] = {}

    def follow(self, scene: Scene) -> None:
        """Show the ends of `scene`."""
        ends: tuple[tuple[End, Array | None], ...] = (("a", scene.a), ("b", scene.b))
        for end, z in ends:
            shown, text = self._shown.get(end, (None, ""))
            if z is shown and text == scene.text:
                continue
            self._shown[end] = z, scene.text
            if z is None:
                self._section.show_thumbnail(end, None)
            else:
                work = self._handle.work(partial(draw, params=seed_params(scene), z=z))
                self._tasks.run(f"end {end}", work, event=self._on_a_drawn if end == "a" else self._on_b_drawn)

    def _on_a_drawn(self, frame: Frame) -> None:
        self._section.show_thumbnail("a", thumbnail(frame, THUMBNAIL_PX))

    def _on_b_drawn(self, frame: Frame) -> None:
        self._section.show_thumbnail("b", thumbnail(frame, THUMBNAIL_PX))
