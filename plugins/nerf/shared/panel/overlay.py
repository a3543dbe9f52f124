"""What floats over the scene: which view, how fast and how fine, where the axes point, what the colours mean."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import AMOUNT_COLOURS, Segmented, clipped, image_from_array, rounded, set_tip, theme, theme_source
from studio.core.translation import N_, _, translate

from ..camera.camera import Camera
from ..camera.rotation import Angles, rotation_of
from ..camera.viewpoint import UP
from ..resolution import Figures
from ..scene import ViewScene
from ..shading import MAX_COST
from ..state import View
from .gizmo import Gizmo
from .stats_card import Measure, StatsCard, compiling_text, paint_plate, view_text

if TYPE_CHECKING:
    from studio.api.panel import FilledFrame

_BAR_PX: Final = (188, 10)
_PADDING_PX: Final = 12
_GAP_PX: Final = 6
VIEWS = {
    "colour": N_("Colour"),
    "depth": N_("Depth"),
    "normals": N_("Normals"),
    "density": N_("Density"),
    "cost": N_("Cost"),
}
"""The ways to draw a scene, by VIEW_KINDS, in the order of the keys 1 to 5."""

STEEP: Final = 1.5707
# Where one stands who looks at the scene from an end of an axis, for z up; y up renames the axes in a ring.
_SIDES: Final = {
    "x": Angles(0.0, 0.0),
    "-x": Angles(3.14159265, 0.0),
    "y": Angles(1.57079633, 0.0),
    "-y": Angles(-1.57079633, 0.0),
    "z": Angles(-1.57079633, STEEP),
    "-z": Angles(-1.57079633, -STEEP),
}
_RENAMED: Final = {"x": "y", "y": "z", "z": "x"}


@dataclass(frozen=True)
class ColourScale:
    """What a bar says.

    Attributes:
        title: what the colours stand for.
        labels: at the left end, in the middle, at the right end.
        is_reversed: whether the brightest colour is at the left.
    """

    title: str
    labels: tuple[str, str, str]
    is_reversed: bool = False


class Legend(QWidget):
    """Hidden while the colours are those of the scene itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("legend")
        self.setAccessibleName(_("What the colours mean"))
        set_tip(self, _("Brighter means more (Cividis, made for eyes with any colour vision)"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._scale: ColourScale | None = None
        self._bar = QImage()
        theme_source().theme_changed.connect(self._on_theme_changed)
        self.hide()

    def set_scale(self, scale: ColourScale | None) -> None:
        """Explain these colours, or none."""
        if scale != self._scale:
            self._scale = scale
            self._bar = QImage() if scale is None else bar_image(scale.is_reversed)
            self.setAccessibleDescription("" if scale is None else f"{scale.title}: {', '.join(scale.labels)}")
            self.setVisible(scale is not None)
            self.update()

    def sizeHint(self) -> QSize:
        """A short bar between two lines of text."""
        text_px = theme().text_px("small")
        height = 2 * round(1.4 * text_px) + _BAR_PX[1] + 2 * _GAP_PX + _PADDING_PX
        return QSize(theme().scaled(_BAR_PX[0]) + 2 * _PADDING_PX, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, the bar and its three numbers."""
        if self._scale is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_plate(painter, QRectF(self.rect()))
        room, line_px = QRectF(self.rect()).adjusted(_PADDING_PX, 0, -_PADDING_PX, 0), 1.4 * theme().text_px("small")
        painter.setFont(theme().font("small"))
        painter.setPen(QColor(theme().colour.text_strong))
        top = QRectF(room.x(), _PADDING_PX / 2, room.width(), line_px)
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._scale.title)
        bar = QRectF(room.x(), top.bottom() + _GAP_PX, room.width(), _BAR_PX[1])
        self._paint_bar(painter, bar)
        painter.setPen(QColor(theme().colour.text_muted))
        below = QRectF(room.x(), bar.bottom() + _GAP_PX / 2, room.width(), line_px)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for side, label in zip(sides, self._scale.labels, strict=True):
            painter.drawText(below, side | Qt.AlignmentFlag.AlignVCenter, label)

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        with clipped(painter, rounded(bar, bar.height() / 2)):
            painter.drawImage(bar, self._bar)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.adjustSize()


def bar_image(is_reversed: bool) -> QImage:
    """The colour map as a picture of 256 x 1 pixels."""
    colours = AMOUNT_COLOURS[::-1] if is_reversed else AMOUNT_COLOURS
    return image_from_array(np.ascontiguousarray(colours[None]))


def depth_scale(near: float, far: float) -> ColourScale:
    """For distances from the camera, in the scene's own units; what is near is bright."""
    labels = (distance_text(near), distance_text((near + far) / 2), distance_text(far))
    return ColourScale(_("Distance, in units of the scene"), labels, is_reversed=True)


def density_scale() -> ColourScale:
    """For how much of the light is held up on its way."""
    labels = (_("0 clear"), "0.5", _("1 solid"))
    return ColourScale(_("Opacity along the ray"), labels)


def cost_scale(title: str, most: float) -> ColourScale:
    """For what was counted in each pixel; `most` has the brightest colour."""
    labels = ("0", f"{most / 2:.0f}", _("{n:.0f} or more").format(n=most))
    return ColourScale(translate(title), labels)


def distance_text(distance: float) -> str:
    """A distance with three figures."""
    return f"{distance:.2f}" if distance < 10 else f"{distance:.1f}" if distance < 100 else f"{distance:,.0f}"


class ViewBar(Segmented):
    """Signals: view_changed(view), one of VIEWS."""

    view_changed = Signal(str)

    def __init__(self, hints: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__("view_bar", VIEWS, N_("What to show"), hints, parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.value_chosen.connect(self.view_changed)


class Overlays(QObject):
    """Signals: view_chosen(view), axis_chosen(axis)."""

    view_chosen = Signal(str)
    axis_chosen = Signal(str)

    def __init__(self, frame: "FilledFrame", measure: Measure, parent: QObject) -> None:
        super().__init__(parent)
        self._measure = measure
        self.bar, self.card = ViewBar(measure.hints), StatsCard(measure)
        self.gizmo, self.legend = Gizmo(), Legend()
        frame.add_overlay(self.bar, "top_left")
        frame.add_overlay(self.card, "top_right")
        frame.add_overlay(self.gizmo, "bottom_left")
        frame.add_overlay(self.legend, "bottom_right")
        self.bar.view_changed.connect(self.view_chosen)
        self.gizmo.axis_clicked.connect(self.axis_chosen)

    def show_scene(self, scene: ViewScene, depths: tuple[float, float]) -> None:
        """Follow the camera and the choice of the view."""
        self.gizmo.set_rotation(scene.camera.rotation)
        self.bar.set_value(scene.params.view)
        scales = {
            "depth": depth_scale(*depths),
            "density": density_scale(),
            "cost": cost_scale(self._measure.title, MAX_COST),
        }
        self.legend.set_scale(scales.get(scene.params.view))

    def show_view(self, view: View, figures: Figures, doing: str) -> None:
        """Tell how the picture on screen was made; `doing` says why it moves, and is empty while it rests."""
        self.card.set_text(view_text(view, figures, doing, self._measure))

    def show_compiling(self, fraction: float) -> None:
        """Tell how far the kernels are while a slower way draws."""
        self.card.set_text(compiling_text(fraction))

    def camera_from(self, axis: str, home: Camera, scene: ViewScene) -> Camera:
        """The camera that looks at the home view's pivot from the end of an axis."""
        sign, name = ("-", axis[1:]) if axis.startswith("-") else ("", axis)
        if scene.up == "y":
            name = _RENAMED[name]
        rotation = rotation_of(_SIDES[sign + name], UP[scene.up]).astype("float32")
        return replace(home, rotation=rotation, fov_y_rad=scene.camera.fov_y_rad)
