"""The inspector's part for swapping a word: type or click another one, and see the bars with either."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.api.engine import Policy
from studio.api.panel import ChipFlow, EngineTasks, Label, named_button, put_in_a_column, set_tip
from studio.core.error import UserError
from studio.core.text.token import named, percent
from studio.core.translation import N_, _, translate

from ..interpret.ablation import SwapEffect, TokenSwap, word_range
from ..trace import TextTrace
from .ablation_section import WatchedPresenter, effect_rows
from .paired_bars import PairedBars, PairedRow

KEY: Final = "swap"
N_OTHERS: Final = 5
BEHIND: Final = N_("“{old}” is now “{new}”. Right after it, {share} of the probability has moved.")
LATER: Final = N_("“{old}” is now “{new}”. At “{word}”, {share} of the probability has moved.")


class TokenSwapSection(QWidget):
    """Signals: swapped(word): this shall stand in place of the marked word; dropped(): the word that was there;
    taken(): the text shall go on with the other word.
    """

    swapped = Signal(str)
    dropped = Signal()
    taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.word = QLineEdit()
        self.word.setObjectName("swap_word")
        self.word.setAccessibleName(_("Another word for the marked one"))
        set_tip(
            self.word,
            _("Type a word and press Enter: the model reads the text with that word instead (counterfactual)"),
        )
        self.word.returnPressed.connect(self._on_entered)
        self.others = ChipFlow("swap_others", (), _("What else could have been there"))
        self.others.setProperty("is_content", True)
        self.others.chosen.connect(self.swapped)
        self.said = Label()
        self.said.setWordWrap(True)
        self.bars = PairedBars("swap_bars", (N_("Before"), N_("After")), N_("What comes next with each word"))
        self.take = named_button(
            "swap_take", N_("Continue with it"), N_("Keep the text with the other word as a branch"), pressed=self.taken
        )
        self.drop = named_button("swap_drop", N_("Undo"), kind="link", pressed=self.dropped)
        buttons = QHBoxLayout()
        buttons.addWidget(self.take)
        buttons.addWidget(self.drop)
        buttons.addStretch(1)
        put_in_a_column(self, (self.word, self.others, self.said, self.bars, buttons))
        self.show_nothing()

    def show_word(self, word: str, others: Sequence[str]) -> None:
        """This word is marked, and these were likely in its place. Emits nothing."""
        self.word.setPlaceholderText(_("Swap “{word}” for…").format(word=word))
        self.others.set_texts(others)
        self.others.set_current("")

    def show_rows(self, said: str, rows: Sequence[PairedRow]) -> None:
        """Show what another word changes. Emits nothing."""
        self.said.setText(said)
        self.said.show()
        self.bars.show_rows(rows)
        for button in (self.take, self.drop):
            button.show()

    def show_nothing(self) -> None:
        """No word is swapped. Emits nothing."""
        self.others.set_current("")
        self.bars.show_rows(())
        for part in (self.said, self.take, self.drop):
            part.hide()

    def show_problem(self, error: UserError) -> None:
        """Say why a word cannot stand there."""
        self.show_nothing()
        self.said.setText(str(error))
        self.said.show()

    def _on_entered(self) -> None:
        word = self.word.text().strip()
        if word:
            self.word.clear()
            self.swapped.emit(word)


class TokenSwapPresenter(WatchedPresenter):
    """Signals: taken(place, path, title): the text shall go on with these tokens from a place on, as a branch."""

    taken = Signal(int, object, str)

    def __init__(self, section: TokenSwapSection, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(section, tasks, parent)
        self._trace: TextTrace | None = None
        self._change = ""
        self._ids: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._place = 0
        self._swap: TokenSwap | None = None
        self._old: tuple[tuple[int, ...], str] = ((), "")  # the text up to the swapped word, and that word
        self._new: tuple[int, ...] = ()
        section.swapped.connect(self._on_swapped)
        section.dropped.connect(self._drop)
        section.taken.connect(self._on_taken)

    def show(self, trace: TextTrace, words: Sequence[str], place: int, change: str) -> None:
        """The text on screen and the marked token."""
        self._trace, self._ids, self._change = trace, tuple(trace.ids.tolist()), change
        self._words, self._place = tuple(words), place
        if self._swap is not None and self._ids[: self._swap.end] != self._old[0]:
            self._drop()
        self.follow()

    def follow(self) -> None:
        """Offer what else could stand there, and ask what another word changes."""
        if not self._is_watched or self._vocabulary is None or not 0 <= self._place < len(self._words):
            return
        first, end = word_range(self._words, self._place)
        trace = self._trace
        found = None if trace is None or first >= len(trace) else trace.instead_of(first)
        names = [] if found is None else [named(self._vocabulary.name(int(one))) for one in found.ids[: 2 * N_OTHERS]]
        word = "".join(self._words[first:end])
        others = [name for name in dict.fromkeys(names) if name.isalnum() and name != named(word)]
        self._section.show_word(named(word), others[:N_OTHERS])
        self._ask()

    # What a person asks for

    def _on_swapped(self, word: str) -> None:
        if 0 <= self._place < len(self._words):
            first, end = word_range(self._words, self._place)
            old = "".join(self._words[first:end])
            self._swap = TokenSwap(first, end, old.startswith(" "), word)
            self._old = self._ids[:end], named(old)
            self._ask()

    def _drop(self) -> None:
        self._swap = self._asked = None
        self._tasks.cancel(KEY)
        self._section.show_nothing()

    def _on_taken(self) -> None:
        if self._swap is not None and self._new:
            place, path = self._swap.first, [*self._new, *self._ids[self._swap.end :]]
            word = self._swap.word
            self._drop()
            self.taken.emit(place, path, word)

    # What that changes

    def _ask(self) -> None:
        if self._swap is None:
            return
        before = self._ids[: max(self._place, self._swap.end)]
        wanted = before, self._swap, self._change
        if wanted != self._asked:
            self._asked = wanted
            self._tasks.ask(
                KEY, lambda engine: engine.swapped(*wanted), Policy.RESTART, done=self._on_done, failed=self._on_failed
            )

    def _on_done(self, news: SwapEffect) -> None:
        swap, vocabulary = self._swap, self._vocabulary
        if swap is None or vocabulary is None:
            return
        self._new = news.ids
        is_later = swap.end < self._place < len(self._words)
        said = translate(LATER if is_later else BEHIND).format(
            old=self._old[1],
            new=swap.word,
            share=percent(news.effect.distance),
            word=named(self._words[self._place]) if is_later else "",
        )
        self._section.show_rows(said, effect_rows(news.effect, vocabulary))

    def _on_failed(self, error: BaseException) -> None:
        self._drop()
        self._tasks.say(error, self._section.show_problem)
