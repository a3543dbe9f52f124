"""Remembers a graphics card that is worth it, prepares the window for it, and says what draws the scenes."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.core.option import GRAPHICS
from studio.core.setting import Settings
from studio.core.translation import N_
from studio.shell.window.status_bar import StatusBar
from studio.widgets.views.graphics import graphics

NEXT_TIME = N_("From the next start, the graphics card will draw the scenes ({renderer}); for now the processor does.")


class GraphicsCard(QObject):
    """Made before the window is shown: only then can it be put together by the card without ever blinking."""

    def __init__(self, settings: Settings, window: QWidget, status: StatusBar) -> None:
        super().__init__(window)
        self._settings = settings
        self._status = status
        graphics().trust(settings.get(GRAPHICS))
        graphics().prepare(window)
        graphics().changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        found = graphics().status
        if found is None:
            return
        is_card = found.kind == "hardware"
        self._settings.set(GRAPHICS, found.renderer if is_card else "")
        is_new = is_card and not graphics().trusted
        self._status.show_graphics(found.title, NEXT_TIME.format(renderer=found.renderer) if is_new else found.sentence)
