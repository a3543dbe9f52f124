"""Lets sounds be played on the device that the settings name, and says where it is not there."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from studio.core.option import SOUND_DEVICE
from studio.core.setting import Settings
from studio.core.translation import _
from studio.widgets.sound_output import sound_output


class SoundChoice(QObject):
    """Follows the settings for as long as its parent lives; `say` shows a sentence and what goes with it in passing."""

    def __init__(self, settings: Settings, say: Callable[[str, str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._settings, self._say = settings, say
        sound_output().choose(settings.get(SOUND_DEVICE))
        sound_output().missing.connect(self._on_missing)
        settings.on_change(self._on_setting_changed)

    def _on_setting_changed(self, key: str) -> None:
        if key == SOUND_DEVICE.key:
            sound_output().choose(self._settings.get(SOUND_DEVICE))

    def _on_missing(self, name: str) -> None:
        self._say(_("“{name}” is not connected.").format(name=name), _("The system’s sound device is used."))
