"""Shows how strong a sound is over time in bands from low to high, on the mel scale, in colours."""

from typing import Final

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.sound.mel import NOTE_SCALE, MelScale, band_edges_hz
from studio.core.translation import N_, _, translate
from studio.core.view import Field
from studio.widgets.plots.spec import Axis, Image, PlotSpec
from studio.widgets.plots.view import PlotView

_SIZE_PX: Final = QSize(420, 240)
_MARKS_HZ: Final = (100, 250, 500, 1000, 2000, 4000)
_NO_SOUND: Final = N_("No sound yet")


class SpectrogramView(PlotView):
    """Low bands are at the bottom. `clicked` comes from Enter too."""

    def __init__(self, title: str, scale: MelScale = NOTE_SCALE, parent: QWidget | None = None) -> None:
        super().__init__(title, "pan", _SIZE_PX, parent)
        self._scale = scale
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.show_plot(PlotSpec(summary=translate(_NO_SOUND), empty=_NO_SOUND))

    def show_field(self, field: Field) -> None:
        """Show levels (M, L) in dB, the highest band first; nothing is copied."""
        n_rows, n_columns = field.values.shape
        ms = n_columns * self._scale.n_hop / self._scale.rate_hz * 1000
        image = Image(N_("dB"), field.values, (0.0, ms), (0.0, n_rows), field.low, field.high)
        row, _column = np.unravel_index(int(field.values.argmax()), field.values.shape)
        said = _("Loudest at about {hertz:,.0f} hertz").format(hertz=self.centre_hz(int(row)))
        ticks = tuple((n_rows - self.row_of(hertz) - 0.5, _hertz_text(hertz)) for hertz in _MARKS_HZ)
        y = Axis("", ticks=tuple(tick for tick in ticks if tick[0] < n_rows))
        self.show_plot(PlotSpec([image], Axis(N_("ms")), y, said, lambda x, y: self._words_at(image, x, y)))

    def centre_hz(self, row: int) -> float:
        """The frequency in the middle of a row, counted from the top."""
        return float(band_edges_hz(self._scale)[self._scale.n_bands - row])

    def row_of(self, hertz: float) -> float:
        """The row, counted from the top, at whose middle a frequency lies."""
        edges = band_edges_hz(self._scale)
        return self._scale.n_bands - float(np.interp(hertz, edges, np.arange(len(edges))))

    def _words_at(self, image: Image, ms: float, y: float) -> str:
        cell = image.cell_at(ms, y)
        if cell is None:
            return ""
        text = _("{ms:.0f} ms, {hertz:,.0f} Hz: {level:.0f} dB")
        return text.format(ms=ms, hertz=self.centre_hz(cell[0]), level=float(image.values[cell]))


def _hertz_text(hertz: int) -> str:
    return f"{hertz // 1000} kHz" if hertz >= 1000 else f"{hertz} Hz"
