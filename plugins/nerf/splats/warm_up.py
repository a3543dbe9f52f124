"""Calls every compiled kernel of the kind once, on tiny input, so that all of them lie in the cache."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from studio.core.translation import N_

from ..shared.camera.camera import look_at
from .model.splats import Splats, splats_of

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


GROUPS: Final[tuple[Mapping[str, Callable[[], None]], ...]] = ({N_("drawing splats"): _draw},)


def _splats() -> Splats:
    random = np.random.default_rng(0)
    shapes = {"centres": (_N, 3), "log_scales": (_N, 3), "rotations": (_N, 4), "opacity_logits": (_N,)}
    numbers = {name: random.normal(size=shape) for name, shape in shapes.items()}
    return splats_of({**numbers, "log_scales": numbers["log_scales"] - 2, "harmonics": np.zeros((_N, 4, 3))})
