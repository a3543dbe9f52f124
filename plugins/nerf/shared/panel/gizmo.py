"""The little axes at the corner of the canvas: they turn with the camera, and each end is a view to go to."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import PICTURE, show_tip, theme, theme_source
from studio.core.translation import _

from ..camera.rotation import matrix_of

AXES: Final = ("x", "y", "z", "-x", "-y", "-z")
HUES: Final = {"x": "autoregressive", "y": "nerf", "z": "transformer"}  # red, green and blue of every theme
SIDE_PX: Final = 84
_END_PX: Final = 8.5
_HIT_PX: Final = 12.0
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}


class Gizmo(QWidget):
    """Six ends of three axes. Arrow keys go from end to end, Enter goes to the view from there.

    Signals:
        axis_clicked(axis): "x", "-x" and so on: the person wants to look from that side.
    """

    spoken_role = PICTURE

    axis_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gizmo")
        self.setAccessibleName(_("Axes of the scene"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._ends = np.zeros((6, 3))
        self._hovered: str | None = None
        self._pressed: str | None = None
        self._chosen = "x"  # where the arrow keys are
        self.set_rotation((1.0, 0.0, 0.0, 0.0))
        self._describe()
        theme_source().theme_changed.connect(self._on_theme_changed)

    def set_rotation(self, rotation: npt.ArrayLike) -> None:
        """Show the axes as a camera sees them, whose rotation to the world is a quaternion w, x, y, z."""
        seen = matrix_of(rotation)  # row i: the world's axis i, to the right, up and towards the camera
        self._ends = np.concatenate([seen, -seen])
        self.update()

    def place_of(self, axis: str) -> QPointF:
        """Where the end of an axis is drawn."""
        right, up, _ = self._ends[AXES.index(axis)]
        reach = self.width() / 2 - theme().scaled(_END_PX) - 2
        return QPointF(self.width() / 2 + right * reach, self.height() / 2 - up * reach)

    def sizeHint(self) -> QSize:
        """A small square."""
        return QSize(theme().scaled(SIDE_PX), theme().scaled(SIDE_PX))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the end under the pointer; a drag that began elsewhere is the canvas's."""
        if not event.buttons():
            self._hover(self._axis_at(event.position()))
        if self._pressed is None:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember which end was pressed; elsewhere the canvas below has the press."""
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = self._axis_at(event.position()) if is_left else None
        if self._pressed is None:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go there, if the pointer is still on it."""
        axis, self._pressed = self._pressed, None
        if axis is None:
            event.ignore()
        elif axis == self._axis_at(event.position()):
            self.axis_clicked.emit(axis)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is lit any more."""
        self._hover(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys choose an end, Enter goes there."""
        step = _ALONG.get(Qt.Key(event.key()))
        if step is not None:
            self._chosen = AXES[(AXES.index(self._chosen) + step) % len(AXES)]
            self._describe()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.axis_clicked.emit(self._chosen)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what a click on the end under the pointer does."""
        if isinstance(event, QHelpEvent):
            axis = self._axis_at(QPointF(event.pos()))
            show_tip(event.globalPos(), "" if axis is None else hint_of(axis), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is far away first."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("caption", QFont.Weight.Bold))
        if self._hovered is not None or self.hasFocus():
            disc = QColor(theme().colour.card)
            disc.setAlpha(150)
            painter.setPen(QPen(QColor(theme().colour.focus), 1.5) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(disc)
            painter.drawEllipse(QPointF(self.rect().center()) + QPointF(0.5, 0.5), *[self.width() / 2 - 1] * 2)
        for place in np.argsort(self._ends[:, 2], kind="stable"):
            self._paint_end(painter, AXES[place], float(self._ends[place, 2]))

    def _paint_end(self, painter: QPainter, axis: str, nearness: float) -> None:
        """A positive end is filled and lettered at a line, a negative one a ring; what points away is fainter."""
        at, radius = self.place_of(axis), theme().scaled(_END_PX)
        hue = theme().hues[HUES[axis[-1]]]
        ink = QColor(hue.fill)
        ink.setAlphaF(0.62 + 0.38 * (nearness + 1) / 2)
        is_lit = axis == self._hovered or (self.hasFocus() and axis == self._chosen)
        is_positive = len(axis) == 1
        if is_positive:
            painter.setPen(QPen(ink, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(self.width() / 2, self.height() / 2), at)
        painter.setPen(QPen(QColor(theme().colour.text_strong) if is_lit else ink, 2.0 if is_lit else 1.4))
        field = QColor(theme().colour.card)
        field.setAlpha(170)
        painter.setBrush(ink if is_positive else field)
        grown = radius + 1 if is_lit else radius - 1
        painter.drawEllipse(at, grown, grown)
        if is_positive or is_lit:
            painter.setPen(QColor(hue.on_fill if is_positive else theme().colour.text_strong))
            box = QSize(4 * radius, 4 * radius)
            origin = at.toPoint() - QPointF(2 * radius, 2 * radius).toPoint()
            text = axis if is_positive else f"−{axis[-1]}"
            painter.drawText(origin.x(), origin.y() - 1, box.width(), box.height(), Qt.AlignmentFlag.AlignCenter, text)

    def _axis_at(self, position: QPointF) -> str | None:
        """The nearest to the eye of the ends under the pointer."""
        reach = theme().scaled(_HIT_PX)
        under = [axis for axis in AXES if (self.place_of(axis) - position).manhattanLength() <= reach]
        return max(under, key=lambda axis: float(self._ends[AXES.index(axis), 2]), default=None)

    def _hover(self, axis: str | None) -> None:
        if axis != self._hovered:
            self._hovered = axis
            self.setCursor(Qt.CursorShape.ArrowCursor if axis is None else Qt.CursorShape.PointingHandCursor)
            self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(hint_of(self._chosen))

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


def hint_of(axis: str) -> str:
    """What a click on an end does."""
    sign = "" if len(axis) == 1 else "−"
    return _("Look from {axis}").format(axis=f"{sign}{axis[-1]}")
