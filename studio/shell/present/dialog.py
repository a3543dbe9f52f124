"""The dialog in which a person prepares a presentation: words and controls, times and keys, the playlist."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.api.family import Showing
from studio.core.translation import N_, _, translate
from studio.shell.present.control import chosen_controls, offered_controls, title_of
from studio.shell.present.show import IDLE_S, MAX_CONTROLS, MAX_SHOWS, Preparation, Show
from studio.shell.tabs.model_tab import ModelTab
from studio.widgets.controls.label import Label
from studio.widgets.controls.section_parts import at_the_left, named_button, small_label
from studio.widgets.dialog_size import dialog_size

if TYPE_CHECKING:
    from studio.api.panel import Panel

WIDTH_PX, HEIGHT_PX = 860, 560
_PORTABLE: Final = QKeySequence.SequenceFormat.PortableText
_NAME = Qt.ItemDataRole.UserRole


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


class Words(QWidget):
    """Edits how the model in front is presented."""

    def __init__(self, showing: Showing, panel: "Panel") -> None:
        super().__init__()
        self._showing = showing
        self.title, self.text = QLineEdit(translate(showing.title)), QLineEdit(translate(showing.text))
        self.text.setCursorPosition(0)
        self.title.setObjectName("present_title")
        self.text.setObjectName("present_text")
        self.list = QListWidget()
        self.list.setObjectName("present_controls")
        self.list.setAccessibleName(_("Controls for visitors"))
        self._fill(panel)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(_("Title"), self.title)
        form.addRow(_("Sentence"), self.text)
        form.addRow(_("Controls, up to {n}").format(n=MAX_CONTROLS), self.list)
        self.list.itemChanged.connect(self._on_changed)

    def _fill(self, panel: "Panel") -> None:
        offered, chosen = offered_controls(panel), chosen_controls(panel, self._showing.controls)
        for name, source in (chosen | offered).items():  # the chosen ones first, in their order
            item = QListWidgetItem(title_of(source), self.list)
            item.setData(_NAME, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if name in chosen else Qt.CheckState.Unchecked)

    def showing(self) -> Showing:
        """What was chosen."""
        names = tuple(str(item.data(_NAME)) for item in self._checked())
        return replace(self._showing, title=self.title.text(), text=self.text.text(), controls=names, models=())

    def _checked(self) -> list[QListWidgetItem]:
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item for item in items if item.checkState() is Qt.CheckState.Checked]

    def _on_changed(self, item: QListWidgetItem) -> None:
        """One too many is not taken."""
        if len(self._checked()) > MAX_CONTROLS:
            item.setCheckState(Qt.CheckState.Unchecked)


class PrepareDialog(QDialog):
    """Signals: agreed(Preparation) once, when the person has agreed; present_requested() after it."""

    agreed = Signal(object)
    present_requested = Signal()

    def __init__(
        self, preparation: Preparation, tab: ModelTab | None, tabs: Sequence[ModelTab], parent: QWidget
    ) -> None:
        """`tab` is the one in front, None for none; `tabs` are all that are open."""
        super().__init__(parent)
        self.setObjectName("prepare_dialog")
        self.setWindowTitle(_("Prepare to present"))
        self._preparation, self._tab, self._tabs = preparation, tab, tabs
        self.words: Words | None = None
        if tab is not None and tab.panel is not None:
            self.words = Words(preparation.showing_of(tab.found, tab.source, tab.title), tab.panel)
        self.playlist = Playlist(preparation.playlist)
        self.idle, self.key = QSpinBox(), QKeySequenceEdit()
        self._fill_times()
        self._lay_out()
        self.resize(dialog_size(self, WIDTH_PX, HEIGHT_PX))

    def _fill_times(self) -> None:
        self.idle.setObjectName("present_idle")
        self.idle.setRange(*IDLE_S)
        self.idle.setSuffix(_(" s"))
        self.idle.setValue(self._preparation.idle_s)
        self.key.setObjectName("present_key")
        self.key.setMaximumSequenceLength(1)
        self.key.setClearButtonEnabled(True)
        self.key.setKeySequence(QKeySequence(self._preparation.exit_key, _PORTABLE))

    def _lay_out(self) -> None:
        left, right, columns = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        if self.words is not None and self._tab is not None:
            left.addWidget(_heading(_("For {title}").format(title=translate(self._tab.title))))
            left.addWidget(self.words, 1)
            columns.addLayout(left, 1)
        form = QFormLayout()
        form.addRow(_("Returns to its start after"), self.idle)
        form.addRow(_("Key to leave"), self.key)
        right.addWidget(_heading(_("For all")))
        right.addLayout(form)
        right.addWidget(small_label(_("A press of two seconds in a corner of the screen leaves as well.")))
        right.addWidget(_heading(_("Playlist")))
        right.addWidget(self.playlist, 1)
        right.addLayout(at_the_left(*self._adding()))
        columns.addLayout(right, 1)
        columns.setSpacing(24)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 20, 20, 20)
        whole.addLayout(columns, 1)
        whole.addLayout(self._buttons())

    def _adding(self) -> list[QWidget]:
        this = named_button("show_add", N_("Add this state"), pressed=self._add_this)
        this.setEnabled(self.words is not None)
        every = named_button("show_add_all", N_("Add all open tabs"), pressed=self._add_all)
        every.setEnabled(bool(self._tabs))
        return [this, every]

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(named_button("prepare_cancel", N_("Cancel"), pressed=self.reject))
        row.addWidget(named_button("prepare_save", N_("Save"), pressed=self._save))
        row.addWidget(named_button("prepare_present", N_("Save and present"), pressed=self._present, kind="primary"))
        return row

    def preparation(self) -> Preparation:
        """What was chosen."""
        showings = dict(self._preparation.showings)
        if self.words is not None and self._tab is not None:
            showings[self._tab.source.id] = self.words.showing()
        key = self.key.keySequence().toString(_PORTABLE)
        return replace(
            self._preparation,
            idle_s=self.idle.value(),
            exit_key=key,
            showings=showings,
            playlist=self.playlist.shows(),
        )

    def _show_of(self, tab: ModelTab) -> Show:
        """The state of a tab as it is now, without its runs, which are made again."""
        showing = self.preparation().showing_of(tab.found, tab.source, tab.title)
        return Show(replace(tab.memory(), runs=()), replace(showing, models=()))

    def _add_this(self) -> None:
        if self._tab is not None:
            self.playlist.add([self._show_of(self._tab)])

    def _add_all(self) -> None:
        self.playlist.add([self._show_of(tab) for tab in self._tabs])

    def _save(self) -> None:
        self.agreed.emit(self.preparation())
        self.accept()

    def _present(self) -> None:
        self._save()
        self.present_requested.emit()


def _heading(text: str) -> Label:
    label = Label(text)
    label.setProperty("role", "title")
    return label
