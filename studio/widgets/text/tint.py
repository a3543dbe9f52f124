"""The colour of surprise: blue for what was expected, nothing in between, rose for what was not.

The two differ in hue and in brightness against the canvas, so that they are told apart with any colour vision; who
prefers it has the surprise as the thickness of a line.
"""

from typing import Final

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from studio.core.surprise import EXPECTED_BITS, SURPRISING_BITS, strength
from studio.widgets.theme import Hue, hue_of, theme

_EXPECTED_ALPHA: Final = 0.16
_MOST_ALPHA: Final = 0.62


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


def chosen_hue(widget: QWidget) -> Hue:
    """The hue of what was chosen among bars in the family's hue: rose, and blue where the family itself is rose."""
    rose, blue = theme().hues["autoregressive"], theme().hues["transformer"]
    return blue if hue_of(widget) == rose else rose
