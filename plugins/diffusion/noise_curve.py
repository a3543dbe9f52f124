"""How much noise is left at every step of a run; a hand on the curve goes to a step."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, theme, theme_source
from studio.core.text import N_, translate

_HEIGHT_PX: Final = 104
_PADDING_PX: Final = 12
_MARK_PX: Final = 5.0
_STEPS_BY_KEY: Final = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -10,
    Qt.Key.Key_PageUp: 10,
}


class NoiseCurve(QWidget):
    """Signals: seek_requested(step), 0 for pure noise; while a hand drags, at every step that it crosses."""

    seek_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: tuple[float, ...] = ()
        self._n_steps = 0
        self._step = 0
        self._branches: tuple[int, ...] = ()
        self._pointed: int | None = None
        self.setObjectName("noise_curve")
        self.setAccessibleName(translate(N_("Noise level")))
        self.setToolTip(
            translate(
                N_("How much noise is left at each step; drag or use the arrow keys to go to one (noise schedule)")
            )
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme_source().theme_changed.connect(self.updateGeometry)

    # What it shows; emits nothing

    def set_levels(self, levels: Sequence[float], n_steps: int | None = None) -> None:
        """Show how much noise is left, 0..1, before each step that is there; a run that grows will have `n_steps`."""
        self._levels = tuple(levels)
        self._n_steps = max(len(levels) - 1 if n_steps is None else n_steps, 0)
        self._describe()

    def set_step(self, step: int) -> None:
        """Put the cursor at a step."""
        self._step = step
        self._describe()

    def set_branches(self, steps: Sequence[int]) -> None:
        """Mark the steps from which another ending was tried."""
        self._branches = tuple(steps)
        self._describe()

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step under the pointer."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._seek(self._step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which step lies here; with the button down, go along."""
        self._pointed = self._step_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(self._pointed)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at."""
        self._pointed = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go by one step, Page keys by ten, Home and End to the ends."""
        key = Qt.Key(event.key())
        if key in _STEPS_BY_KEY:
            self._seek(self._step + _STEPS_BY_KEY[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._seek(0 if key is Qt.Key.Key_Home else len(self._levels) - 1)
        else:
            super().keyPressEvent(event)

    def _seek(self, step: int) -> None:
        """Ask for a step that is there."""
        step = min(max(step, 0), len(self._levels) - 1)
        if step >= 0 and step != self._step:
            self.set_step(step)
            self.seek_requested.emit(step)

    def _step_at(self, x_px: float) -> int:
        area = self._area()
        return round((x_px - area.left()) / max(area.width(), 1.0) * self._n_steps)

    # Drawing

    def sizeHint(self) -> QSize:
        """As wide as the inspector, and low."""
        return QSize(308, theme().scaled(_HEIGHT_PX))

    def place_of(self, step: int) -> QPointF:
        """Where a step lies on the widget."""
        area = self._area()
        level = self._levels[step] if step < len(self._levels) else 0.0
        return QPointF(area.left() + area.width() * step / max(self._n_steps, 1), area.bottom() - level * area.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, the curve, the marks of branches, the cursor, and the words of what is pointed at."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, radius = theme().colour, theme().size.radius
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.border), 1))
        painter.setBrush(QColor(colour.field))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if not self._levels:
            return
        self._paint_cursor(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(hue_of(self).fill), 1.8))
        painter.drawPolyline(QPolygonF([self.place_of(step) for step in range(len(self._levels))]))
        for step in self._branches:
            self._paint_branch(painter, self.place_of(step))
        self._paint_words(painter)

    def _paint_cursor(self, painter: QPainter) -> None:
        x = round(self.place_of(self._step).x()) + 0.5
        painter.setPen(QPen(QColor(theme().colour.text_muted), 1))
        painter.drawLine(QPointF(x, 1), QPointF(x, self.height() - 1))

    def _paint_branch(self, painter: QPainter, place: QPointF) -> None:
        """A diamond on the curve."""
        ways = ((0, -_MARK_PX), (_MARK_PX, 0), (0, _MARK_PX), (-_MARK_PX, 0))
        painter.setPen(QPen(QColor(theme().colour.field), 1.5))
        painter.setBrush(QColor(theme().colour.text_strong))
        painter.drawPolygon(QPolygonF([place + QPointF(*way) for way in ways]))

    def _paint_words(self, painter: QPainter) -> None:
        """Above at the right, where the curve leaves room, on a patch that the cursor does not cross."""
        text = self.text_of(self._step if self._pointed is None else self._pointed)
        painter.setFont(theme().font("caption"))
        metrics = QFontMetricsF(painter.font())
        area = self._area()
        box = QRectF(0, area.top() - 4, metrics.horizontalAdvance(text) + 8, metrics.height())
        box.moveRight(area.right() + 4)
        painter.fillRect(box, QColor(theme().colour.field))
        painter.setPen(QColor(theme().colour.text_muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def text_of(self, step: int) -> str:
        """What is known of a step, in words."""
        if not 0 <= step < len(self._levels):
            return ""
        text = (
            N_("Step {k}: {share:.0f} % noise, branched")
            if step in self._branches
            else N_("Step {k}: {share:.0f} % noise")
        )
        return translate(text).format(k=step, share=100 * self._levels[step])

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_PADDING_PX, _PADDING_PX, -_PADDING_PX, -_PADDING_PX)

    def _describe(self) -> None:
        self.setAccessibleDescription(self.text_of(self._step))
        self.update()
