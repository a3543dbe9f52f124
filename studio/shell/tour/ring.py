"""A ring around the control that a step of a tour is about; it takes no clicks and does not move by itself."""

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QWidget

from studio.widgets.theme import hue_of, theme, theme_source

AIR_PX: Final = 6
_LINE_PX: Final = 3


class Ring(QWidget):
    """Lies over everything else in `parent`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme_source().theme_changed.connect(self.update)
        self.hide()

    def surround(self, control: QWidget) -> None:
        """Lie around what can be seen of a control of the same window; hide where nothing of it can be."""
        seen = seen_rect(control, self._area)
        around = seen.adjusted(-AIR_PX, -AIR_PX, AIR_PX, AIR_PX) & self._area.rect()
        if around != self.geometry() or self.isHidden() != seen.isEmpty():
            self.setGeometry(around)
            self.setVisible(not seen.isEmpty())
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it in the family's colour, with a dark and a light edge so that it is seen on any picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(_LINE_PX, _LINE_PX, -_LINE_PX, -_LINE_PX)
        radius = theme().size.radius
        for colour, width_px in ((theme().colour.canvas, 2 * _LINE_PX), (hue_of(self).fill, _LINE_PX)):
            painter.setPen(QPen(QColor(colour), width_px))
            painter.drawRoundedRect(rect, radius, radius)


def seen_rect(control: QWidget, within: QWidget) -> QRect:
    """Where a control lies in a widget above it, as far as it is not scrolled out of sight."""
    seen = QRect(control.mapTo(within, control.rect().topLeft()), control.size()) & within.rect()
    parent = control.parentWidget()
    while parent is not None and parent is not within:
        if isinstance(parent, QScrollArea):
            view = parent.viewport()
            seen &= QRect(view.mapTo(within, view.rect().topLeft()), view.size())
        parent = parent.parentWidget()
    return seen
