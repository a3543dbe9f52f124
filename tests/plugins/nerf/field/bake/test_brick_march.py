"""The march through bricks against closed forms and against a march in numpy that knows no bricks."""

import numpy as np
import pytest

from plugins.nerf.field.bake.brick_march import draw_baked
from plugins.nerf.field.bake.bricks import HEAD_SHAPE, BrickVolume, leap_map, read_table
from plugins.nerf.shared.camera.ray import RayGrid
from tests.plugins.nerf.field.analytic import Ball
from tests.plugins.nerf.field.baked_ball import SoftBall, baked, rays_from

EYE = (1.6, -1.9, 1.3)


@pytest.fixture(scope="module")
def volume() -> BrickVolume:
    return baked(SoftBall(), 48)


def random_volume(seed: int) -> BrickVolume:
    """Thin random fog in random bricks, with features and a head."""
    random = np.random.default_rng(seed)
    index = np.where(random.random((3, 2, 4)) < 0.5, 0, -1).astype(np.int32)
    index[index == 0] = np.arange((index == 0).sum())
    shape = ((index >= 0).sum(), 9, 9, 9)
    opacity = np.where(random.random(shape) < 0.3, random.integers(0, 90, shape), 0).astype(np.uint8)
    colour = random.integers(0, 256, (*shape, 8)).astype(np.uint8)
    head = (random.normal(size=HEAD_SHAPE) * 0.05).astype(np.float32)
    low = np.array([-1.0, -0.5, -0.7], np.float32)
    return BrickVolume(low, 0.06, index, leap_map(index, opacity), opacity, colour, head)


def plain_march(volume: BrickVolume, rays: RayGrid, step: float) -> np.ndarray:
    """Colour, opacity and depth (H, W, 5), sample by sample in float64, every voxel of the box looked at."""
    directions = rays.directions().astype(np.float64)
    origin = (rays.origin - volume.low).astype(np.float64) / volume.voxel
    n = np.array(volume.index.shape[::-1]) * 8
    sums = np.zeros((*directions.shape[:2], 8))
    clear, far = np.ones(directions.shape[:2]), np.zeros(directions.shape[:2])
    for number in range(1, int(20 / volume.voxel / step)):
        places = origin + number * step * directions
        inside = ((places >= 0) & (places < n)).all(axis=-1) & (clear >= 1 / 255)
        cells = np.floor(places[inside]).astype(int)
        bricks = volume.index[tuple((cells // 8).T[::-1])]
        inside[inside] = bricks >= 0
        cells, bricks = cells[bricks >= 0], bricks[bricks >= 0]
        part = places[inside] - cells
        opacity, colour = np.zeros(len(cells)), np.zeros((len(cells), 8))
        for corner in np.ndindex(2, 2, 2):
            share = np.prod(np.where(corner[::-1], part, 1 - part), axis=1)
            at = (bricks, *(cells % 8 + corner[::-1]).T[::-1])
            weighted = share * volume.opacity[at]
            opacity += weighted
            colour += weighted[:, None] * volume.colour[at]
        seen = opacity > 0.5
        weight = np.where(seen, clear[inside] * (1 - (1 - opacity / 255) ** step), 0)
        sums[inside] += weight[:, None] * colour / 255 / np.maximum(opacity, 1e-9)[:, None]
        far[inside] += weight * number * step
        clear[inside] -= weight
    covered = 1 - clear
    flat = directions.reshape(-1, 3).astype(np.float32)
    effects = read_table(volume.head, flat).reshape(*covered.shape, 6, 3)
    known = np.concatenate([covered[..., None], sums[..., 3:]], axis=-1)
    seen = sums[..., :3] + np.einsum("yxfc,yxf->yxc", effects, known)
    depth = far / np.maximum(covered, 1e-9) * volume.voxel
    return np.concatenate([np.clip(seen, 0, covered[..., None]), covered[..., None], depth[..., None]], axis=-1)


@pytest.mark.parametrize("step", [1.0, 1.7])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_leaps_and_bricks_change_nothing(seed: int, step: float) -> None:
    volume, rays = random_volume(seed), rays_from(EYE, 24, 0.4)
    found = draw_baked(volume, rays, step=step)
    ours = np.concatenate([found.colour, found.opacity[..., None], found.depth[..., None]], axis=-1)
    assert found.opacity.max() > 0.3
    # A sample that falls on a border may belong to either side, in one arithmetic or the other.
    differs = np.abs(ours - plain_march(volume, rays, step)).max(axis=-1) > 2e-3
    assert differs.mean() < 0.01


def test_constant_density_has_the_closed_form() -> None:
    n_bricks, byte = 4, 13
    index = np.arange(n_bricks, dtype=np.int32).reshape(1, 1, n_bricks)
    opacity = np.full((n_bricks, 9, 9, 9), byte, np.uint8)
    colour = np.full((*opacity.shape, 8), 255, np.uint8)
    head = np.zeros(HEAD_SHAPE, np.float32)
    volume = BrickVolume(np.zeros(3, np.float32), 1.0, index, leap_map(index, opacity), opacity, colour, head)
    along_x = np.array([[0, 0, 1], [1e-4, 0, 0], [0, 1e-4, 0]], np.float32)
    rays = RayGrid(np.array([-5.3, 0.5, 0.5], np.float32), along_x, 2, 2)
    found = draw_baked(volume, rays)
    n = found.n_samples
    assert (n == 32).all()
    assert np.allclose(found.opacity, 1 - (1 - byte / 255) ** n, atol=1e-5)
    assert np.allclose(found.colour, found.opacity[..., None], atol=1e-5)


@pytest.mark.long("computes for long")
def test_a_ball_is_its_analytic_picture() -> None:
    ball = Ball(radius=0.6, density=400.0)
    rays = rays_from(EYE, 64)
    found = draw_baked(baked(ball, 128), rays)
    near, far = ball.crossings(rays.origin, rays.directions())
    hit = far - near > 0.25  # away from the rim, where a ray grazes
    assert hit.mean() > 0.3
    assert (found.opacity[hit] > 0.99).all()
    assert (found.opacity[np.isnan(near)] > 0.5).mean() < 0.04
    assert np.abs(found.depth - near)[hit].mean() < 1.2 * (1.25 / 128)
    points = rays.origin + rays.directions() * near[..., None]
    assert np.abs(found.colour - np.clip(0.5 + 0.5 * points / 0.6, 0, 1))[hit].mean() < 0.01


def test_normals_of_a_soft_ball_point_outward(volume: BrickVolume) -> None:
    rays = rays_from(EYE, 48)
    found = draw_baked(volume, rays)
    points = rays.origin + rays.directions() * found.depth[..., None]
    outward = points / np.linalg.norm(points, axis=-1, keepdims=True)
    sure = found.opacity > 0.99
    assert sure.mean() > 0.3
    assert (found.normal * outward).sum(axis=-1)[sure].mean() > 0.97
    assert (found.normal * outward).sum(axis=-1)[sure].min() > 0.7


def test_nothing_is_nothing(volume: BrickVolume) -> None:
    away = rays_from(EYE, 16)
    found = draw_baked(volume, RayGrid(away.origin, -away.to_direction, 16, 16))
    assert not any(part.any() for part in (found.colour, found.opacity, found.depth, found.normal, found.n_samples))


def test_near_cuts_off(volume: BrickVolume) -> None:
    rays = rays_from(EYE, 16)
    whole = draw_baked(volume, rays)
    cut = draw_baked(volume, RayGrid(rays.origin, rays.to_direction, 16, 16, near=float(whole.depth.max()) + 0.3))
    assert cut.opacity.sum() < 0.9 * whole.opacity.sum() or (cut.depth[cut.opacity > 0] > whole.depth.max()).all()
    assert (cut.depth[cut.opacity > 0] >= whole.depth.max()).all()


def test_inside_looking_out(volume: BrickVolume) -> None:
    found = draw_baked(volume, rays_from((0.01, 0.02, 0.0), 8, 1.0))
    assert (found.opacity > 0.99).all()
    assert (found.depth < 0.2).all()


def test_two_pictures_are_equal_to_the_bit(volume: BrickVolume) -> None:
    rays = rays_from(EYE, 97)
    first, second = draw_baked(volume, rays), draw_baked(volume, rays)
    for name in ("colour", "opacity", "depth", "normal", "n_samples"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_a_shift_is_a_camera_that_turns(volume: BrickVolume) -> None:
    rays = rays_from(EYE, 32)
    moved = rays.to_direction.copy()
    moved[:, 2] += moved[:, :2] @ np.array([0.3, -0.2], np.float32)
    shifted = draw_baked(volume, rays, (0.8, 0.3))
    turned = draw_baked(volume, RayGrid(rays.origin, moved, 32, 32))
    assert np.abs(shifted.colour - turned.colour).mean() < 1e-4


def test_normals_only_where_wanted(volume: BrickVolume) -> None:
    rays = rays_from(EYE, 16)
    with_them, without = draw_baked(volume, rays), draw_baked(volume, rays, with_normals=False)
    assert not without.normal.any()
    assert np.array_equal(with_them.colour, without.colour)
    assert np.allclose(np.linalg.norm(with_them.normal, axis=-1)[with_them.opacity > 0.5], 1, atol=1e-3)


def test_a_draft_looks_at_fewer_places(volume: BrickVolume) -> None:
    rays = rays_from(EYE, 64)
    full, draft = draw_baked(volume, rays), draw_baked(volume, rays, step=2.0)
    assert draft.n_samples.sum() < 0.7 * full.n_samples.sum()
    assert np.abs(draft.colour - full.colour).mean() < 0.02
