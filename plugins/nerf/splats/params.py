"""The settings of one picture of a scene of splats."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.core.param import param
from studio.core.translation import N_

from ..shared.params import ViewParams, first_look
from .model.splats import MAX_DEGREE


@dataclass(frozen=True)
class SplatParams(ViewParams):
    """What to draw of splats: each as large as it was learnt or smaller, with all of its colours or the plain one."""

    size: float = param(
        1.0,
        label=N_("Splat size"),
        help=N_("Smaller than 1, the splats come apart, and you see what the scene is made of."),
        low=0.05,
        high=1.0,
        step=0.05,
    )
    degree: int = param(
        MAX_DEGREE,
        label=N_("Sheen"),
        help=N_(
            "How much a splat’s colour may change with the side it is seen from: at 0 it has one colour "
            "(degree of its spherical harmonics)."
        ),
        low=0,
        high=MAX_DEGREE,
        step=1,
    )
    faintest: float = param(
        0.0,
        label=N_("Hide faint splats"),
        help=N_("Splats fainter than this are left out: haze and specks that float about mostly go (opacity)."),
        low=0.0,
        high=0.9,
        step=0.01,
    )


def first_params(card: Mapping[str, Any]) -> SplatParams:
    """The settings with which a scene is first shown."""
    return SplatParams(**first_look(card))
