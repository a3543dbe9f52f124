"""What widgets share that draw their items themselves: one of them is under the pointer, and they take the keys."""

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from studio.widgets.controls.label import show_tip
from studio.widgets.spoken_role import CHOICES
from studio.widgets.theme import theme_source


class DrawnItems(QWidget):
    """Items go by their number, -1 for none. Signals: hovered(index), the one that the pointer is on now."""

    spoken_role = CHOICES

    hovered = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._hovered = -1
        theme_source().theme_changed.connect(self.update)

    def item_at(self, at: QPointF) -> int:
        """The item at a place of the widget."""
        raise NotImplementedError

    def hint_of(self, index: int) -> str:
        """What is said while the pointer rests on an item, or on none."""
        return self.toolTip()

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.hint_of(self.item_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the item under the pointer."""
        self._hover(self.item_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """None is lit any more."""
        self._hover(-1)

    def _hover(self, index: int) -> None:
        if index != self._hovered:
            self._hovered = index
            self.setCursor(Qt.CursorShape.ArrowCursor if index < 0 else Qt.CursorShape.PointingHandCursor)
            self.update()
            self.hovered.emit(index)
