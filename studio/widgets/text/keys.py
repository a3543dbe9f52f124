"""What the keys do in the text: they type, erase, move the cursor, select, copy and paste."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence

from studio.render.text_layout import TextLayout
from studio.widgets.text.cursor import TextCursor, erased, typed, word_end

MAX_PASTED: Final = 1_000_000
_WAYS: Final = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Backspace: -1,
    Qt.Key.Key_Delete: 1,
}
_LINES: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down)
_ERASING: Final = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
_ENTERS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SELECTORS: Final = frozenset("\ufe0e\ufe0f\u20e3")
"""Marks that make an emoji of what stands before them."""
_STANDARD: Final = (
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cut,
    QKeySequence.StandardKey.Paste,
    QKeySequence.StandardKey.SelectAll,
)
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@dataclass(frozen=True)
class Typing:
    """A text under a cursor, and where its characters stand."""

    text: str
    cursor: TextCursor
    layout: TextLayout


def is_ours(event: QKeyEvent) -> bool:
    """Whether a key belongs to the text while the cursor is there, whatever it does elsewhere."""
    key, held = Qt.Key(event.key()), event.modifiers()
    if any(event.matches(standard) for standard in _STANDARD):
        return True
    if held & (_CTRL | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier):
        return key in _WAYS and key not in _LINES and not held & Qt.KeyboardModifier.AltModifier
    return key in _WAYS or key in _ENTERS or key in (Qt.Key.Key_Home, Qt.Key.Key_End) or _is_typed(event)


def after_key(event: QKeyEvent, now: Typing) -> tuple[str, TextCursor] | None:
    """The text and the cursor after a key that `is_ours`; None where there is nothing to do."""
    key = Qt.Key(event.key())
    if any(event.matches(standard) for standard in _STANDARD):
        return _standard(event, now)
    if key in _ENTERS:
        return typed(now.text, now.cursor, "\n")
    if key in _ERASING:
        return _erased(key, bool(event.modifiers() & _CTRL), now)
    if key in _WAYS or key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        place = _place_after(key, bool(event.modifiers() & _CTRL), now)
        return now.text, now.cursor.moved_to(place, bool(event.modifiers() & _SHIFT))
    return typed(now.text, now.cursor, event.text())


def _is_typed(event: QKeyEvent) -> bool:
    return bool(event.text()) and event.text().isprintable()


def _standard(event: QKeyEvent, now: Typing) -> tuple[str, TextCursor] | None:
    first, last = now.cursor.selection
    clipboard = QGuiApplication.clipboard()
    if event.matches(QKeySequence.StandardKey.SelectAll):
        return now.text, TextCursor(len(now.text), 0)
    if event.matches(QKeySequence.StandardKey.Paste):
        new = clipboard.text()[:MAX_PASTED].replace("\r\n", "\n").replace("\r", "\n")
        return typed(now.text, now.cursor, new) if new else None
    if not now.cursor.has_selection:
        return None
    clipboard.setText(now.text[first:last])
    is_cut = event.matches(QKeySequence.StandardKey.Cut)
    return typed(now.text, now.cursor, "") if is_cut else None


def _place_after(key: Qt.Key, is_far: bool, now: Typing) -> int:
    """Where the cursor goes: Left and Right are those of the eye, wherever the text runs."""
    layout, place = now.layout, min(now.cursor.place, len(now.text))
    line = layout.line_of(place)
    if key in _LINES:
        wanted = line + _WAYS[key]
        if not 0 <= wanted < layout.n_lines:
            return 0 if wanted < 0 else len(now.text)
        return layout.place_at(wanted, layout.x_of(place))
    if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        is_left = (key == Qt.Key.Key_Home) != layout.is_rtl(line)
        return layout.place_at(line, -1.0 if is_left else 1e6)
    if is_far:
        return word_end(now.text, place, -_WAYS[key] if layout.is_rtl(line) else _WAYS[key])
    return layout.beside(place, _WAYS[key])


def _erased(key: Qt.Key, is_far: bool, now: Typing) -> tuple[str, TextCursor]:
    """Without the sign behind the cursor, or that before it: of a letter with marks the last mark alone, as in Qt."""
    cursor, place = now.cursor, now.cursor.place
    if is_far or cursor.has_selection:
        return erased(now.text, cursor, _WAYS[key], is_far)
    if key == Qt.Key.Key_Delete:
        end = now.layout.whole(place)[1]
    else:
        is_mark = (
            place > 0
            and unicodedata.category(now.text[place - 1]) in ("Mn", "Mc")
            and now.text[place - 1] not in _SELECTORS
        )
        end = place - 1 if is_mark else now.layout.before(place)
    return typed(now.text, TextCursor(end, place), "")
