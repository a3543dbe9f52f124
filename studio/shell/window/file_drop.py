"""A window that takes files; Home says meanwhile what would happen with them."""

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow

from studio.shell.home.home import Home
from studio.shell.tabs.opener import ModelOpener


class DropWindow(QMainWindow):
    """Attributes: home: says what is about to be dropped. opener: opens it."""

    home: Home
    opener: ModelOpener

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        paths = _paths_in(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.home.drop_zone.show_hovering(paths[0].name)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Invite again."""
        self.home.drop_zone.show_invitation()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file, or several pictures together."""
        paths = _paths_in(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.home.drop_zone.show_invitation()
            self.opener.open_paths(paths)


def _paths_in(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
