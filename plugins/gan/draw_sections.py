"""The inspector's parts of the Draw panel: tools, the detective's word, the nearest icon, examples."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.api.panel import Button, NearRow, Segmented, SliderRow, ValueRange, hue_of, theme
from studio.core.near_picture import Nearest
from studio.core.text import N_, translate

from .draw_scene import WIDTHS, Scene
from .draw_stroke import WIDTH_RANGE
from .draw_swatches import Swatches

TOOLS: Final = {"pen": N_("Pen"), "eraser": N_("Eraser"), "colour": N_("Colour"), "fill": N_("Fill")}
HINTS: Final = {
    "pen": N_("Draw the lines of the outline (P)"),
    "eraser": N_("Take away lines and colours (E); the right button does so with every tool"),
    "colour": N_("Dab the colour that the icon shall have there (C); a few dabs are enough (colour hints)"),
    "fill": N_("Pour a colour into a closed shape (F)"),
}
WIDTH: Final = ValueRange(*WIDTH_RANGE, step=0.5, default=WIDTHS["pen"], unit="px")
N_NEAR: Final = 4
NEAR_PX: Final = 64
_BAR_PX: Final = 8


class ToolSection(QWidget):
    """Shows what is in hand; changes nothing itself.

    Signals: tool_chosen(tool), width_changed(width), colour_chosen(colour), mirror_toggled(is_on), clear_requested(),
    picture_requested(), replay_requested(), surprise_requested(); width_started(), width_finished() around one step of
    undo.
    """

    tool_chosen = Signal(str)
    width_changed = Signal(float)
    width_started = Signal()
    width_finished = Signal()
    colour_chosen = Signal(object)
    mirror_toggled = Signal(bool)
    clear_requested = Signal()
    picture_requested = Signal()
    replay_requested = Signal()
    surprise_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tool = Segmented("draw_tool", TOOLS, N_("Tool"), HINTS)
        self.tool.value_chosen.connect(self.tool_chosen)
        self.width_row = SliderRow(
            "draw_width", N_("Width"), WIDTH, N_("How wide the tool is, in pixels of the icon (wheel, or keys [ and ])")
        )
        self.width_row.value_changed.connect(self.width_changed)
        self.width_row.edit_started.connect(self.width_started)
        self.width_row.edit_finished.connect(self.width_finished)
        self.colours = Swatches()
        self.colours.colour_chosen.connect(self.colour_chosen)
        self._make_buttons()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.tool, self.width_row, self.colours):
            column.addWidget(widget)
        column.addLayout(_in_a_row(self.mirror, self.clear, self.surprise))
        column.addLayout(_in_a_row(self.picture, self.replay))

    def _make_buttons(self) -> None:
        self.mirror = _button("draw_mirror", N_("Mirror"), N_("Draw on both sides of the middle at once (M)"))
        self.mirror.setCheckable(True)
        self.mirror.clicked.connect(self.mirror_toggled)
        self.clear = _button("draw_clear", N_("Clear"), N_("Take an empty sheet (Delete on the drawing)"))
        self.clear.clicked.connect(self.clear_requested)
        self.surprise = _button("draw_surprise", N_("Surprise me"), N_("Another example outline (R)"))
        self.surprise.clicked.connect(self.surprise_requested)
        picture_hint = N_("Make an outline of a picture of yours, to go on from (edge detection)")
        self.picture = _button("draw_picture", N_("My picture…"), picture_hint)
        self.picture.clicked.connect(self.picture_requested)
        replay_hint = N_("See the drawing grow stroke by stroke, and the icon with it")
        self.replay = _button("draw_replay", N_("Replay"), replay_hint)
        self.replay.clicked.connect(self.replay_requested)

    def show_scene(self, scene: Scene) -> None:
        """Show what is in hand. Emits nothing."""
        self.tool.set_value(scene.tool)
        self.width_row.setEnabled(scene.tool in scene.widths)
        self.width_row.set_value(scene.widths.get(scene.tool, scene.widths["colour"]))
        self.colours.set_colour(scene.colour, scene.tool in ("colour", "fill"))
        self.mirror.setChecked(scene.is_mirrored)
        self.clear.setEnabled(scene.drawing != ())
        self.replay.setEnabled(len(scene.strokes) > 1)


class VerdictSection(QWidget):
    """The detective's word on the icon, and those of the shipped ones that come nearest to it.

    Signals: heat_toggled(is_on): show where in the icon it suspects the forger, or no more.
    """

    heat_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = ShareBar()
        self.words = _small_label()
        heat_hint = N_("A red veil over the parts that look forged (patch scores)")
        self.heat = _button("draw_heat", N_("Show where"), heat_hint)
        self.heat.setCheckable(True)
        self.heat.clicked.connect(self.heat_toggled)
        self.near_words = _small_label()
        self.near = NearRow(N_NEAR, NEAR_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.bar, self.words, self.heat, self.near_words, self.near):
            column.addWidget(widget)
        self.show_verdict(None)

    def show_verdict(self, share: float | None) -> None:
        """Say which share of real icons seems less real to the detective than this one."""
        self.bar.set_share(share or 0.0)
        text = N_("Takes it for more real than {percent:.0f} % of real icons.")
        if share is None:
            text = N_("There is nothing to judge here.")
            self.near_words.setText("")
            self.near.set_pictures(())
        self.near.setVisible(share is not None)
        self.words.setText(translate(text).format(percent=100 * (share or 0.0)))
        hint = N_("Share of held-out real icons with a lower mean score of all patches (PatchGAN discriminator)")
        self.words.setToolTip(translate(hint))

    def show_nearest(self, nearest: Nearest) -> None:
        """Show the nearest of the shipped icons."""
        self.near.set_pictures(nearest.pictures)
        text = N_("Nearest of the {n} real icons shipped: “{name}”. 0 would be the same picture.")
        self.near_words.setText(translate(text).format(n=nearest.n_pictures, name=nearest.pictures[0].caption))
        self.near_words.setToolTip(translate(nearest.measure))


class ShareBar(QWidget):
    """A share of 1 as a bar with its number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setObjectName("draw_verdict")
        self.setAccessibleName(translate(N_("The detective’s verdict")))
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
        return translate(N_("{percent:.0f} % real")).format(percent=100 * self._share)

    def sizeHint(self) -> QSize:
        """A line of text."""
        return QSize(160, round(1.6 * theme().text_px("body")))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the groove, the bar and the number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("body"))
        room = painter.fontMetrics().horizontalAdvance(translate(N_("{percent:.0f} % real")).format(percent=100)) + 12
        groove = QRectF(0, (self.height() - _BAR_PX) / 2, self.width() - room, _BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        for ink, share in ((theme().colour.groove, 1.0), (hue_of(self).fill, self._share)):
            if share > 0:
                painter.setBrush(QColor(ink))
                part = QRectF(groove.x(), groove.y(), max(groove.width() * share, _BAR_PX), groove.height())
                painter.drawRoundedRect(part, _BAR_PX / 2, _BAR_PX / 2)
        painter.setPen(QColor(theme().colour.text_strong))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._text())


def _button(object_name: str, text: str, hint: str) -> Button:
    button = Button(text, hint=hint)
    button.setObjectName(object_name)
    return button


def _small_label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setProperty("role", "small")
    return label


def _in_a_row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 1)
    return row
