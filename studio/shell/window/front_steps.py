"""The steps of the tab in front: back, again, to any of them, and to the start."""

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from studio.commands.track import MAX_NAME_LENGTH
from studio.commands.undo import UndoStack
from studio.core.translation import N_, _, translate
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.tab_set import TabSet
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label
from studio.widgets.question import ask
from studio.widgets.theme import set_hue, theme

WIDTH_PX: Final = 640
HEIGHT_PX: Final = 420


class HistoryDialog(QDialog):
    """Steps at the left, the newest first; bookmarks at the right. What is done here can be undone like all else."""

    def __init__(self, tab: ModelTab, undo: UndoStack, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Steps and bookmarks"))
        self.setObjectName("history_dialog")
        self._tab = tab
        self._undo = undo
        self.steps = _list("history_steps", _("Steps"))
        self.steps.itemActivated.connect(self._on_step_chosen)
        self.steps.itemClicked.connect(self._on_step_chosen)
        self.bookmarks = _list("history_bookmarks", _("Bookmarks"))
        self.bookmarks.itemActivated.connect(self._on_bookmark_chosen)
        self.bookmarks.itemClicked.connect(self._on_bookmark_chosen)
        self.bookmarks.currentRowChanged.connect(self._show_buttons)
        self.name = QLineEdit()
        self.name.setObjectName("bookmark_name")
        self.name.setMaxLength(MAX_NAME_LENGTH)
        self.name.setPlaceholderText(_("Name for the place that is shown now"))
        self.name.setAccessibleName(_("Name of the bookmark"))
        self.name.textChanged.connect(self._show_buttons)
        self.name.returnPressed.connect(self._on_add_clicked)
        self.add = Button(N_("Bookmark"))
        self.add.clicked.connect(self._on_add_clicked)
        self.remove = Button(kind="quiet", icon_name="trash", hint=N_("Delete this bookmark"))
        self.remove.clicked.connect(self._on_remove_clicked)
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        grid = theme().size.grid
        close = Button(N_("Close"), kind="primary")
        close.clicked.connect(self.accept)
        buttons, marks, steps, columns = QHBoxLayout(), QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        for widget in (_heading(N_("Steps")), self.steps):
            steps.addWidget(widget)
        buttons.addWidget(self.add)
        buttons.addStretch(1)
        buttons.addWidget(self.remove)
        for part in (_heading(N_("Bookmarks")), self.bookmarks, self.name):
            marks.addWidget(part)
        marks.addLayout(buttons)
        for column in (steps, marks):
            columns.addLayout(column, 1)
        for line in (steps, marks, buttons):
            line.setSpacing(2 * grid)
        columns.setSpacing(5 * grid)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * grid, 4 * grid, 5 * grid, 4 * grid)
        layout.setSpacing(4 * grid)
        layout.addLayout(columns, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(theme().scaled(WIDTH_PX), theme().scaled(HEIGHT_PX))

    def refresh(self) -> None:
        """Show what there is now."""
        titles = (N_("The start"), *self._undo.titles)
        self.steps.clear()
        for n_done, title in reversed(list(enumerate(titles))):
            item = QListWidgetItem(translate(title) or _("A step"), self.steps)
            item.setData(Qt.ItemDataRole.UserRole, n_done)
            if n_done > self._undo.n_done:
                item.setForeground(self.palette().placeholderText())
            elif n_done == self._undo.n_done:
                self.steps.setCurrentItem(item)
        row = self.bookmarks.currentRow()
        self.bookmarks.clear()
        self.bookmarks.addItems([one.name for one in self._tab.bookmarks])
        self.bookmarks.setCurrentRow(min(row, self.bookmarks.count() - 1))
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.add.setEnabled(bool(self.name.text().strip()))
        self.remove.setEnabled(self.bookmarks.currentRow() >= 0)

    def _on_step_chosen(self, item: QListWidgetItem) -> None:
        self._undo.go_to(item.data(Qt.ItemDataRole.UserRole))
        self._refresh_soon()

    def _on_bookmark_chosen(self, item: QListWidgetItem) -> None:
        bookmark = self._tab.bookmarks[self.bookmarks.row(item)]
        title = _("Go to {name}").format(name=bookmark.name)
        self._tab.go_to(title, bookmark.params, bookmark.state)
        self._refresh_soon()

    def _refresh_soon(self) -> None:
        QTimer.singleShot(0, self, self.refresh)  # not in the midst of an event of the list

    def _on_add_clicked(self) -> None:
        name = " ".join(self.name.text().split())
        if name:
            self._tab.mark(name)
            self.name.clear()
            self.refresh()

    def _on_remove_clicked(self) -> None:
        self._tab.unmark(self._tab.bookmarks[self.bookmarks.currentRow()])
        self.refresh()


def _list(name: str, title: str) -> QListWidget:
    rows = QListWidget()
    rows.setObjectName(name)
    rows.setAccessibleName(title)
    return rows


def _heading(text: str) -> Label:
    heading = Label(translate(text))
    heading.setProperty("role", "strong")
    return heading


class FrontSteps:
    """What the commands of the window do with the undo stack of the tab in front."""

    def __init__(self, tabs: TabSet, window: QWidget) -> None:
        self._tabs = tabs
        self._window = window

    @property
    def stack(self) -> UndoStack | None:
        """The steps of the tab in front, None on any other page."""
        tab = self._tabs.front_tab
        return None if tab is None else tab.undo

    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self.stack is not None and self.stack.undo_title is not None

    def can_redo(self) -> bool:
        """Whether there is a step to make again."""
        return self.stack is not None and self.stack.redo_title is not None

    def undo(self) -> None:
        """Take the last step back."""
        if self.stack is not None:
            self.stack.undo()

    def redo(self) -> None:
        """Make the step again that was taken back last."""
        if self.stack is not None:
            self.stack.redo()

    def can_show(self) -> bool:
        """Whether a model is in front."""
        return self.stack is not None

    def show(self) -> None:
        """List the steps and the bookmarks of the tab in front."""
        tab = self._tabs.front_tab
        if tab is not None and tab.undo is not None:
            dialog = HistoryDialog(tab, tab.undo, self._window)
            set_hue(dialog, tab.hue)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def reset(self) -> None:
        """Let the tab in front stand as it did when it was opened."""
        tab = self._tabs.front_tab
        if tab is not None:
            tab.reset()


def ask_to_start_afresh(window: QWidget, tabs: TabSet) -> None:
    """Close all tabs where a person agrees: Home is left, as at the first start."""
    question, consequences = (
        _("Close all tabs and start afresh?"),
        _("What is not in a saved workspace is closed with them."),
    )
    ask(window, "ask_start_afresh", question, consequences, (_("Start afresh"), _("Stay")), tabs.close_all)
