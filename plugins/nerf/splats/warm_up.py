"""Calls every compiled kernel of the kind once, on tiny input, so that all of them lie in the cache."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from studio.core.translation import N_

from ..shared.camera.camera import look_at
from .model.splats import Splats, splats_of

if TYPE_CHECKING:
    from ..field.photos.photos import Photos

_N: Final = 64
_SIDE: Final = 48


def _draw() -> None:
    from .render.drawing import SplatDrawing
    from .render.prepared import prepare

    rays = look_at((0, -4, 0), (0, 0, 0), 0.7).ray_grid(_SIDE, _SIDE)
    drawing = SplatDrawing(prepare(_splats()))
    for with_normals in (False, True):
        drawing.draft(rays, 0.01, with_normals=with_normals)
        for _ in drawing.resting(rays, with_normals=with_normals):
            pass


def _learn() -> None:
    from .training.splat_learner import LearnSettings, SplatLearner

    SplatLearner(_splats(), _photos(), LearnSettings(), 1.0, seed=0).step()


GROUPS: Final[tuple[Mapping[str, Callable[[], None]], ...]] = (
    {N_("drawing splats"): _draw},
    {N_("learning splats"): _learn},
)


def _splats() -> Splats:
    random = np.random.default_rng(0)
    shapes = {"centres": (_N, 3), "log_scales": (_N, 3), "rotations": (_N, 4), "opacity_logits": (_N,)}
    numbers = {name: random.normal(size=shape) for name, shape in shapes.items()}
    return splats_of({**numbers, "log_scales": numbers["log_scales"] - 2, "harmonics": np.zeros((_N, 4, 3))})


def _photos() -> "Photos":
    from ..field.photos.photos import Photos

    matrix = look_at((0, -4, 0), (0, 0, 0), 0.7).camera_to_world()
    return Photos(
        np.full((2, _SIDE, _SIDE, 4), 200, np.uint8),
        np.stack([matrix] * 2),
        np.full((2, 4), _SIDE / 2, np.float32),
        np.zeros((2, 6), np.float32),
        np.zeros(2, np.bool_),
        np.array(["train"] * 2),
        ("a", "b"),
    )
