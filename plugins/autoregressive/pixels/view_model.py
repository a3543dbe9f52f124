"""What is on screen of a run of pictures, read off a frame: levels, what is known, surprise, next value and words."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import ByteArray, Field, Series

from .scene import Mask, PixelSheet
from .state import Bytes, coloured

TERM: Final = N_(
    "PixelCNN: the probability of each pixel, given all those before it in reading order (autoregressive model)"
)
BRIGHT_FROM: Final = 0.5
SURE: Final = 0.995
EXPECTED_BITS: Final = 0.05


@dataclass(frozen=True, eq=False)
class PixelViewModel:
    """One moment of a run.

    Attributes:
        values: (B, H, W) levels. kept: (H, W). labels: (B,) kinds. place: all pixels before it are settled.
        surprise: (B, H, W) bits. chances: (B, V) of the next pixel, None at the end.
    """

    values: Bytes
    kept: Mask
    labels: npt.NDArray[np.int64]
    place: int
    surprise: npt.NDArray[np.float32]
    chances: npt.NDArray[np.float32] | None

    @property
    def side(self) -> int:
        """Pixels of a side."""
        return self.values.shape[1]

    @property
    def n_places(self) -> int:
        """Pixels of a picture."""
        return self.side**2

    @property
    def is_whole(self) -> bool:
        """Whether every pixel is there."""
        return self.place >= self.n_places

    @property
    def is_known(self) -> Mask:
        """(H, W): kept, or settled."""
        return self.kept | (np.arange(self.n_places).reshape(self.side, self.side) < self.place)

    def sheet(self, ending: int) -> PixelSheet:
        """One ending as far as it is there."""
        return PixelSheet(self.values[ending], ~self.is_known)

    def bits(self, ending: int) -> float | None:
        """Mean surprise of the settled pixels of an ending, None before the first one."""
        return float(self.surprise[ending].ravel()[: self.place].mean()) if self.place else None

    def picture(self, ending: int, n_levels: int) -> ByteArray:
        """(H, W, 3) colours of an ending."""
        flat, known = self.values[ending].reshape(1, -1), self.is_known.ravel()
        return coloured(flat, known, n_levels)[0].reshape(self.side, self.side, 3)


def view_model_of(frame: Frame) -> PixelViewModel | None:
    """What a frame of a run shows; None for a frame of anything else."""
    state, surprise = frame.state, frame.views.get("surprise")
    if state is None or not {"values", "kept", "labels", "place"} <= set(state) or not isinstance(surprise, Field):
        return None
    following = frame.views.get("next")
    chances = np.stack(list(following.curves.values())) if isinstance(following, Series) else None
    return PixelViewModel(
        state["values"], state["kept"] != 0, state["labels"], int(state["place"][0]), surprise.values, chances
    )


def lead(place: int, n_places: int) -> str:
    """Which pixel it is about, or that all are there."""
    if place >= n_places:
        return _("The picture is finished.")
    return _("Pixel {place} of {n}.").format(place=place + 1, n=n_places)


def chosen_words(row: int, column: int, surprise: float, average: float) -> str:
    """How surprising a pixel was that a person clicked, beside the picture's average."""
    where = _("Row {row}, column {column}.").format(row=row + 1, column=column + 1)
    if surprise < EXPECTED_BITS:
        return where + " " + _("It could hardly have been anything else, so it says little.")
    text = N_("Its surprise was {bits:.1f} bits; the average for this picture is {average:.2f}.")
    return where + " " + translate(text).format(bits=surprise, average=average)


def describe(seen: PixelViewModel, ending: int, kind: str, is_asked: bool) -> str:
    """One or two sentences on the picture at the playhead, which is to become one of a kind."""
    if seen.is_whole or seen.chances is None:
        return finished(kind, is_asked, bool(seen.kept.any()))
    before = _("The model has seen only what comes before this pixel in reading order.")
    return f"{before} {next_words(seen.chances[ending])}"


def finished(kind: str, is_asked: bool, was_begun: bool) -> str:
    """What a whole picture is, which was begun by a person or made from nothing."""
    taken = N_("The model read what was there as “{kind}”.") if was_begun else N_("The model chose to draw “{kind}”.")
    words = N_("You asked for “{kind}”.") if is_asked else taken
    text = f"{translate(words).format(kind=kind)} " if kind else ""
    marked = N_(
        "The pixel that surprised the model most is marked. Erase any part and let it finish, or click a pixel."
    )
    return text + translate(marked)


def next_words(chances: npt.NDArray[np.float32]) -> str:
    """How sure it is of a pixel with these chances (V,)."""
    n_levels = len(chances)
    bright = float(chances[round(n_levels * BRIGHT_FROM) :].sum())
    word, share = (N_("bright"), bright) if bright >= 0.5 else (N_("dark"), 1 - bright)
    if share >= SURE:
        return _("It is quite certain that the next one is {word}.").format(word=translate(word))
    text = N_("It is {percent:.0f} % certain that the next one is {word}.")
    return translate(text).format(percent=100 * share, word=translate(word))


def field_words(n_seen: int, n_before: int) -> str:
    """How far a pixel looks back."""
    return _("Depends on {n} of the {all} pixels before it.").format(n=n_seen, all=n_before)


def blind_words(n_missed: int) -> str:
    """What a plain network would not see."""
    if not n_missed:
        return _("A plain network would see just as much here.")
    return _("{n} of the pixels this model sees are in a plain network’s blind spot.").format(n=n_missed)
