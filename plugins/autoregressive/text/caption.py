"""What the caption of the panel of texts says, made from the text that is on screen."""

from collections.abc import Sequence
from typing import Final

from studio.core.text.token import TextToken, expected_words, surprise_lead
from studio.core.translation import N_, _, plural, translate

TERM: Final = N_("Surprise is minus the binary logarithm of the probability, in bits (surprisal)")
EMPTY: Final = N_("Write something: the model continues it, it does not answer.")
LEAD: Final = N_("This is what it has learnt so far.")
LEARNING: Final = N_("The same beginning and the same dice at every step. Open the model, once it is done, to write.")
GIVEN: Final = N_("The model gave it {share}.")
DRAG: Final = N_("Drag the memory shorter and see what that costs.")


def describe(tokens: Sequence[TextToken], place: int, n_seen: int) -> tuple[str, str]:
    """What is bold, and the sentences behind it, on the token at a place, which sees `n_seen` tokens."""
    if not any(token.piece for token in tokens):
        return _("Nothing is written yet."), translate(EMPTY)
    token = tokens[min(place, len(tokens) - 1)]
    if token.surprise_bits is None:
        lead = _("“{word}” stands first.").format(word=token.name)
        return lead, _("Nothing comes before it, so the model could not expect it.")
    seen = plural(N_("It sees {n} token before it."), N_("It sees {n} tokens before it."), n_seen - 1)
    parts = (expected_words(token, GIVEN), _whose(token), seen, translate(DRAG))
    return surprise_lead(token), " ".join(part for part in parts if part)


def _whose(token: TextToken) -> str:
    if token.is_forced:
        return _("You chose it.")
    return "" if token.is_written else _("It was given.")
