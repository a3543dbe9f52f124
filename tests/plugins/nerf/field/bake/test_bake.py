"""Baking: stages, what is asked of the field, and how well the bricks reproduce it."""

from itertools import pairwise

import numpy as np
import pytest

from plugins.nerf.field.bake.bake import BakeSettings, bake
from plugins.nerf.field.bake.brick_march import draw_baked
from plugins.nerf.field.bake.bricks import MAX_BYTES, BrickVolume, read_table, table_rays
from plugins.nerf.field.bake.colour import learn_head, ray_weights, split, spread_rays
from plugins.nerf.field.bake.lattice import is_occupied, occupied_box, plan_lattice
from plugins.nerf.field.bake.query import ColourQuery
from plugins.nerf.field.model.field import OccupancyGrid
from plugins.nerf.field.render.hash_field import HashField
from plugins.nerf.field.render.small_networks import spherical_harmonics
from studio.core.pausing import result_of
from tests.plugins.nerf.field.baked_ball import SoftBall, baked, rays_from
from tests.plugins.nerf.field.made_field import make_config, make_occupancy, make_weights

EYE = (1.6, -1.9, 1.3)


class Empty:
    """Marked as occupied, but holds nothing."""

    def __init__(self) -> None:
        self.occupancy, self.step = SoftBall().occupancy, 0.01

    def density(self, positions):
        return np.zeros(len(positions), np.float32)

    def density_colour(self, positions, directions):
        raise AssertionError("nobody asks for the colour of nothing")


@pytest.mark.long("computes for long")
def test_stages_come_coarse_to_fine_and_stay_what_they_were() -> None:
    steps = list(bake(SoftBall(), BakeSettings(stages=(16, 32))))
    volumes: list[BrickVolume] = []
    for step in steps:
        if step.volume is not None and (not volumes or step.volume is not volumes[-1]):
            volumes.append(step.volume)
    assert [round(float((v.high - v.low).max() / v.voxel)) >= n for v, n in zip(volumes, (16, 32), strict=True)]
    assert volumes[1].voxel < 0.6 * volumes[0].voxel
    assert steps[0].volume is None
    assert steps[-1].fraction == 1.0
    assert [step.fraction == 1.0 for step in steps].count(True) == 1
    for stage in (16, 32):
        fractions = [step.fraction for step in steps if step.stage == stage]
        assert all(a <= b for a, b in pairwise(fractions))


@pytest.mark.long("computes for long")
def test_an_analytic_field_is_reproduced() -> None:
    field, volume = SoftBall(), baked(SoftBall(), 96)
    rays = rays_from(EYE, 48)
    found = draw_baked(volume, rays)
    points = rays.origin + rays.directions() * found.depth[..., None]
    wanted = field.colour(points, rays.directions())
    sure = found.opacity > 0.99
    assert sure.mean() > 0.3
    difference = np.abs(found.colour - wanted)[sure]
    assert difference.mean() < 0.012, "the part that depends on the direction is a part of it"
    matt = baked(SoftBall(gloss=0.0), 96)
    without = np.abs(draw_baked(matt, rays).colour - wanted)[sure]
    assert difference.mean() < 0.2 * without.mean()


@pytest.mark.long("computes for long")
def test_opacity_is_that_of_one_voxel() -> None:
    field, volume = SoftBall(), baked(SoftBall(), 40)
    random = np.random.default_rng(0)
    places = np.argwhere(volume.index >= 0)[random.integers(0, (volume.index >= 0).sum(), 200)]
    inner = random.integers(0, 9, (200, 3))
    positions = volume.low + (places * 8 + inner)[:, ::-1] * np.float32(volume.voxel)
    wanted = 255 * (1 - np.exp(-field.density(positions) * volume.voxel))
    wanted[~is_occupied(field.occupancy, positions)] = 0
    found = volume.opacity[(volume.index[tuple(places.T)], *inner.T)]
    assert np.abs(found - wanted).max() <= 0.51


@pytest.mark.long("computes for long")
def test_two_bakes_are_equal_to_the_bit() -> None:
    first, second = baked(SoftBall(), 24, 40), baked(SoftBall(), 24, 40)
    for name in ("low", "index", "leap", "opacity", "colour", "head"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


@pytest.mark.long("computes for long")
def test_only_what_may_hold_something_is_asked_for() -> None:
    field = SoftBall(radius=0.25)
    baked(field, 64)
    share = field.occupancy.cells.mean()
    assert share < 0.03
    n_lattice = (64 * 2 / 0.625) ** 3 * share  # points in occupied cells at the fineness of the bake
    n_learning = 1500 * 625
    assert field.n_queries < 12 * n_lattice + n_learning, "no empty space, and few directions inside the ball"


def test_nothing_bakes_to_nothing() -> None:
    volume = baked(Empty(), 24, 32)
    volume.check()
    assert volume.n_bricks == 0
    assert not draw_baked(volume, rays_from(EYE, 8)).opacity.any()


def test_no_cell_at_all_bakes_to_nothing() -> None:
    field = SoftBall()
    field.occupancy = OccupancyGrid(np.zeros_like(field.occupancy.cells), field.occupancy.low, field.occupancy.high)
    assert baked(field, 24).n_bricks == 0
    assert field.n_queries == 0


def test_a_bake_may_be_closed_in_the_middle() -> None:
    steps = bake(SoftBall(), BakeSettings(stages=(24, 64)))
    kept = next(step.volume for step in steps if step.volume is not None)
    assert kept is not None
    for _ in range(3):
        next(steps)
    steps.close()
    kept.check()
    assert draw_baked(kept, rays_from(EYE, 8)).opacity.max() > 0.9


def test_memory_is_bounded() -> None:
    class Fog(SoftBall):
        """Thin everywhere: as many bricks as there can be."""

        def __init__(self) -> None:
            super().__init__()
            self.occupancy = OccupancyGrid(np.ones((1, 4, 4, 4), np.uint8), self.occupancy.low, self.occupancy.high)

        def density(self, positions):
            return np.ones(len(positions), np.float32)

    *_, last = bake(Fog(), BakeSettings(stages=(8, 320), n_directions=3))
    assert last.volume is not None
    assert last.stage == 8, "the next one would take more than 96 MB, and is not begun"
    assert last.volume.n_bytes < MAX_BYTES


def test_time_decides_how_fine() -> None:
    assert list(bake(SoftBall(), BakeSettings(seconds=0.0)))[-1].stage == 64


def test_several_cascades_are_one_box() -> None:
    cells = np.zeros((2, 8, 8, 8), np.uint8)
    cells[0, 3, 4, 5] = cells[1, 7, 0, 0] = 1
    occupancy = OccupancyGrid(cells, np.full(3, -1, np.float32), np.full(3, 1, np.float32))
    low, high = occupied_box(occupancy)
    assert np.allclose(low, [-2, -2, -0.25])
    assert np.allclose(high, [0.5, 0.25, 2])
    points = np.array([[0.3, 0.1, -0.2], [-1.9, -1.9, 1.9], [0.3, 0.1, 0.1], [-0.6, -0.6, 0.6], [9, 0, 0]], np.float32)
    assert is_occupied(occupancy, points).tolist() == [True, True, False, False, False]


def test_every_occupied_point_lies_in_a_brick() -> None:
    field = SoftBall()
    lattice = plan_lattice(field.occupancy, 40)
    shape = [8 * n for n in lattice.numbers.shape]
    points = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1)[..., ::-1]
    held = is_occupied(field.occupancy, (lattice.low + points * np.float32(lattice.voxel)).astype(np.float32))
    inside = np.repeat(np.repeat(np.repeat(lattice.numbers >= 0, 8, 0), 8, 1), 8, 2)
    assert held.sum() > 1000
    assert not (held & ~inside).any()


def test_a_head_is_found_again() -> None:
    """Colours made of five features are taken apart so that they can be put together again."""
    random = np.random.default_rng(1)
    rays = table_rays()
    basis = np.einsum("kh,hfc->kfc", spherical_harmonics(rays)[:, 1:], random.normal(size=(15, 5, 3)))
    features = (0.05 * random.normal(size=(300, 5))).astype(np.float32)
    base = random.uniform(0.3, 0.7, (300, 3)).astype(np.float32)
    colours = (base[:, None] + np.einsum("kfc,pf->pkc", basis, features)).astype(np.float32)
    normals = random.normal(size=(300, 3)).astype(np.float32)
    weights = ray_weights(rays, normals / np.linalg.norm(normals, axis=1, keepdims=True))
    assert 0.4 < (weights > 0).mean() < 0.8
    learnt = result_of(learn_head(weights, colours)).basis.reshape(-1, 5, 3)
    parts = split(weights, colours, learnt)
    found = parts[:, None, :3] + np.einsum("kfc,pf->pkc", learnt, parts[:, 3:])
    wrong = np.abs(found - colours)[weights > 0].mean()
    assert wrong < 0.15 * np.abs(colours - base[:, None])[weights > 0].mean()


@pytest.mark.long("computes for long")
def test_a_camera_inside_sees_colours_too() -> None:
    volume = baked(SoftBall(), 40)
    inside = draw_baked(volume, rays_from((0.01, 0.0, 0.0), 16, 1.0))
    assert np.abs(inside.colour - 0.5).mean() < 0.2


def test_a_table_is_read_between_its_entries() -> None:
    rays = table_rays()
    assert np.allclose(np.linalg.norm(rays, axis=1), 1, atol=1e-6)
    assert np.abs(read_table(rays.reshape(25, 25, 3), rays) - rays).max() < 1e-5
    random = np.random.default_rng(0).normal(size=(500, 3))
    anywhere = (random / np.linalg.norm(random, axis=1, keepdims=True)).astype(np.float32)
    assert np.abs(read_table(rays.reshape(25, 25, 3), anywhere) - anywhere).max() < 0.02


def test_places_are_looked_at_as_the_field_does() -> None:
    config = make_config()
    field = HashField(config, make_weights(config), make_occupancy(config))
    random = np.random.default_rng(0)
    positions = random.uniform(-1, 1, (333, 3)).astype(np.float32)
    rays = spread_rays(9)
    weights = (random.random((333, 9)) < 0.5).astype(np.float32)
    found = ColourQuery(field, rays).colours(positions, weights)
    for k, ray in enumerate(rays):
        _, wanted = field.density_colour(positions, np.tile(ray, (333, 1)))
        assert np.abs(found[:, k] - wanted * (weights[:, k, None] > 0)).max() < 1e-5
