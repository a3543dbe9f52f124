"""Takes steps of the tab in front back, and makes them again."""

from studio.commands.undo import UndoStack
from studio.shell.window.tab_set import TabSet


class FrontSteps:
    """The steps of whichever tab is in front; none while a page without a panel is."""

    def __init__(self, tabs: TabSet) -> None:
        self._tabs = tabs

    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._stack is not None and self._stack.undo_title is not None

    def can_redo(self) -> bool:
        """Whether there is a step to make again."""
        return self._stack is not None and self._stack.redo_title is not None

    def undo(self) -> None:
        """Take the last step back."""
        if self._stack is not None:
            self._stack.undo()

    def redo(self) -> None:
        """Make the step again that was taken back last."""
        if self._stack is not None:
            self._stack.redo()

    @property
    def _stack(self) -> UndoStack | None:
        tab = self._tabs.front_tab
        return tab.undo if tab is not None else None
