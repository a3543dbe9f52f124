"""The dialog in which a person prepares a presentation: words and controls, times and keys, the playlist."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QKeySequenceEdit, QSpinBox, QVBoxLayout, QWidget

from studio.core.translation import N_, _, translate
from studio.shell.present.playlist import Playlist
from studio.shell.present.show import IDLE_S, Preparation, Show
from studio.shell.present.words import Words
from studio.shell.tabs.model_tab import ModelTab
from studio.widgets.controls.label import Label
from studio.widgets.controls.section_parts import at_the_left, named_button, small_label
from studio.widgets.dialog_size import dialog_size

WIDTH_PX, HEIGHT_PX = 860, 560
_PORTABLE: Final = QKeySequence.SequenceFormat.PortableText


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
