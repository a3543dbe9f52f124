"""What a training shows on the timeline: the text that its model writes by then, which nothing can go on from."""

from typing import Final

from studio.core.frame import Frame
from studio.core.text import N_, translate
from studio.core.view import Tokens

from .text_token import TextToken

LEAD: Final = N_("This is what it has learnt so far.")
TEXT: Final = N_("The same beginning and the same dice at every step. Open the model, once it is done, to write.")


def learnt_tokens(frame: Frame) -> tuple[TextToken, ...]:
    """The sample of a training's frame; empty where it has none."""
    view = frame.views.get("text")
    if frame.state is not None or not isinstance(view, Tokens):
        return ()
    return tuple(TextToken(piece, bits, is_written=True) for piece, bits in zip(view.pieces, view.weights, strict=True))


def learnt_words() -> tuple[str, str]:
    """The caption: what leads, and the rest."""
    return translate(LEAD), translate(TEXT)
