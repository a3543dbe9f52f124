"""The colour of surprise: blue for what was expected, nothing in between, rose for what was not.

The two differ in hue and in brightness against the canvas, so that they are told apart with any colour vision; who
prefers it has the surprise as the thickness of a line.
"""

from typing import Final

from PySide6.QtGui import QColor

from studio.api.panel import theme

EXPECTED_BITS: Final = 1.0
"""Below, a token was expected: it had half of the probability or more."""
SURPRISING_BITS: Final = 3.0
"""Above, it was a surprise: less than an eighth."""
MOST_BITS: Final = 10.0
_EXPECTED_ALPHA: Final = 0.16
_MOST_ALPHA: Final = 0.62
_THICKEST_PX: Final = 6.0


def tint(bits: float | None) -> QColor:
    """The colour behind a token, with its strength as alpha; none for a surprise of 1 to 3 bits, or None."""
    if bits is None or EXPECTED_BITS <= bits <= SURPRISING_BITS:
        return QColor(0, 0, 0, 0)
    hues = theme().hues
    if bits < EXPECTED_BITS:
        colour = QColor(hues["transformer"].fill)
        colour.setAlphaF(_EXPECTED_ALPHA * (1 - bits / EXPECTED_BITS))
        return colour
    colour = QColor(hues["autoregressive"].fill)
    colour.setAlphaF(_MOST_ALPHA * strength(bits))
    return colour


def strength(bits: float) -> float:
    """How surprising, 0 below 3 bits to 1 at 10 and more."""
    return min(max((bits - SURPRISING_BITS) / (MOST_BITS - SURPRISING_BITS), 0.0), 1.0)


def thickness_px(bits: float | None) -> float:
    """The line under a token where surprise is a line: none for what was expected, 6 pixels from 10 bits on."""
    if bits is None or bits < EXPECTED_BITS:
        return 0.0
    return 1.0 + (_THICKEST_PX - 1.0) * min((bits - EXPECTED_BITS) / (MOST_BITS - EXPECTED_BITS), 1.0)
