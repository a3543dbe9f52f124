"""The steps of the tab in front: back, again, to any of them, and to the start."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from studio.commands.undo import UndoStack
from studio.core.translation import _
from studio.shell.tabs.tab_set import TabSet
from studio.shell.window.history import HistoryDialog
from studio.widgets.question import ask
from studio.widgets.theme import set_hue


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
