"""How often each value occurs in what is shown: one curve for each colour of a picture, or one for a sound."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, theme, theme_source
from studio.core.text import N_, translate

FloatArray: TypeAlias = npt.NDArray[np.float64]
N_BINS: Final = 64
MOST_COUNTED_PX: Final = 256
"""Of a larger picture not every pixel is counted, since this is done while a hand scrubs."""
_HEIGHT_PX: Final = 64
_PADDING_PX: Final = 6
_FILL_ALPHA: Final = 60
_CHANNELS: Final = (("R", "#f2637e"), ("G", "#4cc38a"), ("B", "#5b9dff"))
_PENS: Final = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)


@dataclass(frozen=True, eq=False)
class Bins:
    """Shares of the values in N_BINS equal steps from `low` to `high`, (C, N_BINS), and their mean and spread."""

    shares: FloatArray
    low: float
    high: float
    mean: float
    spread: float


def bins_of_picture(pixels: npt.NDArray[np.uint8]) -> Bins:
    """The values of uint8 (H, W), or (H, W, 3) as three channels, 0..255; a grey picture has one channel."""
    stride = max(min(pixels.shape[:2]) // MOST_COUNTED_PX, 1)
    pixels = pixels[::stride, ::stride]
    channels = pixels.reshape(1, -1) if pixels.ndim == 2 else pixels.reshape(-1, pixels.shape[2]).T
    if len(channels) == 3 and (channels[0] == channels[1]).all() and (channels[0] == channels[2]).all():
        channels = channels[:1]
    counts = np.stack([np.bincount(channel, minlength=256) for channel in channels])
    shares = counts.reshape(len(channels), N_BINS, -1).sum(2) / channels.shape[1]
    return Bins(shares, 0.0, 255.0, float(channels.mean()), float(channels.std()))


def bins_of_sound(samples: npt.NDArray[np.float32]) -> Bins:
    """The values of float32 (T,) samples from -1 to 1."""
    counts, _ = np.histogram(samples.clip(-1, 1), N_BINS, (-1.0, 1.0))
    shares = counts[None] / max(len(samples), 1)
    return Bins(shares, -1.0, 1.0, float(samples.mean()), float(samples.std()))


class ValueHistogram(QWidget):
    """A small plot without axes; its ends are the darkest and the brightest value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bins: Bins | None = None
        self.setObjectName("value_histogram")
        self.setAccessibleName(translate(N_("Values in the picture")))
        self.setToolTip(
            translate(
                N_("How often each brightness occurs, dark at the left: noise is a bell, a picture is not (histogram)")
            )
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source().theme_changed.connect(self.update)

    def show_picture(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Show the values of a picture, uint8 (H, W) or (H, W, 3)."""
        self._show(bins_of_picture(pixels))

    def show_sound(self, samples: npt.NDArray[np.float32]) -> None:
        """Show the values of a sound, float32 (T,)."""
        self._show(bins_of_sound(samples))

    def clear(self) -> None:
        """Show nothing."""
        self._show(None)

    def sizeHint(self) -> QSize:
        """As wide as the inspector, and low."""
        return QSize(308, theme().scaled(_HEIGHT_PX))

    def _show(self, bins: Bins | None) -> None:
        self._bins = bins
        text = translate(N_("Mean {mean:.3g}, spread {spread:.3g}, between {low:.0f} and {high:.0f}."))
        said = "" if bins is None else text.format(mean=bins.mean, spread=bins.spread, low=bins.low, high=bins.high)
        self.setAccessibleDescription(said)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, the curves, and the letters of the channels."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.setBrush(QColor(theme().colour.field))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme().size.radius, theme().size.radius
        )
        if self._bins is None:
            return
        around = QRectF(self.rect()).adjusted(_PADDING_PX, _PADDING_PX, -_PADDING_PX, -_PADDING_PX)
        area = around.adjusted(0, theme().text_px("caption"), 0, 0)
        heights = heights_of(self._bins.shares)
        looks = _CHANNELS if len(heights) == 3 else (("", hue_of(self).fill),)
        for index, (row, (_, colour)) in enumerate(zip(heights, looks, strict=True)):
            self._paint_curve(painter, area, row, QPen(QColor(colour), 1.2, _PENS[index]))
        self._paint_letters(painter, around, looks)

    def _paint_curve(self, painter: QPainter, area: QRectF, heights: FloatArray, pen: QPen) -> None:
        x = np.linspace(area.left(), area.right(), len(heights))
        y = area.bottom() - heights * area.height()
        line = QPainterPath(QPointF(x[0], y[0]))
        for place in zip(x[1:].tolist(), y[1:].tolist(), strict=True):
            line.lineTo(*place)
        body = QPainterPath(line)
        body.lineTo(area.right(), area.bottom())
        body.lineTo(area.left(), area.bottom())
        veil = QColor(pen.color())
        veil.setAlpha(_FILL_ALPHA)
        painter.fillPath(body, veil)
        painter.strokePath(line, pen)

    def _paint_letters(self, painter: QPainter, area: QRectF, looks: tuple[tuple[str, str], ...]) -> None:
        painter.setFont(theme().font("caption"))
        x = area.right()
        for letter, colour in reversed(looks):
            width = painter.fontMetrics().horizontalAdvance(letter)
            x -= width + 4
            painter.setPen(QColor(colour))
            painter.drawText(QPointF(x, area.top() + painter.fontMetrics().ascent()), letter)


def heights_of(shares: FloatArray) -> FloatArray:
    """Shares as heights 0..1: roots, so that rare values are seen beside common ones.

    What is cut off at black and white piles up at the ends, which may be too high without making all else low.
    """
    roots = np.sqrt(shares)
    highest = float(roots[:, 1:-1].max()) or float(roots.max())
    return np.minimum(roots / max(highest, 1e-9), 1.0)
