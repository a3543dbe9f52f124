"""The inspector's parts of the Draw panel: tools and colours, the discriminator's word, the nearest icon, examples."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.api.panel import (
    GroupButton,
    NearRow,
    Segmented,
    SliderRow,
    ValueRange,
    hue_of,
    in_a_row,
    named_button,
    put_in_a_column,
    set_tip,
    small_label,
    steps_along,
    theme,
)
from studio.core.translation import N_, _, translate
from studio.core.view import Nearest

from ..scene import WIDTHS, DrawScene
from ..state import WIDTH_RANGE, Colour

COLOURS: Final[dict[str, Colour]] = {
    N_("Red"): (248, 49, 47),
    N_("Orange"): (255, 130, 45),
    N_("Yellow"): (252, 213, 63),
    N_("Green"): (0, 190, 100),
    N_("Light blue"): (38, 201, 252),
    N_("Blue"): (0, 116, 186),
    N_("Purple"): (141, 101, 197),
    N_("Pink"): (255, 130, 190),
    N_("Brown"): (140, 85, 67),
    N_("Grey"): (155, 155, 160),
    N_("Black"): (50, 35, 62),
    N_("White"): (250, 250, 252),
}
_SIDE_PX: Final = 22
_ALONG: Final = steps_along(1)
TOOLS: Final = {
    "pen": (N_("Pen"), N_("Draw the lines of the outline (P)")),
    "eraser": (N_("Eraser"), N_("Remove lines and colours (E); the right button does this with every tool")),
    "colour": (
        N_("Colour"),
        N_("Dab on the colour the icon should have there (C); a few dabs are enough (colour hints)"),
    ),
    "fill": (N_("Fill"), N_("Pour a colour into a closed shape (F)")),
}
WIDTH: Final = ValueRange(*WIDTH_RANGE, step=0.5, default=WIDTHS["pen"], unit="px")
N_NEAR: Final = 4
NEAR_PX: Final = 64
_BAR_PX: Final = 8


class Swatch(GroupButton):
    """One colour; a ring shows that it is the chosen one."""

    def __init__(self, name: str, colour: Colour, parent: QWidget) -> None:
        super().__init__(parent)
        self.colour = colour
        self.setCheckable(True)
        self.setAccessibleName(translate(name))
        set_tip(self, translate(name))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A small square."""
        return QSize(_SIDE_PX, _SIDE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the colour, and around it a ring where it is chosen or has the keys."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, colour = QRectF(self.rect()), theme().colour
        painter.setPen(QPen(QColor(colour.control_border), 1))
        painter.setBrush(QColor(*self.colour))
        painter.drawEllipse(rect.adjusted(3.5, 3.5, -3.5, -3.5))
        if self.isChecked() or self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.text_strong), 2))
            painter.drawEllipse(rect.adjusted(1, 1, -1, -1))


class Swatches(QWidget):
    """All colours in a row, of which at most one is chosen; the arrow keys go from one to the next.

    Signals: colour_chosen((red, green, blue)).
    """

    colour_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw_colours")
        self.setAccessibleName(_("Colour"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.swatches = [Swatch(name, colour, self) for name, colour in COLOURS.items()]
        for swatch in self.swatches:
            swatch.clicked.connect(self._on_clicked)
            row.addWidget(swatch)
        row.addStretch(1)

    def set_colour(self, colour: Colour, is_used: bool) -> None:
        """Mark the colour in hand; none where no tool uses it. Emits nothing."""
        marked = next((one for one in self.swatches if one.colour == colour), None)
        for swatch in self.swatches:
            swatch.setChecked(is_used and swatch is marked)
            is_stop = swatch is (marked or self.swatches[0])  # one stop of the tabulator for the whole row
            swatch.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_stop else Qt.FocusPolicy.ClickFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the neighbour and choose it."""
        step = _ALONG.get(Qt.Key(event.key()))
        focused = next((index for index, one in enumerate(self.swatches) if one.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        swatch = self.swatches[(focused + step) % len(self.swatches)]
        swatch.setFocus(Qt.FocusReason.TabFocusReason)
        self.colour_chosen.emit(swatch.colour)

    def _on_clicked(self) -> None:
        swatch = self.sender()
        if isinstance(swatch, Swatch):
            self.colour_chosen.emit(swatch.colour)


class DrawToolSection(QWidget):
    """Shows what is in hand; changes nothing itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tool = Segmented("draw_tool", TOOLS, N_("Tool"))
        self.width_row = SliderRow(
            "draw_width",
            N_("Width"),
            WIDTH,
            N_("How wide the tool is, in pixels of the icon (scroll, or keys [ and ])"),
        )
        self.colours = Swatches()
        self._make_buttons()
        rows = in_a_row(self.mirror, self.clear, self.surprise), in_a_row(self.picture, self.replay)
        put_in_a_column(self, (self.tool, self.width_row, self.colours, *rows))

    def _make_buttons(self) -> None:
        self.mirror = named_button("draw_mirror", N_("Mirror"), N_("Draw on both sides of the middle at once (M)"))
        self.mirror.setCheckable(True)
        self.clear = named_button("draw_clear", N_("Clear"), N_("Start with an empty sheet (Delete on the drawing)"))
        self.surprise = named_button("draw_surprise", N_("Surprise me"), N_("Another example outline (R)"))
        picture_hint = N_("Make an outline from a picture of yours and continue from it (edge detection)")
        self.picture = named_button("draw_picture", N_("My picture…"), picture_hint)
        replay_hint = N_("Watch the drawing grow stroke by stroke, and the icon with it")
        self.replay = named_button("draw_replay", N_("Replay"), replay_hint)

    def show_scene(self, scene: DrawScene) -> None:
        """Show what is in hand. Emits nothing."""
        self.tool.set_value(scene.tool)
        self.width_row.setEnabled(scene.tool in scene.widths)
        self.width_row.set_value(scene.widths.get(scene.tool, scene.widths["colour"]))
        self.colours.set_colour(scene.colour, scene.tool in ("colour", "fill"))
        self.mirror.setChecked(scene.is_mirrored)
        self.clear.setEnabled(scene.drawing != ())
        self.replay.setEnabled(len(scene.strokes) > 1)


class DrawScoreSection(QWidget):
    """The discriminator's word on the icon, and those of the shipped ones that come nearest to it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = ShareBar()
        self.words = small_label()
        heat_hint = N_("A red tint over the parts that look fake (patch scores)")
        self.heat = named_button("draw_heat", N_("Show where"), heat_hint)
        self.heat.setCheckable(True)
        self.near_words = small_label()
        self.near = NearRow(N_NEAR, NEAR_PX)
        put_in_a_column(self, (self.bar, self.words, self.heat, self.near_words, self.near))
        self.show_verdict(None)

    def show_verdict(self, share: float | None) -> None:
        """Say which share of real icons seems less real to the discriminator than this one."""
        self.bar.set_share(share or 0.0)
        text = N_("It looks more real to the detective than {percent:.0f} % of real icons.")
        if share is None:
            text = N_("There is nothing to judge here.")
            self.near_words.setText("")
            self.near.set_pictures(())
        self.near.setVisible(share is not None)
        self.words.setText(translate(text).format(percent=100 * (share or 0.0)))
        hint = N_("Share of held-out real icons with a lower average score over all patches (PatchGAN discriminator)")
        set_tip(self.words, translate(hint))

    def show_nearest(self, nearest: Nearest) -> None:
        """Show the nearest of the shipped icons."""
        self.near.set_pictures(nearest.pictures)
        text = N_("Nearest of the {n} real icons included: “{name}”. 0 would be the same picture.")
        self.near_words.setText(translate(text).format(n=nearest.n_pictures, name=nearest.pictures[0].caption))
        set_tip(self.near_words, translate(nearest.measure))


class ShareBar(QWidget):
    """A share of 1 as a bar with its number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setObjectName("draw_verdict")
        self.setAccessibleName(_("The detective’s verdict"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float:
        """What is shown, 0 to 1."""
        return self._share

    def set_share(self, share: float) -> None:
        """Show another share."""
        self._share = min(max(share, 0.0), 1.0)
        self.setAccessibleDescription(self._text())
        self.update()

    def _text(self) -> str:
        return _("{percent:.0f} % real").format(percent=100 * self._share)

    def sizeHint(self) -> QSize:
        """A line of text."""
        return QSize(160, round(1.6 * theme().text_px("body")))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the groove, the bar and the number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("body"))
        room = painter.fontMetrics().horizontalAdvance(_("{percent:.0f} % real").format(percent=100)) + 12
        groove = QRectF(0, (self.height() - _BAR_PX) / 2, self.width() - room, _BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        for ink, share in ((theme().colour.groove, 1.0), (hue_of(self).fill, self._share)):
            if share > 0:
                painter.setBrush(QColor(ink))
                part = QRectF(groove.x(), groove.y(), max(groove.width() * share, _BAR_PX), groove.height())
                painter.drawRoundedRect(part, _BAR_PX / 2, _BAR_PX / 2)
        painter.setPen(QColor(theme().colour.text_strong))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._text())
