"""One ray in a panel: asked for by a click with Alt, shown as curves, and as samples in the scene."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.api.panel import (
    EngineTasks,
    Inspector,
    SceneView,
    SteadyLabel,
    at_the_left,
    named_button,
    put_in_a_column,
    theme,
)
from studio.core.translation import N_

from ..camera.ray import FloatArray
from .editor import ViewEditor
from .ray_plot import RayPlot
from .view_loop import Ask

if TYPE_CHECKING:
    from ..render.ray_samples import RaySamples

_LEAST_PX, _MOST_PX = 1.6, 9.0
_RING_PX: Final = 4.0
KEY: Final = "ray"


@dataclass(frozen=True, eq=False)
class RayMarks:
    """An inspected ray as the viewer sees it.

    Attributes:
        places: float32 (S, 2), its samples in the canvas's device-independent pixels; NaN where they are behind.
        weights: float32 (S,), 0..1, the share of each in the colour of its pixel.
        colours: float32 (S, 3), sRGB 0..1.
    """

    places: FloatArray
    weights: FloatArray
    colours: FloatArray


def paint_ray(painter: QPainter, marks: RayMarks, chosen: int = -1) -> None:
    """Draw the ray and its samples; `chosen` is the one to be ringed, -1 for none."""
    is_seen = np.isfinite(marks.places).all(-1)
    if not is_seen.any():
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    seen = np.flatnonzero(is_seen)
    ends = [_point(marks.places[place]) for place in (seen[0], seen[-1])]
    for width, colour in ((3.0, theme().colour.knob_edge), (1.2, theme().colour.knob)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawLine(*ends)
    for place in sorted(seen, key=lambda sample: float(marks.weights[sample])):
        _paint_sample(painter, marks, int(place))
    if chosen in seen:
        radius = _radius(float(marks.weights[chosen])) + _RING_PX
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme().colour.focus), 2))
        painter.drawEllipse(_point(marks.places[chosen]), radius, radius)
    painter.restore()


def _paint_sample(painter: QPainter, marks: RayMarks, place: int) -> None:
    red, green, blue = (float(value) for value in np.clip(marks.colours[place], 0, 1))
    radius = _radius(float(marks.weights[place]))
    painter.setPen(QPen(QColor(theme().colour.knob_edge), 1))
    painter.setBrush(QColor.fromRgbF(red, green, blue))
    painter.drawEllipse(_point(marks.places[place]), radius, radius)


def _radius(weight: float) -> float:
    """The area of a mark grows with the weight, so that the eye adds them up rightly."""
    return float(np.sqrt(_LEAST_PX**2 + (_MOST_PX**2 - _LEAST_PX**2) * min(max(weight, 0.0), 1.0)))


def _point(place: FloatArray) -> QPointF:
    return QPointF(float(place[0]), float(place[1]))


class RaySection(QWidget):
    """Shows a ray.

    Signals:
        middle_requested(): inspect the ray through the middle of the picture, for those without a pointer.
        clear_requested(): inspect none any more.
        sample_pointed(index): a place on the plot is pointed at; -1 for none.
    """

    middle_requested = Signal()
    clear_requested = Signal()
    sample_pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = RayPlot()
        self.plot.sample_pointed.connect(self.sample_pointed)
        self.summary = SteadyLabel(role="small")
        self.middle = named_button(
            "ray_middle",
            N_("Ray in the middle"),
            N_("Look along the ray through the middle of the picture"),
            pressed=self.middle_requested,
        )
        self.clear = named_button(
            "ray_clear", N_("Clear"), N_("Take the ray out of the picture"), pressed=self.clear_requested
        )
        buttons = at_the_left(self.middle, self.clear, spacing=6)
        put_in_a_column(self, (self.plot, self.summary, buttons), 4)
        self.set_ray(None)

    def set_ray(self, samples: "RaySamples | None") -> None:
        """Show what a ray met, or that none is inspected."""
        self.plot.set_samples(samples)
        self.summary.set_text(self.plot.summary())
        self.summary.setVisible(samples is not None)
        self.clear.setEnabled(samples is not None)


class RayPresenter(QObject):
    """Asks the engine for a ray, and keeps its samples over the scene where they belong."""

    def __init__(
        self,
        section: RaySection,
        inspector: Inspector,
        canvas: SceneView,
        editor: ViewEditor,
        request: Ask,
        tasks: EngineTasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._section, self._inspector, self._canvas, self._editor = section, inspector, canvas, editor
        self._request, self._tasks = request, tasks
        self._samples: RaySamples | None = None
        self._chosen = -1
        canvas.overlays.append(self._paint)
        section.middle_requested.connect(lambda: self.ask(canvas.width() / 2, canvas.height() / 2))
        section.clear_requested.connect(self.clear)
        section.sample_pointed.connect(self._on_sample_pointed)

    def ask(self, x_px: float, y_px: float) -> None:
        """Inspect the ray through a place of the canvas."""
        size = max(self._canvas.width(), 1), max(self._canvas.height(), 1)
        request = self._request(size)
        self._tasks.ask(
            KEY, lambda engine: engine.inspect(request, x_px / size[0], y_px / size[1]), done=self._on_inspected
        )

    def clear(self) -> None:
        """Show no ray any more."""
        self._samples = None
        self._section.set_ray(None)
        self._canvas.update()

    def _on_inspected(self, samples: "RaySamples") -> None:
        self._samples, self._chosen = samples, -1
        self._section.set_ray(samples)
        self._inspector.reveal(self._section)
        self._canvas.update()

    def _on_sample_pointed(self, index: int) -> None:
        self._chosen = index
        self._canvas.update()

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        if self._samples is not None and len(self._samples.t):
            camera = self._editor.scene.camera
            places, _ = camera.project(self._samples.positions, rect.width(), rect.height())
            paint_ray(painter, RayMarks(places, self._samples.weight, self._samples.colour), self._chosen)
