"""What is said under a picture of splats."""

from typing import Final

from studio.core.translation import N_, _, translate

from ..shared.state import View
from .state import SplatFacts

_TERM: Final = N_("3D Gaussian splatting: splats are projected, sorted by depth and blended from front to back")
_DRAFT_TERM: Final = N_("Level of detail: the splats that fill most of the picture, made larger for those left out")
_VIEW_TEXTS: Final = {
    "depth": N_("The colours show how far away the surface is at each pixel."),
    "normals": N_("The colours show which way each splat is flat."),
    "density": N_("The colours show how much of the scene is in the way of the light to each pixel."),
    "cost": N_("The colours show how many splats each pixel is made of."),
}


def words(view: View, facts: SplatFacts) -> tuple[str, str]:
    """The sentences, and the field's term."""
    make = _("The scene is {n:,} soft coloured spots in space, laid over each other from front to back.")
    sentences = [make.format(n=facts.n_splats)]
    if view.request.look.view in _VIEW_TEXTS:
        sentences.append(translate(_VIEW_TEXTS[view.request.look.view]))
    if view.stage == "draft":
        sentences.append(_("While it moves, {percent} % of them are drawn.").format(percent=round(100 * view.share)))
        return " ".join(sentences), translate(_DRAFT_TERM)
    sentences.append(_("Drag to walk around."))
    return " ".join(sentences), translate(_TERM)
