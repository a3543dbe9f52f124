"""A list of choices that a field searches: rows for a palette, tiles with pictures for a gallery."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from studio.commands.palette import Match, rank
from studio.core.translation import N_, translate
from studio.widgets.controls.label import set_tip
from studio.widgets.gallery.choice import Choice
from studio.widgets.gallery.delegate import MATCH, RowDelegate, TileDelegate, tile_size

N_VISIBLE: Final = 9
_FILLERS: Final = N_("a an the my i me to want would like make some of with for please")
"""Words of a wish that say nothing of what is wished for, with spaces between."""
_RETURN: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ChoiceView(QListWidget):
    """Shows what a query finds, best first. Signals: chosen(Choice); current_changed(str), as it is read out."""

    chosen = Signal(object)
    current_changed = Signal(str)

    def __init__(self, has_tiles: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_tiles = has_tiles
        self._choices: dict[str, Choice] = {}
        self.setItemDelegate(TileDelegate(self) if has_tiles else RowDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if has_tiles:
            self._lay_tiles()
        self.itemClicked.connect(self._on_item_clicked)
        self.itemEntered.connect(self._on_item_entered)
        self.currentItemChanged.connect(self._on_current_changed)
        self._pointer = QCursor.pos()

    def _lay_tiles(self) -> None:
        self.setProperty("role", "tiles")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(24)

    @property
    def n_columns(self) -> int:
        """How many stand side by side."""
        return max(self.viewport().width() // tile_size().width(), 1) if self._has_tiles else 1

    def offer(self, choices: Sequence[Choice], query: str = "") -> None:
        """Have these to choose from, and show what `query` finds among them."""
        self._choices = {choice.entry.id: choice for choice in choices}
        self._pointer = QCursor.pos()
        self.search(query)

    def search(self, query: str) -> None:
        """Show what is found, the first one chosen; without a query everything, what is open now chosen."""
        matches = rank(said_plainly(query), [choice.entry for choice in self._choices.values()])
        self.clear()
        for match in matches:
            self.addItem(self._item(match))
        present = [row for row in range(self.count()) if self.choice_at(row).is_present]
        self.setCurrentRow(present[0] if present and not query else 0)

    def choice_at(self, row: int) -> Choice:
        """The choice in a row that is there."""
        choice: Choice = self.item(row).data(MATCH)[0]
        return choice

    def take_key(self, key: int) -> bool:
        """Move, or choose; returns whether the key was one of these."""
        if key in _RETURN:
            self._choose(self.currentItem())
            return True
        step = self._steps().get(key)
        if step is None:
            return False
        if self.count():
            self.setCurrentRow(self._reached(step))
        return True

    def _steps(self) -> dict[int, int]:
        columns = self.n_columns
        steps = {
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_PageDown: N_VISIBLE,
            Qt.Key.Key_PageUp: -N_VISIBLE,
        }
        if self._has_tiles:
            steps |= {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        return {int(key): step for key, step in steps.items()}

    def _reached(self, step: int) -> int:
        row = self.currentRow() + step
        if abs(step) == 1:
            return row % self.count()
        if self._has_tiles and not 0 <= row < self.count() and abs(step) == self.n_columns:
            return self.currentRow() if row < 0 else self.count() - 1
        return min(max(row, 0), self.count() - 1)

    def leaveEvent(self, event: QEvent) -> None:
        """The next move of the mouse counts."""
        super().leaveEvent(event)
        self._pointer = QCursor.pos()

    def _item(self, match: Match) -> QListWidgetItem:
        choice = self._choices[match.entry.id]
        item = QListWidgetItem(choice.entry.title)
        item.setData(MATCH, (choice, match.positions))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, _spoken(choice))
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, choice.sentence or choice.kind)
        if self._has_tiles:
            item.setSizeHint(tile_size())
        set_tip(item, choice.sentence or choice.entry.keywords)
        return item

    def _on_item_entered(self, item: QListWidgetItem) -> None:
        """Choose what the mouse goes to; a row that is scrolled under a mouse at rest is none."""
        if QCursor.pos() != self._pointer:
            self._pointer = QCursor.pos()
            self.setCurrentItem(item)

    def _on_item_clicked(self, item: QListWidgetItem) -> None:
        self._choose(item)

    def _on_current_changed(self, item: QListWidgetItem | None) -> None:
        self.current_changed.emit("" if item is None else _spoken(item.data(MATCH)[0]))

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(MATCH)[0])


def _spoken(choice: Choice) -> str:
    return ". ".join(filter(None, (choice.entry.title, choice.sentence.rstrip("."), choice.group)))


def said_plainly(query: str) -> str:
    """What is wished for, without the words around it; "" stays as it is, and so does what has no other words."""
    fillers = set(translate(_FILLERS).split())
    return " ".join(word for word in query.split() if word.lower() not in fillers) or query
