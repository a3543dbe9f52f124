"""The inspector's part for what is on the canvas: which views, the first one large, and its values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from studio.api.panel import Axis, Curve, PlotSpec, PlotView, SteadyLabel, WhenSeen, put_in_a_column, set_tip
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import Audio, Image

from ..state import ATTENTION, CHANGE, NOISY, PREDICTED, REMOVED
from .chips import ToggleChips

FloatArray: TypeAlias = npt.NDArray[np.float64]
N_BINS: Final = 64
MOST_COUNTED_PX: Final = 256
"""Of a larger picture not every pixel is counted, since this is done while a hand scrubs."""
_SIZE_PX: Final = QSize(308, 96)
_FILL: Final = 0.24
_CHANNELS: Final = (("R", "#f2637e"), ("G", "#4cc38a"), ("B", "#5b9dff"))
MOST_SHOWN: Final = 3
VIEW_TEXTS: Final = {
    NOISY: N_("Noisy"),
    PREDICTED: N_("Predicted"),
    REMOVED: N_("Noise removed"),
    CHANGE: N_("Change"),
    ATTENTION: N_("Attention"),
}
VIEW_HINTS: Final = {
    NOISY: N_("The picture as it is at this step, with its noise (x at time t)"),
    PREDICTED: N_("The clean picture the model expects at this step (predicted x0)"),
    REMOVED: N_("The noise the model sees in the picture and removes (predicted epsilon)"),
    CHANGE: N_("How the expected picture has changed since the step before; grey means no change"),
    ATTENTION: N_("Where each word of the prompt mattered at this step (cross-attention)"),
}


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
        set_tip(
            self,
            _(
                "How often each brightness occurs, dark on the left: noise forms a bell curve, a picture does not "
                "(histogram)"
            ),
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
        text = _("Mean {mean:.3g}, spread {spread:.3g}, between {low:.0f} and {high:.0f}.")
        said = text.format(mean=bins.mean, spread=bins.spread, low=bins.low, high=bins.high)
        # What is cut off at black and white piles up at the ends, which may be too high without making all else low.
        highest = float(bins.shares[:, 1:-1].max()) or float(bins.shares.max())
        x, y = Axis("", bins.low, bins.high), Axis("", 0.0, 1.05 * highest, "root", ticks=())
        self.show_plot(PlotSpec(curves, x, y, summary=said))


class ShowSection(QWidget):
    """Shows which views are on the canvas.

    Signals: views_changed(names), a tuple of one to three, the large one first.

    Attributes:
        histogram: of the values of the large picture.
    """

    views_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views: tuple[str, ...] = (NOISY, PREDICTED)
        self._possible: tuple[str, ...] = tuple(VIEW_TEXTS)
        self.chips = ToggleChips("show_views", N_("What is shown"))
        self.chips.toggled.connect(self._on_toggled)
        self.order = SteadyLabel(role="small")
        set_tip(self.order, _("Click a small picture on the canvas to enlarge it"))
        self.histogram = ValueHistogram()
        self._values = WhenSeen(self.histogram, self._show_values)
        self._frame: Frame | None = None
        put_in_a_column(self, (self.chips, self.order, self.histogram), 6)
        self.set_possible(self._possible)

    def views(self) -> tuple[str, ...]:
        """What is shown, the large one first."""
        return self._views

    def set_views(self, views: Sequence[str]) -> None:
        """Show which are shown, the large one first; names that the model lacks are left out. Emits nothing."""
        known = tuple(name for name in views if name in self._possible)
        self._views = known[:MOST_SHOWN] or self._possible[:1]
        self.chips.set_on(self._views)
        large, *small = (translate(VIEW_TEXTS[name]) for name in self._views)
        text = _("Large: {large}").format(large=large)
        self.order.set_text(f"{text} · {', '.join(small)}" if small else text)

    def set_possible(self, names: Sequence[str]) -> None:
        """Offer the views that the model's frames have."""
        self._possible = tuple(name for name in VIEW_TEXTS if name in names)
        self.chips.set_chips({name: VIEW_TEXTS[name] for name in self._possible}, VIEW_HINTS)
        self.set_views(self._views)

    def show_values(self, frame: Frame) -> None:
        """Show the values of the large view of a frame."""
        self._frame = frame
        self._values.request()

    def _show_values(self) -> None:
        frame = self._frame
        view = None if frame is None else frame.views.get(self._views[0], frame.main_view)
        if isinstance(view, Image):
            self.histogram.show_picture(view.pixels)
        elif isinstance(view, Audio):
            self.histogram.show_sound(view.samples)

    def enlarge(self, name: str) -> None:
        """Make a view the large one, as a click on its small picture asks; tells it."""
        if name != self._views[0]:
            self._choose((name, *(own for own in self._views if own != name)))

    def _on_toggled(self, name: str, is_on: bool) -> None:
        if is_on:
            self._choose((*self._views[: MOST_SHOWN - 1], name))
        else:
            self._choose(tuple(own for own in self._views if own != name))

    def _choose(self, views: tuple[str, ...]) -> None:
        """One stays shown, whatever is clicked."""
        before = self._views
        self.set_views(views or before)
        if self._views != before:
            self.views_changed.emit(self._views)
