"""The canvas of a sound that grows: its waveform, its spectrogram, and the tree of the sample that is looked at."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import SpectrogramView
from studio.core.text import N_, translate

from .sound_seen import Seen
from .sound_tree_view import SoundTreeView
from .sound_wave_view import SoundWaveView


class SoundCanvas(QWidget):
    """Attributes: wave, spectrogram, tree."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sound_canvas")
        self.setAccessibleName(translate(N_("Sound")))
        self.wave, self.tree = SoundWaveView(), SoundTreeView()
        self.spectrogram = SpectrogramView(N_("Spectrogram"))
        self.spectrogram.setToolTip(translate(N_("Which heights of tone are how loud over time; click to hear it")))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.wave, 3)
        column.addWidget(self.spectrogram, 4)
        column.addWidget(self.tree, 5)

    def show_seen(self, seen: Seen, mark: int | None) -> None:
        """Show a moment of a run."""
        self.wave.show_seen(seen, mark)
        self.spectrogram.show_field(seen.spectrogram)
        self.wave.align_left(self.spectrogram.plot_rect().left())  # the same time stands above the same time
