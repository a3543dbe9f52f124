"""What is on screen: the text with its blanks, as far as they are filled at the playhead, and all its run knows."""

from dataclasses import dataclass

import numpy as np

from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.text.token import TextToken
from studio.core.text.vocabulary import TextVocabulary

from ..passage import Passage, words_of
from ..state import NOT_FILLED, InfillTrace, spelled, tokens_of


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
