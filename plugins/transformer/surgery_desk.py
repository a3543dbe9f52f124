"""Switches parts of the network off and shows what that changes at the marked place; measures which words mattered."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import TaskScope
from studio.core.text import N_, translate
from studio.core.text_token import named, percent, short_percent
from studio.core.text_vocabulary import TextVocabulary

from .muting import Muting, muting_of
from .surgery_bars import SurgeryRow
from .surgery_effect import Effect, Mattered, switched_head, switched_layer, switched_word
from .surgery_section import MatteredSection, SurgerySection
from .text_call import effect_of, mattered_in

EFFECT_KEY: Final = "effect"
MATTERED_KEY: Final = "mattered"
N_WORDS: Final = 8


class SurgeryDesk(QObject):
    """Signals: muted_changed(text): this shall be off, as the parameter says it."""

    muted_changed = Signal(str)

    def __init__(
        self,
        section: SurgerySection,
        mattered: MatteredSection,
        tasks: TaskScope,
        handle: EngineHandle,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._section, self._mattered, self._tasks, self._handle = section, mattered, tasks, handle
        self._vocabulary: TextVocabulary | None = None
        self._is_watched = False
        self._ids: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._place = 0
        self._muting = Muting()
        self._asked: tuple[tuple[int, ...], str] | None = None
        self.layer = self.head = 0
        section.layer_switched.connect(lambda: self._switch(switched_layer(self._muting, self.layer)))
        section.head_switched.connect(lambda: self._switch(switched_head(self._muting, self.layer, self.head)))
        section.word_switched.connect(lambda: self._switch(switched_word(self._muting, self._place)))
        section.all_on.connect(lambda: self._switch(Muting()))
        mattered.measure_requested.connect(self._measure)

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at surgery, or no longer."""
        self._is_watched = is_watched
        self._ask()

    def mark(self, layer: int, head: int) -> None:
        """These are the layer and the head that the buttons are about."""
        self.layer, self.head = layer, head

    def switch_head(self, layer: int, head: int) -> None:
        """Switch a head off, or on again."""
        self._switch(switched_head(self._muting, layer, head))

    def set_muted(self, text: str) -> frozenset[int]:
        """Something else is off; returns the tokens that nothing may look at."""
        self._muting = muting_of(text)
        self._section.show_off(self._muting.text)
        self._ask()
        return self._muting.words

    @property
    def muting(self) -> Muting:
        """What is off."""
        return self._muting

    def show(self, ids: Sequence[int], words: Sequence[str], place: int) -> None:
        """The text on screen and the marked token."""
        if (tuple(ids[:place]), place) != (self._ids[: self._place], self._place):
            self._mattered.bars.show_rows(())
            self._mattered.said.clear()
        self._ids, self._words, self._place = tuple(ids), tuple(words), place
        self._ask()

    def _switch(self, muting: Muting) -> None:
        self.muted_changed.emit(muting.text)

    # What that changes

    def _ask(self) -> None:
        before = self._ids[: self._place]
        wanted = before, self._muting.text
        if not self._muting or not before:
            self._asked = None
            self._section.bars.show_rows(())
            self._section.change.clear()
        elif self._is_watched and wanted != self._asked:
            self._asked = wanted
            work = self._handle.work(partial(effect_of, ids=before, muted=self._muting.text))
            self._tasks.run(EFFECT_KEY, work, done=self._on_effect)

    def _on_effect(self, effect: Effect) -> None:
        if self._vocabulary is None or self._asked is None:
            return
        self._section.bars.show_rows(effect_rows(effect, self._vocabulary))
        text = N_("{share} of the probability has moved to other words.")
        self._section.change.setText(translate(text).format(share=percent(effect.distance)))

    # Which words mattered

    def _measure(self) -> None:
        if 0 < self._place < len(self._ids):
            ids, token = self._ids[: self._place], self._ids[self._place]
            work = self._handle.work(partial(mattered_in, ids=ids, token=token))
            self._mattered.said.setText(translate(N_("Every word is left out once; this takes a moment.")))
            title = N_("Measuring which words mattered")
            self._tasks.run(MATTERED_KEY, work, Policy.BACKGROUND, done=self._on_mattered, title=title)

    def _on_mattered(self, news: Mattered) -> None:
        if self._vocabulary is None or len(news.left_out) > len(self._words):
            return
        bits, shares = np.abs(news.left_out), np.abs(news.gradient)
        most_bits, most_share = max(float(bits.max()), 1e-9), max(float(shares.max()), 1e-9)
        order = np.argsort(-(bits / most_bits + shares / most_share), kind="stable")[:N_WORDS]
        self._mattered.bars.show_rows([
            SurgeryRow(
                named(self._words[at] or self._vocabulary.name(self._ids[at])),
                float(bits[at]) / most_bits,
                float(shares[at]) / most_share,
                f"{round(float(news.left_out[at]), 1) + 0.0:+.1f} bit".replace("-", "\N{MINUS SIGN}"),
                short_percent(float(shares[at])),
            )
            for at in sorted(order.tolist())
        ])  # fmt: skip
        text = N_("For “{word}” to come: how much less likely it is without each word, and the gradient’s share.")
        self._mattered.said.setText(translate(text).format(word=named(self._words[self._place])))


def effect_rows(effect: Effect, vocabulary: TextVocabulary) -> list[SurgeryRow]:
    """The likeliest tokens before and after as rows with two bars."""
    rows = list(effect.rows())
    most = max((max(before, after) for _, before, after in rows), default=1.0)
    return [
        SurgeryRow(named(vocabulary.name(token)), was / most, now / most, short_percent(was), short_percent(now))
        for token, was, now in rows
    ]
