"""Calls every compiled kernel of the family once, on tiny input, so that all of them lie in the cache.

What a kernel is compiled for are the types of its arguments: here they come from the same functions as at work.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from studio.core.translation import N_

from ..shared.camera.ray import RayGrid
from .model.config import FieldConfig
from .model.field import FieldWeights, FloatArray, OccupancyGrid

if TYPE_CHECKING:
    from .photos.photos import Photos
    from .render.hash_field import HashField

_CONFIG: Final = FieldConfig((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0), n_levels=4, log2_size=8, base_resolution=4)
_SIDE: Final = 48  # pixels: enough for all passes of the network's pictures


def _draw_network() -> None:
    from .render.exact import draw_exact, exact_passes
    from .render.ray_samples import inspect_ray

    field, rays = _field(), _rays()
    for _ in exact_passes(field, rays):
        pass
    draw_exact(field, rays, (8, 24))
    field.density(np.zeros((4, 3), np.float32))
    inspect_ray(field, rays.origin, np.array([0, 0, -1], np.float32))


def _draw_other_networks() -> None:
    from .render.exact import draw_exact
    from .render.ray_samples import inspect_ray

    fog, rays = _Fog(), _rays()
    draw_exact(fog, rays)
    inspect_ray(fog, rays.origin, np.array([0, 0, -1], np.float32))


def _bake() -> None:
    from .bake.bake import BakeSettings, bake
    from .bake.brick_march import draw_baked
    from .bake.halving import coarser_volumes

    for baked in bake(_field(), BakeSettings(stages=(16, 24), n_directions=8)):
        if baked.fraction == 1 and baked.volume is not None:
            for with_normals in (False, True):
                draw_baked(baked.volume, _rays(), with_normals=with_normals)
            for _ in coarser_volumes(baked.volume):
                pass


def _learn() -> None:
    from .training.learner import FieldLearner, LearnSettings

    moving = replace(_CONFIG, n_moving_levels=1, moving_log2_size=8, n_knots=2)
    learner = FieldLearner(moving, _photos(), LearnSettings(n_samples=2048, refresh_every=2), seed=0)
    for _ in range(9):  # after eight, the average is taken
        learner.step()
    learner.load(learner.state())


def _follow_learning() -> None:
    from .bake.live_volume import LiveVolume

    field = _field()
    live = LiveVolume(field.occupancy.low, field.occupancy.high, resolution=16)
    while live.refresh(field, field.occupancy, np.array([0, 0, 4], np.float32), 1.0) < 1:
        pass


def _find_space() -> None:
    from ..foreign.nerf_pytorch.occupancy import is_marked

    is_marked(_occupancy(), np.zeros((4, 3), np.float32))


GROUPS: Final[tuple[Mapping[str, Callable[[], None]], ...]] = (
    {
        N_("drawing the network"): _draw_network,
        N_("baking and drawing what is baked"): _bake,
        N_("watching it learn"): _follow_learning,
        N_("scenes from other programs"): _draw_other_networks,
        N_("finding empty space"): _find_space,
    },
    {N_("learning"): _learn},
)


class _Fog:
    """A field of another kind: the same grey everywhere."""

    step = 0.1

    def __init__(self) -> None:
        self.occupancy = _occupancy()

    def density(self, positions: FloatArray) -> FloatArray:
        return np.ones(len(positions), np.float32)

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self.density(positions), np.full_like(directions, 0.5)


def _corners() -> tuple[FloatArray, FloatArray]:
    return np.array(_CONFIG.low, np.float32), np.array(_CONFIG.high, np.float32)


def _occupancy() -> OccupancyGrid:
    return OccupancyGrid(np.ones((1, 8, 8, 8), np.uint8), *_corners())


def _rays() -> RayGrid:
    to_direction = np.array([[1, 0, -_SIDE / 2], [0, -1, _SIDE / 2], [0, 0, -_SIDE]], np.float32) / np.float32(_SIDE)
    return RayGrid(np.array([0, 0, 4], np.float32), to_direction, _SIDE, _SIDE)


def _field() -> "HashField":
    from .render.hash_field import HashField

    random = np.random.default_rng(0)

    def numbers(*shape: int) -> FloatArray:
        return (random.normal(size=shape) * 0.5).astype(np.float32)

    weights = FieldWeights(
        numbers(_CONFIG.levels.n_rows, _CONFIG.n_features),
        tuple(numbers(*shape) for shape in _CONFIG.density_shapes()),
        tuple(numbers(*shape) for shape in _CONFIG.colour_shapes()),
        numbers(_CONFIG.colour_width),
    )
    return HashField(_CONFIG, weights, _occupancy())


def _photos() -> "Photos":
    from .photos.photos import Photos

    matrix = np.eye(4, dtype=np.float32)
    matrix[2, 3] = 4
    return Photos(
        np.full((2, 16, 16, 4), 200, np.uint8),
        np.stack([matrix] * 2),
        np.full((2, 4), 8, np.float32),
        np.zeros((2, 6), np.float32),
        np.zeros(2, np.bool_),
        np.array(["train"] * 2),
        ("a", "b"),
    )
