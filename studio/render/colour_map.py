"""Colours for numbers that people with any colour vision tell apart: brightness alone carries the order."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

ByteArray = NDArray[np.uint8]
FloatArray = NDArray[np.float32]

# Cividis: Nuñez, Anderton, Renslow, "Optimizing colormaps with consideration for color vision deficiency", 2018.
_AMOUNT: Final = (
    "00224e",
    "123570",
    "3b496c",
    "575d6d",
    "707173",
    "8a8678",
    "a59c74",
    "c3b369",
    "e1cc55",
    "fee838",
)
# Blue to orange over near white, both ends equally dark: ColorBrewer's PuOr with its purple made blue.
_SIGN: Final = ("053061", "2166ac", "67a9cf", "c6dbef", "f7f7f7", "fee0b6", "f1a340", "b35806", "7f3b08")


def _table(anchors: tuple[str, ...]) -> ByteArray:
    ends = np.array([[int(colour[i : i + 2], 16) for i in (0, 2, 4)] for colour in anchors], np.float64)
    at, places = np.linspace(0.0, 1.0, 256), np.linspace(0.0, 1.0, len(anchors))
    columns = [np.interp(at, places, ends[:, channel]) for channel in range(3)]
    return np.rint(np.stack(columns, axis=1)).astype(np.uint8)


AMOUNT_COLOURS: Final = _table(_AMOUNT)
"""(256, 3) uint8 for 0 .. 1: dark blue over grey to yellow, brighter with every step."""

SIGN_COLOURS: Final = _table(_SIGN)
"""(256, 3) uint8 for -1 .. 1: blue below zero, near white at zero, orange above."""


def coloured_amount(values: FloatArray) -> ByteArray:
    """Return (H, W, 3) uint8 colours of values (H, W) in 0 .. 1; what lies beyond gets the end colour."""
    return AMOUNT_COLOURS[_places(values)]


def coloured_sign(values: FloatArray) -> ByteArray:
    """Return (H, W, 3) uint8 colours of values (H, W) in -1 .. 1; what lies beyond gets the end colour."""
    return SIGN_COLOURS[_places((values + np.float32(1)) / np.float32(2))]


def _places(values: FloatArray) -> ByteArray:
    return (np.clip(values, 0.0, 1.0) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
