"""Our distance transform against scipy's exact one, and what a signed field must be."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from studio.core.distance_field import distance_to_background, signed_distance_field


@pytest.mark.parametrize("density", [0.5, 0.9, 0.995])
def test_distances_are_scipys(density):
    mask = np.random.default_rng(3).random((4, 40, 57)) < density
    assert not mask.all((1, 2)).any()
    expected = np.stack([distance_transform_edt(one) for one in mask])
    np.testing.assert_allclose(distance_to_background(mask), expected, rtol=1e-6)


def test_a_limit_clips_and_changes_nothing_below():
    mask = np.random.default_rng(4).random((60, 60)) < 0.99
    expected = np.minimum(distance_transform_edt(mask), 5.5)
    np.testing.assert_allclose(distance_to_background(mask, 5.5), expected, rtol=1e-6)


def test_chosen_rows_and_columns_are_those_of_the_whole():
    mask = np.random.default_rng(5).random((30, 44)) < 0.97
    rows, columns = np.array([0, 7, 29]), np.array([2, 3, 43])
    whole = distance_to_background(mask)
    np.testing.assert_array_equal(distance_to_background(mask, None, rows, columns), whole[np.ix_(rows, columns)])


def test_large_pictures_do_not_overflow():
    mask = np.ones((300, 310), np.bool_)
    mask[0, 0] = False
    np.testing.assert_allclose(distance_to_background(mask), distance_transform_edt(mask), rtol=1e-6)


def test_without_background_the_distance_is_the_limit():
    assert (distance_to_background(np.ones((8, 8), np.bool_), 3.0) == 3.0).all()


def test_a_signed_field_of_a_half_plane_is_the_distance_to_its_edge():
    mask = np.zeros((256, 256), np.bool_)
    mask[:, 120:] = True  # the edge lies at 120 / 4 = 30 result pixels
    field = signed_distance_field(mask, 64, 8.0)
    expected = np.clip(np.arange(64) + 0.5 - 30, -8, 8)
    np.testing.assert_allclose(field, np.broadcast_to(expected, (64, 64)), atol=0.02)


def test_a_signed_field_of_a_disc_is_the_distance_to_its_circle():
    at = np.arange(256) + 0.5 - 128
    mask = np.hypot(at[:, None], at[None]) < 60
    field = signed_distance_field(mask, 64, 8.0)
    place = np.arange(64) + 0.5 - 32
    expected = np.clip(15 - np.hypot(place[:, None], place[None]), -8, 8)
    np.testing.assert_allclose(field, expected, atol=0.2)


def test_turning_ink_and_paper_round_turns_the_sign():
    mask = np.random.default_rng(6).random((128, 128)) < 0.5
    np.testing.assert_allclose(signed_distance_field(mask, 64, 8), -signed_distance_field(~mask, 64, 8), atol=1e-6)


def test_a_mask_of_an_odd_multiple_is_refused():
    with pytest.raises(ValueError, match="even multiple"):
        signed_distance_field(np.zeros((192, 192), np.bool_), 64, 8.0)
