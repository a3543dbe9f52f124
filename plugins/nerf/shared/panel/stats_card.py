"""The card at the corner of the canvas that tells how the picture was made, and how fast."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import set_tip, theme, theme_source
from studio.core.translation import N_, _, translate

from ..resolution import Figures, Size
from ..state import Stage, View

_PADDING_PX: Final = 14
_MARGIN_PX: Final = 10
_LINE_SHARE: Final = 1.65  # of the height of the text
_WORDS: Final = {
    "orbit": N_("orbiting"),
    "fly": N_("flying"),
    "path": N_("on the path"),
    "learning": N_("learning"),
    "slow": N_("slower method, kernels compiling"),
}
_STAGES: Final[dict[Stage, str]] = {
    "slow": N_("coarse"),
    "draft": N_("draft"),
    "learning": N_("learning"),
    "baked": N_("baked"),
    "coarse": N_("exact"),
    "network": N_("exact"),
    "splats": N_("exact"),
}


FIELD_HINTS: Final = {
    "colour": N_("The scene as a camera would see it: colour and opacity, composited along each ray (1)"),
    "depth": N_("How far away the first solid thing is: the average distance along each ray (2)"),
    "normals": N_("Which way surfaces face: the gradient of the density, x red, y green, z blue (3)"),
    "density": N_("How much is in the way: the opacity along each ray, whatever its colour (4)"),
    "cost": N_("How much work each pixel took: the number of points looked at, samples per ray (5)"),
}


@dataclass(frozen=True)
class Measure:
    """What is counted in each pixel.

    Attributes:
        scalar: its name among the numbers of a frame.
        text: how many they are, with `n`. title: of the colours that show how many. tip: of the card.
        hints: of the buttons that choose a view, by VIEW_KINDS.
    """

    scalar: str = "samples a ray"
    text: str = N_("{n:.1f} samples per ray")
    title: str = N_("Samples per ray")
    tip: str = N_(
        "Frames per second while the scene moves; the size in pixels that is drawn then and when it stops; "
        "how many points a ray looks at on its way (samples per ray)"
    )
    hints: Mapping[str, str] = field(default_factory=lambda: FIELD_HINTS)

    def words(self, n: float) -> str:
        """How many there are."""
        return translate(self.text).format(n=n)


@dataclass(frozen=True)
class CardText:
    """What the card says: a strong word or two with what belongs to them, then two quieter lines."""

    strong: str = ""
    rest: str = ""
    lines: tuple[str, str] = ("", "")

    @property
    def spoken(self) -> str:
        """All of it in one line."""
        return ", ".join(part for part in (f"{self.strong} {self.rest}".strip(), *self.lines) if part)


class StatsCard(QWidget):
    """Three lines that change many times a second without moving: figures are as wide as each other, and the card as
    wide as its longest sentence.
    """

    def __init__(self, measure: Measure, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measure = measure
        self.setObjectName("stats_card")
        self.setAccessibleName(_("Speed and detail"))
        set_tip(self, translate(measure.tip))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._text = CardText()
        theme_source().theme_changed.connect(self._on_theme_changed)

    def text(self) -> CardText:
        """What it says now."""
        return self._text

    def set_text(self, text: CardText) -> None:
        """Say something else; nothing at all hides the card."""
        if text == self._text:
            return
        self._text = text
        self.setAccessibleDescription(text.spoken)
        self.setVisible(text != CardText())
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the widest of what it says while things move."""
        metrics = QFontMetrics(theme().font("body"))
        widest = max(metrics.horizontalAdvance(line) for line in _widest(self._measure).lines)
        return QSize(widest + 2 * _PADDING_PX, round(3 * self._line_px()) + 2 * _MARGIN_PX)

    def minimumSizeHint(self) -> QSize:
        """Narrower where the canvas has no more room: the lines are cut off."""
        return QSize(round(0.4 * self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card and its lines; what is too long ends in an ellipsis."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_plate(painter, QRectF(self.rect()))
        colour, line_px = theme().colour, self._line_px()
        x, room = _PADDING_PX, self.width() - 2 * _PADDING_PX
        painter.setFont(theme().font("body", QFont.Weight.Bold))
        painter.setPen(QColor(colour.text_strong))
        strong_px = painter.fontMetrics().horizontalAdvance(self._text.strong + " ") if self._text.strong else 0
        self._write(painter, self._text.strong, QRectF(x, _MARGIN_PX, room, line_px))
        painter.setFont(theme().font("body"))
        painter.setPen(QColor(colour.text_muted))
        self._write(painter, self._text.rest, QRectF(x + strong_px, _MARGIN_PX, room - strong_px, line_px))
        for place, line in enumerate(self._text.lines, 1):
            self._write(painter, line, QRectF(x, _MARGIN_PX + place * line_px, room, line_px))

    def _write(self, painter: QPainter, text: str, rect: QRectF) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(rect.width()))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def _line_px(self) -> float:
        return theme().text_px("body") * _LINE_SHARE

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.adjustSize()
        self.update()


def paint_plate(painter: QPainter, rect: QRectF) -> None:
    """The rounded sheet behind what floats over the canvas."""
    colour = theme().colour
    painter.setPen(QPen(QColor(colour.border), 1))
    painter.setBrush(QColor(colour.card))
    radius = theme().size.radius
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


# What it says


def size_text(width: int, height: int) -> str:
    """The size of a picture: "256²" for a square, "1060×720" for others."""
    return f"{height}²" if width == height else f"{width}×{height}"


def view_text(view: View, figures: Figures, doing: str, measure: Measure) -> CardText:
    """What is told of a picture on the canvas.

    Args:
        doing: why it moves, one of "orbit", "fly", "path" and "learning"; empty while it rests.
    """
    height, width = view.pixels.shape[:2]
    if view.stage == "slow":
        return moving_text(figures, "slow", (width, height), measure)
    if doing or view.stage in ("draft", "learning"):
        word = "learning" if view.stage == "learning" else doing or "orbit"
        return moving_text(figures, word, (width, height), measure)
    counted = measure.words(view.n_samples)
    return resting_text(view.stage, (width, height), view.fraction, figures.full_seconds, counted)


def moving_text(figures: Figures, doing: str, size: Size, measure: Measure) -> CardText:
    """While the scene moves, or learns; `size` is that of the picture on the canvas."""
    samples = "" if figures.samples_per_ray is None else measure.words(figures.samples_per_ray)
    if figures.fps is None:
        return CardText(_("draft"), size_text(*size), (translate(_WORDS[doing]), samples))
    strong = _("{n} fps").format(n=round(figures.fps))
    sizes = {"draft": size_text(*(figures.draft or size))}
    if figures.full is None or figures.full_seconds is None:
        sentence = _("draft {draft}").format(**sizes)
    else:
        sizes["full"] = size_text(*figures.full)
        sentence = _("draft {draft} → full {full} in {s:.1f} s").format(**sizes, s=figures.full_seconds)
    return CardText(strong, translate(_WORDS[doing]), (sentence, samples))


def resting_text(stage: Stage, size: Size, fraction: float, seconds: float | None, counted: str) -> CardText:
    """While nothing moves.

    Args:
        fraction: of the picture, that is made.
        seconds: from the camera's rest until the whole picture stood; None as long as it does not.
    """
    strong = translate(_STAGES[stage])
    if fraction < 1:
        rest = _("{percent} % of {size}").format(percent=int(100 * fraction), size=size_text(*size))
    else:
        rest = size_text(*size)
    is_growing = fraction < 1 or seconds is None
    line = _("getting sharper…") if is_growing else _("sharp after {s:.1f} s").format(s=seconds)
    return CardText(strong, rest, (line, counted))


def compiling_text(fraction: float) -> CardText:
    """While the kernels are compiled for the first time, and a slower path draws."""
    strong = _("{percent} %").format(percent=int(100 * fraction))
    lines = (_("first start on this computer"), _("coarse picture meanwhile"))
    return CardText(strong, _("compiling kernels…"), lines)


def _widest(measure: Measure) -> CardText:
    return moving_text(Figures(88, (888, 808), (1888, 880), 8.8, 888.8), "orbit", (888, 808), measure)
