"""The inspector's part for a typeface of one's own: its name, a line set in it, its sliders, a font to blend with."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QTransform
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from studio.api.panel import (
    PICTURE,
    Choice,
    SliderRow,
    ValueRange,
    at_the_left,
    named_button,
    put_in_a_column,
    set_tip,
    small_label,
    theme,
)
from studio.core.translation import N_, _

from ...shared.atlas import AtlasDirection
from ..typeface.making import SetLine

LINE_PX: Final = 56
_ASCENT, _DESCENT = 900.0, 330.0
NONE: Final = "none"
BLEND: Final = ValueRange(0.0, 100.0, step=1.0, unit="%")


class LineView(QWidget):
    """A line of text, drawn from the outlines of a typeface as large as its width allows."""

    spoken_role = PICTURE

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("typeface_line")
        self.setAccessibleName(_("A line in this typeface"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._path, self.width_units = QPainterPath(), 0.0

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(240, LINE_PX)

    def show_line(self, line: SetLine) -> None:
        """Show another line."""
        self._path, self.width_units = path_of(line), line.width
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.width_units = 0.0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the outlines."""
        if not self.width_units:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = min((self.width() - 4) / self.width_units, self.height() / (_ASCENT + _DESCENT))
        baseline = (self.height() + (_ASCENT - _DESCENT) * scale) / 2
        painter.setTransform(QTransform(scale, 0, 0, -scale, 2, baseline), True)
        painter.fillPath(self._path, QColor(theme().colour.text_strong))


def path_of(line: SetLine) -> QPainterPath:
    """The outlines of a set line."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for points, is_on in line.contours:
        spots = [QPointF(*point) for point in points.tolist()]
        path.moveTo(spots[0])
        for index in range(1, len(spots) + 1):
            here, before = index % len(spots), index - 1
            if not is_on[before]:
                end = spots[here] if is_on[here] else (spots[before] + spots[here]) / 2
                path.quadTo(spots[before], end)
            elif is_on[here]:
                path.lineTo(spots[here])
        path.closeSubpath()
    return path


class TypefaceSection(QWidget):
    """Signals: save_asked(), font_asked(): another font to blend with; blended(percent) towards it; blend_started(),
    blend_finished() around a drag.
    """

    save_asked = Signal()
    font_asked = Signal()
    blended = Signal(float)
    blend_started = Signal()
    blend_finished = Signal()

    def __init__(self, directions: Sequence[AtlasDirection]) -> None:
        super().__init__()
        self.name = QLineEdit()
        self.name.setObjectName("typeface_name")
        self.name.setAccessibleName(_("Name of the font"))
        self.name.setPlaceholderText(_("Name of the font"))
        set_tip(self.name, _("What the font will be called in other programs"))
        self.name.setMaxLength(27)
        self.line = LineView()
        self.axes = [
            Choice(
                f"typeface_{part}",
                {f"{part}_{NONE}": N_("None"), **{f"{part}_{k}": one.name for k, one in enumerate(directions)}},
                title,
            )
            for part, title in (("slider", N_("A slider in the font")), ("second", N_("A second slider in the font")))
        ]
        self.save = named_button(
            "save_typeface",
            N_("Save font…"),
            N_("Save this typeface as a TrueType font, to be installed and set in any program"),
            "export",
            pressed=self.save_asked,
        )
        self.own = named_button(
            "open_font",
            N_("Your font…"),
            N_("Open a font of your own and blend this typeface with it"),
            "open",
            pressed=self.font_asked,
        )
        self.blend = SliderRow("typeface_blend", N_("Blend"), BLEND, N_("0 is your place, 100 is your font"))
        self.blend.value_changed.connect(self.blended)
        self.blend.edit_started.connect(self.blend_started)
        self.blend.edit_finished.connect(self.blend_finished)
        self.words = small_label()
        for hidden in (self.blend, self.words):
            hidden.hide()
        put_in_a_column(
            self, (self.line, self.name, *self._axis_rows(), at_the_left(self.save, self.own), self.blend, self.words)
        )

    def _axis_rows(self) -> list[QWidget]:
        return [
            small_label(_("A slider in the font, made from")),
            self.axes[0],
            small_label(_("and a second one, from")),
            self.axes[1],
        ]

    def chosen_directions(self) -> tuple[int, ...]:
        """The directions that become sliders in the font, each once."""
        chosen = (axis.value().rpartition("_")[2] for axis in self.axes)
        return tuple(dict.fromkeys(int(one) for one in chosen if one != NONE))

    def say(self, words: str) -> None:
        """Say something below the buttons; nothing for ""."""
        self.words.setText(words)
        self.words.setVisible(bool(words))
