"""What is on screen: the frame at the playhead, all that is known of its text, and its tokens."""

from dataclasses import dataclass

import numpy as np

from studio.api.panel import TextCut
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.recording.recording import Recording
from studio.core.text.token import TextToken
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, grouped, plural, translate
from studio.core.view import State

from ...server.spelling import learn_spelling
from ..state import OpenTransformer
from ..trace import TextTrace
from ..view_model import tokens_of


@dataclass(frozen=True, eq=False)
class TextAtPlayhead:
    """What one round of showing is about, whatever comes meanwhile: a text, and the token at the playhead."""

    trace: TextTrace
    place: int
    vocabulary: TextVocabulary


class TransformerViewModel:
    """Attributes:
    about: the open model, None before it is open. frame: the one at the playhead.
    tokens, ids: of the whole text, as they were read the last time.
    """

    def __init__(self, timeline: TimelineController) -> None:
        self._timeline = timeline
        self.about: OpenTransformer | None = None
        self.frame: Frame | None = None
        self.tokens: tuple[TextToken, ...] = ()
        self.ids: list[int] = []
        self._n_prompt = 0
        self._known: tuple[Recording | None, int, Frame, TextTrace] | None = None  # what `trace` said, and for what

    @property
    def vocabulary(self) -> TextVocabulary | None:
        """The tokens of the model, once it is open."""
        return None if self.about is None else self.about.vocabulary

    @property
    def place(self) -> int:
        """The token at the playhead, 0 where there is none."""
        state = None if self.frame is None else self.frame.state
        return len(state["ids"]) - 1 if state is not None and "ids" in state else 0

    @property
    def trace(self) -> TextTrace | None:
        """All that is known of the text, also behind the playhead; None where no text of this model is there."""
        frame, recording = self.frame, self._timeline.recording
        if frame is None or frame.state is None or "ids" not in frame.state:
            return None
        n_frames = 0 if recording is None else len(recording)
        known = self._known
        if known is None or known[0] is not recording or known[1] != n_frames or known[2] is not frame:
            self._known = known = recording, n_frames, frame, self._read_trace(frame, frame.state)
        return known[3]

    def _read_trace(self, frame: Frame, state: State) -> TextTrace:
        recording = self._timeline.recording
        last = recording[-1] if recording is not None and len(recording) else frame
        ids = None if last.state is None else last.state.get("ids")
        is_same = ids is not None and np.array_equal(ids[: self.place + 1], state["ids"])
        return TextTrace(last.state if is_same and last.state is not None else state)

    def read(self, trace: TextTrace, vocabulary: TextVocabulary) -> None:
        """Take the tokens of a trace; where it is the same text gone on with, only the new ones are made."""
        ids = trace.ids.tolist()
        is_longer = ids[: len(self.ids)] == self.ids and len(trace.prompt) == self._n_prompt
        known = self.tokens[: len(ids)] if is_longer else ()
        learn_spelling(vocabulary, trace.spelling)
        self.tokens, self.ids, self._n_prompt = tokens_of(trace, vocabulary, known), ids, len(trace.prompt)

    def cut(self, seen: TextAtPlayhead) -> TextCut:
        """What is not read of the text: before it, since that does not fit, and behind it, since it is under way."""
        before, rest = seen.trace.cut, seen.trace.prompt[len(seen.trace) :].tolist()
        return TextCut(before, _cut_words(before), "".join(seen.vocabulary.texts(rest)))

    def context_words(self, ms_per_token: float) -> str:
        """How much of the context is used, and how fast tokens come (0: not known)."""
        if self.about is None:
            return ""
        n_tokens, n_context = len(self.tokens), self.about.n_context
        if n_tokens < self._n_prompt:
            return _("Reading: {n} of {all} tokens").format(n=grouped(n_tokens), all=grouped(self._n_prompt))
        if not n_context:
            return _speed_words(
                [plural(N_("{n} token"), N_("{n} tokens"), n_tokens).format(n=grouped(n_tokens))], ms_per_token
            )
        fits = N_("{n} of {all} tokens of context")
        text = fits if n_tokens <= n_context else N_("{n} tokens, of which the model sees at most the last {all}")
        parts = [translate(text).format(n=grouped(n_tokens), all=grouped(n_context))]
        return _speed_words(parts, ms_per_token)


def _speed_words(parts: list[str], ms_per_token: float) -> str:
    speed = [_("{n} tokens per second").format(n=grouped(1000 / ms_per_token, ",.0f"))] if ms_per_token > 0 else []
    return " · ".join([*parts, *speed])


def _cut_words(before: str) -> str:
    return plural(
        "The model reads from here on: the word above does not fit into its context.",
        "The model reads from here on: the {n} words above do not fit into its context.",
        len(before.split()),
    )
