"""Turns what is on screen now into two or three sentences for people who do not program, and the field's term."""

from dataclasses import dataclass
from typing import Final

from studio.core.translation import N_, _, grouped, translate

from ..shared.camera.frustum import NearestPhoto
from ..shared.params import ViewKind
from ..shared.state import Stage

PLACE_TERM: Final = N_("Novel view synthesis: a picture from a camera that is in no training set")
PHOTO_TERM: Final = N_("Training view: a photo whose camera is known; the network was fitted to such photos")
HELD_OUT_TERM: Final = N_("Held-out view: a photo with a known camera, kept back to measure the quality (PSNR)")
LEARNING_TERM: Final = N_(
    "Peak signal-to-noise ratio (PSNR) on held-out views: at 20 dB the shapes are right, at 30 dB most details, "
    "and every 6 dB more halves the error"
)
COMPILE_TERM: Final = N_("Just-in-time compilation of the numerical kernels; their machine code is kept for next time")
STAGE_TEXTS: Final[dict[Stage, str]] = {
    "slow": N_(
        "The fast parts of the program are being prepared for this computer; this happens only once. Until then a "
        "slower method draws a coarse picture, which you can already walk around."
    ),
    "draft": N_("While it moves, the picture is coarse; it sharpens when you hold still."),
    "baked": N_("What you see is a copy of its answers that is faster to draw."),
    "coarse": N_("The network is being asked for every pixel, from coarse to fine."),
    "network": N_("The network itself was asked for every pixel. Drag to walk around."),
    "learning": N_("It keeps learning while you look."),
}
STAGE_TERMS: Final[dict[Stage, str]] = {
    "slow": COMPILE_TERM,
    "draft": N_("Adaptive resolution: fewer rays while the camera moves"),
    "baked": N_("Baked radiance field: density and colour in a sparse grid of voxel bricks"),
    "coarse": N_("Progressive refinement, in tiles from the centre outward"),
    "network": N_("Volume rendering: the network is evaluated at every sample of every ray"),
    "learning": LEARNING_TERM,
}
VIEW_TEXTS: Final[dict[ViewKind, str]] = {
    "colour": "",
    "depth": N_("The colours show how far away the surface is at each pixel."),
    "normals": N_("Red, green and blue show which way the surface faces, along the axes in the corner."),
    "density": N_("The colours show how much of the scene is in the way of the light to each pixel."),
    "cost": N_("The colours show how many points of the scene had to be asked about for each pixel."),
}
VIEW_TERMS: Final[dict[ViewKind, str]] = {
    "colour": "",
    "depth": N_("Expected depth: the average distance of the samples, weighted by their share of the pixel"),
    "normals": N_("Surface normals: the direction in which the density falls fastest, its negative gradient"),
    "density": N_("Opacity: one minus the transmittance at the end of the ray"),
    "cost": N_("Samples per ray"),
}


@dataclass(frozen=True)
class FieldCaption:
    """A caption: finished sentences, and the words of the field for the tooltip."""

    text: str
    term: str


@dataclass(frozen=True)
class FieldFacts:
    """What a scene is made of.

    Attributes:
        n_numbers: that were learnt; 0 where nobody has counted them.
        has_grid: whether it is a hash grid with small networks; else one large network.
    """

    n_numbers: int
    has_grid: bool = True


@dataclass(frozen=True)
class LearningProgress:
    """How far a scene has been learnt.

    Attributes:
        n_steps, n_rays: steps of learning so far, and rays that each of them looked at.
        psnr_db: on photos that are not learnt from; None before it was measured.
    """

    n_steps: int
    n_rays: int
    psnr_db: float | None = None


def describe(
    make: FieldFacts, view: ViewKind, stage: Stage, near: NearestPhoto | None = None, is_held_out: bool = False
) -> FieldCaption:
    """What is on screen: where one stands, what the scene is, and how the picture was made.

    Args:
        near: the photo taken most nearly from here; None where the scene has no photos.
        is_held_out: whether that photo was kept back when it learnt.
    """
    if stage == "slow":
        return _words([STAGE_TEXTS[stage]], [STAGE_TERMS[stage]])
    if view != "colour":
        return _words([VIEW_TEXTS[view], STAGE_TEXTS[stage]], [VIEW_TERMS[view], STAGE_TERMS[stage]])
    place, place_term = _place(near, is_held_out)
    return _words([place, _scene_text(make), STAGE_TEXTS[stage]], [place_term, _scene_term(make), STAGE_TERMS[stage]])


def learning_words(progress: LearningProgress) -> FieldCaption:
    """While it learns."""
    looked = _("It has looked at {n:,} × {rays:,} rays.").format(n=progress.n_steps, rays=progress.n_rays)
    if progress.n_steps == 0:
        looked = _("It knows nothing yet: what you see is random.")
    elif progress.psnr_db is not None:
        text = N_("It has looked at {n:,} × {rays:,} rays and reaches {db:.1f} dB on photos it has never seen.")
        looked = translate(text).format(n=progress.n_steps, rays=progress.n_rays, db=progress.psnr_db)
    return _words([N_("You are watching a network learn a scene from photos."), looked], [LEARNING_TERM])


def awaited_words(doing: str) -> FieldCaption:
    """Before a training has made its first step; `doing` is a finished sentence of what it does now."""
    coming = N_("Your scene will appear here as soon as training starts, seen from where one of the photos was taken.")
    return _words([doing, coming], [PHOTO_TERM])


def learnt_words(progress: LearningProgress) -> FieldCaption:
    """What a kept picture of a training shows."""
    text = _("What the scene looked like after {n:,} training steps, always from the same place.")
    quality = ""
    if progress.psnr_db is not None:
        quality = _("It reached {db:.1f} dB on photos it had never seen.").format(db=progress.psnr_db)
    return _words([text.format(n=progress.n_steps), quality], [LEARNING_TERM])


def numbers_text(n_numbers: int) -> str:
    """A count for reading: "9,472", "0.4 million", "12 million"."""
    if n_numbers < 100_000:
        return grouped(n_numbers)
    millions = n_numbers / 1e6
    return _("{n} million").format(n=f"{millions:.1f}" if millions < 9.95 else grouped(millions, ",.0f"))


def _place(near: NearestPhoto | None, is_held_out: bool) -> tuple[str, str]:
    if near is None:
        return N_("This view is computed, not photographed."), PLACE_TERM
    if not near.is_same:
        return N_("Nobody photographed this view."), PLACE_TERM
    if is_held_out:
        text = N_("You are standing where photo {n} was taken, one the network has never seen.")
        return translate(text).format(n=near.index + 1), HELD_OUT_TERM
    return _("You are standing where photo {n} was taken.").format(n=near.index + 1), PHOTO_TERM


def _scene_text(make: FieldFacts) -> str:
    if not make.n_numbers:  # it still learns
        return N_("The scene is a neural network that answers “what colour is the air here?”.")
    text = N_("The scene is a neural network of {n} numbers that answers “what colour is the air here?”.")
    return translate(text).format(n=numbers_text(make.n_numbers))


def _scene_term(make: FieldFacts) -> str:
    if make.has_grid:
        return N_("Neural radiance field (NeRF) with a multiresolution hash grid (Instant-NGP)")
    return N_("Neural radiance field (NeRF): a multilayer perceptron on positional encodings")


def _words(sentences: list[str], terms: list[str]) -> FieldCaption:
    """Join what is not empty; finished sentences pass the translation as they are."""
    text = " ".join(translate(sentence) for sentence in sentences if sentence)
    return FieldCaption(text, "\n".join(dict.fromkeys(translate(term) for term in terms if term)))
