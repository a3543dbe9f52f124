"""What the window's commands do about presenting; what stands on the screen then is loaded only when it is wanted."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QWidget

from studio.core.error import UserError
from studio.core.place import config_dir
from studio.shell.present.show import FILE_NAME, Preparation, Show, read_preparation, write_preparation
from studio.shell.present.stage import Stage
from studio.shell.session.service import Services
from studio.shell.tabs.tab_set import TabSet
from studio.shell.window.look import Look

if TYPE_CHECKING:
    from studio.api.panel import Panel
    from studio.shell.present.presentation import Presentation
    from studio.shell.present.screen import OtherScreen

TEXT_SCALE: Final = 1.4
"""How much larger captions are, and all that is written on canvases, on a page of 1440 x 900."""


class PresentDesk(QObject):
    """Presents what is in front, or a playlist.

    Signals: failed(UserError) with what to say.

    Attributes:
        presentation, stage: the one that goes on now, and where. clock: what time it is, in seconds.
    """

    failed = Signal(object)

    def __init__(
        self, services: Services, tabs: TabSet, look: Look, window: QMainWindow, around: Sequence[QWidget]
    ) -> None:
        """`around` are the parts of the window that nobody sees meanwhile."""
        super().__init__(window)
        self._services, self._tabs, self._look, self._window, self._around = services, tabs, look, window, around
        self.clock: Callable[[], float] = time.monotonic
        self.presentation: Presentation | None = None
        self.stage: Stage | None = None
        self._other_screen: OtherScreen | None = None
        self._before: list[Callable[[], object]] = []

    @property
    def path(self) -> Path:
        """The file that keeps what was prepared."""
        return config_dir() / FILE_NAME

    # What the commands do

    def present(self) -> None:
        """Present the tab in front as it stands now; the playlist where no model is in front. Again: leave."""
        if self.presentation is not None:
            self.leave()
            return
        tab, preparation = self._tabs.front_tab, read_preparation(self.path)
        if tab is None or tab.panel is None:
            self.present_playlist()
            return
        show = Show(tab.memory(), preparation.showing_of(tab.found, tab.source, tab.title))
        self._enter(Stage(self._services.catalog, self._tabs, [show], tab), preparation)

    def present_playlist(self) -> None:
        """Present the prepared states one after the other."""
        preparation = read_preparation(self.path)
        shows = preparation.shows(self._services.catalog)
        if shows and self.presentation is None:
            self._enter(Stage(self._services.catalog, self._tabs, shows), preparation)

    def switch_full_screen(self) -> None:
        """Fill the screen with everything that is there, or go back."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def prepare(self) -> None:
        """Ask how to present: words, controls, times, keys and the playlist."""
        from studio.shell.present.dialog import PrepareDialog

        tabs = self._tabs.front_tab, self._tabs.model_tabs()
        dialog = PrepareDialog(read_preparation(self.path), *tabs, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.agreed.connect(self._on_prepared)
        dialog.present_requested.connect(self.present, Qt.ConnectionType.QueuedConnection)
        dialog.open()

    def _on_prepared(self, preparation: Preparation) -> None:
        try:
            write_preparation(self.path, preparation)
        except UserError as error:
            self.failed.emit(error)

    # The other screen

    def has_other_screen(self) -> bool:
        """Whether there is a screen that the window is not on."""
        return self._other_screen is not None or len(QGuiApplication.screens()) > 1

    def switch_other_screen(self) -> None:
        """Show the canvas alone on a screen that the window is not on, or no longer."""
        from studio.shell.present.screen import OtherScreen

        if self._other_screen is not None:
            self._other_screen.close()
            return
        own = self._window.screen()
        screen = next((one for one in QGuiApplication.screens() if one != own), None)
        if screen is not None:
            self._other_screen = OtherScreen(screen, self._window, self._front_panel)
            self._other_screen.closed.connect(self._on_other_screen_closed)
            self._other_screen.showFullScreen()

    def _front_panel(self) -> "Panel | None":
        return None if self._tabs.front_tab is None else self._tabs.front_tab.panel

    def _on_other_screen_closed(self) -> None:
        if self._other_screen is not None:
            self._other_screen.deleteLater()
            self._other_screen = None

    def close(self) -> None:
        """The window goes."""
        self.leave()
        if self._other_screen is not None:
            self._other_screen.close()

    # A presentation

    def leave(self) -> None:
        """End the presentation, and let the window be as it was."""
        if self.presentation is None or self.stage is None:
            return
        presentation, self.presentation = self.presentation, None
        stage, self.stage = self.stage, None
        presentation.close()
        stage.close()
        for undo in self._before:
            undo()
        self._before = []
        self._look.magnify(1.0)

    def _enter(self, stage: Stage, preparation: Preparation) -> None:
        from studio.shell.present.presentation import Presentation

        self._clear_window()
        self.stage = stage
        self.presentation = Presentation(self._window, stage, preparation, self.clock)
        self.presentation.ended.connect(self.leave)
        self.presentation.resized.connect(self._on_resized)
        self.presentation.begin()

    def _clear_window(self) -> None:
        window, least, state = self._window, self._window.minimumSize(), self._window.windowState()
        place = window.geometry()
        for widget in [one for one in self._around if not one.isHidden()]:
            widget.hide()
            self._before.append(widget.show)
        window.setMinimumSize(0, 0)
        window.setWindowState(state | Qt.WindowState.WindowFullScreen)
        self._services.commands.hold(True)
        self._before.append(lambda: self._services.commands.hold(False))
        self._before += [lambda: window.setWindowState(state), lambda: window.setMinimumSize(least)]
        if not state & (Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen):
            self._before.append(lambda: window.setGeometry(place))

    def _on_resized(self, scale: float) -> None:
        self._look.magnify(TEXT_SCALE * scale)
