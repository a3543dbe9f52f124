"""Where a scene is seen from: its own view, seeds, depths."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.nerf.shared.camera.rotation import angles_of
from plugins.nerf.shared.camera.viewpoint import (
    N_AZIMUTHS,
    UP,
    cameras_around,
    extent_of,
    home_camera,
    orbit_camera,
    seed_camera,
)
from studio.core.seed import MAX_SEED

EXTENT = extent_of(np.array([-1, -1, 0], np.float32), np.array([1, 1, 2], np.float32))


def test_the_home_view_looks_at_the_middle_from_above():
    camera = home_camera({}, EXTENT)
    assert camera.pivot == pytest.approx([0, 0, 1])
    assert camera.eye[2] > 1


def test_the_card_may_name_the_home_view():
    camera = home_camera({}, EXTENT)
    named = {name: value.tolist() for name, value in seed_camera(camera, 3).position().items()}
    assert home_camera({"camera": named}, EXTENT).eye == pytest.approx(seed_camera(camera, 3).eye, abs=1e-5)


@pytest.mark.parametrize("wrong", [{"camera": {}}, {"camera": {"rotation": "x"}}, {"camera": 7}])
def test_a_card_without_a_sound_view_gets_the_usual_one(wrong):
    assert home_camera(wrong, EXTENT).eye == pytest.approx(home_camera({}, EXTENT).eye)


def test_seed_0_is_the_home_view_and_others_are_others():
    home = home_camera({}, EXTENT)
    assert seed_camera(home, 0) is home
    assert not np.allclose(seed_camera(home, 1).eye, seed_camera(home, 2).eye)


@given(st.integers(1, MAX_SEED), st.sampled_from(["y", "z"]))
def test_every_seed_looks_at_the_pivot_from_above_with_a_level_horizon(seed, up):
    home = home_camera({}, EXTENT, up)
    camera = seed_camera(home, seed, up)
    angles = angles_of(camera.rotation, UP[up])
    assert math.radians(3) < angles.elevation < math.radians(66)
    assert angles.roll == pytest.approx(0, abs=1e-4)
    assert 0.7 * home.distance < camera.distance < 1.2 * home.distance


@pytest.mark.parametrize("up", ["y", "z"])
def test_the_cameras_around_keep_their_distance_and_have_the_present_one_in_the_middle(up):
    camera = seed_camera(home_camera({}, EXTENT, up), 5, up)
    around = cameras_around(camera, UP[up])
    assert len(around) == 5 * N_AZIMUTHS
    assert around[2 * N_AZIMUTHS + N_AZIMUTHS // 2].eye == pytest.approx(camera.eye, abs=1e-4)
    assert [one.distance for one in around] == pytest.approx([camera.distance] * len(around))
    heights = [angles_of(one.rotation, UP[up]).elevation for one in around[::N_AZIMUTHS]]
    assert heights == sorted(heights, reverse=True)
    assert max(heights) <= math.radians(85) + 1e-4


@pytest.mark.parametrize("up", ["y", "z"])
def test_azimuth_and_elevation_are_those_that_were_asked_for(up):
    camera = orbit_camera(EXTENT.centre, 3.0, 0.7, 0.3, 0.8, up)
    angles = angles_of(camera.rotation, UP[up])
    assert (angles.azimuth, angles.elevation) == pytest.approx((0.7, 0.3), abs=1e-5)


def test_depths_enclose_the_scene():
    camera = orbit_camera(EXTENT.centre, 4.0, 0.0, 0.2, 0.8)
    assert EXTENT.depths(camera) == pytest.approx((3.0, 5.0), abs=1e-5)
    inside = orbit_camera(EXTENT.centre, 0.5, 0.0, 0.2, 0.8)
    assert EXTENT.depths(inside)[0] == 0
