"""The inspector's parts of the panel of sounds: the next sample, choosing, going on, the whole sound."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.api.panel import Axis, Curve, PlotSpec, PlotView, Segmented, param_slider
from studio.core.text import N_, translate

from .section_parts import in_a_row, named_button, put_in_a_column, small_label
from .sound_params import SoundParams
from .sound_scene import Scene

SPEEDS: Final = {"single": N_("Single"), "slow": N_("Slow"), "heard": N_("As heard"), "instant": N_("At once")}
SPEED_HINTS: Final = {
    "single": N_("One sample after the other, 30 a second"),
    "slow": N_("16 samples at a time, 480 a second"),
    "heard": N_("16,000 samples a second: you hear it while it grows, where this computer is fast enough"),
    "instant": N_("As soon as the sound is made"),
}
AGAIN_HINT: Final = N_("Make it in another way: a new seed (N)")
GO_ON_HINT: Final = N_("Keep what is before the marked sample, and go on from there in another way (G)")
SILENCE_HINT: Final = N_("Begin with silence again: the whole sound is the model’s")
OWN_HINT: Final = N_("Begin with a sound of your own (WAV, FLAC, OGG, MP3), or drop one here")
SURPRISE_HINT: Final = N_("Ask for another sound, and begin with silence (R)")


class NextSection(QWidget):
    """What the marked sample may be. Signals: level_chosen(level): let it be this, and the rest follow."""

    level_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.plot = PlotView(N_("Probability of each level"))
        hint = N_("Click to give the sample this level; what comes after it follows (softmax over mu-law levels)")
        self.plot.setToolTip(translate(hint))
        self.plot.x_chosen.connect(lambda x: self.level_chosen.emit(round(x)))
        self.words = small_label()
        put_in_a_column(self, (self.plot, self.words))

    def show_chances(self, chances: npt.NDArray[np.float32] | None, level: int | None, words: str) -> None:
        """Show probabilities (V,) of the levels, and the one that the sample has."""
        curves = []
        if chances is not None:
            levels = np.arange(len(chances), dtype=np.float64)
            curves = [Curve(translate(N_("Probability")), levels, chances.astype(np.float64))]
        self.plot.show_plot(PlotSpec(curves, Axis(N_("low to high"))))
        self.plot.set_marker(None if level is None else float(level))
        self.words.setText(words)


class ChoosingSection(QWidget):
    """How daring, how long, how fast. Signals: changed(name, value) of a parameter; speed_changed(speed);
    edit_started(), edit_finished() around one step of undo; again_requested().
    """

    changed = Signal(str, object)
    speed_changed = Signal(str)
    edit_started = Signal()
    edit_finished = Signal()
    again_requested = Signal()

    def __init__(self, defaults: SoundParams) -> None:
        super().__init__()
        self.temperature = param_slider(defaults, "temperature", "sound_temperature")
        self.seconds = param_slider(defaults, "seconds", "sound_seconds")
        self.speed = Segmented("sound_speed", SPEEDS, N_("Speed"), SPEED_HINTS)
        self.speed.value_chosen.connect(self.speed_changed)
        self.again = named_button("sound_again", N_("Again"), AGAIN_HINT)
        self.again.clicked.connect(self.again_requested)
        for name, row in (("temperature", self.temperature), ("seconds", self.seconds)):
            row.value_changed.connect(lambda value, name=name: self.changed.emit(name, value))
            row.edit_started.connect(self.edit_started)
            row.edit_finished.connect(self.edit_finished)
        put_in_a_column(self, (self.temperature, self.seconds, self.speed, self.again))

    def show_scene(self, scene: Scene) -> None:
        """Show what is asked for. Emits nothing."""
        self.temperature.set_value(scene.params.temperature)
        self.seconds.set_value(scene.params.seconds)
        self.speed.set_value(scene.speed)


class GoOnSection(QWidget):
    """What the sound begins with. Signals: go_on_requested(), silence_requested(), own_requested()."""

    go_on_requested = Signal()
    silence_requested = Signal()
    own_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = small_label()
        self.go_on = named_button("sound_go_on", N_("Go on from here"), GO_ON_HINT)
        self.go_on.clicked.connect(self.go_on_requested)
        self.silence = named_button("sound_silence", N_("From silence"), SILENCE_HINT)
        self.silence.clicked.connect(self.silence_requested)
        self.own = named_button("sound_own", N_("My sound…"), OWN_HINT)
        self.own.clicked.connect(self.own_requested)
        put_in_a_column(self, (self.words, self.go_on, in_a_row(self.silence, self.own)))

    def show_scene(self, scene: Scene, words: str) -> None:
        """Show what it begins with."""
        self.words.setText(words)
        self.silence.setEnabled(scene.beginning is not None)


class WholeSection(QWidget):
    """How likely the whole sound is. Signals: surprise_requested()."""

    surprise_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = small_label()
        hint = N_("The mean surprise of a sample that the model drew, in bits; one that knows nothing needs 8")
        self.words.setToolTip(translate(hint))
        self.surprise = named_button("sound_surprise", N_("Surprise me"), SURPRISE_HINT)
        self.surprise.clicked.connect(self.surprise_requested)
        put_in_a_column(self, (self.words, self.surprise))

    def show_words(self, words: str) -> None:
        """Show the likelihood of the sound so far."""
        self.words.setText(words)
