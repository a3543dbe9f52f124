"""Shows a sound as its waveform; a click plays it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.translation import N_, _, translate
from studio.widgets.plots.spec import Axis, Curve, PlotSpec
from studio.widgets.plots.view import PlotView

_SIZE_PX: Final = QSize(420, 140)
_NO_SOUND: Final = N_("No sound yet")
_FULL_SCALE: Final = Axis("", -1.1, 1.1, ticks=((-1.0, "-1"), (0.0, "0"), (1.0, "1")))


class WaveformView(PlotView):
    """Where a column of pixels holds many samples, it shows their range. `clicked` comes from Enter too."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, "pan", _SIZE_PX, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.show_plot(PlotSpec(summary=translate(_NO_SOUND), empty=_NO_SOUND))

    def show_sound(self, samples: NDArray[np.float32], rate_hz: int) -> None:
        """Show (T,) samples in -1..1; nothing is copied, so nobody may change them afterwards."""
        seconds = np.arange(len(samples)) / rate_hz
        curve = Curve(_("Sound"), seconds, samples.astype(np.float64), dash="solid", is_body=True)
        peak = round(100 * float(np.abs(samples).max(initial=0.0)))
        text = _("{seconds:.2f} seconds, at most {share} % of full scale")
        said = text.format(seconds=len(samples) / rate_hz, share=peak) if len(samples) else translate(_NO_SOUND)
        self.show_plot(PlotSpec([curve], Axis(N_("s")), _FULL_SCALE, said, empty=_NO_SOUND))
