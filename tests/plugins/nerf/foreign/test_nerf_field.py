"""An original NeRF in the viewport: its grids drop nothing, and what is skipped changes nothing."""

from typing import Any

import numpy as np
import pytest
import torch

from plugins.nerf.field.model.config import NeRFConfig, RaySampling
from plugins.nerf.field.model.field import ManySidedField, OccupancyGrid, RayField
from plugins.nerf.field.render.exact import draw_exact, exact_passes
from plugins.nerf.foreign.nerf_pytorch.checkpoint import CheckpointScene, NeRFWeights
from plugins.nerf.foreign.nerf_pytorch.field import NeRFField, measured_grids, network_of
from plugins.nerf.foreign.nerf_pytorch.occupancy import (
    COARSE,
    FINE,
    LEAST_DENSITY,
    Grids,
    coarse_grid,
    fine_grid,
    is_marked,
    keep_grids,
    kept_grids,
)
from plugins.nerf.shared.camera.camera import look_at
from studio.api.engine import limited_threads
from studio.core.place import cache_dir
from tests.plugins.nerf.field.plain_rays import render_rays

from .made_foreign import SMALL_NERF, make_network

SAMPLING = RaySampling(2.0, 6.0, 16, 16)


def ball(positions: Any) -> Any:
    """A ball of radius 0.3 about (0.5, -0.25, 0.1)."""
    away = np.linalg.norm(positions - np.array([0.5, -0.25, 0.1]), axis=-1)
    return np.where(away < 0.3, 5.0, 0.0).astype(np.float32)


def last_of(steps: Any) -> Any:
    *numbers, grid = steps
    assert all(0 < number <= 1 for number in numbers)
    assert numbers == sorted(numbers)
    return grid


def everywhere(side: float = 8.0) -> OccupancyGrid:
    return OccupancyGrid(np.ones((1, 8, 8, 8), np.uint8), np.full(3, -side, np.float32), np.full(3, side, np.float32))


@pytest.fixture(scope="module")
def scene() -> CheckpointScene:
    networks = [make_network(SMALL_NERF, seed) for seed in (0, 1)]
    states = [{name: value.numpy() for name, value in network.state_dict().items()} for network in networks]
    coarse, fine = (NeRFWeights(SMALL_NERF, state) for state in states)
    return CheckpointScene(coarse, fine, "somebody", 0)


@pytest.mark.long("waits for compiled kernels")
def test_no_cell_that_holds_something_is_dropped() -> None:
    coarse = last_of(coarse_grid(ball, 2.0))
    fine = last_of(fine_grid(ball, coarse))
    assert fine.resolution == FINE
    positions = np.random.default_rng(0).uniform(-2, 2, (200_000, 3)).astype(np.float32)
    dense = ball(positions) > LEAST_DENSITY
    assert dense.sum() > 200
    for grid in (coarse, fine):
        assert is_marked(grid, positions[dense]).all()
        assert is_marked(grid, positions).mean() < 3 * dense.mean()
    assert (fine.high - fine.low).max() < 0.9  # the cube about a ball of 0.6, and a margin of coarse cells
    np.testing.assert_allclose(fine.high - fine.low, (fine.high - fine.low)[0], rtol=1e-5)


SIDE_OF_A_CELL = 4 / COARSE


def wires(positions: Any) -> Any:
    """Three wires and a pair of walls as thick as a coarse cell, dense within and far from dense right beside."""
    x, y, z = positions.T
    half = SIDE_OF_A_CELL / 2
    square = [(x - 0.3, y + 0.17), (y - 0.51, z - 0.021), ((x + z) / 2**0.5 - 0.2, y - 0.9)]
    is_in = np.logical_or.reduce([(np.abs(a) < half) & (np.abs(b) < half) for a, b in square])
    is_in |= (np.abs(x + 1.1) < half) | (np.abs(np.abs(z + 0.4) - 4 * half) < half)
    return np.where(is_in & (np.abs(positions).max(axis=1) < 1.3), 30.0, -8.0).astype(np.float32)


@pytest.mark.long("computes for long")
def test_wires_and_walls_as_thick_as_a_cell_are_kept() -> None:
    coarse = last_of(coarse_grid(wires, 2.0))
    fine = last_of(fine_grid(wires, coarse))
    positions = np.random.default_rng(0).uniform(-1.35, 1.35, (2_000_000, 3)).astype(np.float32)
    dense = wires(positions) > 0
    assert dense.sum() > 10_000
    for grid in (coarse, fine):
        assert is_marked(grid, positions[dense]).all()
        assert is_marked(grid, positions).mean() < 0.6


def rarely_dense(seed: int, emptiness: float) -> NeRFWeights:
    """A random network that holds nothing in this part of the cube."""
    config = NeRFConfig(3, 1, 32, 6, (), 16, has_first_relu=True)
    network = make_network(config, seed)
    places = torch.from_numpy(np.random.default_rng(seed).uniform(-2, 2, (4000, 3)).astype(np.float32))
    raw = network.raw_density(network.trunk(places))
    network.density_layer.bias.sub_(raw.quantile(emptiness))
    for parameter in network.density_layer.parameters():
        parameter.mul_(20 / raw.std())
    return NeRFWeights(config, {name: value.numpy() for name, value in network.state_dict().items()})


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("emptiness", [0.5, 0.95])
@pytest.mark.parametrize("seed", range(2))
def test_a_random_field_is_drawn_as_if_nothing_were_skipped(seed: int, emptiness: float) -> None:
    """Also one that is dense in few places only: its density is lowered and steepened."""
    scene = CheckpointScene(rarely_dense(seed, emptiness), rarely_dense(seed + 50, emptiness), "somebody", 0)
    *_, grids = measured_grids(scene)
    assert isinstance(grids, Grids)
    rays = look_at((2.5, -2.0, 2.4), (0, 0, 0), 0.4).ray_grid(24, 24)
    skipping = draw_exact(NeRFField(scene, grids, SAMPLING), rays)
    everything = draw_exact(NeRFField(scene, Grids(everywhere(), everywhere()), SAMPLING), rays)
    assert everything.opacity.max() > 0.2
    assert np.mean((skipping.colour - everything.colour) ** 2) < 1e-5  # 50 dB
    np.testing.assert_allclose(skipping.opacity, everything.opacity, atol=1 / 255)


def test_what_strays_outside_the_author_s_ball_is_not_baked_but_drawn(scene: CheckpointScene) -> None:
    grid = everywhere(4.0)
    field = NeRFField(scene, Grids(grid, grid), SAMPLING)
    kept = np.argwhere(field.occupancy.cells[0]) - 3.5  # cells of side 1
    assert len(kept) == (np.linalg.norm(np.argwhere(grid.cells[0]) - 3.5, axis=1) <= 2.0).sum() > 0
    assert np.linalg.norm(kept, axis=1).max() <= 2.0
    rays = look_at((2.5, -2.0, 2.4), (0, 0, 0), 0.7).ray_grid(9, 9)
    picture = draw_exact(field, rays, shift=(0.5, 0.5))
    np.testing.assert_allclose(
        picture.colour + 1 - picture.opacity[..., None], reference(scene, rays, (0.5, 0.5)), atol=5e-3
    )


def test_an_empty_scene_has_an_empty_grid() -> None:
    coarse = last_of(coarse_grid(lambda positions: np.zeros(len(positions), np.float32), 2.0))
    assert not coarse.cells.any()


def test_nothing_outside_a_grid_is_marked() -> None:
    grid = everywhere(1.0)
    positions = np.array([[0, 0, 0], [1.01, 0, 0], [0, -1.01, 0], [0, 0, 1e30], [np.nan, 0, 0]], np.float32)
    assert is_marked(grid, positions).tolist() == [True, False, False, False, False]


@pytest.mark.long("computes for long")
def test_kept_grids_come_back() -> None:
    coarse = last_of(coarse_grid(ball, 2.0))
    grids = Grids(coarse, last_of(fine_grid(ball, coarse)))
    assert kept_grids("abc") is None
    keep_grids("abc", grids)
    found = kept_grids("abc")
    assert found is not None
    for name in ("coarse", "fine"):
        for part in ("cells", "low", "high"):
            np.testing.assert_array_equal(getattr(getattr(found, name), part), getattr(getattr(grids, name), part))


def test_damaged_grids_are_not_taken() -> None:
    grid = last_of(coarse_grid(ball, 2.0))
    keep_grids("abc", Grids(grid, grid))
    (path,) = cache_dir().rglob("abc-*.npz")
    content = path.read_bytes()
    for damaged in (b"", b"PK\x03\x04", content[:-50], bytes(len(content))):
        path.write_bytes(damaged)
        assert kept_grids("abc") is None


def reference(scene: CheckpointScene, rays: Any, shift: tuple[float, float]) -> Any:
    """The picture before white by the plain torch functions, every sample asked."""
    x, y = np.meshgrid(np.arange(rays.width) + shift[0], np.arange(rays.height) + shift[1])
    directions = np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3) @ rays.to_direction.T
    networks = (network_of(scene.coarse), network_of(scene.fine))
    origins = torch.from_numpy(rays.origin).expand(len(directions), 3)
    with torch.inference_mode(), limited_threads(1):
        lines = (origins, torch.from_numpy(directions.astype(np.float32)))
        return render_rays(networks, lines, SAMPLING, torch.ones(3))[1].view(rays.height, rays.width, 3).numpy()


def test_the_picture_is_that_of_plain_torch(scene: CheckpointScene) -> None:
    field = NeRFField(scene, Grids(everywhere(), everywhere()), SAMPLING)
    assert isinstance(field, RayField)
    rays = look_at((2.5, -2.0, 2.4), (0, 0, 0), 0.7).ray_grid(33, 21)
    for shift in ((0.5, 0.5), (0.0, 0.0)):
        found = draw_exact(field, rays, shift=shift)
        picture = found.colour + 1 - found.opacity[..., None]
        np.testing.assert_allclose(picture, reference(scene, rays, shift), atol=5e-3)
        assert (found.n_samples == 16 + 32).all()
    assert found.colour.std() > 0.01
    *_, last = exact_passes(field, rays)
    np.testing.assert_array_equal(last.rendering.colour, draw_exact(field, rays).colour)


def test_the_length_of_a_direction_does_not_change_what_is_where(scene: CheckpointScene) -> None:
    """Depths are distances in the world, along slanted rays too."""
    field = NeRFField(scene, Grids(everywhere(), everywhere()), SAMPLING)
    rays = look_at((2.5, -2.0, 2.4), (0, 0, 0), 0.7).ray_grid(9, 9)
    found = draw_exact(field, rays)
    nearest = 2.0 * np.linalg.norm(np.array([0, 0, 1.0]))
    assert found.depth[found.opacity > 0.1].min() >= nearest * 0.99
    stretched = type(rays)(rays.origin, rays.to_direction * np.float32(3), 9, 9)
    np.testing.assert_allclose(draw_exact(field, stretched).colour, found.colour, atol=1e-4)


def test_nothing_is_seen_before_the_near_plane(scene: CheckpointScene) -> None:
    field = NeRFField(scene, Grids(everywhere(), everywhere()), SAMPLING)
    camera = look_at((2.5, -2.0, 2.4), (0, 0, 0), 0.7)
    found = draw_exact(field, camera.ray_grid(9, 9, near=4.0))
    assert found.depth[found.opacity > 0].min() >= 4.0
    assert draw_exact(field, camera.ray_grid(9, 9, near=100.0)).opacity.max() == 0


def test_a_camera_far_off_still_sees_the_scene(scene: CheckpointScene) -> None:
    field = NeRFField(scene, Grids(everywhere(2.0), everywhere(2.0)), SAMPLING)
    for eye in ((20.0, 0, 0), (0.1, 0, 0)):
        assert draw_exact(field, look_at(eye, (0, 0, 0), 0.3).ray_grid(9, 9)).opacity.max() > 0.2


def test_density_and_colour_are_the_network_s_inside_the_box(scene: CheckpointScene) -> None:
    grid = everywhere(1.0)
    field = NeRFField(scene, Grids(grid, grid), SAMPLING)
    positions = np.random.default_rng(0).uniform(-1.5, 1.5, (9000, 3)).astype(np.float32)
    directions = positions / np.linalg.norm(positions, axis=-1, keepdims=True)
    density, colour = field.density_colour(positions, directions)
    with torch.no_grad():
        wanted = network_of(scene.fine)(torch.from_numpy(positions), torch.from_numpy(directions))
    is_inside = (np.abs(positions) <= 1).all(axis=1)
    np.testing.assert_allclose(density, wanted[0].numpy() * is_inside, atol=1e-5)
    np.testing.assert_allclose(colour, wanted[1].numpy(), atol=1e-5)
    np.testing.assert_allclose(field.density(positions), density, atol=1e-5)
    assert 0.1 < is_inside.mean() < 0.9


@pytest.mark.parametrize("config", [SMALL_NERF, NeRFConfig(3, 2, 16, 4, (1,), 8), NeRFConfig(3, None, 16, 3, (), 8)])
def test_many_sides_at_once_are_those_one_by_one(config: NeRFConfig) -> None:
    state = {name: value.numpy() for name, value in make_network(config).state_dict().items()}
    weights = NeRFWeights(config, state)
    field = NeRFField(CheckpointScene(weights, weights, "somebody", 0), Grids(everywhere(), everywhere()), SAMPLING)
    assert isinstance(field, ManySidedField)
    generator = np.random.default_rng(0)
    positions = generator.uniform(-1, 1, (3000, 3)).astype(np.float32)
    directions = generator.normal(size=(5, 3)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    counts = (generator.random((3000, 5)) < 0.4).astype(np.float32)
    found = field.colours(positions, directions, counts)
    places, ways = np.nonzero(counts)
    _, wanted = field.density_colour(positions[places], directions[ways])
    np.testing.assert_allclose(found[places, ways], wanted, atol=1e-5)
    assert not found[counts == 0].any()


def octahedron() -> CheckpointScene:
    """A network made by hand whose density is 20 (0.5 - |x| - |y| - |z|) where that is above 0."""
    config = NeRFConfig(1, 0, 8, 2, (), 4, has_first_relu=False)
    arrays = {name: np.zeros(shape, np.float32) for name, shape in config.shapes().items()}
    for axis in range(3):
        arrays["position_layers.0.weight"][[2 * axis, 2 * axis + 1], axis] = [1, -1]
    arrays["position_layers.1.weight"] = np.eye(8, dtype=np.float32)
    arrays["density_layer.weight"][0, :6], arrays["density_layer.bias"][0] = -20, 10
    weights = NeRFWeights(config, arrays)
    return CheckpointScene(weights, weights, "somebody", 0)


@pytest.mark.long("computes for long")
def test_skipping_empty_cells_changes_next_to_nothing() -> None:
    scene = octahedron()
    *_, grids = measured_grids(scene)
    assert isinstance(grids, Grids)
    assert grids.fine.high.max() < 0.7
    rays = look_at((2.5, -2.0, 2.4), (0, 0, 0), 0.4).ray_grid(16, 16)
    skipping = draw_exact(NeRFField(scene, grids), rays)
    everything = draw_exact(NeRFField(scene, Grids(everywhere(2.0), everywhere(2.0))), rays)
    np.testing.assert_allclose(skipping.colour, everything.colour, atol=1e-3)
    np.testing.assert_allclose(skipping.opacity, everything.opacity, atol=1e-3)
    assert everything.opacity.max() > 0.9
    assert everything.opacity.min() == 0
    assert skipping.n_samples.mean() < 0.3 * everything.n_samples.mean()
