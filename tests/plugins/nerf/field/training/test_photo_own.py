"""Codes of photos and layers in front of them: gradients against differences, and what they find out of made photos."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from plugins.nerf.field.model.lights import Lights
from plugins.nerf.field.model.weights import FieldParts
from plugins.nerf.field.photos.photos import Photos
from plugins.nerf.field.training.learner import FieldLearner, LearnSettings
from plugins.nerf.field.training.own_light import fitted_codes, likeness_in_own_light
from plugins.nerf.field.training.photo_own import CELL_PX, N_LAYER, PhotoOwn, lights_of
from tests.plugins.nerf.field.made_field import make_config
from tests.plugins.nerf.field.made_scene import photos_of_ball

N_CODE = 4
TINTS = np.array([[1.0, 0.4, 0.4], [0.4, 0.5, 1.0]])
SETTINGS = LearnSettings(n_samples=4096, n_half_steps=400)


def lit_photos(n: int, side: int, who: int | None = None) -> Photos:
    """A ball in reddish and in bluish light, by turns; before photo `who` stands somebody black, at the left edge."""
    photos = photos_of_ball(n, side)
    which = np.arange(n) % 2
    pixels = photos.pixels.astype(np.float64)
    pixels[..., :3] *= TINTS[which][:, None, None]
    if who is not None:
        pixels[who, :, : side // 3] = (0, 0, 0, 255)
    names = tuple(("red", "blue")[light] for light in which)
    return replace(photos, pixels=pixels.round().astype(np.uint8), lighting=names)


def learnt(photos: Photos, n_steps: int = 150) -> FieldParts:
    learner = FieldLearner(make_config(n_code=N_CODE), photos.part("train"), SETTINGS, seed=1)
    for _ in range(n_steps):
        learner.step()
    return learner.parts()


def result_of(work: Any) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def test_a_layer_has_the_gradient_of_its_loss() -> None:
    random = np.random.default_rng(0)
    own = PhotoOwn(photos_of_ball(2, 24), N_CODE, seed=0)
    own.layers[...] = random.normal(0, 0.7, own.layers.shape)
    places = random.integers(0, 2, 40), random.integers(0, 24, 40), random.integers(0, 24, 40)
    seen, target = random.random((2, 40, 3), np.float32)
    pixels = own.at(places)
    by_numbers = pixels.gradient(seen, target)
    found = np.zeros(own.layers.reshape(-1, N_LAYER).shape)
    np.add.at(found, pixels.points, pixels.shares[..., None] * by_numbers[:, None])

    flat, step = own.layers.reshape(-1, N_LAYER), 1e-3
    for point in np.unique(pixels.points)[:3]:
        for number in range(N_LAYER):
            kept = flat[point, number]
            losses = []
            for way in (step, -step):
                flat[point, number] = kept + way
                losses.append(own.at(places).loss(seen, target).astype(np.float64).sum())
            flat[point, number] = kept
            expected = (losses[0] - losses[1]) / (2 * step)
            assert found[point, number] == pytest.approx(expected, rel=0.02, abs=2e-5), (point, number)


def test_doubt_pays_only_where_the_scene_does_not_fit() -> None:
    own = PhotoOwn(photos_of_ball(1, 24), N_CODE, seed=0)
    place = np.zeros(1, np.int64)
    sure = own.at((place, place, place))
    doubtful = replace(sure, doubt=np.ones(1, np.float32))
    black, white = np.zeros((1, 3), np.float32), np.ones((1, 3), np.float32)
    assert doubtful.loss(black, white) < sure.loss(black, white)
    assert sure.loss(black, black) < doubtful.loss(black, black)
    assert sure.front()[0, 4] > doubtful.front()[0, 4]


@pytest.mark.long("computes for long")
def test_lights_are_told_apart_and_found_again() -> None:
    photos = lit_photos(12, 24)
    parts = learnt(photos)
    assert parts.lights is not None
    assert parts.lights.names == ("red", "blue")
    red, blue = (parts.lit(light).colour_bias for light in (1.0, 2.0))
    assert np.abs(red - blue).max() > 0.05
    train = photos.part("train")
    codes = result_of(fitted_codes(parts, train.columns(0, 12), 60))
    nearest = [int(np.linalg.norm(parts.lights.codes - code, axis=1).argmin()) for code in codes]
    assert nearest == [parts.lights.names.index(name) for name in train.lighting]
    one_light = replace(parts, lights=replace(parts.lights, columns=np.zeros_like(parts.lights.columns)))
    own, common = (result_of(likeness_in_own_light(one, train, 60, with_ssim=False)) for one in (parts, one_light))
    assert own.mean_psnr_db > common.mean_psnr_db + 2


@pytest.mark.long("waits for compiled kernels")
def test_somebody_in_one_photo_is_left_out() -> None:
    photos = lit_photos(12, 24, who=0)
    assert photos.split[0] == "train"
    left_out = learnt(photos, 300).left_out
    assert left_out is not None
    assert left_out.shape[1:] == (-(-24 // CELL_PX), -(-24 // CELL_PX))
    covered = left_out[0, :, 0].mean()
    assert covered > 120
    assert covered > 3 * left_out[1:].mean()


def test_lights_without_names_are_put_in_the_order_of_what_differs_most() -> None:
    photos = replace(photos_of_ball(5, 8), lighting=())
    along = np.array([0.3, -1.0, 0.9, -0.2, 0.5], np.float32)
    codes = np.outer(along, [1, 0, 0, 0]).astype(np.float32)
    lights = lights_of(photos, codes, np.eye(6, N_CODE, dtype=np.float32))
    order = [float(code[0]) for code in lights.codes]
    assert order in (sorted(order), sorted(order, reverse=True))
    assert set(lights.names) == set(photos.names)


def test_between_two_lights_their_codes_are_mixed() -> None:
    columns = np.random.default_rng(0).normal(size=(6, N_CODE)).astype(np.float32)
    codes = np.eye(3, N_CODE, dtype=np.float32)
    lights = Lights(("a", "b", "c"), codes, columns)
    assert lights.code(1.25) == pytest.approx([0.75, 0.25, 0, 0])
    assert lights.bias(3) == pytest.approx(columns[:, 2])
    assert np.array_equal(lights.code(9), codes[2])
    assert np.array_equal(lights.code(0.2), codes[0])
    assert lights.number_of("b") == 2
    assert lights.number_of("d") is None


@pytest.mark.long("waits for compiled kernels")
def test_a_stopped_training_goes_on_to_the_same_bits() -> None:
    photos = lit_photos(6, 16).part("train")

    def learner() -> FieldLearner:
        return FieldLearner(make_config(n_code=N_CODE), photos, SETTINGS, seed=3)

    whole, first, second = learner(), learner(), learner()
    for _ in range(10):
        whole.step()
    for _ in range(6):
        first.step()
    second.load(first.state())
    for _ in range(4):
        second.step()
    wanted, found = whole.state(), second.state()
    assert all(np.array_equal(wanted[name], found[name]) for name in wanted if name != "seconds")
