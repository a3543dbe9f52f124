"""A field that learns: it comes to see a ball, and goes on from a state to the same bits."""

from dataclasses import replace

import numpy as np
import pytest

from plugins.nerf.field.photos.photos import Photos
from plugins.nerf.field.render.exact import draw_exact
from plugins.nerf.field.training.hash_encoding import level_table
from plugins.nerf.field.training.learner import FieldLearner, LearnSettings, steady
from tests.plugins.nerf.field.made_field import MOVING, make_config
from tests.plugins.nerf.field.made_scene import photos_of_ball

SETTINGS = LearnSettings(n_samples=4096, refresh_every=4)
SHAPE = {"n_levels": 6, "log2_size": 12, "base_resolution": 8, "density_width": 32, "colour_width": 32}


def psnr_of(learner: FieldLearner, photos: Photos) -> float:
    field, errors = learner.field(), []
    for number in range(len(photos)):
        drawn = draw_exact(field, photos.ray_grid(number))
        seen = drawn.colour + (1 - drawn.opacity[..., None])
        errors.append(np.mean((seen - photos.on((255, 255, 255), number) / 255) ** 2))
    return float(-10 * np.log10(np.mean(errors)))


@pytest.mark.long("waits for compiled kernels")
def test_it_learns_what_held_out_photos_show() -> None:
    photos = photos_of_ball(24, 32)
    learner = FieldLearner(make_config(**SHAPE), photos.part("train"), SETTINGS, seed=1)
    before = psnr_of(learner, photos.part("val"))
    for _ in range(160):
        scalars = learner.step()
    after = psnr_of(learner, photos.part("val"))
    assert before < 17
    assert after > 24
    assert scalars["loss"] < 0.01
    assert scalars["samples"] >= SETTINGS.n_samples
    assert learner.step_number == 160
    assert learner.seconds > 0


@pytest.mark.long("waits for compiled kernels")
def test_it_learns_that_a_ball_is_gone_later() -> None:
    photos = photos_of_ball(24, 32).part("train")
    time = (np.arange(len(photos)) % 2).astype(np.float32)
    photos.pixels[time == 1] = 0
    moving = {**SHAPE, "n_moving_levels": 3, "n_knots": 3}
    learner = FieldLearner(make_config(**moving), replace(photos, given_time=time), SETTINGS, seed=1)
    for _ in range(160):
        learner.step()
    middle = [draw_exact(learner.field().at(moment), photos.ray_grid(0)).opacity[16, 16] for moment in (0.0, 1.0)]
    assert middle[0] > 0.8
    assert middle[1] < 0.2


def test_neighbours_in_time_are_drawn_together() -> None:
    config = make_config(**MOVING)
    grid = np.random.default_rng(0).normal(size=(config.levels.n_rows, 2)).astype(np.float32)
    before, levels = grid.copy(), config.levels
    for _ in range(300):
        steady(grid, level_table(levels), np.float32(0.5))
    for level, first in enumerate(levels.first):
        tables = slice(first, first + levels.n_entries[level] * levels.n_knots[level])
        apart = grid[tables].reshape(levels.n_knots[level], -1).std(axis=0)
        if levels.n_knots[level] == 1:
            np.testing.assert_array_equal(grid[tables], before[tables])
        else:
            assert apart.max() < 1e-3


@pytest.mark.long("computes for long")
def test_a_field_of_spots_learns_from_small_photos_too() -> None:
    photos = photos_of_ball(24, 32)
    learner = FieldLearner(make_config(**SHAPE, is_mip=True), photos.part("train"), SETTINGS, seed=1)
    times = learner._draw().spread * photos.intrinsics[0, 0]
    assert 7 < times.max() <= 8
    assert 0.3 < (times > 1).mean() < 0.5
    for _ in range(160):
        learner.step()
    for shrink in (1, 4):
        assert psnr_of(learner, photos.part("val").reduced(shrink)) > 24


@pytest.mark.long("computes for long")
def test_learning_goes_on_from_a_state_to_the_same_bits() -> None:
    photos = photos_of_ball(8, 16).part("train")

    def made() -> FieldLearner:
        return FieldLearner(make_config(), photos, SETTINGS, seed=3)

    whole, first, second = made(), made(), made()
    for _ in range(22):
        whole.step()
    for _ in range(11):
        first.step()
    second.load(first.state())
    for _ in range(11):
        second.step()
    assert second.seconds > first.seconds
    for name, values in whole.state().items():
        if name != "seconds":
            np.testing.assert_array_equal(second.state()[name], values, err_msg=name)
    for name, array in whole.weights().arrays().items():
        np.testing.assert_array_equal(second.weights().arrays()[name], array, err_msg=name)


def test_a_state_is_a_copy() -> None:
    learner = FieldLearner(make_config(), photos_of_ball(4, 16).part("train"), SETTINGS, seed=3)
    learner.step()
    state = learner.state()
    kept = state["grid"].copy()
    learner.step()
    np.testing.assert_array_equal(state["grid"], kept)


def test_another_seed_learns_otherwise() -> None:
    photos = photos_of_ball(4, 16).part("train")
    one, other = (FieldLearner(make_config(), photos, SETTINGS, seed) for seed in (1, 2))
    assert one.step()["loss"] != other.step()["loss"]
