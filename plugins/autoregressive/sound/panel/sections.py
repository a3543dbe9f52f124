"""The inspector's parts of the panel of sounds: what is asked for, the next sample, choosing, going on."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import (
    ChipFlow,
    KeyboardView,
    Label,
    LevelMeter,
    Segmented,
    SettingsSection,
    in_a_row,
    named_button,
    put_in_a_column,
    set_tip,
    show_playing,
    small_label,
)
from studio.core.translation import N_, translate

from ..conditioning import ConditioningOffer, KeyChoice, Picker, WordChoice
from ..params import SoundParams
from ..scene import SoundScene
from ..view_model import beginning_words

if TYPE_CHECKING:
    from ..engine import SoundModelInfo

SPACING_PX: Final = 8
MOST_CHIPS = 24
"""Of more words than these, a list."""
LEAST_WORDS = 2
"""Of one word there is nothing to choose."""
SPEEDS: Final = {
    "single": (N_("Single"), N_("One sample at a time, 30 a second")),
    "slow": (N_("Slow"), N_("16 samples at a time, 480 a second")),
    "heard": (
        N_("As heard"),
        N_("16,000 samples a second: you hear it as it grows, if this computer is fast enough"),
    ),
    "instant": (N_("At once"), N_("As soon as the whole sound is made")),
}
AGAIN_HINT: Final = N_("Make it differently, with a new random seed (N)")
GO_ON_HINT: Final = N_("Keep everything before the marked sample, and continue differently from there (G)")
SILENCE_HINT: Final = N_("Start from silence again, so that the model makes the whole sound")
OWN_HINT: Final = N_("Start with a sound of your own (WAV, FLAC, OGG, MP3), or drop one here")
SURPRISE_HINT: Final = N_("Choose another sound, starting from silence (R)")


class SoundWordList(QWidget):
    """One of many words. Signals: picked(name, value) of the setting."""

    picked = Signal(str, object)

    def __init__(self, words: WordChoice) -> None:
        super().__init__()
        self._words = words
        self.list = QComboBox()
        self.list.setObjectName(f"sound_{words.param}")
        self.list.setProperty("is_content", words.is_content)
        self.list.setAccessibleName(translate(words.title))
        self.list.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel scrolls the inspector, not the list
        for value, text in words.labels.items():
            self.list.addItem(text if words.is_content else translate(text), value)
        self.list.activated.connect(lambda _place: self.picked.emit(words.param, self.list.currentData()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING_PX)
        row.addWidget(Label(translate(words.title)))
        row.addWidget(self.list, 1)

    def show_scene(self, scene: SoundScene) -> None:
        """Show what is asked for. Emits nothing."""
        self.list.setCurrentIndex(self.list.findData(self._words.value(scene.params)))


class ConditioningSection(QWidget):
    """Signals: changed(name, value) of a setting; struck() when the same key is hit again; play_requested().

    Attributes:
        words: chips or a list, by setting. keys: where the model has some.
    """

    changed = Signal(str, object)
    struck = Signal()
    play_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words: dict[str, SoundWordChips | SoundWordList] = {}
        self.keys: KeyboardView | None = None
        self._piano: KeyChoice | None = None
        self._pitch = 0
        self._pickers = QWidget()
        self._column = QVBoxLayout(self._pickers)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACING_PX)
        self._pickers.hide()
        self.play = named_button(
            "sound_play", N_("Play"), N_("Play what is there so far (P)"), "play", pressed=self.play_requested
        )
        self.meter = LevelMeter()
        put_in_a_column(self, (self._pickers, in_a_row(self.play, self.meter)))

    def opened(self, found: "SoundModelInfo") -> None:
        """Offer what the open model can be asked for."""
        self.set_offer(found.offer)

    def set_offer(self, offer: ConditioningOffer) -> None:
        """Show what may be asked for; once."""
        for picker in offer.pickers:
            self._add(picker)
        self._pickers.setVisible(self._column.count() > 0)

    def show_scene(self, scene: SoundScene) -> None:
        """Show what is asked for. Emits nothing."""
        for words in self.words.values():
            words.show_scene(scene)
        if self.keys is not None and self._piano is not None:
            self._pitch = self._piano.value(scene.params)
            self.keys.set_current(self._pitch)

    def set_playing(self, is_playing: bool) -> None:
        """Let the button stop the sound while it is on."""
        show_playing(self.play, is_playing)

    def _add(self, picker: Picker) -> None:
        if isinstance(picker, KeyChoice):
            self._add_keys(picker)
        elif len(picker.labels) >= LEAST_WORDS:
            words = SoundWordChips(picker) if len(picker.labels) <= MOST_CHIPS else SoundWordList(picker)
            words.picked.connect(self.changed)
            self.words[picker.param] = words
            self._column.addWidget(words)

    def _add_keys(self, picker: KeyChoice) -> None:
        self._piano, self.keys = picker, KeyboardView(picker.pitches)
        self.keys.note_chosen.connect(partial(self._on_key, picker.param))
        self._column.addWidget(self.keys)

    def _on_key(self, param: str, pitch: int) -> None:
        if pitch == self._pitch:
            self.struck.emit()
        else:
            self.changed.emit(param, pitch)


class SoundWordChips(ChipFlow):
    """One of several words. Signals: picked(name, value) of the setting."""

    picked = Signal(str, object)

    def __init__(self, words: WordChoice) -> None:
        self._words = words
        texts = {value: text if words.is_content else translate(text) for value, text in words.labels.items()}
        self._values = {text: value for value, text in texts.items()}
        super().__init__(f"sound_{words.param}", tuple(self._values), translate(words.title))
        self.setProperty("is_content", words.is_content)
        set_tip(self, translate(words.title))
        self.chosen.connect(lambda text: self.picked.emit(words.param, self._values[text]))

    def show_scene(self, scene: SoundScene) -> None:
        """Show what is asked for. Emits nothing."""
        self.set_current(self._words.word(scene.params))


class SoundChoosingSection(SettingsSection):
    """How daring, how long, how fast. Signals, beside those of settings: speed_changed(speed); again_requested()."""

    speed_changed = Signal(str)
    again_requested = Signal()

    def __init__(self, defaults: SoundParams) -> None:
        super().__init__()
        self.temperature, self.seconds = self.sliders(defaults, "sound_", "temperature", "seconds")
        self.speed = Segmented("sound_speed", SPEEDS, N_("Speed"))
        self.speed.value_chosen.connect(self.speed_changed)
        self.again = named_button("sound_again", N_("Again"), AGAIN_HINT, pressed=self.again_requested)
        put_in_a_column(self, (self.temperature, self.seconds, self.speed, self.again))

    def show_scene(self, scene: SoundScene) -> None:
        """Show what is asked for. Emits nothing."""
        self.show_params(scene.params)
        self.speed.set_value(scene.speed)


class SoundGoOnSection(QWidget):
    """What the sound begins with. Signals: go_on_requested(), silence_requested(), own_requested()."""

    go_on_requested = Signal()
    silence_requested = Signal()
    own_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = small_label(is_marked=True)
        self.go_on = named_button("sound_go_on", N_("Continue from here"), GO_ON_HINT, pressed=self.go_on_requested)
        self.silence = named_button("sound_silence", N_("From silence"), SILENCE_HINT, pressed=self.silence_requested)
        self.own = named_button("sound_own", N_("My sound…"), OWN_HINT, pressed=self.own_requested)
        put_in_a_column(self, (self.words, self.go_on, in_a_row(self.silence, self.own)))

    def show_scene(self, scene: SoundScene) -> None:
        """Show what it begins with."""
        self.words.setText(beginning_words(scene.beginning))
        self.silence.setEnabled(scene.beginning is not None)


class WholeSoundSection(QWidget):
    """How likely the whole sound is. Signals: surprise_requested()."""

    surprise_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = small_label(is_marked=True)
        hint = N_("The average surprise of the samples the model drew, in bits; a model that knows nothing needs 8")
        set_tip(self.words, translate(hint))
        self.surprise = named_button(
            "sound_surprise", N_("Surprise me"), SURPRISE_HINT, pressed=self.surprise_requested
        )
        put_in_a_column(self, (self.words, self.surprise))

    def show_words(self, words: str) -> None:
        """Show the likelihood of the sound so far."""
        self.words.setText(words)
