"""What the caption of the panel says, made from the text that is on screen, also of a training or of another model."""

from collections.abc import Sequence
from typing import Final

from studio.core.frame import Frame
from studio.core.text.token import SURPRISING_BITS, TextToken, expected_words, surprise_lead
from studio.core.translation import N_, _, translate
from studio.core.view import Tokens

from .model.forms.form import FREE, form_in
from .params import TransformerParams
from .view_model import NextTokenChoice

TERM: Final = N_("Surprise is minus the binary logarithm of the probability, in bits (surprisal)")
EMPTY: Final = N_("Write something: the model continues it, it does not answer.")
CLICK: Final = N_("Click another word at the right to see where the text would have gone.")
GIVEN: Final = N_("The model gave it {share}, more than any other.")
LEAD: Final = N_("This is what it has learnt so far.")
TEXT: Final = N_("The same beginning and the same dice at every step. Open the model, once it is done, to write.")

OTHER_LEAD: Final = N_("Another model wrote this text.")
OTHER_TEXT: Final = N_("Open that model to look into it and to go on with it.")


def describe(
    tokens: Sequence[TextToken], place: int, choice: NextTokenChoice | None, params: TransformerParams | None
) -> tuple[str, str]:
    """What is bold, and the sentences behind it, on the token at a place.

    `params` are those that it was drawn with, None where they are not known.
    """
    if not any(token.piece for token in tokens):
        return _("Nothing is written yet."), translate(EMPTY)
    token = tokens[min(place, len(tokens) - 1)]
    bits, word = token.surprise_bits, token.name
    if bits is None:
        lead = _("“{word}” stands first.").format(word=word)
        return lead, _("Nothing comes before it, so the model could not expect it.")
    lead = _lead(token, bits)
    why = _why(token, params) if token.is_written and bits > SURPRISING_BITS else _whose(token)
    click = translate(CLICK) if token.is_written and choice is not None and not why else ""
    return lead, " ".join(part for part in (expected_words(token, GIVEN), why, click) if part)


def _lead(token: TextToken, bits: float) -> str:
    if bits > SURPRISING_BITS and token.rank == 0:
        return _("“{word}” was the likeliest of many.").format(word=token.name)
    return surprise_lead(token)


def _why(token: TextToken, params: TransformerParams | None) -> str:
    if token.is_forced:
        return _("You chose it.")
    if not token.rank or params is None:
        return ""
    if form_in(params)[0] != FREE:
        return _("The form of the text leaves only what fits it.")
    if params.is_greedy:
        return ""
    if params.temperature > 1:
        text = N_("It was picked because the temperature is {value:.2f}, which gives rare words a chance.")
        return translate(text).format(value=params.temperature)
    return _("The die fell on it all the same.")


def _whose(token: TextToken) -> str:
    return "" if token.is_written else _("It stands in the prompt: you wrote it.")


def learnt_tokens(frame: Frame) -> tuple[TextToken, ...]:
    """The sample of a training's frame; empty where it has none."""
    view = frame.views.get("text")
    if frame.state is not None or not isinstance(view, Tokens):
        return ()
    return tuple(TextToken(piece, bits, is_written=True) for piece, bits in zip(view.pieces, view.weights, strict=True))


def learnt_words(is_training: bool) -> tuple[str, str]:
    """The caption of a training's sample, or of another model's text: what leads, and the rest."""
    return (translate(LEAD), translate(TEXT)) if is_training else (translate(OTHER_LEAD), translate(OTHER_TEXT))
