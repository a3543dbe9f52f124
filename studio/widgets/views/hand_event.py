"""Turns Qt's events of pointer, wheel and keys into plain ones."""

import time
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QWheelEvent

from studio.core.hand import ButtonName, Key, Modifier, Pointer, Wheel

_WHEEL_STEP: Final = 120.0  # Qt counts eighths of a degree, a notch of a wheel is 15 degrees
_BUTTONS: Final[dict[Qt.MouseButton, ButtonName]] = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.MiddleButton: "middle",
    Qt.MouseButton.RightButton: "right",
}
_MODIFIERS: Final[dict[Qt.KeyboardModifier, Modifier]] = {
    Qt.KeyboardModifier.ShiftModifier: "shift",
    Qt.KeyboardModifier.ControlModifier: "ctrl",
    Qt.KeyboardModifier.AltModifier: "alt",
}


def pointer(event: QMouseEvent) -> Pointer:
    """What a mouse event says."""
    place = event.position()
    held = frozenset(name for button, name in _BUTTONS.items() if event.buttons() & button)
    button = _BUTTONS.get(event.button(), "none")
    return Pointer(place.x(), place.y(), button, held, modifiers(event.modifiers()), time.perf_counter())


def wheel(event: QWheelEvent) -> Wheel:
    """What a turn of the wheel says; with Alt held, Qt turns it sideways."""
    place, delta = event.position(), event.angleDelta()
    notches = (delta.y() or delta.x()) / _WHEEL_STEP
    return Wheel(place.x(), place.y(), notches, modifiers(event.modifiers()), time.perf_counter())


def key(event: QKeyEvent) -> Key:
    """What a key event says."""
    return Key(key_name(event), modifiers(event.modifiers()), time.perf_counter())


def key_name(event: QKeyEvent) -> str:
    """Qt's own English name of the key in small letters: "w", "left", "space", "["."""
    code = QKeySequence(event.key())
    return code.toString(QKeySequence.SequenceFormat.PortableText).lower()


def modifiers(held: Qt.KeyboardModifier) -> frozenset[Modifier]:
    """The names of the modifier keys that are held."""
    return frozenset(name for modifier, name in _MODIFIERS.items() if held & modifier)
