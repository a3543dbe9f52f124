"""The colours and dashes of a plot, out of the theme."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from studio.widgets.plots.spec import Curve, Ink, Item
from studio.widgets.theme import theme

_NEXT_HUES: Final = ("transformer", "gan", "diffusion", "autoregressive", "nerf")
_DASHES: Final[dict[str, Qt.PenStyle]] = {
    "solid": Qt.PenStyle.SolidLine,
    "dash": Qt.PenStyle.DashLine,
    "dot": Qt.PenStyle.DotLine,
    "none": Qt.PenStyle.NoPen,
}
_NEXT_DASHES: Final = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)


def ink_colour(ink: Ink, own: QColor) -> QColor:
    """The colour that an ink stands for; `own` for ""."""
    if not ink or ink.startswith("#"):
        return QColor(ink) if ink else QColor(own)
    hue = theme().hues.get(ink)
    return QColor(hue.fill if hue is not None else getattr(theme().colour, ink))


def inks_of(items: Sequence[Item], hue: str) -> list[tuple[QColor, Qt.PenStyle]]:
    """Colour and dash of each item: `hue` for the first curve that has none of its own, then others.

    Each curve has another dash, so that nobody needs to tell colours apart.
    """
    hues = [hue, *(theme().hues[name].fill for name in _NEXT_HUES)]
    found, n_inks, n_dashes = [], 0, 0
    for item in items:
        ink, dash = getattr(item, "ink", ""), getattr(item, "dash", "")
        colour = ink_colour(ink, QColor(hues[n_inks % len(hues)]))
        found.append((colour, _DASHES.get(dash, _NEXT_DASHES[n_dashes % len(_NEXT_DASHES)])))
        n_inks += isinstance(item, Curve) and not ink
        n_dashes += isinstance(item, Curve)
    return found
