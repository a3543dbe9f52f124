"""A gallery that opens beside what asks for it: tiles with pictures, found by typing, arrows, Enter or a click."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from studio.core.translation import N_, _, translate
from studio.widgets.controls.label import Label
from studio.widgets.gallery.choice import Choice
from studio.widgets.gallery.delegate import tile_size
from studio.widgets.gallery.view import ChoiceView
from studio.widgets.theme import theme

_MANY: Final = 9
_COLUMNS: Final = (3, 4)
"""Tiles side by side, of a few and of many."""
_MAX_ROWS: Final = 3
_SCROLL_BAR_PX: Final = 12
_GAP_PX: Final = 4
NOTHING: Final = N_("Nothing has this name. Try typing less.")


class Gallery(QFrame):
    """A popup; it goes with Escape, a click elsewhere or a choice. Signals: chosen(str) with the id of the entry."""

    chosen = Signal(str)

    def __init__(self, title: str, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        """`title` says what is chosen, and stands in the field that searches."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "palette")
        self.setObjectName("gallery")
        self.setAccessibleName(translate(title))
        self.field = QLineEdit()
        self.field.setPlaceholderText(translate(title))
        self.field.setAccessibleName(translate(title))
        self.field.setClearButtonEnabled(True)
        self.field.installEventFilter(self)
        self.view = ChoiceView(has_tiles=True)
        self.view.setAccessibleName(translate(title))
        self._nothing = Label(_(NOTHING))
        self._nothing.setProperty("role", "muted")
        self._nothing.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.view, 1)
        layout.addWidget(self._nothing, 1, Qt.AlignmentFlag.AlignTop)
        self.field.textChanged.connect(self._on_text_changed)
        self.view.current_changed.connect(self.field.setAccessibleDescription)
        self.view.chosen.connect(self._on_chosen)
        self.view.offer(choices)
        self.setFocusProxy(self.field)

    def open_at(self, anchor: QWidget) -> None:
        """Open under `anchor`, or where there is room on its screen."""
        corner = anchor.mapToGlobal(QPoint(0, anchor.height() + _GAP_PX))
        self._open(QRect(corner, anchor.size()), anchor.screen().availableGeometry())

    def open_over(self, window: QWidget) -> None:
        """Open in the middle of a window."""
        room = window.screen().availableGeometry()
        middle = window.mapToGlobal(window.rect().center())
        width_px, height_px = self._wanted(room)
        corner = QPoint(middle.x() - width_px // 2, middle.y() - height_px // 2)
        self._open(QRect(corner, corner), room)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move among the tiles while the field has the focus."""
        is_key = isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress
        return is_key and isinstance(event, QKeyEvent) and self.view.take_key(event.key())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _wanted(self, room: QRect) -> tuple[int, int]:
        """How wide and high it is with all its tiles, as far as the screen allows."""
        tile, n = tile_size(), self.view.count()
        columns = max(min(_COLUMNS[n > _MANY], n, (room.width() - 48) // tile.width()), 1)
        rows = min(-(-n // columns), _MAX_ROWS)
        field_px = theme().scaled(theme().size.control_height)
        width_px = columns * tile.width() + 16 + _SCROLL_BAR_PX + 4
        return width_px, min(rows * tile.height() + field_px + 30, room.height() - 16)

    def _open(self, near: QRect, room: QRect) -> None:
        width_px, height_px = self._wanted(room)
        self.setFixedSize(width_px, height_px)
        x = max(min(near.left(), room.right() - width_px), room.left())
        y = max(min(near.top(), room.bottom() - height_px), room.top())
        self.move(x, y)
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_text_changed(self, query: str) -> None:
        self.view.search(query)
        self.view.setVisible(bool(self.view.count()))
        self._nothing.setVisible(not self.view.count())

    def _on_chosen(self, choice: Choice) -> None:
        self.close()
        self.chosen.emit(choice.entry.id)
        choice.run()
