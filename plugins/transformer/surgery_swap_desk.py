"""Takes a word of the text for another one, and shows what comes next with either."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from studio.api.engine import Policy
from studio.core.error import UserError
from studio.core.text import N_, translate
from studio.core.text_token import named, percent
from studio.core.text_vocabulary import TextVocabulary

from .surgery_desk import effect_rows
from .surgery_swap import Swap, Swapped, word_range
from .text_call import swapped_in

if TYPE_CHECKING:
    from .panel import TransformerPanel

KEY: Final = "swap"
N_OTHERS: Final = 5
BEHIND: Final = N_("“{old}” is now “{new}”. Right behind it {share} of the probability is elsewhere.")
LATER: Final = N_("“{old}” is now “{new}”. Where “{word}” stands {share} of the probability is elsewhere.")


class SwapDesk(QObject):
    """One panel's swapped word."""

    def __init__(self, panel: "TransformerPanel", parent: QObject) -> None:
        super().__init__(parent)
        self._panel, self._section = panel, panel.controls.swap
        self._vocabulary: TextVocabulary | None = None
        self._is_watched = False
        self._ids: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._place = 0
        self._swap: Swap | None = None
        self._old: tuple[tuple[int, ...], str] = ((), "")  # the text up to the swapped word, and that word
        self._new: tuple[int, ...] = ()
        self._asked: object = None
        self._section.swapped.connect(self._on_swapped)
        self._section.dropped.connect(self._drop)
        self._section.taken.connect(self._on_taken)

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at surgery, or no longer."""
        self._is_watched = is_watched
        self._refresh()

    def show(self, ids: Sequence[int], words: Sequence[str], place: int) -> None:
        """The text on screen and the marked token."""
        self._ids, self._words, self._place = tuple(ids), tuple(words), place
        if self._swap is not None and self._ids[: self._swap.end] != self._old[0]:
            self._drop()
        self._refresh()

    def _refresh(self) -> None:
        if not self._is_watched or self._vocabulary is None or not 0 <= self._place < len(self._words):
            return
        first, end = word_range(self._words, self._place)
        trace = self._panel.text.trace
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
            self._swap = Swap(first, end, old.startswith(" "), word)
            self._old = self._ids[:end], named(old)
            self._ask()

    def _drop(self) -> None:
        self._swap = self._asked = None
        self._panel.tasks.cancel(KEY)
        self._section.show_nothing()

    def _on_taken(self) -> None:
        if self._swap is not None and self._new:
            place, path = self._swap.first, [*self._new, *self._ids[self._swap.end :]]
            word = self._swap.word
            self._drop()
            self._panel.writing.take(place, path, word)

    # What that changes

    def _ask(self) -> None:
        if self._swap is None:
            return
        before = self._ids[: max(self._place, self._swap.end)]
        muted = self._panel.params().muted
        wanted = before, muted, self._swap
        if wanted != self._asked:
            self._asked = wanted
            work = self._panel.handle.work(partial(swapped_in, ids=before, swap=self._swap, muted=muted))
            self._panel.tasks.run(KEY, work, Policy.RESTART, done=self._on_done, failed=self._on_failed)

    def _on_done(self, news: Swapped) -> None:
        swap, vocabulary = self._swap, self._vocabulary
        if swap is None or vocabulary is None:
            return
        self._new = news.ids
        is_later = swap.end < self._place < len(self._words)
        said = translate(LATER if is_later else BEHIND).format(
            old=self._old[1], new=swap.word, share=percent(news.effect.distance),
            word=named(self._words[self._place]) if is_later else "",
        )  # fmt: skip
        self._section.show_rows(said, effect_rows(news.effect, vocabulary))

    def _on_failed(self, error: BaseException) -> None:
        self._drop()
        if isinstance(error, UserError):
            self._section.show_problem(error)
        else:
            self._panel.host.report(error)
