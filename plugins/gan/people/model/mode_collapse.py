"""Counts which combinations of hair, beard and mouth appear among faces, and says when a generator has collapsed.

N faces, M modes (combinations of kinds, the last label running fastest). No Qt, no torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.text.face_reading import read_prompt
from studio.core.translation import N_, translate

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
SURE: Final = 0.8
COLLAPSED_SHARE: Final = 1 / 3
HELD_SHARE: Final = 0.9
N_LEAST: Final = 20
PAIR: Final = ("hair", "beard")
TRIPLE: Final = ("hair", "beard", "mouth")
KINDS: Final[dict[str, dict[str, str]]] = {
    "hair": {
        "bun": N_("bun"),
        "sideComed": N_("side parting"),
        "spiky": N_("spiky hair"),
        "undercut": N_("undercut"),
    },
    "beard": {
        "none": N_("no beard"),
        "chin": N_("chin beard"),
        "chinMoustache": N_("chin beard and moustache"),
        "fullBeard": N_("full beard"),
        "longBeard": N_("long beard"),
        "moustacheTwirl": N_("twirled moustache"),
    },
    "mouth": {
        "agape": N_("open mouth"),
        "angry": N_("angry mouth"),
        "laugh": N_("laugh"),
        "sad": N_("sad mouth"),
        "smile": N_("smile"),
    },
}
"""The kinds of the labels that are counted, in the order of the data set's numbers."""


@dataclass(frozen=True, eq=False)
class FaceModes:
    """Which modes appeared among faces.

    Attributes:
        labels: whose combinations the modes are.
        counts: (M,) faces of each, of those that the judge is sure of.
        expected: (M,) shares of the data, where the words leave them open; they add up to 1.
        n_faces: all that were looked at.
    """

    labels: tuple[str, ...]
    counts: IntArray
    expected: FloatArray
    n_faces: int

    @property
    def n_sure(self) -> int:
        """The faces that were counted."""
        return int(self.counts.sum())

    @property
    def n_found(self) -> int:
        """How many modes appeared."""
        return int((self.counts > 0).sum())

    @property
    def is_collapsed(self) -> bool:
        """Whether the effective number of modes is below a third of the data's."""
        if self.n_sure < N_LEAST:
            return False
        return effective_number(self.counts) < COLLAPSED_SHARE * effective_number(self.expected)

    @property
    def n_holding(self) -> int:
        """The smallest number of modes that hold nine tenths of the faces."""
        held = np.cumsum(np.sort(self.counts)[::-1])
        return int(np.searchsorted(held, HELD_SHARE * self.n_sure) + 1) if self.n_sure else 0


def sizes(labels: Sequence[str]) -> tuple[int, ...]:
    """How many kinds each label has."""
    return tuple(len(KINDS[label]) for label in labels)


def counted(
    classes: Mapping[str, IntArray], sureness: Mapping[str, npt.NDArray[np.float32]], labels: tuple[str, ...]
) -> IntArray:
    """Faces of each mode, (M,), of classes (N,) and how sure each is, by label; unsure faces are left out."""
    is_sure = np.logical_and.reduce([sureness[label] >= SURE for label in labels])
    numbers = np.ravel_multi_index(tuple(classes[label][is_sure] for label in labels), sizes(labels))
    return np.bincount(numbers, minlength=prod(sizes(labels)))


def expected_shares(frequencies: Mapping[str, Sequence[float]], labels: Sequence[str], words: str = "") -> FloatArray:
    """The share of each mode, (M,), where labels are drawn independently and words narrow some of them."""
    said = read_prompt(words).kinds if words else {}
    shares = np.ones(())
    for label in labels:
        own = np.asarray(frequencies[label], np.float64)
        named = said.get(label, ())
        if named:
            own = own * [kind in named for kind in KINDS[label]]
        shares = np.multiply.outer(shares, own / max(own.sum(), 1e-12))
    return shares.ravel()


def effective_number(weights: npt.ArrayLike) -> float:
    """exp(entropy) of weights (M,): M where all are alike, 1 where one has everything (Hill 1973, order 1)."""
    values = np.asarray(weights, np.float64)
    shares = values[values > 0] / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def expected_number(shares: FloatArray, n: int) -> float:
    """How many modes of shares (M,) appear among n faces on average."""
    return float((1 - (1 - shares) ** n).sum())


def mode_name(labels: Sequence[str], number: int) -> str:
    """The kinds of a mode in words."""
    places = np.unravel_index(number, sizes(labels))
    names = [list(KINDS[label].values())[place] for label, place in zip(labels, places, strict=True)]
    return ", ".join(map(translate, names))


def found_words(modes: FaceModes) -> str:
    """How many combinations appear, and how many would among as many real faces."""
    wanted = expected_number(modes.expected, modes.n_sure)
    if modes.n_sure < N_LEAST:
        form = N_("Only {n} of {all} faces are clear enough to tell their hair and beard.")
        return translate(form).format(all=modes.n_faces, n=modes.n_sure)
    form = N_(
        "{n} of {all} combinations of hair and beard appear; among as many real faces there would be about "
        "{wanted:.0f}."
    )
    if modes.labels == TRIPLE:
        form = N_(
            "{n} of {all} combinations of hair, beard and mouth appear; real faces would show about {wanted:.0f}."
        )
    n_open = int((modes.expected > 0).sum())
    return translate(form).format(n=modes.n_found, all=max(n_open, modes.n_found), wanted=wanted)


def warning_words(modes: FaceModes, truncation: float) -> str:
    """A warning where the faces are too much alike; empty where they are not."""
    if not modes.is_collapsed:
        return ""
    n = modes.n_holding
    several = N_("Nearly all of these faces are of just {n} kinds")
    same = N_("Nearly all of these faces are of just one kind") if n == 1 else several
    why = N_("the forger has collapsed.") if truncation >= 0.7 else N_("truncation makes them alike.")
    return f"{translate(same).format(n=n)}: {translate(why)}"
