"""The dialog for getting models, which the window and Home open; downloads go on while it is closed."""

from PySide6.QtCore import QObject

from studio.commands.command import FILE, Command
from studio.core.translation import N_
from studio.shell.download.dialog import GetDialog
from studio.shell.download.downloads import Downloads
from studio.shell.session.service import Services
from studio.shell.window.window import MainWindow


class DownloadDesk(QObject):
    """Opens the dialog over the downloads of a window, one at a time."""

    def __init__(self, services: Services, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._downloads = Downloads(services, window)
        self._dialog: GetDialog | None = None
        window.home.get_requested.connect(self.show)

    def commands(self) -> tuple[Command, ...]:
        """What shows the dialog."""
        text = N_("Downloads a model of other people by its name; nothing in it is ever run.")
        return (Command("studio.get", N_("Get a model…"), self.show, (), FILE, None, text),)

    def show(self) -> None:
        """Ask what shall be downloaded."""
        if self._dialog is None:
            self._dialog = GetDialog(self._downloads, self._window)
            self._dialog.open_requested.connect(self._window.opener.open_model)
            self._dialog.finished.connect(self._on_closed)
            self._downloads.dialog = self._dialog
        self._dialog.open()
        self._downloads.look()

    def _on_closed(self) -> None:
        self._downloads.forget_look_up()
        self._downloads.dialog = None
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
