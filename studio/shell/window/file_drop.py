"""Takes files that are dropped on the window; Home says meanwhile what would happen with them."""

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from studio.shell.home.drop_zone import DropZone
from studio.shell.window.opener import ModelOpener


class FileDrop(QObject):
    """Opens a dropped file, or several pictures together."""

    def __init__(self, window: QWidget, zone: DropZone, opener: ModelOpener) -> None:
        super().__init__(window)
        self._zone, self._opener = zone, opener
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        """What is no file is left to others."""
        if event.type() is QEvent.Type.DragLeave:
            self._zone.show_invitation()
        elif isinstance(event, QDragEnterEvent):
            return self._greet(event)
        elif isinstance(event, QDropEvent) and event.type() is QEvent.Type.Drop:
            return self._take(event)
        return False

    def _greet(self, event: QDragEnterEvent) -> bool:
        paths = _paths_in(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self._zone.show_hovering(paths[0].name)
        return bool(paths)

    def _take(self, event: QDropEvent) -> bool:
        paths = _paths_in(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self._zone.show_invitation()
            self._opener.open_paths(paths)
        return bool(paths)


def _paths_in(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
