"""What a training shows on the timeline, or a text of another model: read here, but not gone on with."""

from typing import Final

from studio.core.frame import Frame
from studio.core.text import N_, translate
from studio.core.text_token import TextToken
from studio.core.view import Tokens

LEAD: Final = N_("This is what it has learnt so far.")
TEXT: Final = N_("The same beginning and the same dice at every step. Open the model, once it is done, to write.")

OTHER_LEAD: Final = N_("Another model wrote this text.")
OTHER_TEXT: Final = N_("Open that model to look into it and to go on with it.")


def learnt_tokens(frame: Frame) -> tuple[TextToken, ...]:
    """The sample of a training's frame; empty where it has none."""
    view = frame.views.get("text")
    if frame.state is not None or not isinstance(view, Tokens):
        return ()
    return tuple(TextToken(piece, bits, is_written=True) for piece, bits in zip(view.pieces, view.weights, strict=True))


def learnt_words(is_training: bool) -> tuple[str, str]:
    """The caption of a training's sample, or of another model's text: what leads, and the rest."""
    return (translate(LEAD), translate(TEXT)) if is_training else (translate(OTHER_LEAD), translate(OTHER_TEXT))
