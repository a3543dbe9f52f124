"""One ray in a panel: asked for by a click with Alt, shown as curves over the distance, and as samples in the scene."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.api.panel import (
    Axis,
    Curve,
    EngineTasks,
    Image,
    Inspector,
    PlotSpec,
    PlotView,
    SceneView,
    Segmented,
    at_the_left,
    named_button,
    put_in_a_column,
    set_tip,
    small_label,
    theme,
)
from studio.core.translation import N_, _

from ...shared.camera.ray import FloatArray
from ...shared.panel.editor import ViewEditor
from ...shared.panel.view_loop import Ask

if TYPE_CHECKING:
    from ..render.ray_samples import RaySamples

_LEAST_PX, _MOST_PX = 1.6, 9.0
_RING_PX: Final = 4.0
KEY: Final = "ray"
_SIZE_PX: Final = QSize(308, 156)
_EMPTY_PX: Final = 44
_N_COLUMNS: Final = 600  # of the strip of colours
_STRIP: Final = (-0.16, -0.05)  # where it lies below the curves, which are 1 high
_TICKS: Final = (-0.42, -0.2)  # where the places that were asked first are marked, above the others
WAYS: Final = {
    "steps": (N_("Even steps"), N_("How scenes are drawn here: in small steps wherever there may be something")),
    "original": (
        N_("Coarse, then fine"),
        N_("How the original NeRF looks: at few places, then again where those saw something (hierarchical sampling)"),
    ),
}
_SKIPPED: Final = 1.9  # steps between two samples that say that space was skipped


class RayPlot(PlotView):
    """Two curves, each as high as the plot, over one axis; where the ray skips empty space, both are zero.

    Signals:
        sample_pointed(index): the place under the pointer or the arrow keys, -1 for none.
    """

    sample_pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(N_("Along the ray"), "pan", _SIZE_PX, parent)
        self.setObjectName("ray_plot")
        set_tip(
            self,
            _(
                "Filled: the share of each point in the pixel’s colour (weight w = T (1 − exp(−σ δ))). Dashed: how "
                "dense it is there (volume density σ). Below: its colour."
            ),
        )
        self._samples: RaySamples | None = None
        self.pointed.connect(lambda x: self.sample_pointed.emit(-1 if x is None else self._index_at(x)))
        self.set_samples(None)

    def set_samples(self, samples: "RaySamples | None") -> None:
        """Show a ray, or none."""
        self.point_at(None)
        self._samples = samples if samples is not None and len(samples.t) else None
        self.show_plot(self._spec_of(self._samples))
        self.updateGeometry()

    def summary(self) -> str:
        """The ray in words."""
        if self._samples is None:
            return ""
        seen = float(self._samples.weight.sum())
        if seen < 1e-3:
            return _("The ray hits nothing.")
        text = _("Sees {percent:.0f} % of a surface {depth:.2f} away, in {n} samples.")
        depth = float(self._samples.weight @ self._samples.t) / seen
        return text.format(percent=100 * seen, depth=depth, n=len(self._samples.t))

    def sizeHint(self) -> QSize:
        """As wide as the inspector; low without a ray."""
        return super().sizeHint() if self._samples is not None else QSize(_SIZE_PX.width(), theme().scaled(_EMPTY_PX))

    def _index_at(self, distance: float) -> int:
        return -1 if self._samples is None else int(np.abs(self._samples.t - distance).argmin())

    def _words_at(self, distance: float, _height: float) -> str:
        if self._samples is None:
            return ""
        text = _("{t:.2f} away: density {density:.3g}, weight {weight:.3f}")
        place = self._index_at(distance)
        t, density = float(self._samples.t[place]), float(self._samples.density[place])
        return text.format(t=t, density=density, weight=float(self._samples.weight[place]))

    def _spec_of(self, samples: "RaySamples | None") -> PlotSpec:
        if samples is None:
            return PlotSpec(empty=N_("Alt-click a pixel to look along its ray"))
        first, last = float(samples.t[0]), float(samples.t[-1])
        ends = (first, last if last > first else first + 1)
        strips = [Image("", colours_of(samples, ends), ends, _STRIP)]
        if len(samples.is_coarse):
            strips.append(Image("", ticks_of(samples, ends), ends, _TICKS))
        heaviest = float(samples.t[samples.weight.argmax()])
        x, y = Axis(N_("distance"), *ends), Axis("", strips[-1].y_range[0], 1.04, ticks=())
        return PlotSpec([*curves_of(samples), *strips], x, y, self.summary(), self._words_at, start=heaviest)


def colours_of(samples: "RaySamples", ends: tuple[float, float]) -> npt.NDArray[np.uint8]:
    """Each place's colour over the way that it stands for, uint8 (1, _N_COLUMNS, 4); what weighs nothing is faint."""
    at = np.linspace(*ends, _N_COLUMNS)
    place = np.abs(samples.t[None] - at[:, None]).argmin(1)
    alpha = 0.15 + 0.85 * samples.weight[place] / max(float(samples.weight.max()), 1e-9)
    alpha[np.abs(samples.t[place] - at) > steps_of(samples.t)[place] * 0.5 + (ends[1] - ends[0]) / _N_COLUMNS] = 0
    colours = np.concatenate([np.clip(samples.colour[place], 0, 1), alpha[:, None]], 1)
    return np.rint(255 * colours).astype(np.uint8)[None]


def curves_of(samples: "RaySamples") -> list[Curve]:
    """Weights and densities, and what the places that were asked first were worth."""
    t, weight = with_gaps(samples.t, samples.weight)
    curves = [Curve(_("weight"), _doubles(t), _doubles(weight), dash="solid", fill=0.27, is_scaled=True)]
    density = with_gaps(samples.t, samples.density)[1]
    curves.append(Curve(_("density"), _doubles(t), _doubles(density), "transformer", "dash", is_scaled=True))
    if len(samples.is_coarse):
        first = _doubles(samples.t[samples.is_coarse])
        curves.append(Curve(_("first guess"), first, _doubles(samples.coarse_weight), "", "dot", is_scaled=True))
    return curves


def _doubles(values: FloatArray) -> npt.NDArray[np.float64]:
    return values.astype(np.float64)


def ticks_of(samples: "RaySamples", ends: tuple[float, float]) -> npt.NDArray[np.uint8]:
    """A mark wherever the ray was asked, uint8 (2, _N_COLUMNS, 4): the first ones above, later ones below."""
    columns = np.rint((samples.t - ends[0]) / (ends[1] - ends[0]) * (_N_COLUMNS - 1)).astype(np.int64)
    colour = QColor(theme().colour.text)
    marks = np.zeros((2, _N_COLUMNS, 4), np.uint8)
    marks[np.where(samples.is_coarse, 0, 1), columns] = np.array(colour.getRgb(), np.uint8)
    return marks


def steps_of(t: FloatArray) -> FloatArray:
    """How far each of S places of a ray is from the nearer of its neighbours, (S,); 1 for a single one."""
    gaps = np.diff(t)
    if not len(gaps):
        return np.ones_like(t)
    return np.minimum(np.concatenate([gaps[:1], gaps]), np.concatenate([gaps, gaps[-1:]]))


def with_gaps(t: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Places and values (S,), with zeros put in at both ends of every stretch that the ray skipped."""
    steps = steps_of(t)
    before = np.flatnonzero(np.diff(t) > _SKIPPED * np.maximum(steps[1:], steps[:-1]))
    where = np.repeat(before + 1, 2)
    zeros = np.stack([t[before] + steps[before], t[before + 1] - steps[before + 1]], axis=1).ravel()
    return np.insert(t, where, zeros), np.insert(values, where, 0)


@dataclass(frozen=True, eq=False)
class RayMarks:
    """An inspected ray as the viewer sees it.

    Attributes:
        places: float32 (S, 2), its samples in the canvas's device-independent pixels; NaN where they are behind.
        weights: float32 (S,), 0..1, the share of each in the colour of its pixel.
        colours: float32 (S, 3), sRGB 0..1.
        is_coarse: bool (S,), which are drawn as squares; empty for none.
    """

    places: FloatArray
    weights: FloatArray
    colours: FloatArray
    is_coarse: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))


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
    if len(marks.is_coarse) and marks.is_coarse[place]:
        painter.drawRect(QRectF(-radius, -radius, 2 * radius, 2 * radius).translated(_point(marks.places[place])))
    else:
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
        way_chosen(way): one of WAYS.
    """

    middle_requested = Signal()
    clear_requested = Signal()
    way_chosen = Signal(str)
    sample_pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = RayPlot()
        self.plot.sample_pointed.connect(self.sample_pointed)
        self.summary = small_label()
        self.middle = named_button(
            "ray_middle",
            N_("Middle ray"),
            N_("Look along the ray through the middle of the picture"),
            pressed=self.middle_requested,
        )
        self.clear = named_button(
            "ray_clear", N_("Clear"), N_("Remove the ray from the picture"), pressed=self.clear_requested
        )
        self.way = Segmented("ray_way", WAYS, N_("Where the ray looks"))
        self.way.value_chosen.connect(self.way_chosen)
        self.way.set_value("steps")
        buttons = at_the_left(self.middle, self.clear, spacing=6)
        put_in_a_column(self, (self.plot, self.summary, self.way, buttons), 4)
        self.set_ray(None)

    def set_ray(self, samples: "RaySamples | None") -> None:
        """Show what a ray met, or that none is inspected."""
        self.plot.set_samples(samples)
        self.summary.setText(self.plot.summary())
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
        self._place, self._is_original = (0.5, 0.5), False
        canvas.overlays.append(self._paint)
        section.middle_requested.connect(lambda: self.ask(canvas.width() / 2, canvas.height() / 2))
        section.clear_requested.connect(self.clear)
        section.way_chosen.connect(self._on_way_chosen)
        section.sample_pointed.connect(self._on_sample_pointed)

    def ask(self, x_px: float, y_px: float) -> None:
        """Inspect the ray through a place of the canvas."""
        self._place = x_px / max(self._canvas.width(), 1), y_px / max(self._canvas.height(), 1)
        self._ask_again()

    def _ask_again(self) -> None:
        request = self._request((max(self._canvas.width(), 1), max(self._canvas.height(), 1)))
        place, is_original = self._place, self._is_original
        self._tasks.ask(KEY, lambda engine: engine.inspect(request, *place, is_original), done=self._on_inspected)

    def _on_way_chosen(self, way: str) -> None:
        self._is_original = way == "original"
        self._section.way.set_value(way)
        if self._samples is not None:
            self._ask_again()

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
            paint_ray(
                painter,
                RayMarks(places, self._samples.weight, self._samples.colour, self._samples.is_coarse),
                self._chosen,
            )
