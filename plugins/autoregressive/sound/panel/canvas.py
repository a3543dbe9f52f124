"""The canvas of a sound that grows: its waveform, its spectrogram, and the tree of the sample that is looked at.

A click or a drag marks a sample, and so do the arrow keys: one on, 64 with Shift; Home and End go to the ends.
"""

from typing import Final

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from studio.api.panel import Axis, Curve, Image, Marker, PlotSpec, PlotView, SpectrogramView, coloured_amount, set_tip
from studio.core.translation import N_, _, translate

from ..conditioning import SoundPart
from ..signal import RATE_HZ
from ..state import MOST_BITS
from ..view_model import SoundViewModel
from .tree import SoundTreeView

_SIZE_PX: Final = QSize(520, 150)
_FAR: Final = 64
_NO_SOUND: Final = N_("No sound yet")
_STRIP: Final = (-1.22, -1.08)  # where the surprise lies below the wave
_N_COLUMNS: Final = 512


class SoundWaveView(PlotView):
    """Signals: marked(place): the person looks at a sample."""

    marked = Signal(int)

    def __init__(self) -> None:
        super().__init__(N_("Waveform"), size_px=_SIZE_PX)
        self.setObjectName("sound_wave")
        set_tip(self, _("Click a sample to inspect it; the strip below shows where it was surprising"))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.x_chosen.connect(lambda ms: self._mark_at(round(ms * RATE_HZ / 1000 - 0.5)))
        self._seen: SoundViewModel | None = None
        self._mark: int | None = None
        self._parts: tuple[SoundPart, ...] = ()

    def show_parts(self, parts: tuple[SoundPart, ...]) -> None:
        """Write what the sound consists of below it."""
        if parts != self._parts:
            self._parts = parts
            self._show()

    def show_seen(self, seen: SoundViewModel | None, mark: int | None) -> None:
        """Show a sound as far as it is there, with a sample marked."""
        self._seen, self._mark = seen, mark
        self._show()
        self.set_marker(None if mark is None else _ms(mark + 0.5))

    def _show(self) -> None:
        seen = self._seen
        if seen is None or not seen.place:
            self.show_plot(PlotSpec(summary=translate(_NO_SOUND), empty=_NO_SOUND))
            return
        text = _("{ms:,.0f} of {all:,.0f} milliseconds so far")
        said = text.format(ms=_ms(seen.place), all=_ms(seen.n_samples))
        x = Axis(N_("ms"), 0.0, _ms(seen.n_samples), ticks=self._names(seen.n_samples) if self._parts else None)
        y = Axis("", _STRIP[0], 1.0, ticks=((-1.0, "-1"), (0.0, "0"), (1.0, "1")))
        begins = [Marker(_ms(part.first), ink="border") for part in self._parts[1:] if part.first < seen.n_samples]
        self.show_plot(PlotSpec([*_waves(seen), _surprise(seen), *begins], x, y, said))

    def _names(self, n_samples: int) -> tuple[tuple[float, str], ...]:
        """The parts, each in its middle."""
        ends = [*(part.first for part in self._parts[1:]), n_samples]
        parts = [(part, end) for part, end in zip(self._parts, ends, strict=True) if part.first < n_samples]
        return tuple((_ms((part.first + min(end, n_samples)) / 2), part.name) for part, end in parts)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from sample to sample."""
        seen, far = self._seen, event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0) * (_FAR if far else 1)
        if seen is None or not seen.place:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._mark_at(0 if event.key() == Qt.Key.Key_Home else seen.place - 1)
        elif step:
            self._mark_at((seen.place - 1 if self._mark is None else self._mark) + step)
        else:
            super().keyPressEvent(event)

    def _mark_at(self, place: int) -> None:
        if self._seen is not None and self._seen.place:
            self.marked.emit(min(max(place, 0), self._seen.place - 1))


def _ms(place: float) -> float:
    return 1000 * place / RATE_HZ


def _waves(seen: SoundViewModel) -> list[Curve]:
    """What was given, muted, and what was drawn."""
    at, samples = (np.arange(seen.place) + 0.5) * 1000 / RATE_HZ, seen.sound.samples.astype(np.float64)
    kinds = ((N_("given"), slice(0, seen.n_given), "text_muted"), (N_("drawn"), slice(seen.n_given, seen.place), ""))
    return [
        Curve(translate(name), at[part], samples[part], ink, "solid", is_body=True)
        for name, part, ink in kinds
        if len(at[part])
    ]


def _surprise(seen: SoundViewModel) -> Image:
    """A strip: the brighter the less the samples there were expected."""
    n_columns = min(_N_COLUMNS, seen.place)
    edges = np.linspace(0, seen.place, n_columns + 1).astype(int)
    means = np.add.reduceat(seen.surprise, edges[:-1]) / np.maximum(np.diff(edges), 1)
    colours = coloured_amount(np.clip(means[None] / MOST_BITS, 0, 1).astype(np.float32))
    opaque = np.full((1, n_columns, 1), 255, np.uint8)
    return Image("", np.concatenate([colours, opaque], 2), (0.0, _ms(seen.place)), _STRIP)


class GrowingSoundCanvas(QWidget):
    """Attributes: wave, spectrogram, tree."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sound_canvas")
        self.setAccessibleName(_("Sound"))
        self.wave, self.tree = SoundWaveView(), SoundTreeView()
        self.spectrogram = SpectrogramView(N_("Spectrogram"))
        set_tip(self.spectrogram, _("How loud each pitch is over time; click to hear it"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.wave, 3)
        column.addWidget(self.spectrogram, 4)
        column.addWidget(self.tree, 5)

    def show_seen(self, seen: SoundViewModel, mark: int | None) -> None:
        """Show a moment of a run."""
        self.wave.show_seen(seen, mark)
        self.spectrogram.show_field(seen.spectrogram)
        self.wave.align_left(self.spectrogram.plot_rect().left())  # the same time stands above the same time
