"""What stands in place of the picture while many seeds are looked at: their page, and what turns it."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Button, Segmented, SteadyLabel
from studio.core.text import N_, translate

from .grid_page import GridPage

ALL, PINNED = "all", "pinned"
TITLES: Final = {ALL: N_("All seeds"), PINNED: N_("Pinned")}
HINTS: Final = {ALL: N_("One seed after the other"), PINNED: N_("The seeds that you pinned of this model")}
USE: Final = N_("Click: go to it  ·  Shift-click: mix it in as face B  ·  Right-click or P: pin it")


class GridView(QWidget):
    """A page with its head. Signals: turned(way), -1 or 1; set_chosen(name), ALL or PINNED; closed()."""

    turned = Signal(int)
    set_chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("seed_grid_view")
        self.page = GridPage()
        self.page.turned.connect(self.turned)
        self.page.closed.connect(self.closed)
        self.sets = Segmented("grid_sets", TITLES, N_("Which seeds"), HINTS)
        self.sets.value_chosen.connect(self.set_chosen)
        self.words = SteadyLabel()
        self.back = self._button("grid_back", "‹", N_("The seeds before (Page up)"), -1)
        self.on = self._button("grid_on", "›", N_("The next seeds (Page down)"), 1)
        self.close_button = Button(N_("Back to the picture"), icon_name="picture")
        self.close_button.setObjectName("grid_close")
        self.close_button.setToolTip(translate(N_("Show the single face again (G or Escape)")))
        self.close_button.clicked.connect(self.closed)
        hint = SteadyLabel(role="small", alignment=Qt.AlignmentFlag.AlignHCenter)
        hint.set_text(translate(USE))
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self.sets, self.back, self.on):
            head.addWidget(widget)
        head.addWidget(self.words, 1)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.page, 1)
        column.addWidget(hint)

    def _button(self, name: str, text: str, hint: str, way: int) -> Button:
        button = Button(text, hint=hint)
        button.setObjectName(name)
        button.setAccessibleName(translate(hint))
        button.setFixedWidth(32)
        button.clicked.connect(lambda: self.turned.emit(way))
        return button

    def show_page(self, name: str, words: str, has_before: bool, has_next: bool) -> None:
        """Say which seeds the page shows. Emits nothing."""
        self.sets.set_value(name)
        self.words.set_text(words)
        self.back.setEnabled(has_before)
        self.on.setEnabled(has_next)
