"""The settings of one picture of any scene, declared once for the panel, the command line and the files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from studio.core.param import param, seed_param
from studio.core.translation import N_

ViewKind = Literal["colour", "depth", "normals", "density", "cost"]
VIEW_KINDS: Final[tuple[ViewKind, ...]] = ("colour", "depth", "normals", "density", "cost")
BACKGROUNDS: Final = {"white": (1.0, 1.0, 1.0), "grey": (0.22, 0.23, 0.26), "black": (0.0, 0.0, 0.0)}
SHAPES: Final = ("view", "around")
MIN_SIZE_PX, MAX_SIZE_PX = 16, 4096


@dataclass(frozen=True)
class ViewParams:
    """What to draw: the viewpoint follows from `seed` unless a state says otherwise; seed 0 is the scene's own view."""

    seed: int = seed_param(
        N_("The number that a random viewpoint is made from; 0 is the view the scene starts with."), 0
    )
    width: int = param(
        768,
        label=N_("Width"),
        help=N_("For exported pictures and videos."),
        low=MIN_SIZE_PX,
        high=MAX_SIZE_PX,
        step=8,
        unit="px",
    )
    height: int = param(
        512,
        label=N_("Height"),
        help=N_("For exported pictures and videos."),
        low=MIN_SIZE_PX,
        high=MAX_SIZE_PX,
        step=8,
        unit="px",
    )
    view: str = param(
        "colour",
        label=N_("View"),
        help=N_(
            "Colour, distance from the camera, direction of the surface, how solid it is, or how many points were "
            "looked at."
        ),
        choices=VIEW_KINDS,
    )
    exposure: float = param(
        0.0,
        label=N_("Exposure"),
        help=N_("How bright the scene looks; each step of 1 doubles the light."),
        low=-4.0,
        high=4.0,
        step=0.1,
        unit="EV",
    )
    background: str = param(
        "white",
        label=N_("Background"),
        help=N_("What is behind the scene."),
        choices=tuple(BACKGROUNDS),
    )
    near: float = param(
        0.0,
        label=N_("Near clip"),
        help=N_("Anything nearer to the camera than this is left out, in the scene’s own units."),
        low=0.0,
        high=20.0,
        step=0.05,
    )
    shape: str = param(
        "view",
        label=N_("Picture"),
        help=N_(
            "What the camera sees (view), or everything around it, half as high as wide (around), for viewers of 360° "
            "pictures; both for exported pictures and videos."
        ),
        choices=SHAPES,
    )


def first_look(card: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with which a scene is first shown: what its file says about background and exposure."""
    background, exposure = card.get("background"), card.get("exposure", 0.0)
    is_dark = isinstance(background, list) and len(background) >= 3 and sum(background[:3]) < 1.5
    is_number = isinstance(exposure, int | float) and -4 <= exposure <= 4
    return {"background": "black" if is_dark else "white", "exposure": float(exposure) if is_number else 0.0}
