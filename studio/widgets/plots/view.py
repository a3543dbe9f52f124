"""Shows a plot: crisp at any number of points, with the values under the pointer, to be zoomed, moved and saved."""

from typing import Final, Literal, TypeAlias

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from studio.core.translation import _
from studio.widgets.controls.label import Label
from studio.widgets.plots.export import add_export
from studio.widgets.plots.field import PLOT_PX, PlotField
from studio.widgets.plots.reading import has_values, nearest_x, places_of, read_out
from studio.widgets.spoken_role import CHART

Drag: TypeAlias = Literal["choose", "pan"]
_ZOOM: Final = 1.25
_NOTCH: Final = 120.0
_STEPS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -20, Qt.Key.Key_PageDown: 20}
_UP: Final = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_ZOOMS: Final = {"+": 1 / _ZOOM, "=": 1 / _ZOOM, "-": _ZOOM, "0": 0.0}


class PlotView(PlotField):
    """Arrow keys move the crosshair, Enter chooses its place, + and - zoom, 0 and a double click show all again.

    The wheel zooms while the plot has the focus or Ctrl is held; else it scrolls what the plot lies in. The middle
    button moves a zoomed plot, and so does the left one where it does not choose.

    Signals: x_chosen(x) while the person presses or drags on the plot, or presses Enter at the place of the keys;
    pointed(x or None) where the crosshair is; clicked().
    """

    spoken_role = CHART

    x_chosen = Signal(float)
    pointed = Signal(object)
    clicked = Signal()

    def __init__(
        self, title: str, drag: Drag = "choose", size_px: QSize = PLOT_PX, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, size_px, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._drag = drag
        self._cross: tuple[float, float] | None = None
        self._grip: QPointF | None = None
        self._pressed_at: QPointF | None = None
        self._words = Label(parent=self)
        self._words.setProperty("role", "read_out")
        self._words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words.hide()

    def read_out(self) -> str:
        """The values under the pointer, or at the place of the keys; empty without one."""
        return "" if self._cross is None else read_out(self._spec, *self._cross)

    def _draw(self) -> None:
        if not has_values(self._spec.items):
            self._cross = None
        super()._draw()
        self._show_cross()

    # The crosshair

    def point_at(self, x: float | None, y: float = 0.0) -> None:
        """Put the crosshair at a place, or take it away."""
        cross = None if x is None else (x, y)
        if cross != self._cross:
            self._cross = cross
            self._show_cross()
            self.pointed.emit(x)

    def _show_cross(self) -> None:
        text = self.read_out()
        if self._sheet is not None:
            x, y = (None, None) if self._cross is None else self._cross
            self._sheet.show_cross(x, y if self._image() is not None else None)
        self._words.setVisible(bool(text) and self._sheet is not None)
        if self._words.isVisible() and self._cross is not None:
            self._words.raise_()
            self._words.setText(text)
            self._words.adjustSize()
            area, at = self.plot_rect(), self.point_of(*self._cross).x()
            width = min(self._words.width(), self.width() - 8)
            left = at + 6 if at + 6 + width <= self.width() - 4 else max(at - 6 - width, 4.0)
            self._words.setGeometry(round(left), round(area.top()), width, self._words.height())

    def _point_to(self, point: QPointF) -> None:
        if self._sheet is None or not has_values(self._spec.items):
            return
        area = self.plot_rect()
        inside = QPointF(min(max(point.x(), area.left()), area.right()), min(max(point.y(), area.top()), area.bottom()))
        x, y = self._sheet.values_at(inside - QPointF(self._sheet.widget.pos()))
        self.point_at(nearest_x(self._spec.items, x), y)

    def _walk(self, n_places: int) -> None:
        x = places_of(self._spec.items)
        if not len(x):
            return
        before = float(x[-1]) if self._cross is None else self._cross[0]
        if self._cross is None and self._spec.start is not None:
            before, n_places = self._spec.start, 0
        place = int(np.searchsorted(x, before)) + n_places
        y = sum(self._zoom.y) / 2 if self._cross is None else self._cross[1]
        self.point_at(float(x[min(max(place, 0), len(x) - 1)]), y)
        self.setAccessibleDescription(self.read_out())

    def _climb(self, n_rows: int) -> None:
        image = self._image()
        if image is not None and self._cross is not None:
            low, high = image.y_range
            row = (high - low) / image.values.shape[0]
            self.point_at(self._cross[0], min(max(self._cross[1] + n_rows * row, low), high - row / 2))
            self.setAccessibleDescription(self.read_out())

    def _choose(self) -> None:
        if self._cross is not None:
            self.x_chosen.emit(self._cross[0])

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the place, or take hold of the plot."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._point_to(event.position())
            self._pressed_at = event.position()
            if self._drag == "choose":
                self._choose()
        is_pan = event.button() is Qt.MouseButton.MiddleButton or self._drag == "pan"
        self._grip = event.position() if is_pan else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values here; with a button down, choose the place or move the plot."""
        if event.buttons() and self._grip is not None:
            way, self._grip = event.position() - self._grip, event.position()
            area = self.plot_rect()
            self._zoom.move(-way.x() / max(area.width(), 1.0), way.y() / max(area.height(), 1.0))
            self._show_part()
        self._point_to(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton and self._drag == "choose":
            self._choose()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; a press that did not move was a click."""
        self._grip = None
        if event.button() is Qt.MouseButton.LeftButton:
            way = event.position() - (self._pressed_at or QPointF(-1e9, 0))
            if way.manhattanLength() < QApplication.startDragDistance():
                self.clicked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all."""
        self.show_all()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no values any more."""
        self.point_at(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer; without focus and Ctrl the page around the plot scrolls."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / _NOTCH
        if not notches or not (self.hasFocus() or event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            event.ignore()
            return
        area, at = self.plot_rect(), event.position()
        self._zoom_by(_ZOOM**-notches, (at.x() - area.left()) / max(area.width(), 1.0), at.y())
        event.accept()

    def menu(self) -> QMenu:
        """What can be done with the plot; deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Show all"), self.show_all).setEnabled(self.is_zoomed)
        menu.addSeparator()
        add_export(menu, self, self.spec)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy and to save it."""
        self.menu().popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        """Keep its own keys while it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        return event.key() in (*_STEPS, *(_UP if self._image() else ())) or event.text() in _ZOOMS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go from value to value, Enter chooses the place, + and - zoom, 0 shows all."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._walk(_STEPS[key])
        elif key in _UP and self._image() is not None:
            self._climb(_UP[key])
        elif event.text() in _ZOOMS:
            factor = _ZOOMS[event.text()]
            at = self.plot_rect().center() if self._cross is None else self.point_of(*self._cross)
            share = (at.x() - self.plot_rect().left()) / max(self.plot_rect().width(), 1.0)
            self._zoom_by(factor, share, at.y()) if factor else self.show_all()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (self._cross is not None or self._drag == "pan"):
            self.clicked.emit()
            self._choose()
        else:
            super().keyPressEvent(event)

    def _zoom_by(self, factor: float, x_share: float, y_px: float) -> None:
        area = self.plot_rect()
        up = (area.bottom() - y_px) / max(area.height(), 1.0)
        self._zoom.by(factor, x_share, up if self._image() is not None else None)
        self._show_part()

    def show_all(self) -> None:
        """Show all of it again."""
        self._zoom.reset()
        self._show_part()

    def _show_part(self) -> None:
        if self._sheet is not None:
            self._sheet.set_view(self._zoom.x, self._zoom.y)
            self._show_cross()
