"""Pictures of fields against what is known about them, and the same bits however they are cut into pieces."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from plugins.nerf.field.model.field import FloatArray, OccupancyGrid, RayColours
from plugins.nerf.field.render.exact import draw_exact, exact_passes, shifts
from plugins.nerf.field.render.hash_field import HashField
from plugins.nerf.field.render.ray_samples import inspect_ray, weights_along
from plugins.nerf.field.render.wavefront import LEAST_WEIGHT, STOP
from plugins.nerf.shared.camera.ray import Rendering
from tests.plugins.nerf.field.analytic import Ball, rays_from
from tests.plugins.nerf.field.made_field import make_config, make_occupancy, make_weights
from tests.plugins.nerf.field.plain_field import plain_field

PARTS = ("colour", "opacity", "depth", "normal", "n_samples")


def made_scene(density: float = 30.0, n_cells: int = 8, n_cascades: int = 1, **changes: Any) -> HashField:
    """A random field so dense that rays end within it."""
    config = make_config(**changes)
    weights = make_weights(config)
    weights.density[-1][0] *= np.float32(np.log(density))
    return HashField(config, weights, make_occupancy(config, n_cells, n_cascades), step=0.02)


def assert_same(one: Rendering, other: Rendering, parts: tuple[str, ...] = PARTS) -> None:
    for part in parts:
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part), err_msg=part)


class TestBall:
    """A ball of constant density, off the middle."""

    ball = Ball(radius=0.5, density=40.0, middle=(0.2, -0.1, 0.1))
    rays = rays_from((2.0, 1.5, 1.0), 72, 60)

    def drawn(self) -> Rendering:
        return draw_exact(self.ball, self.rays)

    def test_opacity_is_that_of_the_chords(self) -> None:
        first, last = self.ball.crossings(self.rays.origin, self.rays.directions())
        expected = np.where(np.isnan(first), 0, 1 - np.exp(-self.ball.constant * (last - first)))
        found = self.drawn().opacity
        np.testing.assert_allclose(found[np.isnan(first)], 0)
        thin = expected < 0.99
        longest = self.ball.constant * self.ball.step  # of thickness that a chord in steps may gain or lose
        assert np.abs(np.log1p(-found[thin]) - np.log1p(-expected[thin])).max() <= longest
        assert np.abs(found - expected).mean() < 1e-3

    def test_depth_is_one_mean_free_path_behind_the_surface(self) -> None:
        first, last = self.ball.crossings(self.rays.origin, self.rays.directions())
        chord = last - first
        thick = self.ball.constant * chord
        inside = first + 1 / self.ball.constant - chord * np.exp(-thick) / -np.expm1(-thick)
        found = self.drawn().depth
        assert (found[np.isnan(first)] == 0).all()
        solid = thick > 1
        assert np.abs(found - inside)[solid].max() < self.ball.step
        assert np.abs(found - inside)[solid].mean() < 0.4 * self.ball.step

    def test_colour_is_that_of_the_surface(self) -> None:
        """Colour is linear in the place, so a pixel shows that of its mean distance."""
        found = self.drawn()
        solid = found.opacity > 0.9
        at = self.rays.origin + found.depth[..., None] * self.rays.directions()
        expected = 0.5 + 0.5 * (at - self.ball.middle) / self.ball.radius
        np.testing.assert_allclose(
            (found.colour / found.opacity.clip(0.1)[..., None])[solid], expected[solid], atol=2e-3
        )

    def test_normals_point_outward(self) -> None:
        ball = Ball(radius=0.5, density=2000.0)
        found = draw_exact(ball, self.rays)
        first, _ = ball.crossings(self.rays.origin, self.rays.directions())
        normal = (self.rays.origin + first[..., None] * self.rays.directions()) / ball.radius
        cosine = (normal * found.normal).sum(axis=-1)
        facing = (normal * -self.rays.directions()).sum(axis=-1)
        off = np.degrees(np.arccos(cosine.clip(-1, 1)))
        assert off[facing > 0.3].mean() < 2
        assert np.quantile(off[facing > 0.5], 0.98) < 5
        np.testing.assert_allclose(np.linalg.norm(found.normal, axis=-1)[facing > 0.1], 1, atol=1e-5)
        assert (found.normal[np.isnan(first)] == 0).all()

    def test_nothing_is_seen_before_the_near_plane(self) -> None:
        rays = rays_from((2.0, 1.5, 1.0), 40, 30, near=9.0)
        assert draw_exact(self.ball, rays).opacity.max() == 0


@pytest.mark.parametrize("n_cascades", [1, 3])
def test_a_hash_field_is_drawn_as_its_samples_say(n_cascades: int) -> None:
    """Against the plain sum over all samples of each ray, for rays that end early and rays that pass."""
    size = 2.0 ** (n_cascades - 1)
    field = made_scene(n_cascades=n_cascades, low=(-size,) * 3, high=(size,) * 3)
    field.occupancy = OccupancyGrid(field.occupancy.cells, np.full(3, -1, np.float32), np.full(3, 1, np.float32))
    rays = rays_from((3.0, -2.0, 2.5), 24, 18)
    found = draw_exact(field, rays)
    assert 0.05 < found.opacity.mean() < 0.95
    for row in range(0, 18, 3):
        for column in range(0, 24, 3):
            samples = inspect_ray(field, rays.origin, rays.directions()[row, column])
            tolerance = 2 * float(STOP) + 4 * float(LEAST_WEIGHT)
            np.testing.assert_allclose(found.opacity[row, column], samples.weight.sum(), atol=tolerance)
            np.testing.assert_allclose(found.colour[row, column], samples.weight @ samples.colour, atol=tolerance)
            depth = samples.weight @ samples.t / samples.weight.sum() if len(samples.t) else 0
            np.testing.assert_allclose(found.depth[row, column], depth, atol=0.01)
            assert found.n_samples[row, column] <= len(samples.t)


def test_a_field_of_spots_is_asked_about_pixels_as_wide_as_they_are_there() -> None:
    field = made_scene(density=8.0, is_mip=True)
    field.occupancy = OccupancyGrid(np.ones_like(field.occupancy.cells), field.occupancy.low, field.occupancy.high)
    rays = rays_from((3.0, -2.0, 2.5), 24, 18)
    found, points = draw_exact(field, rays), draw_exact(field, replace(rays, fill=1e-6))
    assert np.abs(found.colour - points.colour).max() > 0.05
    for row in range(0, 18, 3):
        for column in range(0, 24, 3):
            way = rays.directions()[row, column]
            samples = inspect_ray(field, rays.origin, way)
            widths, ways = samples.t * (way @ rays.spread), np.tile(way, (len(samples.t), 1))
            density, colour = plain_field(samples.positions, ways, field.weights, field.config, widths=widths)
            weight = weights_along(density.astype(np.float32), np.full_like(samples.t, field.step))
            tolerance = 2 * float(STOP) + 4 * float(LEAST_WEIGHT)
            np.testing.assert_allclose(found.opacity[row, column], weight.sum(), atol=tolerance)
            np.testing.assert_allclose(found.colour[row, column], weight @ colour, atol=tolerance)


def test_wide_spots_are_asked_beside_what_is_occupied_too() -> None:
    field = made_scene(is_mip=True)
    cells = np.zeros_like(field.occupancy.cells)
    cells[0, 4, 4, 4] = 1
    field.occupancy = OccupancyGrid(cells, field.occupancy.low, field.occupancy.high)
    large, small = rays_from((3.0, -2.0, 2.5), 96, 72), rays_from((3.0, -2.0, 2.5), 6, 4)
    met = draw_exact(field, large).n_samples.reshape(18, 4, 24, 4).any(axis=(1, 3)).mean()
    assert draw_exact(field, small).n_samples.astype(bool).mean() > 2 * met


def test_a_ray_is_inspected_behind_surfaces_too() -> None:
    field = made_scene()
    rays = rays_from((3.0, -2.0, 2.5), 24, 18)
    samples = inspect_ray(field, rays.origin, rays.directions()[9, 12])
    assert (np.diff(samples.t) > 0).all()
    np.testing.assert_allclose(
        samples.positions, rays.origin + samples.t[:, None] * rays.directions()[9, 12], atol=1e-5
    )
    np.testing.assert_array_equal(samples.density, field.density(samples.positions))
    length = np.full_like(samples.t, field.step)
    np.testing.assert_allclose(samples.weight, weights_along(samples.density, length), rtol=1e-4)
    assert len(inspect_ray(field, rays.origin, rays.directions()[9, 12], near=100.0).t) == 0


@pytest.mark.parametrize("shift", [(0.5, 0.5), (0.1, 0.9)])
@pytest.mark.parametrize("size", [(65, 50), (7, 5), (1, 1)])
def test_passes_end_with_the_bits_of_the_whole_picture(shift: tuple[float, float], size: tuple[int, int]) -> None:
    rays = rays_from((3.0, -2.0, 2.5), *size)
    field = made_scene()
    last, scales = None, []
    for last in exact_passes(field, rays, shift):
        scales.append(last.scale)
        assert 0 < last.fraction <= 1
        assert last.rendering.colour.shape == (size[1], size[0], 3)
    assert last is not None
    assert scales == sorted(scales, reverse=True)
    assert (last.scale, last.fraction) == (1, 1)
    assert_same(last.rendering, draw_exact(field, rays, shift=shift))


def test_two_runs_and_any_tile_give_the_same_bits() -> None:
    rays = rays_from((3.0, -2.0, 2.5), 65, 50)
    field = made_scene()
    whole = draw_exact(field, rays)
    assert_same(whole, draw_exact(field, rays))
    tile = draw_exact(field, rays, (11, 50), (7, 33))
    for part in ("colour", "opacity", "depth", "n_samples"):
        np.testing.assert_array_equal(getattr(tile, part), getattr(whole, part)[11:50, 7:33], err_msg=part)


def test_without_normals_all_else_is_the_same() -> None:
    rays, field = rays_from((3.0, -2.0, 2.5), 65, 50), made_scene()
    whole, plain = draw_exact(field, rays), draw_exact(field, rays, with_normals=False)
    assert_same(plain, whole, ("colour", "opacity", "depth", "n_samples"))
    assert np.abs(whole.normal).sum() > 0
    assert not plain.normal.any()


def test_the_first_pass_shows_all_of_the_picture() -> None:
    rays = rays_from((3.0, -2.0, 2.5), 160, 120)
    field = made_scene()
    passes = exact_passes(field, rays)
    first = next(found for found in passes if found.fraction == 1)
    coarse = first.rendering.opacity.copy()
    assert first.scale == 8
    whole = draw_exact(field, rays)
    assert np.abs(coarse - whole.opacity).mean() < 0.1
    assert np.abs(first.rendering.normal).sum() > 0


def test_other_fields_are_drawn_the_same_way() -> None:
    """A hash field that only answers questions has the picture of the one that is compiled in one piece."""

    class Asked:
        def __init__(self, field: HashField) -> None:
            self.occupancy, self.step = field.occupancy, field.step
            self.density, self.density_colour = field.density, field.density_colour

    field, rays = made_scene(), rays_from((3.0, -2.0, 2.5), 33, 20)
    fused, asked = draw_exact(field, rays), draw_exact(Asked(field), rays)
    np.testing.assert_allclose(fused.colour, asked.colour, atol=4e-3)
    np.testing.assert_allclose(fused.opacity, asked.opacity, atol=2e-3)
    np.testing.assert_allclose(fused.depth, asked.depth, atol=2e-2)


class Wall:
    """A field that draws its own rays: a plane at z = 0, grey as far as its ray is long."""

    step = 0.01

    def __init__(self) -> None:
        self.occupancy = OccupancyGrid(np.ones((1, 4, 4, 4), np.uint8), *np.array([[-1] * 3, [1] * 3], np.float32))

    def density(self, positions: FloatArray) -> FloatArray:
        raise AssertionError("nobody asks a field that draws its rays")

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        raise AssertionError("nobody asks a field that draws its rays")

    def draw_rays(self, origin: FloatArray, directions: FloatArray, near: float) -> RayColours:
        assert near == 0
        length = np.linalg.norm(directions, axis=1).astype(np.float32)
        t = -origin[2] / directions[:, 2] * length
        grey = (np.repeat(length[:, None], 3, axis=1) / 8).astype(np.float32)
        return RayColours(grey, np.ones_like(t), t, np.ones(len(t), np.int64))


def test_a_field_may_draw_its_own_rays() -> None:
    rays = rays_from((0.4, 0.0, 3.0), 40, 30)
    found = draw_exact(Wall(), rays)
    directions = rays.directions()
    np.testing.assert_allclose(found.depth, -rays.origin[2] / directions[..., 2], rtol=1e-5)
    np.testing.assert_allclose(found.normal, np.broadcast_to([0, 0, 1], found.normal.shape), atol=0.02)
    ahead = -rays.origin / np.linalg.norm(rays.origin)
    np.testing.assert_allclose(found.colour[..., 0] * 8, 1 / (directions @ ahead), rtol=1e-4)


def test_shifts_spread_over_the_pixel() -> None:
    places = np.array(shifts(64))
    assert shifts(1) == [(0.5, 0.5)]
    assert ((places >= 0) & (places < 1)).all()
    cells = (places * 4).astype(int) @ [4, 1]
    assert np.bincount(cells, minlength=16).min() >= 2
    np.testing.assert_allclose(places.mean(axis=0), 0.5, atol=0.02)
