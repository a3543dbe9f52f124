"""How often each value occurs in what is shown: one curve for each colour of a picture, or one for a sound."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from studio.api.panel import Axis, Curve, PlotSpec, PlotView
from studio.core.text import N_, translate

FloatArray: TypeAlias = npt.NDArray[np.float64]
N_BINS: Final = 64
MOST_COUNTED_PX: Final = 256
"""Of a larger picture not every pixel is counted, since this is done while a hand scrubs."""
_SIZE_PX: Final = QSize(308, 96)
_FILL: Final = 0.24
_CHANNELS: Final = (("R", "#f2637e"), ("G", "#4cc38a"), ("B", "#5b9dff"))


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


class ValueHistogram(PlotView):
    """How often each value occurs, as roots, so that rare values are seen beside common ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(N_("Values in the picture"), "pan", _SIZE_PX, parent)
        self.setObjectName("value_histogram")
        self.setToolTip(
            translate(
                N_("How often each brightness occurs, dark at the left: noise is a bell, a picture is not (histogram)")
            )
        )

    def show_picture(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Show the values of a picture, uint8 (H, W) or (H, W, 3)."""
        self._show(bins_of_picture(pixels))

    def show_sound(self, samples: npt.NDArray[np.float32]) -> None:
        """Show the values of a sound, float32 (T,)."""
        self._show(bins_of_sound(samples))

    def clear(self) -> None:
        """Show nothing."""
        self.show_plot(PlotSpec())

    def _show(self, bins: Bins) -> None:
        edges = np.linspace(bins.low, bins.high, N_BINS + 1)
        middles = (edges[1:] + edges[:-1]) / 2
        looks = _CHANNELS if len(bins.shares) == 3 else (("", ""),)
        rows = zip(looks, bins.shares, strict=True)
        curves = [Curve(name, middles, shares, ink, fill=_FILL) for (name, ink), shares in rows]
        text = translate(N_("Mean {mean:.3g}, spread {spread:.3g}, between {low:.0f} and {high:.0f}."))
        said = text.format(mean=bins.mean, spread=bins.spread, low=bins.low, high=bins.high)
        # What is cut off at black and white piles up at the ends, which may be too high without making all else low.
        highest = float(bins.shares[:, 1:-1].max()) or float(bins.shares.max())
        x, y = Axis("", bins.low, bins.high), Axis("", 0.0, 1.05 * highest, "root", ticks=())
        self.show_plot(PlotSpec(curves, x, y, summary=said))
