"""The inspector's part for ablation: what is off, what that changes at the marked place, and which words mattered."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, Label, named_button, put_in_a_column, small_label
from studio.core.text.token import named, percent, short_percent
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, translate

from ..interpret.ablation import (
    AblationEffect,
    TokenAttribution,
    switched_adapter,
    switched_head,
    switched_layer,
    switched_word,
)
from ..model.ablation_mask import AblationMask, ablation_mask_of
from .paired_bars import PairedBars, PairedRow

NOTHING_OFF: Final = N_("The whole network is working. Switch something off to see what it was good for.")
HONEST: Final = N_(
    "Neither measure proves a cause: leaving out a word makes a text nobody wrote, and a gradient is valid only "
    "for tiny changes. Where the two agree, trust them more."
)
EFFECT_KEY: Final = "effect"
MATTERED_KEY: Final = "mattered"
N_WORDS: Final = 8


class WatchedPresenter(QObject):
    """A look into the network that works only while somebody looks at its part.

    Begins with nobody looking and no model open; `follow` is called when that changes.
    """

    def __init__(self, section: Any, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._section, self._tasks = section, tasks
        self._is_watched = False
        self._vocabulary: TextVocabulary | None = None
        self._asked: Any = None  # so that nothing is asked for twice

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary
        self.follow()

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at the part, or no longer."""
        self._is_watched = is_watched
        self.follow()

    def follow(self) -> None:
        """Ask for what is now wanted, and show it."""
        raise NotImplementedError


class AblationSection(QWidget):
    """Signals: head_switched(), layer_switched(), word_switched(): what is marked; tuning_switched(): what it
    learnt by fine-tuning; all_on(): nothing shall be off.
    """

    head_switched = Signal()
    layer_switched = Signal()
    word_switched = Signal()
    tuning_switched = Signal()
    all_on = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        buttons = (
            ("mute_head", N_("Head"), N_("Switch the marked head off, or on again"), self.head_switched),
            ("mute_layer", N_("Layer"), N_("Switch the whole layer off, or on again"), self.layer_switched),
            (
                "mute_word",
                N_("Word"),
                N_("Keep every word from looking at the marked word, or allow it again"),
                self.word_switched,
            ),
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, text, hint, signal in buttons:
            button = named_button(name, text, hint, pressed=signal)
            row.addWidget(button)
        hint = N_("Switch off what fine-tuning taught the model, or on again")
        self.tuning = named_button("mute_tuning", N_("Fine-tuning"), hint, pressed=self.tuning_switched)
        self.tuning.hide()  # until a fine-tuned model is open
        row.addStretch(1)
        self.restore = named_button("all_on", N_("All on"), kind="link", pressed=self.all_on)
        row.addWidget(self.restore)
        self.off = Label()
        self.off.setWordWrap(True)
        self.change = Label()
        self.change.setWordWrap(True)
        self.bars = PairedBars("surgery_bars", (N_("Before"), N_("After")), N_("What comes next, before and after"))
        put_in_a_column(self, (row, self.tuning, self.off, self.bars, self.change))

    def show_off(self, text: str) -> None:
        """Say what is off; nothing for an empty text. Emits nothing."""
        self.off.setText(_("Off: {what}").format(what=text) if text else translate(NOTHING_OFF))
        self.restore.setVisible(bool(text))


class AttributionSection(QWidget):
    """Which words mattered. Signals: measure_requested()."""

    measure_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measure = named_button(
            "measure_mattered",
            N_("Which words mattered?"),
            N_("Leaves each word out in turn, and follows the gradient back to it"),
            pressed=self.measure_requested,
        )
        self.said = Label()
        self.said.setWordWrap(True)
        heads = (N_("Left out"), N_("Gradient × input"))
        self.bars = PairedBars("mattered_bars", heads, N_("How much each word mattered"))
        note = small_label(translate(HONEST))
        put_in_a_column(self, (self.measure, self.said, self.bars, note))


class AblationPresenter(WatchedPresenter):
    """Signals: muted_changed(text): this shall be off, as the parameter says it."""

    muted_changed = Signal(str)

    def __init__(
        self,
        section: AblationSection,
        mattered: AttributionSection,
        tasks: EngineTasks,
        parent: QObject,
    ) -> None:
        super().__init__(section, tasks, parent)
        self._mattered = mattered
        self._ids: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._place = 0
        self._ablation = AblationMask()
        self.layer = self.head = 0
        section.layer_switched.connect(lambda: self._switch(switched_layer(self._ablation, self.layer)))
        section.head_switched.connect(lambda: self._switch(switched_head(self._ablation, self.layer, self.head)))
        section.word_switched.connect(lambda: self._switch(switched_word(self._ablation, self._place)))
        section.tuning_switched.connect(lambda: self._switch(switched_adapter(self._ablation)))
        section.all_on.connect(lambda: self._switch(AblationMask()))
        mattered.measure_requested.connect(self._measure)

    def set_tuned(self, is_tuned: bool) -> None:
        """Whether there is anything that fine-tuning taught."""
        self._section.tuning.setVisible(is_tuned)

    def mark(self, layer: int, head: int) -> None:
        """These are the layer and the head that the buttons are about."""
        self.layer, self.head = layer, head

    def switch_head(self, layer: int, head: int) -> None:
        """Switch a head off, or on again."""
        self._switch(switched_head(self._ablation, layer, head))

    def set_muted(self, text: str) -> frozenset[int]:
        """Something else is off; returns the tokens that nothing may look at."""
        self._ablation = ablation_mask_of(text)
        self._section.show_off(self._ablation.text)
        self.follow()
        return self._ablation.words

    @property
    def ablation(self) -> AblationMask:
        """What is off."""
        return self._ablation

    def show(self, ids: Sequence[int], words: Sequence[str], place: int) -> None:
        """The text on screen and the marked token."""
        if (tuple(ids[:place]), place) != (self._ids[: self._place], self._place):
            self._mattered.bars.show_rows(())
            self._mattered.said.clear()
        self._ids, self._words, self._place = tuple(ids), tuple(words), place
        self.follow()

    def _switch(self, ablation: AblationMask) -> None:
        self.muted_changed.emit(ablation.text)

    # What that changes

    def follow(self) -> None:
        """Ask what that which is off changes."""
        before = self._ids[: self._place]
        wanted = before, self._ablation.text
        if not self._ablation or not before:
            self._asked = None
            self._section.bars.show_rows(())
            self._section.change.clear()
        elif self._is_watched and wanted != self._asked:
            self._asked = wanted
            self._tasks.ask(EFFECT_KEY, lambda engine: engine.effect(*wanted), done=self._on_effect)

    def _on_effect(self, effect: AblationEffect) -> None:
        if self._vocabulary is None or self._asked is None:
            return
        self._section.bars.show_rows(effect_rows(effect, self._vocabulary))
        text = N_("{share} of the probability has moved to other words.")
        self._section.change.setText(translate(text).format(share=percent(effect.distance)))

    # Which words mattered

    def _measure(self) -> None:
        if 0 < self._place < len(self._ids):
            ids, token = self._ids[: self._place], self._ids[self._place]
            self._mattered.said.setText(_("Every word is left out once; this takes a moment."))
            title = N_("Measuring which words mattered")
            self._tasks.ask(
                MATTERED_KEY,
                lambda engine: engine.mattered(ids, token),
                Policy.BACKGROUND,
                done=self._on_mattered,
                title=title,
            )

    def _on_mattered(self, news: TokenAttribution) -> None:
        if self._vocabulary is None or len(news.left_out) > len(self._words):
            return
        bits, shares = np.abs(news.left_out), np.abs(news.gradient)
        most_bits, most_share = max(float(bits.max()), 1e-9), max(float(shares.max()), 1e-9)
        order = np.argsort(-(bits / most_bits + shares / most_share), kind="stable")[:N_WORDS]
        self._mattered.bars.show_rows(
            [
                PairedRow(
                    named(self._words[at] or self._vocabulary.name(self._ids[at])),
                    float(bits[at]) / most_bits,
                    float(shares[at]) / most_share,
                    f"{round(float(news.left_out[at]), 1) + 0.0:+.1f} bit".replace("-", "\N{MINUS SIGN}"),
                    short_percent(float(shares[at])),
                )
                for at in sorted(order.tolist())
            ]
        )
        text = N_(
            "What makes “{word}” come next: how much less likely it is without each word, and each word’s share of "
            "the gradient."
        )
        self._mattered.said.setText(translate(text).format(word=named(self._words[self._place])))


def effect_rows(effect: AblationEffect, vocabulary: TextVocabulary) -> list[PairedRow]:
    """The likeliest tokens before and after as rows with two bars."""
    rows = list(effect.rows())
    most = max((max(before, after) for _, before, after in rows), default=1.0)
    return [
        PairedRow(named(vocabulary.name(token)), was / most, now / most, short_percent(was), short_percent(now))
        for token, was, now in rows
    ]
