"""A bar for each kind of face that appeared, the most frequent first, with a mark at what the data has."""

from typing import Final

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from studio.api.panel import Axis, Bars, PlotSpec, PlotView
from studio.core.translation import N_, _, translate

from ..model.mode_collapse import FaceModes, mode_name

RARE: Final = 0.5
BAR: Final = N_("{name}: {n} of {all} faces; the data has {wanted:.1f}")
_SIZE_PX: Final = QSize(308, 84)


class DiversityBars(PlotView):
    """Bars in the family's hue where a mode is at least half as frequent as in the data, grey where it is rarer.

    The pointer, or the arrow keys, say which mode a bar is.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(N_("How often each kind of face appears"), "pan", _SIZE_PX, parent)
        self.setObjectName("diversity_bars")
        self._modes: FaceModes | None = None
        self._order = np.empty(0, np.int64)

    def show_modes(self, modes: FaceModes | None) -> None:
        """Show these; None while nothing was drawn. Emits nothing."""
        self._modes = modes
        if modes is None:
            self.show_plot(PlotSpec(empty=N_("Nothing drawn yet")))
            return
        self._order = np.lexsort((-modes.expected, -modes.counts))
        counts, wanted = modes.counts[self._order].astype(float), modes.expected[self._order] * modes.n_sure
        frequent = (counts > 0) & (counts >= RARE * wanted)
        bars = Bars(
            _("Faces"),
            np.arange(len(counts), dtype=float),
            counts,
            inks=tuple("" if is_frequent else "control_border" for is_frequent in frequent),
            marks=np.where(wanted > 0, wanted, np.nan),
            labels=tuple(mode_name(modes.labels, int(number)) for number in self._order),
        )
        said, words = self.text_of(0), lambda x, _: self.text_of(round(x))
        self.show_plot(PlotSpec([bars], Axis(ticks=()), Axis(low=0.0), said, words, start=0.0))

    @property
    def order(self) -> list[int]:
        """The numbers of the modes from left to right."""
        return [int(number) for number in self._order]

    def text_of(self, place: int) -> str:
        """What the bar at a place stands for; empty where there is none."""
        modes = self._modes
        if modes is None or not 0 <= place < len(self._order):
            return ""
        number = int(self._order[place])
        n, wanted = int(modes.counts[number]), float(modes.expected[number]) * modes.n_sure
        name = mode_name(modes.labels, number).capitalize()
        return translate(BAR).format(name=name, n=n, all=modes.n_sure, wanted=wanted)
