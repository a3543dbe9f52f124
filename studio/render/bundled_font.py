"""The typefaces that came along, for whoever draws text through Qt, and which signs no font of this computer draws."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

from PySide6.QtCore import QLoggingCategory
from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QGuiApplication

from studio.core.place import asset
from studio.core.translation import N_, translate

MONO: Final = "JetBrains Mono"
_NO_EMOJI: Final = N_(
    "The boxes are emoji or symbols for which this computer has no font. To see them, install “Noto Color Emoji” and "
    "start again."
)
_NO_LETTER: Final = N_(
    "The boxes are letters for which this computer has no font, such as “{sign}”. To see them, install “Noto Sans” for "
    "their script and start again."
)
_kept: list[QGuiApplication] = []


def prepare_fonts() -> None:
    """Load the typefaces; where nothing has begun with Qt yet, begin without a screen, for pictures alone."""
    if QGuiApplication.instance() is None:
        from PySide6.QtWidgets import QApplication  # whoever opens a window later needs this kind

        _kept.append(QApplication(["manifold-studio", "-platform", "offscreen"]))
    _load_fonts()


@cache
def _load_fonts() -> None:
    # What is said of scripts without a font is said in the window, in words that help.
    QLoggingCategory.setFilterRules("qt.text.font.db=false")
    for path in sorted(asset("fonts").glob("*.[ot]tf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise RuntimeError(f"the bundled font {path.name} cannot be read")


def mono_font(size_px: int) -> QFont:
    """The typeface of texts: every character equally wide, no ligatures."""
    font = QFont(MONO)
    font.setPixelSize(size_px)
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    font.setFeature(QFont.Tag("calt"), 0)
    font.setFeature(QFont.Tag("liga"), 0)
    return font


def signs_without_font(text: str) -> Iterator[str]:
    """The characters of a text that are drawn as boxes, since no font of this computer has them; each once."""
    if not text.isascii():
        yield from (char for char in sorted(set(text)) if char > "\x7f" and not _has_font(char))


@cache
def _has_font(char: str) -> bool:
    if unicodedata.category(char)[0] not in "LNPS":
        return True
    return QFontMetricsF(mono_font(20)).inFontUcs4(ord(char))


def boxes_words(sign: str) -> str:
    """What a person does about signs that no font draws, of which this is one."""
    if unicodedata.category(sign) in ("So", "Sk"):
        return translate(_NO_EMOJI)
    try:
        name = unicodedata.name(sign).lower()
    except ValueError:
        name = f"U+{ord(sign):04X}"
    return translate(_NO_LETTER).format(sign=name)
