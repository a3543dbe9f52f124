"""What is on screen, and what is said of it: the text, its blanks as far as they are filled, and all its run knows."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.text.gaps import UNKNOWN_ID, words_of
from studio.core.text.token import TextToken, named, percent
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, plural, translate

from ..passage import Passage
from ..state import NOT_FILLED, InfillTrace, share_of, spelled, tokens_of

TERM: Final = N_(
    "The probabilities at each turn, multiplied together, give that of all the words, whatever the order "
    "(factorisation order, permutation language modelling)"
)
CLICK: Final = N_("Click a word, or drag over several, to blank them out.")
DRAG: Final = N_("Drag the chips below to change the order and ask the model different questions.")


@dataclass(frozen=True)
class InfillViewModel:
    """Attributes:
    passage: the text with its blanks.
    trace: what its run knows, also behind the playhead; None where it is still to be run.
    n_told: how many blanks are filled at the playhead.
    """

    passage: Passage
    trace: InfillTrace | None
    n_told: int

    @property
    def turn(self) -> int:
        """The turn that is looked at: the newest one, at the beginning the one that comes; -1 where there is none."""
        return max(self.n_told - 1, 0) if self.passage.order else -1

    @property
    def place(self) -> int:
        """Where that blank is, -1 where there is none."""
        return self.passage.order[self.turn] if self.passage.order else -1

    @property
    def told(self) -> tuple[int, ...]:
        """What fills all blanks once the run is through; empty before."""
        trace = self.trace
        is_whole = trace is not None and trace.n_told == len(self.passage.order)
        return tuple(trace.told.tolist()) if is_whole and trace is not None else ()

    def tokens(self, vocabulary: TextVocabulary) -> tuple[TextToken, ...]:
        """The text as chips."""
        if self.trace is not None:
            return tokens_of(self.trace, vocabulary, self.n_told)
        return tuple(map(TextToken, self._pieces(vocabulary, self.passage.order)))

    def words(self, vocabulary: TextVocabulary) -> list[tuple[int, ...]]:
        """The places of the tokens of each word as the text was written."""
        return words_of(self._pieces(vocabulary, ()))

    def text(self, vocabulary: TextVocabulary) -> str:
        """The text as it was written, two underlines and more where a blank was."""
        ids = self.passage.ids
        return "".join(
            piece if ids[place] != NOT_FILLED else " ___" for place, piece in enumerate(self._pieces(vocabulary, ()))
        )

    def _pieces(self, vocabulary: TextVocabulary, blanks: tuple[int, ...]) -> tuple[str, ...]:
        ids = [NOT_FILLED if place in blanks else token for place, token in enumerate(self.passage.ids)]
        return spelled(ids, self.passage, vocabulary)


def view_model_of(frame: Frame | None, timeline: TimelineController, wanted: Passage | None) -> InfillViewModel | None:
    """What a frame shows; where another text is `wanted`, that one, of which nothing is known yet."""
    state = None if frame is None else frame.state
    if state is None or "told" not in state:
        return None if wanted is None else InfillViewModel(wanted, None, 0)
    trace = InfillTrace(state)
    if wanted is not None and wanted != trace.passage:
        return InfillViewModel(wanted, None, 0)
    return InfillViewModel(trace.passage, _last(timeline, trace), trace.n_told)


def _last(timeline: TimelineController, trace: InfillTrace) -> InfillTrace:
    """What the newest frame of the same run knows."""
    recording = timeline.recording
    state = recording[-1].state if recording is not None and len(recording) else None
    if state is None or "told" not in state:
        return trace
    last, n_told = InfillTrace(state), trace.n_told
    is_same = last.passage == trace.passage and np.array_equal(last.told[:n_told], trace.told[:n_told])
    return last if is_same else trace


def describe(trace: InfillTrace, n_told: int, vocabulary: TextVocabulary) -> tuple[str, str]:
    """What is bold and what follows where so many blanks are filled."""
    n_blanks = len(trace.passage.order)
    if not n_blanks:
        return _("Nothing is blanked out."), translate(CLICK)
    if not n_told:
        lead = plural(N_("{n} blank."), N_("{n} blanks."), n_blanks)
        return lead, f"{_first(trace, vocabulary)} {translate(DRAG)}"
    turn = n_told - 1
    word = named(vocabulary.name(int(trace.told[turn])))
    lead = _("“{word}” was filled in as number {turn} of {n}.").format(word=word, turn=n_told, n=n_blanks)
    parts = (_expected(trace, turn, vocabulary), _seen(turn), _true(trace, turn, vocabulary))
    return lead, " ".join(part for part in parts if part)


def _first(trace: InfillTrace, vocabulary: TextVocabulary) -> str:
    text = N_("The model sees all the other words, on both sides. Its first guess for blank 1 is “{word}” ({share}).")
    word = named(vocabulary.name(int(trace.next_ids[0, 0])))
    return translate(text).format(word=word, share=percent(float(trace.next_raw[0, 0])))


def _expected(trace: InfillTrace, turn: int, vocabulary: TextVocabulary) -> str:
    share = percent(2.0 ** -max(float(trace.surprise[turn]), 0.0))
    if trace.is_forced(turn):
        return _("You chose it; the model gave it {share}.").format(share=share)
    if trace.rank[turn] == 0:
        return _("The model gave it {share}, more than any other word.").format(share=share)
    text = N_("The model gave it {share}; the likeliest word was “{word}” ({chance}).")
    word, chance = named(vocabulary.name(int(trace.next_ids[turn, 0]))), percent(float(trace.next_raw[turn, 0]))
    return translate(text).format(share=share, word=word, chance=chance)


def _seen(turn: int) -> str:
    if not turn:
        return _("It saw only the given words.")
    return _("It saw the given words and the {n} it had already filled in.").format(n=turn)


def _true(trace: InfillTrace, turn: int, vocabulary: TextVocabulary) -> str:
    true = trace.passage.ids[trace.passage.order[turn]]
    if true == UNKNOWN_ID:
        return ""
    if true == int(trace.told[turn]):
        return _("That is the original word.")
    word, share = named(vocabulary.name(true)), share_of(trace, turn, true)
    if share is None:
        return _("The original word was “{word}”, which the model thought very unlikely.").format(word=word)
    return _("The original word was “{word}” ({share}).").format(word=word, share=percent(share))
