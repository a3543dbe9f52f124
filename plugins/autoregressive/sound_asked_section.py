"""What a person asks a model of sounds for: words, keys, whatever the open model offers, and to hear it."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import ChipFlow, KeyboardView, LevelMeter
from studio.core.text import N_, translate

from .section_parts import SPACING_PX, in_a_row, named_button, put_in_a_column
from .sound_asking import Keys, Offer, Picker, Words
from .sound_scene import Scene
from .sound_word_list import MOST_CHIPS, WordList

LEAST_WORDS = 2
"""Of one word there is nothing to choose."""


class AskedSection(QWidget):
    """Signals: changed(name, value) of a setting; struck() when the same key is hit again; play_requested().

    Attributes:
        words: chips or a list, by setting. keys: where the model has some.
    """

    changed = Signal(str, object)
    struck = Signal()
    play_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words: dict[str, WordChips | WordList] = {}
        self.keys: KeyboardView | None = None
        self._piano: Keys | None = None
        self._pitch = 0
        self._pickers = QWidget()
        self._column = QVBoxLayout(self._pickers)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACING_PX)
        self._pickers.hide()
        self.play = named_button("sound_play", N_("Play"), N_("Hear what is there (P)"), "play")
        self.play.clicked.connect(self.play_requested)
        self.meter = LevelMeter()
        put_in_a_column(self, (self._pickers, in_a_row(self.play, self.meter)))

    def set_offer(self, offer: Offer) -> None:
        """Show what may be asked for; once."""
        for picker in offer.pickers:
            self._add(picker)
        self._pickers.setVisible(self._column.count() > 0)

    def show_scene(self, scene: Scene) -> None:
        """Show what is asked for. Emits nothing."""
        for words in self.words.values():
            words.show_scene(scene)
        if self.keys is not None and self._piano is not None:
            self._pitch = self._piano.value(scene.params)
            self.keys.set_current(self._pitch)

    def set_playing(self, is_playing: bool) -> None:
        """Let the button stop the sound while it is on."""
        text = translate(N_("Stop") if is_playing else N_("Play"))
        if text != self.play.text():
            self.play.setText(text)
            self.play.setAccessibleName(text)
            self.play.set_icon("stop" if is_playing else "play")

    def _add(self, picker: Picker) -> None:
        if isinstance(picker, Keys):
            self._add_keys(picker)
        elif len(picker.labels) >= LEAST_WORDS:
            words = WordChips(picker) if len(picker.labels) <= MOST_CHIPS else WordList(picker)
            words.picked.connect(self.changed)
            self.words[picker.param] = words
            self._column.addWidget(words)

    def _add_keys(self, picker: Keys) -> None:
        self._piano, self.keys = picker, KeyboardView(picker.pitches)
        self.keys.note_chosen.connect(partial(self._on_key, picker.param))
        self._column.addWidget(self.keys)

    def _on_key(self, param: str, pitch: int) -> None:
        if pitch == self._pitch:
            self.struck.emit()
        else:
            self.changed.emit(param, pitch)


class WordChips(ChipFlow):
    """One of several words. Signals: picked(name, value) of the setting."""

    picked = Signal(str, object)

    def __init__(self, words: Words) -> None:
        self._words = words
        texts = {value: text if words.is_content else translate(text) for value, text in words.labels.items()}
        self._values = {text: value for value, text in texts.items()}
        super().__init__(f"sound_{words.param}", tuple(self._values), translate(words.title))
        self.setProperty("is_content", words.is_content)
        self.setToolTip(translate(words.title))
        self.chosen.connect(lambda text: self.picked.emit(words.param, self._values[text]))

    def show_scene(self, scene: Scene) -> None:
        """Show what is asked for. Emits nothing."""
        self.set_current(self._words.word(scene.params))
