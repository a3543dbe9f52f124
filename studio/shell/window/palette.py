"""The command palette: one field that finds every command, model, example and recent file."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from studio.core.translation import _
from studio.widgets.controls.label import Label
from studio.widgets.gallery.choice import Choice
from studio.widgets.gallery.delegate import ROW_PX
from studio.widgets.gallery.gallery import NOTHING
from studio.widgets.gallery.view import N_VISIBLE, ChoiceView
from studio.widgets.theme import theme

WIDTH_PX = 600
TOP_PX = 72
# Another program's window or the field's own menu comes and goes: the palette stays.
_PASSING = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class Palette(QFrame):
    """An overlay at the top of the window. Signals: chosen(str) with the id of the entry that was run."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.setProperty("role", "palette")
        self.setAccessibleName(_("Command palette"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Search or run a command"))
        self.field.setAccessibleName(_("Search or run a command"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self.list = ChoiceView(has_tiles=False)
        self.list.chosen.connect(self._on_chosen)
        self.list.current_changed.connect(self.field.setAccessibleDescription)
        self._nothing = Label(_(NOTHING))
        self._nothing.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        for part in (self.field, self.list, self._nothing):
            layout.addWidget(part)
        self.hide()

    def open(self, choices: Sequence[Choice], query: str = "") -> None:
        """Show these choices, last used first, with `query` typed already."""
        self.list.offer(choices, query)
        self.field.setText(query)
        self._fit()
        self._window.installEventFilter(self)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list while the field has the focus; close when it goes; follow the window's size while open."""
        if watched is self._window:
            if event.type() is QEvent.Type.Resize:
                self._place()
            return False
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in _PASSING:
            self.hide()
        return isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._take_key(event.key())

    def hideEvent(self, event: QHideEvent) -> None:
        """The window may do as it likes."""
        super().hideEvent(event)
        self._window.removeEventFilter(self)

    def _take_key(self, key: int) -> bool:
        if key == Qt.Key.Key_Escape:
            self._leave()
            return True
        return self.list.take_key(key)

    def _leave(self) -> None:
        self.hide()
        self._window.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_chosen(self, choice: Choice) -> None:
        self._leave()
        self.chosen.emit(choice.entry.id)
        choice.run()

    def _on_text_changed(self, query: str) -> None:
        self.list.search(query)
        self._fit()

    def _fit(self) -> None:
        n_found = self.list.count()
        self.list.setVisible(n_found > 0)
        self._nothing.setVisible(n_found == 0)
        self._place()

    def _place(self) -> None:
        look = theme()
        n_rows = min(max(self.list.count(), 1), N_VISIBLE)
        self.list.setFixedHeight(n_rows * look.scaled(ROW_PX) + 4)
        width_px = min(look.scaled(WIDTH_PX), self._window.width() - 32)
        self.setFixedWidth(width_px)
        self.adjustSize()
        self.move((self._window.width() - width_px) // 2, TOP_PX)
