"""A picture of splats is the one that the paper writes down, whatever the scene, and drawn in turns or at once."""

from typing import Any

import numpy as np
import pytest

from plugins.nerf.shared.camera.ray import RayGrid, Rendering
from plugins.nerf.shared.shading import PictureLook, shaded
from plugins.nerf.splats.model.splats import Splats, splats_of
from plugins.nerf.splats.render.drawing import SplatDrawing, SplatRows, draw_splats, placed
from plugins.nerf.splats.render.prepared import prepare, prepared_at_once
from plugins.nerf.splats.render.projection import DEPTH, room_for
from plugins.nerf.splats.render.tiles import bands_of_tiles, listed
from studio.core.pausing import result_of
from tests.plugins.nerf.splats.made_splats import random_splats, rays_from, reference


def assert_as_written(splats: Splats, rays: RayGrid, is_smooth: bool = False) -> Rendering:
    prepared = prepare(splats)
    found = draw_splats(prepared, rays, with_normals=True, is_smooth=is_smooth)
    wanted = reference(splats, rays, prepared.near, is_smooth)
    np.testing.assert_allclose(found.colour, wanted.colour, atol=1e-3)
    np.testing.assert_allclose(found.opacity, wanted.opacity, atol=1e-3)
    is_there = wanted.opacity > 0.02
    np.testing.assert_allclose(found.depth[is_there], wanted.depth[is_there], rtol=2e-3)
    np.testing.assert_allclose(found.normal[wanted.opacity > 0.1], wanted.normal[wanted.opacity > 0.1], atol=2e-2)
    return found


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_random_scenes(degree: int) -> None:
    found = assert_as_written(random_splats(300, degree, seed=degree), rays_from())
    assert found.opacity.max() > 0.9


def test_splats_that_are_seen_are_counted() -> None:
    splats, rays = random_splats(40, seed=1), rays_from()
    found = draw_splats(prepare(splats), rays)
    np.testing.assert_array_equal(found.n_samples, reference(splats, rays, prepare(splats).near).n_samples)


def test_a_camera_amid_the_scene_sees_what_is_before_it() -> None:
    """Splats behind it, beside the picture and right at the eye."""
    splats = random_splats(400, 1, seed=5, log_scales=np.tile([-2.5, -2.4, -2.7], (400, 1)))
    found = assert_as_written(splats, rays_from((0.3, 0.1, 0.05)))
    assert 0 < found.n_samples.max() < 400


def test_needles() -> None:
    scales = np.tile(np.array([0.5, -7, -8], np.float32), (60, 1))
    assert_as_written(random_splats(60, seed=2, log_scales=scales), rays_from())


def test_splats_that_cover_everything() -> None:
    scales = np.random.default_rng(3).normal(1, 0.3, (12, 3))
    splats = random_splats(12, seed=3, log_scales=scales, opacity_logits=np.full(12, 0.5))
    assert assert_as_written(splats, rays_from()).opacity.min() > 0.9


def test_small_splats_keep_their_light_where_the_blur_takes_opacity() -> None:
    splats, rays = random_splats(300, seed=4, log_scales=np.full((300, 3), -5.0)), rays_from()
    smooth = assert_as_written(splats, rays, is_smooth=True)
    assert smooth.opacity.sum() < 0.5 * draw_splats(prepare(splats), rays).opacity.sum()


def test_nothing_and_one_splat() -> None:
    empty = draw_splats(prepare(random_splats(0)), rays_from(), with_normals=True)
    assert not empty.colour.any()
    assert not empty.opacity.any()
    one = random_splats(1, centres=[[0, 0, 0]], log_scales=[[-1, -1.1, -1.2]], opacity_logits=[3])
    assert assert_as_written(one, rays_from()).opacity.max() > 0.8


def test_what_is_no_number_or_out_of_all_bounds_is_harmless() -> None:
    splats = random_splats(200, seed=6)
    arrays: dict[str, Any] = {name: array.copy() for name, array in splats.arrays().items()}
    arrays["centres"][0, 0] = np.nan
    arrays["log_scales"][1] = np.inf
    arrays["harmonics"][2, 0, 0] = -np.inf
    sound = draw_splats(prepare(splats.where(np.arange(3, 200))), rays_from())
    found = draw_splats(prepare(splats_of(arrays)), rays_from())
    np.testing.assert_allclose(found.colour, sound.colour, atol=1e-6)
    arrays["log_scales"][3], arrays["centres"][4], arrays["log_scales"][5] = 80, 1e20, -90
    assert np.isfinite(draw_splats(prepare(splats_of(arrays)), rays_from()).opacity).all()
    arrays["centres"][6], arrays["log_scales"][7] = np.nan, np.nan
    diverged = prepared_at_once(splats_of(arrays), 0.1)  # as a training might leave them
    assert draw_splats(diverged, rays_from()).opacity.shape == (44, 52)


def test_two_pictures_are_the_same_to_the_bit_and_so_is_one_made_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared, rays = prepare(random_splats(5000, 1, seed=7)), rays_from(width=130, height=90)
    first = draw_splats(prepared, rays)
    monkeypatch.setattr("plugins.nerf.splats.render.drawing.N_TOGETHER", 1)
    monkeypatch.setattr("plugins.nerf.splats.render.drawing.N_ENTRIES", 100)
    *turns, second = SplatDrawing(prepared).resting(rays)
    assert len(turns) > 4
    assert not any(turns)
    assert isinstance(second, Rendering)
    np.testing.assert_array_equal(first.colour, second.colour)
    np.testing.assert_array_equal(first.depth, second.depth)


def test_rows_are_those_of_the_whole_picture() -> None:
    prepared, rays = prepare(random_splats(2000, 1, seed=7, log_scales=np.full((2000, 3), -2))), rays_from(height=90)
    whole, rows = draw_splats(prepared, rays), SplatRows(prepared)
    for first, last in [(0, 90), (0, 16), (20, 37), (80, 90)]:
        np.testing.assert_array_equal(rows(rays, first, last).colour, whole.colour[first:last])


def test_a_picture_of_many_splats_is_listed_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared, rays = prepare(random_splats(2000, 1, seed=7, log_scales=np.full((2000, 3), -2))), rays_from(height=90)
    whole = draw_splats(prepared, rays)
    monkeypatch.setattr("plugins.nerf.splats.render.tiles.N_LISTED", 1500)
    monkeypatch.setattr("plugins.nerf.splats.render.tiles.N_SORTED", 200)
    projected = result_of(placed(prepared, rays, room_for(len(prepared)))).projected
    bands = bands_of_tiles(projected, 0, 6)
    assert len(bands) > 2
    assert [bands[0][0], bands[-1][1]] == [0, 6]
    np.testing.assert_array_equal(draw_splats(prepared, rays).colour, whole.colour)


def test_what_is_counted_is_what_is_listed() -> None:
    """Splats of all slants and sizes, whose edges lie on those of tiles as well as beside them."""
    random = np.random.default_rng(12)
    scales = random.uniform(-5, 0, (20_000, 3))
    prepared, rays = prepare(random_splats(20_000, seed=12, log_scales=scales)), rays_from(width=200, height=160)
    projected = result_of(placed(prepared, rays, room_for(len(prepared)))).projected
    entries, starts = result_of(listed(projected, 0, 10))
    counts = projected.tile_counts.sum(0).reshape(-1)
    np.testing.assert_array_equal(np.diff(starts), counts)
    columns, rows = np.arange(len(counts)) % 13, np.arange(len(counts)) // 13
    for tile in range(len(counts)):
        own = entries[starts[tile] : starts[tile + 1]]
        spans = projected.spans[own]
        assert len(np.unique(own)) == len(own)
        assert ((spans[:, 0] <= columns[tile]) & (columns[tile] <= spans[:, 1])).all()
        assert ((spans[:, 2] <= rows[tile]) & (rows[tile] <= spans[:, 3])).all()
        assert (np.diff(projected.records[own, DEPTH]) > -1e-5).all()


def test_pictures_are_coloured_like_those_of_a_field() -> None:
    found = draw_splats(prepare(random_splats(300, seed=8)), rays_from(), with_normals=True)
    colours = np.zeros((256, 3), np.uint8)
    for view in ("colour", "depth", "normals", "density", "cost"):
        assert shaded(found, PictureLook(view, 0.5, (1, 1, 1), 1.0, 4.0, colours)).shape == (44, 52, 3)


def test_a_draft_takes_the_splats_that_there_is_time_for() -> None:
    drawing, rays = SplatDrawing(prepare(random_splats(2000, seed=9))), rays_from()
    hurried = drawing.draft(rays, 1e-9)
    assert hurried.share == pytest.approx(1 / 16, abs=1e-3)
    whole = drawing.draft(rays, 100.0)
    assert whole.share == 1
    np.testing.assert_array_equal(whole.rendering.colour, draw_splats(drawing.prepared, rays).colour)


def test_the_most_important_splats_are_nearer_to_the_picture_than_others() -> None:
    random = np.random.default_rng(10)
    scales = np.where(random.random(2000) < 0.2, -2.0, -4.5)[:, None] * np.ones(3)
    splats, rays = random_splats(2000, seed=10, log_scales=scales), rays_from()
    prepared = prepare(splats)
    whole = draw_splats(prepared, rays).colour
    first = result_of(result_of(placed(prepared, rays, room_for(len(prepared)), n_classes=4)).drawn()).colour
    any_quarter = draw_splats(prepare(splats.where(random.permutation(2000)[:500])), rays).colour
    assert np.abs(first - whole).mean() < min(0.02, 0.3 * np.abs(any_quarter - whole).mean())
