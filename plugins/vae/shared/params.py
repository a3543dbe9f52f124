"""The settings of one picture, declared once for the panel, the command line and the files."""

import unicodedata
from dataclasses import dataclass

from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.core.param import param, seed_param, text_param
from studio.core.translation import N_, _

EXAMPLE_TEXT = "g"
FIRST_SEED = 63  # a plain book face, and a nine: well inside of what both models know
MAX_LETTERS = 24


@dataclass(frozen=True)
class PictureParams:
    """What to draw: the place follows from `seed` and `spread` unless a state says otherwise."""

    seed: int = seed_param(
        N_("The number that a random place is made from. The same number gives the same place."), FIRST_SEED
    )
    spread: float = param(
        1.0,
        label=N_("Boldness"),
        help=N_("How far from the average a random place may be. 1 is what the model learnt; 0 is the average."),
        low=0.0,
        high=3.0,
        step=0.05,
    )


@dataclass(frozen=True)
class LetterParams(PictureParams):
    """The same for a model that draws letters, and which ones."""

    text: str = text_param(N_("Word"), N_("The letters to draw, A to Z, a to z and 0 to 9. Empty: an example."))


def text_of(params: PictureParams) -> str:
    """The letters that are asked for; empty for none."""
    return params.text if isinstance(params, LetterParams) else ""


def drawable(text: str) -> str:
    """What a model that draws letters can draw of a text: letters without their accents, digits and spaces."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if sign in CHARACTERS or sign == " ")


def not_drawn_words(text: str) -> str:
    """Which signs of a text are drawn without their accents, and which are not drawn at all; "" where all are drawn."""
    signs = [sign for sign in dict.fromkeys(unicodedata.normalize("NFC", text)) if drawable(sign) != sign]
    plain = [sign for sign in signs if drawable(sign)]
    unknown = [sign for sign in signs if not drawable(sign)]
    words = []
    if plain:
        words.append(_("Drawn without accents: {signs}.").format(signs=" ".join(plain)))
    if unknown:
        words.append(_("The model does not know: {signs}.").format(signs=" ".join(unknown)))
    return " ".join(words)


def letters_to_draw(text: str, draws_letters: bool) -> str:
    """Return what a model draws for `text`: an example for none, "" where the model draws no letters.

    Raises UserError for signs that no model knows, for more than 24 letters, and for a word without any.
    """
    if not draws_letters:
        if text:
            raise UserError(N_("This model draws no letters."), N_("Leave the word empty."))
        return ""
    text = text or EXAMPLE_TEXT
    unknown = sorted(set(text) - set(CHARACTERS) - {" "})
    if unknown:
        raise UserError(
            N_("The model does not know “{sign}”.").format(sign=unknown[0]),
            N_("It draws A to Z, a to z and 0 to 9."),
        )
    if len(text) > MAX_LETTERS or not text.strip():
        raise UserError(N_("A word needs 1 to {n} letters.").format(n=MAX_LETTERS))
    return text
