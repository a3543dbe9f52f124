"""The card at the corner of the canvas that tells how the picture was made, and how fast."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import theme, theme_source
from studio.core.text import N_, plural, translate

_PADDING_PX: Final = 14
_MARGIN_PX: Final = 10
_LINE_SHARE: Final = 1.65  # of the height of the text
_ALPHA: Final = 225
_WORDS: Final = {
    "orbit": N_("orbiting"),
    "path": N_("on the path"),
    "learning": N_("learning"),
    "slow": N_("slower path while kernels compile"),
}


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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stats_card")
        self.setAccessibleName(translate(N_("How fast and how fine")))
        self.setToolTip(
            translate(
                N_(
                    "Frames per second while the scene moves; the size in pixels that is drawn then and at rest; "
                    "how many places of the field a ray looks at on its way (samples per ray)"
                )
            )
        )
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
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
        widest = max(metrics.horizontalAdvance(line) for line in _widest().lines)
        return QSize(widest + 2 * _PADDING_PX, round(3 * self._line_px()) + 2 * _MARGIN_PX)

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
    """The rounded, slightly transparent sheet behind what floats over the canvas."""
    colour = theme().colour
    field = QColor(colour.card)
    field.setAlpha(_ALPHA)
    painter.setPen(QPen(QColor(colour.border), 1))
    painter.setBrush(field)
    radius = theme().size.radius
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


# What it says


def size_text(width: int, height: int) -> str:
    """The size of a picture: "256²" for a square, "1060×720" for others."""
    return f"{height}²" if width == height else f"{width}×{height}"


def moving_text(
    fps: float,
    doing: str,
    draft: tuple[int, int],
    full: tuple[int, int],
    seconds_to_full: float | None,
    n_samples: float,
) -> CardText:
    """While the scene moves, or learns.

    Args:
        doing: one of "orbit", "path", "learning" and "slow".
        draft, full: width and height that are drawn now and at rest.
        seconds_to_full: until the full picture stands; None before it was measured.
        n_samples: mean places of the field that a ray looks at.
    """
    sizes = {"draft": size_text(*draft), "full": size_text(*full)}
    if seconds_to_full is None:
        sentence = translate(N_("draft {draft} → full {full}")).format(**sizes)
    else:
        sentence = translate(N_("draft {draft} → full {full} in {s:.1f} s")).format(**sizes, s=seconds_to_full)
    return CardText(_fps_text(fps), translate(_WORDS[doing]), (sentence, samples_text(n_samples)))


def resting_text(
    is_exact: bool, size: tuple[int, int], n_passes: int, fraction: float, seconds: float, n_samples: float
) -> CardText:
    """While nothing moves.

    Args:
        is_exact: drawn by the network itself, else from the baked scene.
        n_passes: pictures that were averaged, each looking through other places of its pixels.
        fraction: of the first picture that is made.
        seconds: since the scene came to rest.
    """
    strong = translate(N_("exact") if is_exact else N_("baked"))
    if fraction < 1:
        rest = translate(N_("{percent} % of {size}")).format(percent=int(100 * fraction), size=size_text(*size))
    else:
        rest = size_text(*size)
    done = translate(N_("{s:.1f} s")).format(s=seconds)
    averaged = plural(N_("{n} picture averaged"), N_("{n} pictures averaged"), n_passes)
    return CardText(strong, rest, (f"{averaged} · {done}", samples_text(n_samples)))


def compiling_text(fraction: float, doing: str = "") -> CardText:
    """While the kernels are compiled for the first time, and a slower path draws.

    Args:
        doing: what is drawn meanwhile, a finished text.
    """
    strong = translate(N_("{percent} %")).format(percent=int(100 * fraction))
    lines = (translate(N_("the first start on this machine")), doing or translate(N_("coarse picture meanwhile")))
    return CardText(strong, translate(N_("compiling kernels…")), lines)


def samples_text(n_samples: float) -> str:
    """How many places a ray looks at."""
    return translate(N_("{n:.1f} samples a ray")).format(n=n_samples)


def _fps_text(fps: float) -> str:
    return translate(N_("{n} fps")).format(n=round(fps))


def _widest() -> CardText:
    return moving_text(88, "orbit", (888, 808), (1888, 880), 8.8, 888.8)
