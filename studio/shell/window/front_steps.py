"""The steps of the tab in front: back, again, and what there is to go back to."""

from studio.commands.undo import UndoStack
from studio.shell.window.tab_set import TabSet


class FrontSteps:
    """What the commands of the window do with the undo stack of the tab in front."""

    def __init__(self, tabs: TabSet) -> None:
        self._tabs = tabs

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
