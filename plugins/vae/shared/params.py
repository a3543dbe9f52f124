"""The settings of one picture, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.core.param import param, seed_param, text_param
from studio.core.translation import N_, _

from .diacritics import DIACRITICS, composed, signs

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
class BalancedParams(PictureParams):
    """The same for a model that has learnt three times, each time with more weight on order (β)."""

    balance: int = param(
        1,
        label=N_("Weight of order"),
        help=N_(
            "0 copies pictures best; with 1 each number rather says one thing; with 2 little is kept of a picture."
        ),
        low=0,
        high=2,
        step=1,
    )


@dataclass(frozen=True)
class LetterParams(PictureParams):
    """The same for a model that draws letters, and which ones."""

    text: str = text_param(N_("Word"), N_("The letters to draw, A to Z, a to z and 0 to 9. Empty: an example."))


def text_of(params: PictureParams) -> str:
    """The letters that are asked for; empty for none."""
    return composed(params.text) if isinstance(params, LetterParams) else ""


def drawable(text: str) -> str:
    """What a model that draws letters can draw of a text: letters with marks that can be set on them, and spaces."""
    return "".join(map(_drawable, signs(text)))


def _drawable(sign: str) -> str:
    letter, marks = sign[0], sign[1:]
    if letter == " ":
        return letter
    return composed(letter + "".join(mark for mark in marks if mark in DIACRITICS)) if letter in CHARACTERS else ""


def not_drawn_words(text: str) -> str:
    """Which signs are put together, drawn without their accents or not at all; "" where the model draws all of them."""
    different = [composed(sign) for sign in dict.fromkeys(signs(text)) if sign not in CHARACTERS and sign != " "]
    marked = [sign for sign in different if drawable(sign) == sign]
    plain = [sign for sign in different if drawable(sign) not in ("", sign)]
    unknown = unknown_signs(text)
    words = []
    if marked:
        words.append(_("Accents added to the model’s letters: {signs}.").format(signs=" ".join(marked)))
    if plain:
        words.append(_("Drawn without accents: {signs}.").format(signs=" ".join(plain)))
    if unknown:
        words.append(_("The model does not know: {signs}.").format(signs=" ".join(unknown)))
    return " ".join(words)


def unknown_signs(text: str) -> list[str]:
    """The signs of a text that are not drawn at all, each once."""
    return [composed(sign) for sign in dict.fromkeys(signs(text)) if not drawable(sign)]


def letters_to_draw(text: str, draws_letters: bool) -> str:
    """Return what a model draws for `text`: an example for none, "" where the model draws no letters.

    Raises UserError for signs that no model knows, for more than 24 letters, and for a word without any.
    """
    if not draws_letters:
        if text:
            raise UserError(N_("This model draws no letters."), N_("Leave the word empty."))
        return ""
    text = composed(text or EXAMPLE_TEXT)
    unknown = [composed(sign) for sign in sorted(set(signs(text))) if drawable(sign) != composed(sign)]
    if unknown:
        raise UserError(
            N_("The model does not know “{sign}”.").format(sign=unknown[0]),
            N_("It draws A to Z, a to z and 0 to 9, and accents can be set on letters."),
        )
    if len(signs(text)) > MAX_LETTERS or not text.strip():
        raise UserError(N_("A word needs 1 to {n} letters.").format(n=MAX_LETTERS))
    return text
