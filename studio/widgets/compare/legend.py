"""The bar under a difference that says what its colours mean."""

from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from studio.core.translation import N_, _, translate
from studio.render.colour_map import AMOUNT_COLOURS, SIGN_COLOURS
from studio.widgets.theme import theme
from studio.widgets.views.picture import image_from_array

BAR_PX: Final = 10
LEGEND_PX: Final = 52
_NUMBERS: Final = {False: ("0", "0.25", "0.5", "0.75", "1"), True: ("−1", "−0.5", "0", "+0.5", "+1")}
_AMOUNT_WORDS: Final = (N_("same"), "", N_("as different as black and white"))
_SIGN_WORDS: Final = (N_("A is brighter"), N_("same"), N_("B is brighter"))


def paint_legend(painter: QPainter, rect: QRectF, is_signed: bool) -> None:
    """Draw the bar with its numbers and plain words under it into `rect`."""
    bar = QRectF(rect.x(), rect.y(), rect.width(), BAR_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawImage(bar, _bar_image(is_signed))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme().colour.border), 1))
    painter.drawRect(bar)
    words = [translate(word) for word in (_SIGN_WORDS if is_signed else _AMOUNT_WORDS)]
    line_px = theme().scaled(16)
    painter.setFont(theme().font("caption"))
    painter.setPen(QColor(theme().colour.text_strong))
    _write_along(painter, QRectF(rect.x(), bar.bottom() + 4, rect.width(), line_px), _NUMBERS[is_signed])
    painter.setPen(QColor(theme().colour.text_muted))
    _write_along(painter, QRectF(rect.x(), bar.bottom() + 4 + line_px, rect.width(), line_px), words)


def legend_words(is_signed: bool) -> str:
    """What the legend says, for a screen reader."""
    if is_signed:
        return _("Minus 1: A is brighter. 0: same. Plus 1: B is brighter.")
    return _("0: same. 1: as different as black and white.")


def _bar_image(is_signed: bool) -> QImage:
    return image_from_array(np.ascontiguousarray((SIGN_COLOURS if is_signed else AMOUNT_COLOURS)[None]))


def _write_along(painter: QPainter, rect: QRectF, words: tuple[str, ...] | list[str]) -> None:
    """Write the first word at the left end, the last one at the right end, the others centred at their places."""
    last = len(words) - 1
    for place, word in enumerate(words):
        at = rect.x() + rect.width() * place / last
        if place in (0, last):
            alignment = Qt.AlignmentFlag.AlignLeft if place == 0 else Qt.AlignmentFlag.AlignRight
            painter.drawText(rect, alignment | Qt.TextFlag.TextSingleLine, word)
        else:
            half = rect.width() / 4
            room = QRectF(at - half, rect.y(), 2 * half, rect.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextSingleLine, word)
