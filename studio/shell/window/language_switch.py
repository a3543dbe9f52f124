"""Speaks another language at once: the window closes and is built anew in it, with everything that is open."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.core.option import LANGUAGE
from studio.core.setting import Settings
from studio.core.translation import _, choose_language, language
from studio.widgets.question import ask


class LanguageSwitch(QObject):
    """Asks first where something would be interrupted.

    `interrupted` returns what that is: the titles of jobs, and a sentence about what is kept nowhere.

    Attributes:
        is_agreed: whether the window is to come back when it has closed.
    """

    def __init__(
        self, settings: Settings, window: QWidget, interrupted: Callable[[], tuple[Sequence[str], str]]
    ) -> None:
        super().__init__(window)
        self._settings, self._window, self._interrupted = settings, window, interrupted
        self.is_agreed = False
        settings.on_change(self._on_setting_changed)

    def _on_setting_changed(self, key: str) -> None:
        if key != LANGUAGE.key or not self._is_another():
            return
        titles, lost = self._interrupted()
        if not titles and not lost:
            QTimer.singleShot(0, self, self._switch)  # the control that was used is in the window
            return
        sentence = _("{jobs}. Trainings can be continued afterwards; everything else is lost.")
        consequences = sentence.format(jobs=", ".join(titles)) if titles else lost
        answers = (_("Change now"), _("Later"))
        ask(self._window, "ask_language", _("Change the language now?"), consequences, answers, self._switch)

    def _is_another(self) -> bool:
        spoken = language()
        choose_language(self._settings.get(LANGUAGE))
        is_another = language() != spoken
        choose_language(spoken)  # until the window has closed
        return is_another

    def _switch(self) -> None:
        self.is_agreed = True
        self._window.close()
        choose_language(self._settings.get(LANGUAGE))
