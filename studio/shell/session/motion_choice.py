"""Lets pictures move by themselves or not, as the settings say, or as the system does."""

import subprocess
import sys
from typing import Final

from PySide6.QtCore import QObject

from studio.compute.job import Policy
from studio.core.option import MOTION
from studio.core.pausing import beside
from studio.core.translation import SYSTEM
from studio.shell.session.service import Services
from studio.widgets.motion import motion
from studio.widgets.task_scope import TaskScope

PATIENCE_S: Final = 2.0
_QUESTIONS: Final = {
    "darwin": (("defaults", "read", "com.apple.universalaccess", "reduceMotion"), "1"),
    "linux": (("gsettings", "get", "org.gnome.desktop.interface", "enable-animations"), "false"),
}
"""What to ask each system, and what it answers where less is wanted; KDE and others answer for GNOME's programs too."""
_SPI_GETCLIENTAREAANIMATION: Final = 0x1042


def wants_less_motion() -> bool:
    """Whether the system says so; it takes some milliseconds. False where it says nothing."""
    if sys.platform == "win32":
        import ctypes

        is_animated = ctypes.c_int(1)
        ctypes.windll.user32.SystemParametersInfoW(_SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(is_animated), 0)
        return not is_animated.value
    return _says_less(*_QUESTIONS.get(sys.platform, ((), "")))


def _says_less(question: tuple[str, ...], answer: str) -> bool:
    if not question:
        return False
    try:
        done = subprocess.run(question, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == answer


class MotionChoice(QObject):
    """Follows the settings; the system is asked at `begin`, and whenever a person wants it to be followed."""

    def __init__(self, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = services.settings
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._is_less_wanted = False
        self._settings.on_change(self._on_setting_changed)
        self._apply()

    def begin(self) -> None:
        """Ask the system, where it is to be followed."""
        if self._settings.get(MOTION) == SYSTEM:
            self._tasks.run("motion", lambda: beside(wants_less_motion), Policy.QUEUE, done=self._on_answer)

    def _on_answer(self, is_less_wanted: bool) -> None:
        self._is_less_wanted = is_less_wanted
        self._apply()

    def _on_setting_changed(self, key: str) -> None:
        if key == MOTION.key:
            self._apply()
            self.begin()

    def _apply(self) -> None:
        chosen = self._settings.get(MOTION)
        motion().reduce(chosen == "reduced" or (chosen == SYSTEM and self._is_less_wanted))
