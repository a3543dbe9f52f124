"""Listens for knobs and faders, as the settings say, and shows the dialog about them."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QWidget

from studio.core.error import UserError
from studio.core.option import LIVE_MIDI, LIVE_OSC, LIVE_OSC_PORT, LIVE_OSC_TO_ALL
from studio.core.setting import Settings
from studio.core.translation import _, translate
from studio.shell.live.live_input import LiveInput, MidiInput, OscInput
from studio.shell.live.steering import Steering
from studio.shell.tabs.tab_set import TabSet

if TYPE_CHECKING:
    from studio.shell.live.dialog import LiveDialog

OSC: Final = "osc"
MIDI: Final = "midi"


class LiveControls:
    """Listens to what the settings say, from the start; the dialog is made when somebody asks for it."""

    def __init__(self, settings: Settings, tabs: TabSet, window: QWidget) -> None:
        self._settings, self._window = settings, window
        self.steering = Steering(settings, tabs, window)
        self.dialog: LiveDialog | None = None
        self._state = ""
        settings.on_change(self._on_setting_changed)
        window.destroyed.connect(self.steering.close)

    def begin(self) -> None:
        """Listen to what the settings say."""
        said = [self._listen(OSC, self._osc()), self._listen(MIDI, self._midi())]
        self._state = " ".join(text for text in said if text)
        if self.dialog is not None:
            self.dialog.show_state(self._state)

    def show(self) -> None:
        """Show the dialog beside the window."""
        if self.dialog is None:
            from studio.shell.live.dialog import LiveDialog

            self.dialog = LiveDialog(self._settings, self.steering, self._window)
            self.dialog.show_state(self._state)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _osc(self) -> Callable[[], LiveInput] | None:
        settings = self._settings
        if not settings.get(LIVE_OSC):
            return None
        return partial(OscInput, settings.get(LIVE_OSC_PORT), settings.get(LIVE_OSC_TO_ALL))

    def _midi(self) -> Callable[[], LiveInput] | None:
        port = self._settings.get(LIVE_MIDI)
        return partial(MidiInput, port) if port else None

    def _listen(self, key: str, make: Callable[[], LiveInput] | None) -> str:
        """Listen to one kind of input; returns what is to be said of it."""
        try:
            self.steering.set_input(key, make)
        except UserError as error:
            return f"{translate(error.title)} {translate(error.what_to_do)}"
        return "" if make is None else _("Listening to {kind}.").format(kind=key.upper())

    def _on_setting_changed(self, key: str) -> None:
        if key in (LIVE_OSC.key, LIVE_OSC_PORT.key, LIVE_OSC_TO_ALL.key, LIVE_MIDI.key):
            self.begin()
