"""What the people's panel says in words: of the picture on screen, and of the training picture nearest to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import NearPicture

from .model.latent_plane import plane_corners
from .scene import PeopleScene

SCORE_TERM = N_("The discriminator’s score, as the share of held-out real pictures with a lower score")

EXPRESSION_TRANSFERRED = N_("Made by a machine: the expression comes from another face.")
COPY_DISTANCE: Final = 0.01
"""Mean difference of a colour below which a picture with the same labels is called nearly a copy."""
NEAREST_PARTS: Final = {
    "hair": (N_("hair"), ("hair", "rear_hair")),
    "beard": (N_("beard"), ("beard",)),
    "expression": (N_("expression"), ("mouth", "eyes", "brows")),
    "clothes": (N_("clothes"), ("clothes",)),
    "hair_colour": (N_("hair colour"), ("hair_colour",)),
    "skin": (N_("skin"), ("skin_colour",)),
    "clothes_colour": (N_("colour of the clothes"), ("clothes_colour",)),
}
NEAREST_TERM: Final = N_(
    "Distance: mean colour difference over the whole picture, 0 to 1. A face counts as nearly a copy if the judge "
    "of faces reads all ten labels the same and the distance is below 0.01."
)


def describe_people(scene: PeopleScene, frame: Frame, is_faces: bool) -> str:
    """One or two sentences on the picture."""
    if scene.is_marked:
        return f"{translate(EXPRESSION_TRANSFERRED)} {_about(scene, frame)}".strip()
    first = _("This person does not exist.") if is_faces else _("Nobody has ever seen this picture.")
    return f"{first} {_about(scene, frame)}".strip()


def _about(scene: PeopleScene, frame: Frame) -> str:
    if scene.params.truncation == 0 and not scene.is_moved:
        return _("Truncation 0 is the average of everything the forger can draw.")
    share = frame.scalars.get("real_share")
    if share is None:
        return _("The forger drew it from nothing but numbers.")
    if share < 0.01:
        better = 100 * frame.scalars.get("forged_share", 0.0)
        return _(
            "The detective is not fooled, although it finds {percent:.0f} % of other fakes even less real."
        ).format(percent=better)
    return _(
        "The detective thinks it looks more real than {percent:.0f} % of the real pictures it has never seen."
    ).format(percent=100 * share)


def latent_plane_hint(scene: PeopleScene) -> str:
    """Where on the carpet the picture lies."""
    if scene.own_w is not None:
        return _("A place that no seed leads to")
    around = plane_corners(scene.params.seed, scene.x, scene.y)
    if len(around) == 1:
        return _("Seed {seed}").format(seed=around[0].seed)
    seeds = ", ".join(str(corner.seed) for corner in around)
    return _("Between the seeds {seeds}").format(seeds=seeds)


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
    names = [translate(name) for name, labels in NEAREST_PARTS.values() if any(label in differing for label in labels)]
    return _("different {things}").format(things=_listed(names)) if names else ""


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("{things} and {last}").format(things=", ".join(names[:-1]), last=names[-1])


def nearness_words(found: NearFace) -> str:
    """Whether it is a copy, and what differs."""
    if found.is_copy:
        return _("It is nearly a copy.")
    if not found.differing:
        return _("It is not a copy, though nothing the judge can name is different.")
    words = difference_words(found.differing)
    return _("It is not a copy: {difference}.").format(difference=words)


def extent_words(n_pictures: int, n_all: int) -> str:
    """How many pictures were looked through, of how many that were learnt from."""
    if n_all > n_pictures:
        return _("Nearest of the {n:,} included training pictures, out of {all:,} in all.").format(
            n=n_pictures, all=n_all
        )
    return _("Nearest of all {n:,} training pictures.").format(n=n_pictures)
