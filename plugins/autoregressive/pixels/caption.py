"""What the caption of the panel of pictures says, made from what is on screen."""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.translation import N_, _, translate

from .view_model import PixelViewModel

TERM: Final = N_("PixelCNN: the chance of each pixel, given all before it in reading order (autoregressive model)")
BRIGHT_FROM: Final = 0.5
SURE: Final = 0.995
EXPECTED_BITS: Final = 0.05


def lead(place: int, n_places: int) -> str:
    """Which pixel it is about, or that all are there."""
    if place >= n_places:
        return _("The picture is finished.")
    return _("Pixel {place} of {n}.").format(place=place + 1, n=n_places)


def chosen_words(row: int, column: int, surprise: float, average: float) -> str:
    """How surprising a pixel was that a person clicked, beside the picture's average."""
    where = _("Row {row}, column {column}.").format(row=row + 1, column=column + 1)
    if surprise < EXPECTED_BITS:
        return where + " " + _("It could hardly have been anything else: nothing was at stake here.")
    text = N_("It cost {bits:.1f} bits of surprise; the pixels of this picture cost {average:.2f} on average.")
    return where + " " + translate(text).format(bits=surprise, average=average)


def describe(seen: PixelViewModel, ending: int, kind: str, is_asked: bool) -> str:
    """One or two sentences on the picture at the playhead, which is to become one of a kind."""
    if seen.is_whole or seen.chances is None:
        return finished(kind, is_asked, bool(seen.kept.any()))
    before = _("The model has seen what comes before this pixel in reading order, and nothing behind it.")
    return f"{before} {next_words(seen.chances[ending])}"


def finished(kind: str, is_asked: bool, was_begun: bool) -> str:
    """What a whole picture is, which was begun by a person or made from nothing."""
    taken = N_("The model took what was there for “{kind}”.") if was_begun else N_("The model chose to draw “{kind}”.")
    words = N_("You asked for “{kind}”.") if is_asked else taken
    text = f"{translate(words).format(kind=kind)} " if kind else ""
    marked = N_("The pixel that surprised it most is marked. Erase any part and let it finish, or click a pixel.")
    return text + translate(marked)


def next_words(chances: npt.NDArray[np.float32]) -> str:
    """How sure it is of a pixel with these chances (V,)."""
    n_levels = len(chances)
    bright = float(chances[round(n_levels * BRIGHT_FROM) :].sum())
    word, share = (N_("bright"), bright) if bright >= 0.5 else (N_("dark"), 1 - bright)
    if share >= SURE:
        return _("It has no doubt that the next one is {word}.").format(word=translate(word))
    text = N_("It is {percent:.0f} % sure that the next one is {word}.")
    return translate(text).format(percent=100 * share, word=translate(word))


def field_words(n_seen: int, n_before: int) -> str:
    """How far a pixel looks back."""
    return _("Depends on {n} of the {all} pixels before it.").format(n=n_seen, all=n_before)


def blind_words(n_missed: int) -> str:
    """What a plain network would not see."""
    if not n_missed:
        return _("Here a plain network sees as much.")
    return _("{n} pixels that this model sees lie in a plain network’s blind spot.").format(n=n_missed)
