"""Says in words how a face differs from the training picture that comes nearest to it; no Qt, no torch."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from studio.core.near_picture import NearPicture
from studio.core.text import N_, translate

COPY_DISTANCE: Final = 0.01
"""Mean difference of a colour below which a picture with the same labels is called nearly a copy."""
PARTS: Final = {
    "hair": (N_("hair"), ("hair", "rear_hair")),
    "beard": (N_("beard"), ("beard",)),
    "expression": (N_("expression"), ("mouth", "eyes", "brows")),
    "clothes": (N_("clothes"), ("clothes",)),
    "hair_colour": (N_("hair colour"), ("hair_colour",)),
    "skin": (N_("skin"), ("skin_colour",)),
    "clothes_colour": (N_("colour of the clothes"), ("clothes_colour",)),
}
TERM: Final = N_(
    "Distance: mean difference of a colour over the whole picture, 0 to 1. It is called nearly a copy where the judge "
    "of faces reads all ten labels alike and the distance is below 0.01."
)


@dataclass(frozen=True, eq=False)
class NearFace:
    """The training picture nearest to a face.

    Attributes:
        near: with its distance. n_pictures: that were looked through.
        differing: the labels that the judge, sure of both, reads otherwise.
    """

    near: NearPicture
    n_pictures: int
    differing: tuple[str, ...]

    @property
    def is_copy(self) -> bool:
        """Whether it is nearly the same picture; see COPY_DISTANCE."""
        return is_copy(self.near.distance, self.differing)


def is_copy(distance: float, differing: Collection[str]) -> bool:
    """Whether a picture so far from its nearest one, with labels that differ, is nearly a copy."""
    return not differing and distance < COPY_DISTANCE


def difference_words(differing: Collection[str]) -> str:
    """What differs: "different hair, expression and clothes"."""
    names = [translate(name) for name, labels in PARTS.values() if any(label in differing for label in labels)]
    return translate(N_("different {things}")).format(things=_listed(names)) if names else ""


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return translate(N_("{things} and {last}")).format(things=", ".join(names[:-1]), last=names[-1])


def verdict_words(found: NearFace) -> str:
    """Whether it is a copy, and what differs."""
    if found.is_copy:
        return translate(N_("It is nearly a copy."))
    if not found.differing:
        return translate(N_("It is not a copy, though nothing that has a name differs."))
    words = difference_words(found.differing)
    return translate(N_("It is not a copy: {difference}.")).format(difference=words)


def extent_words(n_pictures: int, n_all: int) -> str:
    """How many pictures were looked through, of how many that were learnt from."""
    if n_all > n_pictures:
        return translate(N_("Nearest of the {n:,} training pictures that are shipped, of {all:,} in all.")).format(
            n=n_pictures, all=n_all
        )
    return translate(N_("Nearest of all {n:,} training pictures.")).format(n=n_pictures)
