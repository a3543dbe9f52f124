"""The inspector's part for two texts at once: what is different in the second one, and how far apart they are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import (
    ChipFlow,
    Choice,
    EngineTasks,
    Label,
    hue_of,
    named_button,
    param_slider,
    put_in_a_column,
    set_tip,
    theme,
    theme_source,
)
from studio.api.timeline.controller import TimelineController
from studio.core.card import Card
from studio.core.text.token import TextToken
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, translate

from ..interpret.ablation import switched_adapter
from ..interpret.divergence import ReadText, differences, scored
from ..model.ablation_mask import ablation_mask_of
from ..params import TransformerParams
from ..state import OpenTransformer
from ..trace import TextTrace
from ..view_model import tokens_of
from .interactive_run import InteractiveWriting
from .shown_text import TransformerViewModel

_HEIGHT_PX = 56
_LEAST_PX = 1.0
NOTE: Final = N_("The same text is written a second time from the same seed, with whatever you change here.")
N_WORDS: Final = 6
FIRST_TEMPERATURE: Final = 1.3
"""Another one than a model begins with, so that there is something to see."""
ABOUT_KEY, SCORE_KEY = "pair about", "pair score"
NO_TEXT: Final = N_("There is no text yet to write a second time.")
SAME: Final = N_("Both are the same: choose another model, prompt or temperature.")
BEFORE_TUNING: Final = N_("Before fine-tuning")
AFTER_TUNING: Final = N_("After fine-tuning")
APART: Final = N_(
    "The bars show how differently the two predict the first text: {mean:.2f} bits on average, {most:.2f} at most "
    "(Jensen–Shannon divergence)."
)


class DivergenceStrip(QWidget):
    """Signals: chosen(token): go to this one."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pair_strip")
        self.setAccessibleName(_("How differently the two predict each word"))
        hint = N_("0 where both predict the same, full height where they have nothing in common (Jensen–Shannon, bits)")
        set_tip(self, translate(hint))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._bits: dict[int, float] = {}
        theme_source().theme_changed.connect(self.update)
        self.hide()

    def show_bits(self, bits: Mapping[int, float]) -> None:
        """Show these, by the number of the token; takes no room where there are none. Emits nothing."""
        self._bits = dict(bits)
        self.setVisible(bool(bits))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, theme().scaled(_HEIGHT_PX))

    def rect_of(self, token: int) -> QRectF:
        """Where a token's bar stands."""
        first, last = min(self._bits), max(self._bits)
        width = self.width() / (last - first + 1)
        height = max(_LEAST_PX, self._bits[token] * (self.height() - 2))
        return QRectF((token - first) * width, self.height() - height, max(width - 1, 1.0), height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the token under the pointer, or to the one that is nearest."""
        if self._bits and event.button() == Qt.MouseButton.LeftButton:
            x = event.position().x()
            self.chosen.emit(min(self._bits, key=lambda token: abs(self.rect_of(token).center().x() - x)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars on their groove."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme().colour.groove))
        fill = QColor(hue_of(self).fill)
        for token in self._bits:
            painter.fillRect(self.rect_of(token), fill)


class TextComparisonSection(QWidget):
    """Signals: asked(): write the second text. tuning_asked(): write it without, or with, what fine-tuning taught.
    chosen(token): go to this one.
    """

    asked = Signal()
    tuning_asked = Signal()
    chosen = Signal(int)

    def __init__(self, cards: Sequence[Card], model_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        others = {card.id: card.title for card in cards if card.id != model_id and "address" not in card.more}
        self.model = Choice("pair_model", {model_id: N_("This model"), **others}, N_("Second model"))
        self.model.setProperty("is_content", True)
        self._model_id = model_id
        self.model.value_chosen.connect(self._on_model_chosen)
        self.prompt = QLineEdit()
        self.prompt.setPlaceholderText(_("Second prompt: the same"))
        self.prompt.setAccessibleName(_("Second prompt"))
        self.temperature = param_slider(
            TransformerParams(temperature=FIRST_TEMPERATURE), "temperature", "pair_temperature"
        )
        self.write = named_button("write_both", N_("Write both"), pressed=self.asked)
        hint = N_("Write the same prompt with the same seed once before and once after fine-tuning")
        self.tuning = named_button("write_before", N_("Before and after fine-tuning"), hint, pressed=self.tuning_asked)
        self.tuning.hide()  # until a fine-tuned model is open
        self.strip = DivergenceStrip()
        self.strip.chosen.connect(self.chosen)
        self.words = ChipFlow("pair_words", (), _("Where they differ most"))
        self.words.setProperty("is_content", True)
        self.words.chosen.connect(lambda text: self.chosen.emit(self._tokens[text]))
        self.said = Label(translate(NOTE))
        self._tokens: dict[str, int] = {}
        self._lay_out()

    def _lay_out(self) -> None:
        self.said.setWordWrap(True)
        self.said.setProperty("role", "small")
        choices = self.model, self.prompt, self.temperature, self.write
        put_in_a_column(self, (self.tuning, *choices, self.strip, self.words, self.said))

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
        text = _("{word} · {n:.2f} bits")
        self._tokens = {text.format(word=tokens[one].name, n=bits[one]): one for one in most}
        self.words.set_texts(tuple(self._tokens))
        self.words.set_current("")
        self.said.setText(said)


@dataclass(frozen=True, eq=False)
class ComparedTexts:
    """The first text, and what the second one is written with."""

    trace: TextTrace
    vocabulary: TextVocabulary
    handle: EngineHandle
    params: TransformerParams

    @property
    def written(self) -> str:
        """What stands behind the first text's prompt."""
        pieces = self.vocabulary.texts(self.trace.ids.tolist())
        return "".join(pieces[len(self.trace.prompt) :])


class TextComparisonPresenter(QObject):
    """One panel's second text."""

    def __init__(
        self,
        section: TextComparisonSection,
        text: TransformerViewModel,
        writing: InteractiveWriting,
        timeline: TimelineController,
        tasks: EngineTasks,
        handle_of: Callable[[str], EngineHandle],
        parent: QObject,
    ) -> None:
        """`handle_of` gives another model of the family by its id."""
        super().__init__(parent)
        self._section, self._text, self._writing, self._timeline = section, text, writing, timeline
        self._tasks, self._handle_of = tasks, handle_of
        self._pair: ComparedTexts | None = None
        section.asked.connect(self._on_asked)
        section.tuning_asked.connect(self._on_tuning_asked)

    def _on_asked(self) -> None:
        section, params = self._section, self._writing.shown_params
        if params is None:
            section.show_bits({}, (), translate(NO_TEXT))
            return
        is_own = section.model_id == self._tasks.handle.source.id
        handle = self._tasks.handle if is_own else self._handle_of(section.model_id)
        prompt = section.prompt.text() or params.prompt
        second = replace(params, prompt=prompt, temperature=section.temperature.value())
        if is_own and second == params:
            section.show_bits({}, (), translate(SAME))
        else:
            self._write_second(second, handle)

    def _on_tuning_asked(self) -> None:
        params = self._writing.shown_params
        if params is None:
            self._section.show_bits({}, (), translate(NO_TEXT))
            return
        ablation = switched_adapter(ablation_mask_of(params.muted))
        title = BEFORE_TUNING if ablation.adapter else AFTER_TUNING
        self._write_second(replace(params, muted=ablation.text), self._tasks.handle, translate(title))

    def _write_second(self, second: TransformerParams, handle: EngineHandle, title: str = "") -> None:
        timeline, first = self._timeline, self._timeline.track
        trace, vocabulary = self._text.trace, self._text.vocabulary
        if trace is None or vocabulary is None or first is None:
            self._section.show_bits({}, (), translate(NO_TEXT))
            return
        self._pair = ComparedTexts(trace, vocabulary, handle, second)
        n_tokens = max(len(trace.ids) - len(trace.prompt), 1)
        track = self._writing.start_second(second, n_tokens, handle, title)
        timeline.show_track(first)
        timeline.tracks.compare(first, track)
        timeline.playback.seek(0)
        timeline.playback.play()  # both grow at once
        self._tasks.run(ABOUT_KEY, handle.work(lambda engine: engine.about()), done=self._on_about)

    def _on_about(self, news: OpenTransformer) -> None:
        """The second model is open: let it read the first text."""
        pair = self._pair
        if pair is not None:
            work = pair.handle.work(partial(scored, params=pair.params, written=pair.written))
            title = _("Reading the text a second time")
            done = partial(self._on_scored, news.vocabulary)
            self._tasks.run(SCORE_KEY, work, Policy.RESTART, done=done, title=title)

    def _on_scored(self, vocabulary: TextVocabulary, trace: TextTrace) -> None:
        pair = self._pair
        if pair is None:
            return
        heard = ReadText(pair.trace, pair.vocabulary)
        bits = differences(heard, ReadText(trace, vocabulary), len(pair.written))
        self._section.show_bits(bits, tokens_of(pair.trace, pair.vocabulary), _said(bits))


def _said(bits: Mapping[int, float]) -> str:
    if not bits:
        return _("The two split the text into tokens so differently that they cannot be compared.")
    values = np.array(list(bits.values()))
    return translate(APART).format(mean=float(values.mean()), most=float(values.max()))
