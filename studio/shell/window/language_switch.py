"""Offers to start the program anew once another language was chosen: everything that is open comes back in it."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.core.option import LANGUAGE
from studio.core.setting import Settings
from studio.core.translation import _, choose_language
from studio.widgets.question import ask


class LanguageSwitch(QObject):
    """Attributes: is_agreed: whether the program is to start anew when it has ended."""

    def __init__(self, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._settings, self._window = settings, window
        self.is_agreed = False
        settings.on_change(self._on_setting_changed)

    def _on_setting_changed(self, key: str) -> None:
        if key != LANGUAGE.key:
            return
        choose_language(self._settings.get(LANGUAGE))
        question = _("Start the program again in this language?")
        consequences = _("It takes a moment. All tabs come back with their settings and recordings.")
        ask(self._window, "ask_restart", question, consequences, (_("Restart"), _("Later")), self._agree)

    def _agree(self) -> None:
        self.is_agreed = True
        self._window.close()
