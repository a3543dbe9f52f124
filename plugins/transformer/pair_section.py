"""The inspector's part for two texts at once: what is different in the second one, and how far apart both are."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.api.panel import Button, ChipFlow, Choice, param_slider
from studio.core.card import Card
from studio.core.text import N_, translate
from studio.core.text_token import TextToken

from .pair_strip import PairStrip
from .params import SampleParams

NOTE: Final = N_("The same text is written a second time from the same seed, with what you change here.")
N_WORDS: Final = 6
FIRST_TEMPERATURE: Final = 1.3
"""Another one than a model begins with, so that there is something to see."""


class PairSection(QWidget):
    """Signals: asked(): write the second text. chosen(token): go to this one."""

    asked = Signal()
    chosen = Signal(int)

    def __init__(self, cards: Sequence[Card], model_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        others = {card.id: card.title for card in cards if card.id != model_id}
        self.model = Choice("pair_model", {model_id: N_("This model"), **others}, N_("Second model"))
        self.model.setProperty("is_content", True)
        self._model_id = model_id
        self.model.value_chosen.connect(self._on_model_chosen)
        self.prompt = QLineEdit()
        self.prompt.setPlaceholderText(translate(N_("Second prompt: the same")))
        self.prompt.setAccessibleName(translate(N_("Second prompt")))
        self.temperature = param_slider(SampleParams(temperature=FIRST_TEMPERATURE), "temperature", "pair_temperature")
        self.write = Button(N_("Write both"))
        self.write.setObjectName("write_both")
        self.write.clicked.connect(self.asked)
        self.strip = PairStrip()
        self.strip.chosen.connect(self.chosen)
        self.words = ChipFlow("pair_words", (), translate(N_("Where they differ most")))
        self.words.setProperty("is_content", True)
        self.words.chosen.connect(lambda text: self.chosen.emit(self._tokens[text]))
        self.said = QLabel(translate(NOTE))
        self._tokens: dict[str, int] = {}
        self._lay_out()

    def _lay_out(self) -> None:
        self.said.setWordWrap(True)
        self.said.setProperty("role", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.model, self.prompt, self.temperature, self.write, self.strip, self.words, self.said):
            column.addWidget(part)

    @property
    def model_id(self) -> str:
        """The model that writes the second text."""
        return self._model_id

    def _on_model_chosen(self, model_id: str) -> None:
        self._model_id = model_id

    def show_bits(self, bits: Mapping[int, float], tokens: Sequence[TextToken], said: str) -> None:
        """Show how far apart both are at each token, and say it in words. Emits nothing."""
        self.strip.show_bits(bits)
        most = sorted(bits, key=lambda token: -bits[token])[:N_WORDS]
        text = translate(N_("{word} · {n:.2f} bits"))
        self._tokens = {text.format(word=tokens[one].name, n=bits[one]): one for one in most}
        self.words.set_texts(tuple(self._tokens))
        self.words.set_current("")
        self.said.setText(said)
