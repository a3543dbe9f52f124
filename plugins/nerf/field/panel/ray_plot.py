"""Draws what a ray meets: density and weight over the distance, the colour of each place below."""

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from studio.api.panel import Axis, Curve, Image, PlotSpec, PlotView, theme
from studio.core.translation import N_, _

from ..camera.ray import FloatArray

if TYPE_CHECKING:
    from ..render.ray_samples import RaySamples

_SIZE_PX: Final = QSize(308, 156)
_EMPTY_PX: Final = 44
_N_COLUMNS: Final = 600  # of the strip of colours
_STRIP: Final = (-0.16, -0.05)  # where it lies below the curves, which are 1 high
_SKIPPED: Final = 1.9  # steps between two samples that say that space was skipped


class RayPlot(PlotView):
    """Two curves, each as high as the plot, over one axis; where the ray skips empty space, both are zero.

    Signals:
        sample_pointed(index): the place under the pointer or the arrow keys, -1 for none.
    """

    sample_pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(N_("Along the ray"), "pan", _SIZE_PX, parent)
        self.setObjectName("ray_plot")
        self.setToolTip(
            _(
                "Filled: the share of each place in the pixel’s colour (weight w = T (1 − exp(−σ δ))). "
                "Dashed: how dense it is there (volume density σ). Below: its colour."
            )
        )
        self._samples: RaySamples | None = None
        self.pointed.connect(lambda x: self.sample_pointed.emit(-1 if x is None else self._index_at(x)))
        self.set_samples(None)

    def set_samples(self, samples: "RaySamples | None") -> None:
        """Show a ray, or none."""
        self.point_at(None)
        self._samples = samples if samples is not None and len(samples.t) else None
        self.show_plot(self._spec_of(self._samples))
        self.updateGeometry()

    def summary(self) -> str:
        """The ray in words."""
        if self._samples is None:
            return ""
        seen = float(self._samples.weight.sum())
        if seen < 1e-3:
            return _("The ray meets nothing.")
        text = _("Sees {percent:.0f} % of a surface {depth:.2f} away, in {n} samples.")
        depth = float(self._samples.weight @ self._samples.t) / seen
        return text.format(percent=100 * seen, depth=depth, n=len(self._samples.t))

    def sizeHint(self) -> QSize:
        """As wide as the inspector; low without a ray."""
        return super().sizeHint() if self._samples is not None else QSize(_SIZE_PX.width(), theme().scaled(_EMPTY_PX))

    def _index_at(self, distance: float) -> int:
        return -1 if self._samples is None else int(np.abs(self._samples.t - distance).argmin())

    def _words_at(self, distance: float, _height: float) -> str:
        if self._samples is None:
            return ""
        text = _("{t:.2f} away: density {density:.3g}, weight {weight:.3f}")
        place = self._index_at(distance)
        t, density = float(self._samples.t[place]), float(self._samples.density[place])
        return text.format(t=t, density=density, weight=float(self._samples.weight[place]))

    def _spec_of(self, samples: "RaySamples | None") -> PlotSpec:
        if samples is None:
            return PlotSpec(empty=N_("Alt-click a pixel to look along its ray"))
        t, weight = (part.astype(np.float64) for part in with_gaps(samples.t, samples.weight))
        _t, density = with_gaps(samples.t, samples.density)
        curves = (
            Curve(_("weight"), t, weight, dash="solid", fill=0.27, is_scaled=True),
            Curve(_("density"), t, density.astype(np.float64), "transformer", "dash", is_scaled=True),
        )
        first, last = float(samples.t[0]), float(samples.t[-1])
        ends = (first, last if last > first else first + 1)
        strip = Image("", colours_of(samples, ends), ends, _STRIP)
        heaviest = float(samples.t[samples.weight.argmax()])
        x, y = Axis(N_("distance"), *ends), Axis("", _STRIP[0], 1.04, ticks=())
        return PlotSpec([*curves, strip], x, y, self.summary(), self._words_at, start=heaviest)


def colours_of(samples: "RaySamples", ends: tuple[float, float]) -> npt.NDArray[np.uint8]:
    """Each place's colour over the way that it stands for, uint8 (1, _N_COLUMNS, 4); what weighs nothing is faint."""
    at = np.linspace(*ends, _N_COLUMNS)
    place = np.abs(samples.t[None] - at[:, None]).argmin(1)
    alpha = 0.15 + 0.85 * samples.weight[place] / max(float(samples.weight.max()), 1e-9)
    alpha[np.abs(samples.t[place] - at) > steps_of(samples.t)[place] * 0.5 + (ends[1] - ends[0]) / _N_COLUMNS] = 0
    colours = np.concatenate([np.clip(samples.colour[place], 0, 1), alpha[:, None]], 1)
    return np.rint(255 * colours).astype(np.uint8)[None]


def steps_of(t: FloatArray) -> FloatArray:
    """How far each of S places of a ray is from the nearer of its neighbours, (S,); 1 for a single one."""
    gaps = np.diff(t)
    if not len(gaps):
        return np.ones_like(t)
    return np.minimum(np.concatenate([gaps[:1], gaps]), np.concatenate([gaps, gaps[-1:]]))


def with_gaps(t: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Places and values (S,), with zeros put in at both ends of every stretch that the ray skipped."""
    steps = steps_of(t)
    before = np.flatnonzero(np.diff(t) > _SKIPPED * np.maximum(steps[1:], steps[:-1]))
    where = np.repeat(before + 1, 2)
    zeros = np.stack([t[before] + steps[before], t[before + 1] - steps[before + 1]], axis=1).ravel()
    return np.insert(t, where, zeros), np.insert(values, where, 0)
