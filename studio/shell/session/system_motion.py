"""Asks the system whether its person wants things on the screen to move less."""

import subprocess
import sys
from typing import Final

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
