"""The field on Home that asks what a person would like to do, and shows pictures of what there is for it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from studio.core.translation import _
from studio.widgets.controls.label import Label
from studio.widgets.gallery.choice import Choice
from studio.widgets.gallery.delegate import tile_size
from studio.widgets.gallery.gallery import NOTHING
from studio.widgets.gallery.view import ChoiceView
from studio.widgets.theme import theme

FIELD_PX = 340


class WishField(QLineEdit):
    """Passes arrows and Enter on to what was found."""

    def __init__(self, found: "Found") -> None:
        super().__init__()
        self.setObjectName("wish")
        self.setPlaceholderText(_("What would you like to make?"))
        self.setAccessibleName(_("What would you like to make?"))
        self.setClearButtonEnabled(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._found = found
        found.view.current_changed.connect(self.setAccessibleDescription)
        found.done.connect(self.clear)
        self.textChanged.connect(found.search)
        self.installEventFilter(self)

    def sizeHint(self) -> QSize:
        """Room for a short sentence."""
        return QSize(theme().scaled(FIELD_PX), super().sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in what was found, choose it, or let it go, while the focus stays here."""
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress or not self.text():
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            return True
        return self._found.view.take_key(event.key())


class Found(QWidget):
    """Tiles of what was found. Signals: searching(bool); chosen(str), the id of the entry; done() after a choice."""

    searching = Signal(bool)
    chosen = Signal(str)
    done = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choices: Callable[[], Sequence[Choice]] = list
        self._is_searching = False
        self.view = ChoiceView(has_tiles=True)
        self.view.setAccessibleName(_("What was found"))
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.chosen.connect(self._on_chosen)
        self._nothing = Label(_(NOTHING))
        self._nothing.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        column.addWidget(self._nothing)
        self.hide()

    def search_in(self, choices: Callable[[], Sequence[Choice]]) -> None:
        """Look among these; they are asked for as somebody begins to type."""
        self._choices = choices

    def search(self, query: str) -> None:
        """Show what there is for a wish; nothing for none."""
        if query and not self._is_searching:
            self.view.offer(self._choices(), query)
        elif query:
            self.view.search(query)
        if bool(query) != self._is_searching:
            self._is_searching = bool(query)
            self.searching.emit(self._is_searching)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as all tiles together: the page scrolls."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        n_rows = -(-self.view.count() // self.view.n_columns)
        self.view.setFixedHeight(n_rows * tile_size().height() + 8)
        self.view.setVisible(n_rows > 0)
        self._nothing.setVisible(n_rows == 0)

    def _on_chosen(self, choice: Choice) -> None:
        self.done.emit()
        self.chosen.emit(choice.entry.id)
        choice.run()
