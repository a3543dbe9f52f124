"""The prepared states one below the other, to be put in order or taken out."""

from collections.abc import Sequence

from PySide6.QtWidgets import QListWidget, QVBoxLayout, QWidget

from studio.core.translation import N_, _, translate
from studio.shell.present.show import MAX_SHOWS, Show
from studio.widgets.controls.section_parts import at_the_left, named_button, small_label


class Playlist(QWidget):
    """Keeps the states in the order of the list."""

    def __init__(self, shows: Sequence[Show]) -> None:
        super().__init__()
        self._shows = list(shows)
        self.list = QListWidget()
        self.list.setObjectName("present_playlist")
        self.list.setAccessibleName(_("Playlist"))
        self._about = small_label(_("Empty: the first model of every family is shown."))
        self.up = named_button("show_up", N_("Up"), pressed=self._move_up)
        self.down = named_button("show_down", N_("Down"), pressed=self._move_down)
        self.remove = named_button("show_remove", N_("Remove"), pressed=self._remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        column.addWidget(self._about)
        column.addLayout(at_the_left(self.up, self.down, self.remove))
        self.list.currentRowChanged.connect(self._show_possible)
        self._fill(0)

    def shows(self) -> tuple[Show, ...]:
        """The states in their order."""
        return tuple(self._shows)

    def add(self, shows: Sequence[Show]) -> None:
        """Put states at the end, as many as there may be."""
        self._shows = [*self._shows, *shows][:MAX_SHOWS]
        self._fill(len(self._shows) - 1)

    def _fill(self, row: int) -> None:
        self.list.clear()
        for show in self._shows:
            self.list.addItem(f"{translate(show.showing.title)} · {show.memory.model_id}")
        self.list.setCurrentRow(min(row, len(self._shows) - 1))
        self._show_possible()

    def _show_possible(self) -> None:
        row, n = self.list.currentRow(), len(self._shows)
        self._about.setVisible(not n)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < n - 1)
        self.remove.setEnabled(row >= 0)

    def _move_up(self) -> None:
        self._move(-1)

    def _move_down(self) -> None:
        self._move(1)

    def _move(self, step: int) -> None:
        row = self.list.currentRow()
        self._shows.insert(row + step, self._shows.pop(row))
        self._fill(row + step)

    def _remove(self) -> None:
        row = self.list.currentRow()
        self._shows.pop(row)
        self._fill(row)
