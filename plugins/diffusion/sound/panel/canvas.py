"""The canvas of a step of sound: what is heard at this step, beside it what the model predicts; each can be played."""

from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Button, Label, LevelMeter, Player, SpectrogramView, WaveformView, set_tip, show_playing
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import Audio, Field

from ...shared.panel.editor import DiffusionEditor
from ...shared.panel.runs import SceneRuns
from ...shared.scene import DiffusionScene
from ...shared.state import PREDICTED, PREDICTED_SPECTROGRAM, SPECTROGRAM, WAVEFORM
from .keyboard_section import KeyboardSection

_SPECTROGRAMS: Final = {WAVEFORM: SPECTROGRAM, PREDICTED: PREDICTED_SPECTROGRAM}
_HEARD: Final = N_("Sound at this step")
_FINISHED: Final = N_("Finished sound")
_X0_PREDICTION: Final = N_("What the model expects it to become")
_GAP_PX: Final = 12
_SHARES: Final = (3, 2)
"""Of the width: what is heard, and what is believed."""


class DenoisedSoundCanvas(QWidget):
    """Shows the sounds of a frame.

    Signals:
        play_requested(name): the person wants to hear a view of the frame, or, where it is on, no longer.
    """

    play_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sound_canvas")
        self.setAccessibleName(_("Sound"))
        self._frame: Frame | None = None
        self.columns = {WAVEFORM: SoundColumn(_HEARD, self), PREDICTED: SoundColumn(_X0_PREDICTION, self)}
        self.meter = LevelMeter()
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(_GAP_PX)
        for place, (name, column) in enumerate(self.columns.items()):
            grid.addWidget(column, 0, place)
            grid.setColumnStretch(place, _SHARES[place])
            column.play_requested.connect(lambda name=name: self.play_requested.emit(name))
        grid.addWidget(self.meter, 1, 0, 1, 2)

    @property
    def frame(self) -> Frame | None:
        """What is shown."""
        return self._frame

    def show_frame(self, frame: Frame) -> None:
        """Show the sounds of a frame; a finished one stands alone, since both are then the same."""
        self._frame = frame
        is_finished = frame.step == frame.n_steps - 1
        self.columns[PREDICTED].setVisible(not is_finished)
        self._grid.setColumnStretch(1, 0 if is_finished else _SHARES[1])
        self.columns[WAVEFORM].set_title(_FINISHED if is_finished else _HEARD)
        for name, column in self.columns.items():
            sound, levels = frame.views.get(name), frame.views.get(_SPECTROGRAMS[name])
            if isinstance(sound, Audio) and isinstance(levels, Field):
                column.show_sound(sound, levels)

    def sound(self, name: str = WAVEFORM) -> Audio | None:
        """A sound of the frame that is shown, None where there is none."""
        view = None if self._frame is None else self._frame.views.get(name)
        return view if isinstance(view, Audio) else None

    def set_playing(self, name: str | None) -> None:
        """Show which sound is on, if any."""
        for one, column in self.columns.items():
            column.set_playing(one == name)

    def set_level(self, level_db: float) -> None:
        """Show how loud it is now."""
        self.meter.set_level(level_db)


class SoundColumn(QWidget):
    """One sound: title, play button, waveform, spectrogram. Signals: play_requested()."""

    play_requested = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Label()
        self._title.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.button = Button(N_("Play"), icon_name="play")
        self.waveform = WaveformView(N_("Waveform"))
        self.spectrogram = SpectrogramView(N_("Spectrogram"))
        set_tip(self.spectrogram, _("How loud each pitch is over time (log-mel spectrogram)"))
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.waveform, 2)
        column.addWidget(self.spectrogram, 3)
        for part in (self.waveform, self.spectrogram, self.button):
            part.clicked.connect(self._on_clicked)
        self.button.setEnabled(False)
        self.set_title(title)

    def set_title(self, title: str) -> None:
        """Say what this sound is."""
        self._title.setText(translate(title))
        self.setAccessibleName(translate(title))

    def show_sound(self, sound: Audio, levels: Field) -> None:
        """Show a sound and its spectrogram."""
        self.waveform.show_sound(sound.samples, sound.rate_hz)
        self.spectrogram.show_field(levels)
        self.waveform.align_left(self.spectrogram.plot_rect().left())
        self.button.setEnabled(True)

    def set_playing(self, is_playing: bool) -> None:
        """Let the button stop the sound while it is on."""
        show_playing(self.button, is_playing)

    def _on_clicked(self) -> None:
        if self.button.isEnabled():
            self.play_requested.emit()


class DenoisedSoundPresenter(QObject):
    """Plays what is on the canvas, and the notes whose keys are struck; a model without instruments has no keyboard.

    Attributes:
        canvas: what stands in the place of the pictures.
        player: its `failed` is the panel's to show.
    """

    def __init__(
        self,
        canvas: DenoisedSoundCanvas,
        keyboard: KeyboardSection | None,
        editor: DiffusionEditor,
        runs: SceneRuns,
    ) -> None:
        super().__init__(canvas)
        self._editor, self._runs = editor, runs
        self._is_struck = False
        self._playing: str | None = None
        self.canvas = canvas
        self.player = Player(self)
        canvas.play_requested.connect(self._on_play_requested)
        self.player.level_changed.connect(canvas.set_level)
        self.player.finished.connect(self._on_finished)
        self.player.failed.connect(self._on_finished)
        if keyboard is not None:
            keyboard.note_chosen.connect(self._on_note_chosen)

    def _on_note_chosen(self, prompt: str) -> None:
        """A key asks for its note, which is heard as soon as it is finished; the same key plays it again."""
        is_there = prompt == self._editor.scene.params.prompt and not self._runs.is_running
        self._is_struck = not is_there
        if is_there:
            self.play(WAVEFORM)
        else:
            self._editor.ask(prompt)

    def show_frame(self, frame: Frame, scene: DiffusionScene) -> None:
        """Show the sounds of a frame."""
        self.canvas.show_frame(frame)

    def hear(self, frame: Frame) -> None:
        """A frame of the run is on the canvas: the note that was asked for by its key is played once it is finished."""
        if self._is_struck and frame.step == frame.n_steps - 1:
            self._is_struck = False
            self.play(WAVEFORM)

    def play(self, name: str) -> None:
        """Play a sound of the frame on the canvas."""
        sound = self.canvas.sound(name)
        if sound is not None:
            self._playing = name
            self.canvas.set_playing(name)
            self.player.play(sound.samples, sound.rate_hz)

    def _on_play_requested(self, name: str) -> None:
        if self._playing == name and self.player.is_playing:
            self.player.stop()
        else:
            self.play(name)

    def _on_finished(self) -> None:
        self._playing = None
        self.canvas.set_playing(None)
