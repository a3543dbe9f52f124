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
        self._said: dict[str, str] = {}
        settings.on_change(self._on_setting_changed)
        window.destroyed.connect(self.steering.close)

    def begin(self) -> None:
        """Listen to what the settings say."""
        self._listen_to_osc()
        self._listen_to_midi()

    def show(self) -> None:
        """Show the dialog beside the window."""
        if self.dialog is None:
            from studio.shell.live.dialog import LiveDialog

            self.dialog = LiveDialog(self._settings, self.steering, self._window)
            self.dialog.show_state(self._state())
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _state(self) -> str:
        return " ".join(text for text in (self._said.get(OSC), self._said.get(MIDI)) if text)

    def _listen_to_osc(self) -> None:
        settings = self._settings
        make = partial(OscInput, settings.get(LIVE_OSC_PORT), settings.get(LIVE_OSC_TO_ALL))
        self._listen(OSC, make if settings.get(LIVE_OSC) else None)

    def _listen_to_midi(self) -> None:
        port = self._settings.get(LIVE_MIDI)
        self._listen(MIDI, partial(MidiInput, port) if port else None)

    def _listen(self, key: str, make: Callable[[], LiveInput] | None) -> None:
        """Listen to one kind of input, and say so, or why not."""
        try:
            self.steering.set_input(key, make)
            self._said[key] = "" if make is None else _("Listening to {kind}.").format(kind=key.upper())
        except UserError as error:
            self._said[key] = f"{translate(error.title)} {translate(error.what_to_do)}"
        if self.dialog is not None:
            self.dialog.show_state(self._state())

    def _on_setting_changed(self, key: str) -> None:
        if key in (LIVE_OSC.key, LIVE_OSC_PORT.key, LIVE_OSC_TO_ALL.key):
            self._listen_to_osc()
        elif key == LIVE_MIDI.key:
            self._listen_to_midi()
