"""The box that a scene is guessed to fill."""

from dataclasses import replace

import numpy as np
import pytest

from plugins.nerf.field.photos.photos import Part
from plugins.nerf.field.photos.reader import read_photos
from plugins.nerf.field.training.scene_lesson import focus_point, scene_box
from plugins.nerf.foreign.transforms import read_transforms
from tests.fixtures.foreign import fixture_path
from tests.plugins.nerf.field.made_scene import DISTANCE, RADIUS, photos_of_ball

PARTS: tuple[Part, ...] = ("train",)


def test_what_is_transparent_carves_the_box_down_to_the_ball():
    low, high = scene_box(photos_of_ball(24, 48))
    assert (low <= -RADIUS).all()
    assert (high >= RADIUS).all()
    assert (high[:2] - low[:2] < 2 * RADIUS * 1.35).all()


def test_a_scene_with_a_background_reaches_beyond_the_cameras():
    photos = photos_of_ball(8, 16)
    photos.pixels[..., 3] = 255
    low, high = scene_box(photos)
    assert (low < -DISTANCE).all()
    assert (high > DISTANCE).all()


def test_a_stated_box_is_taken():
    photos = photos_of_ball(8, 16)
    photos.pixels[..., 3] = 255
    box = (np.array([-1, -2, -3], np.float32), np.array([1, 2, 3], np.float32))
    low, high = scene_box(replace(photos, given_box=box))
    assert (low == box[0]).all()
    assert (high == box[1]).all()


def test_cameras_that_look_the_same_way_have_a_box_still():
    photos = photos_of_ball(4, 16)
    photos.camera_to_world[:] = photos.camera_to_world[0]
    low, high = scene_box(photos)
    assert (high > low).all()


def test_the_point_that_all_look_at():
    assert focus_point(photos_of_ball(10, 8)) == pytest.approx([0, 0, 0], abs=0.02)


@pytest.mark.long("computes for long")
def test_the_glossy_scene_lies_in_its_box():
    reading = read_photos(read_transforms(fixture_path("scenes", "glossy")), 100, PARTS)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            photos, _ = end.value
            break
    low, high = scene_box(photos)
    assert (low[:2] < -1.5).all()
    assert (high[:2] > 1.5).all()
    assert low[2] < -0.2
    assert 1.3 < high[2] < 1.7
    assert (high - low).max() < 3.5
