"""What is on screen, and what is said of it: the frame at the playhead, all that is known of its text, its tokens."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.text.token import TextToken, expected_words, surprise_lead
from studio.core.translation import N_, _, plural, translate
from studio.core.view import Tokens

from ..state import Reread, XLTextModelInfo, XLTextTrace, differs, tokens_of

TERM: Final = N_("Surprise is minus the binary logarithm of the probability, in bits (surprisal)")
EMPTY: Final = N_("Write something, and the model will continue it. It does not answer questions.")
LEAD: Final = N_("This is what it has learnt so far.")
LEARNING: Final = N_(
    "The same beginning and the same random seed at every step. When training is done, open the model to write."
)
GIVEN: Final = N_("The model gave it {share}.")
DRAG: Final = N_("Make the memory shorter and see what that costs.")


class XLTextViewModel:
    """Attributes: about: the open model, None before it is open. frame: the one at the playhead."""

    def __init__(self, timeline: TimelineController) -> None:
        self._timeline = timeline
        self.about: XLTextModelInfo | None = None
        self.frame: Frame | None = None

    @property
    def place(self) -> int:
        """The token at the playhead, 0 where there is none."""
        state = None if self.frame is None else self.frame.state
        return len(state["ids"]) - 1 if state is not None and "ids" in state else 0

    @property
    def trace(self) -> XLTextTrace | None:
        """All that is known of the text, also behind the playhead; None where no text of this model is there."""
        frame, recording = self.frame, self._timeline.recording
        if frame is None or frame.state is None or "ids" not in frame.state:
            return None
        last = recording[-1].state if recording is not None and len(recording) else None
        ids = None if last is None else last.get("ids")
        is_same = ids is not None and np.array_equal(ids[: self.place + 1], frame.state["ids"])
        return XLTextTrace(last if is_same and last is not None else frame.state)

    def tokens(self, trace: XLTextTrace, found: Reread | None) -> tuple[TextToken, ...]:
        """The text as chips; with what was found of it with another memory in place of what its run knew."""
        if self.about is None:
            return ()
        tokens = tokens_of(trace, self.about.vocabulary)
        return tokens if found is None else costing(tokens, found.surprise.tolist())


def costing(tokens: Sequence[TextToken], bits: Sequence[float]) -> tuple[TextToken, ...]:
    """Tokens with other surprises; where they differ, nothing else is known of them."""
    return tuple(_costing(*pair) for pair in zip(tokens, bits, strict=True))


def _costing(token: TextToken, bits: float) -> TextToken:
    if token.surprise_bits is None or not differs(token.surprise_bits, bits):
        return token
    return replace(token, surprise_bits=bits, rank=None, expected=None)


def learnt_tokens(frame: Frame) -> tuple[TextToken, ...]:
    """What a training's frame shows of what was learnt; empty where it has none."""
    view = frame.views.get("text")
    if frame.state is not None or not isinstance(view, Tokens):
        return ()
    return tuple(TextToken(piece, bits, is_written=True) for piece, bits in zip(view.pieces, view.weights, strict=True))


def describe(tokens: Sequence[TextToken], place: int, n_seen: int) -> tuple[str, str]:
    """What is bold, and the sentences behind it, on the token at a place, which sees `n_seen` tokens."""
    if not any(token.piece for token in tokens):
        return _("Nothing has been written yet."), translate(EMPTY)
    token = tokens[min(place, len(tokens) - 1)]
    if token.surprise_bits is None:
        lead = _("“{word}” comes first.").format(word=token.name)
        return lead, _("Nothing comes before it, so the model could not predict it.")
    seen = plural(N_("The model sees {n} token before it."), N_("The model sees {n} tokens before it."), n_seen - 1)
    parts = (expected_words(token, GIVEN), _whose(token), seen, translate(DRAG))
    return surprise_lead(token), " ".join(part for part in parts if part)


def _whose(token: TextToken) -> str:
    if token.is_forced:
        return _("You chose it.")
    return "" if token.is_written else _("It was part of the given text.")
