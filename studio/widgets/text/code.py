"""How a Python text looks: the colours of its parts, and faint lines that show how far a line is indented."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Self

from PySide6.QtCore import QLineF
from PySide6.QtGui import QColor, QPainter, QPen

from studio.render.text_layout import TextLayout
from studio.widgets.text.syntax import INDENT, Mark, Part, indents, python_marks
from studio.widgets.text.tint import tint
from studio.widgets.theme import theme

LEAST_CONTRAST: Final = 4.5
_HUES: Final[dict[Part, str]] = {"keyword": "diffusion", "definition": "vae", "string": "nerf", "number": "gan"}
_GUIDE_ALPHA: Final = 0.3
_SHARES: Final = (0.0, 0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class TextCode:
    """The parts of a text; none where it is in no language that is known.

    Attributes:
        marks: in the order of the text. guides: places where a line begins, with how many indents.
    """

    marks: tuple[Mark, ...] = ()
    guides: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, text: str, language: str) -> Self:
        """Look at a text; `language` is what its model's card says."""
        if language != "python":
            return cls()
        return cls(tuple(python_marks(text)), tuple(one for one in indents(text) if one[1]))

    def runs(self, first: int, last: int) -> Iterator[tuple[int, int, Part | None]]:
        """The places from `first` up to `last`, cut where another part begins."""
        start = bisect_right(self.marks, first, key=lambda mark: mark.last)
        for mark in islice(self.marks, start, None):
            if mark.first >= last:
                break
            if first < mark.first:
                yield first, mark.first, None
                first = mark.first
            end = min(mark.last, last)
            yield first, end, mark.part
            first = end
        if first < last:
            yield first, last, None

    def paint_guides(self, painter: QPainter, layout: TextLayout, line_px: float, lines: range) -> None:
        """Draw a line at each whole indent of these lines."""
        if not self.guides or not lines:
            return
        colour = QColor(theme().colour.text_muted)
        colour.setAlphaF(_GUIDE_ALPHA)
        painter.setPen(QPen(colour, 1))
        first, last = layout.line_span(lines[0])[0], layout.line_span(lines[-1])[1]
        begin = bisect_left(self.guides, first, key=lambda guide: guide[0])
        for place, n_indents in islice(self.guides, begin, None):
            if place > last:
                break
            top = layout.line_of(place) * line_px
            for level in range(n_indents):
                x = round(level * INDENT * layout.style.cell_px) + 0.5
                painter.drawLine(QLineF(x, top, x, top + line_px))


def part_colour(part: Part | None, bits: float | None) -> QColor:
    """The colour of a part on the tint of so many bits of surprise; as near to plain text as reading it there needs."""
    plain = QColor(theme().colour.text_strong)
    if part is None:
        return plain
    colour = QColor(theme().hues[_HUES[part]].text if part in _HUES else theme().colour.text_muted)
    over = tint(bits)
    ground = mixed(QColor(theme().colour.canvas), over, over.alphaF())
    steps = (mixed(colour, plain, share) for share in _SHARES)
    return next((one for one in steps if contrast(one, ground) >= LEAST_CONTRAST), plain)


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """A colour with a share of another one; both opaque."""
    return QColor.fromRgbF(
        one.redF() + share * (other.redF() - one.redF()),
        one.greenF() + share * (other.greenF() - one.greenF()),
        one.blueF() + share * (other.blueF() - one.blueF()),
    )


def contrast(one: QColor, other: QColor) -> float:
    """How well a colour is read on another one, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
