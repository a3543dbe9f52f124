"""Coarser volumes: their points against plain sums, which one a view gets, and that far away nothing shimmers."""

from collections.abc import Generator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from plugins.nerf.field.bake.brick_march import draw_baked
from plugins.nerf.field.bake.bricks import HEAD_SHAPE, BrickVolume, leap_map
from plugins.nerf.field.bake.halving import N_HALVED, coarser_volumes, halved, volume_for
from tests.plugins.nerf.field.baked_ball import FloatArray, SoftBall, baked, rays_from


def returned(work: Generator[None, None, Any]) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


class Chequered(SoftBall):
    """A ball of black and white cubes."""

    def colour(self, positions: FloatArray, directions: FloatArray) -> FloatArray:
        is_white = np.floor(positions / 0.08).astype(int).sum(axis=-1) % 2
        return np.repeat(is_white[..., None], 3, axis=-1).astype(np.float32)


@pytest.fixture(scope="module")
def volumes() -> list[BrickVolume]:
    found: list[BrickVolume] = returned(coarser_volumes(baked(Chequered(), 64, 96)))
    return found


def dense(volume: BrickVolume, values: Any) -> Any:
    """All points of the lattice in one array, [z, y, x]."""
    found = np.zeros((*(8 * n + 1 for n in volume.index.shape), *values.shape[4:]))
    for z, y, x in np.argwhere(volume.index >= 0):
        found[8 * z : 8 * z + 9, 8 * y : 8 * y + 9, 8 * x : 8 * x + 9] = values[volume.index[z, y, x]]
    return found


def test_a_coarser_point_is_the_mean_of_those_around_it() -> None:
    random = np.random.default_rng(3)
    index = np.arange(3 * 2 * 4, dtype=np.int32).reshape(3, 2, 4)
    points = np.zeros((25, 17, 33, 9))
    points[1:-1, 1:-1, 1:-1] = random.integers(0, 256, (23, 15, 31, 9))
    bricks = np.array(
        [points[8 * z : 8 * z + 9, 8 * y : 8 * y + 9, 8 * x : 8 * x + 9] for z, y, x in np.ndindex(3, 2, 4)]
    ).astype(np.uint8)
    opacity, colour = np.ascontiguousarray(bricks[..., 0]), np.ascontiguousarray(bricks[..., 1:])
    head = np.zeros(HEAD_SHAPE, np.float32)
    fine = BrickVolume(np.zeros(3, np.float32), 0.1, index, leap_map(index, opacity), opacity, colour, head)
    coarse = returned(halved(fine))
    assert coarse.voxel == pytest.approx(0.2)
    found_opacity, found_colour = dense(coarse, coarse.opacity), dense(coarse, coarse.colour)
    for z, y, x in [(1, 1, 1), (4, 3, 8), (7, 4, 15), (8, 4, 9), (11, 7, 2)]:
        near = points[2 * z - 1 : 2 * z + 2, 2 * y - 1 : 2 * y + 2, 2 * x - 1 : 2 * x + 2].reshape(27, 9)
        shares = np.einsum("i,j,k->ijk", *[[0.25, 0.5, 0.25]] * 3).ravel() * near[:, 0]
        assert found_opacity[z, y, x] == pytest.approx(255 * (1 - (1 - shares.sum() / 255) ** 2), abs=1)
        np.testing.assert_allclose(found_colour[z, y, x], shares @ near[:, 1:] / shares.sum(), atol=1)


@pytest.mark.long("computes for long")
def test_coarser_volumes_can_be_drawn_and_kept(volumes: list[BrickVolume]) -> None:
    assert len(volumes) == N_HALVED + 1
    for fine, coarse in pairwise(volumes):
        coarse.check()
        assert coarse.n_bytes < fine.n_bytes
        assert coarse.voxel == pytest.approx(2 * fine.voxel)


def test_a_view_gets_cells_of_half_a_pixel_to_a_whole_one(volumes: list[BrickVolume]) -> None:
    assert volume_for(volumes, rays_from((0, -3, 0), 400)) is volumes[0]
    for number, volume in enumerate(volumes[1:], 1):
        way = 10.0
        pixel = 1.5 * volume.voxel
        rays = rays_from((0, -way - 0.65, 0), 16, half_view=8 * pixel / way)
        assert volume_for(volumes, rays) is volume, number
    assert volume_for(volumes, rays_from((0, -300, 0), 8)) is volumes[-1]
    assert volume_for(volumes, rays_from((0, -0.1, 0), 8)) is volumes[0]  # from inside


def shimmer(volume: BrickVolume, size: int) -> float:
    """Mean deviation of a pixel's grey while the camera goes aside by a pixel in eight steps."""
    way = 6.0
    pixel = 2 * 0.15 / size * way
    seen = []
    for step in range(8):
        rays = rays_from((0, -way, 0), size, half_view=0.15)
        moved = type(rays)(rays.origin + np.array([pixel * step / 8, 0, 0], np.float32), rays.to_direction, size, size)
        seen.append(draw_baked(volume, moved, with_normals=False).colour.mean(axis=-1))
    return float(np.std(seen, axis=0).mean())


def test_far_away_the_coarser_volume_shimmers_less(volumes: list[BrickVolume]) -> None:
    size = 16
    chosen = volume_for(volumes, rays_from((0, -6, 0), size, half_view=0.15))
    assert chosen is not volumes[0]
    assert shimmer(chosen, size) < shimmer(volumes[0], size) / 2
