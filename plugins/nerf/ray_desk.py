"""One ray in a panel: asked for by a click with Alt, shown as curves, and as samples in the scene."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QPainter

from .engine_call import inspect_pixel
from .ray_overlay import RayMarks, paint_ray

if TYPE_CHECKING:
    from .panel import NerfPanel
    from .ray_inspection import RaySamples

KEY: Final = "ray"


class RayDesk(QObject):
    """Asks the engine for a ray, and keeps its samples over the scene where they belong."""

    def __init__(self, panel: "NerfPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._section = panel.controls.ray
        self._samples: RaySamples | None = None
        self._chosen = -1
        panel.hand.ray_wanted.connect(self.ask)
        panel.canvas.overlays.append(self._paint)
        self._section.middle_requested.connect(self._on_middle_requested)
        self._section.clear_requested.connect(self.clear)
        self._section.sample_pointed.connect(self._on_sample_pointed)

    def ask(self, x_px: float, y_px: float) -> None:
        """Inspect the ray through a place of the canvas."""
        canvas = self._panel.canvas
        size = max(canvas.width(), 1), max(canvas.height(), 1)
        call = partial(inspect_pixel, request=self._panel.request(size), x=x_px / size[0], y=y_px / size[1])
        self._panel.tasks.run(KEY, self._panel.handle.work(call), done=self._on_inspected)

    def clear(self) -> None:
        """Show no ray any more."""
        self._samples = None
        self._section.set_ray(None)
        self._panel.canvas.update()

    def _on_middle_requested(self) -> None:
        self.ask(self._panel.canvas.width() / 2, self._panel.canvas.height() / 2)

    def _on_inspected(self, samples: "RaySamples") -> None:
        self._samples, self._chosen = samples, -1
        self._section.set_ray(samples)
        self._panel.frame.inspector.reveal(self._section)
        self._panel.canvas.update()

    def _on_sample_pointed(self, index: int) -> None:
        self._chosen = index
        self._panel.canvas.update()

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        if self._samples is not None and len(self._samples.t):
            camera = self._panel.editor.scene.camera
            places, _ = camera.project(self._samples.positions, rect.width(), rect.height())
            paint_ray(painter, RayMarks(places, self._samples.weight, self._samples.colour), self._chosen)
