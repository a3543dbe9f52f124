"""A photo and our picture in one: each comparison shows what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from plugins.nerf.field.panel.photo_presenter import COMPARISONS, compared, resized
from studio.render.colour_map import AMOUNT_COLOURS

RANDOM = np.random.default_rng(3)
OURS = RANDOM.integers(0, 200, (40, 60, 3), np.uint8)
PHOTO = np.full((40, 60, 3), 250, np.uint8)


def test_off_is_our_picture() -> None:
    assert np.array_equal(compared("off", OURS, PHOTO), OURS)


@given(st.floats(-0.5, 1.5))
def test_the_wipe_has_the_photo_left_of_its_line_and_ours_right_of_it(place: float) -> None:
    picture = compared("wipe", OURS, PHOTO, place)
    column = round(min(max(place, 0), 1) * 60)
    assert np.array_equal(picture[:, : max(column - 3, 0)], PHOTO[:, : max(column - 3, 0)])
    assert np.array_equal(picture[:, column + 3 :], OURS[:, column + 3 :])


def test_the_difference_of_equal_pictures_is_the_darkest_colour_and_a_quarter_the_brightest() -> None:
    assert np.array_equal(np.unique(compared("difference", OURS, OURS).reshape(-1, 3), axis=0), AMOUNT_COLOURS[:1])
    dark, light = np.zeros_like(OURS), np.full_like(OURS, 70)
    assert np.array_equal(compared("difference", light, dark)[0, 0], AMOUNT_COLOURS[255])


def test_side_by_side_each_is_whole_and_in_shape() -> None:
    red, blue = np.zeros((100, 150, 3), np.uint8), np.zeros((100, 150, 3), np.uint8)
    red[..., 0], blue[..., 2] = 255, 255
    picture = compared("side", red, blue)
    assert picture.shape == red.shape
    rows, columns = np.nonzero(picture[..., 2] == 255)
    assert np.ptp(columns) < 75 < columns.max() + 5
    assert np.ptp(rows) + 1 == pytest.approx(100 * (np.ptp(columns) + 1) / 150, abs=1)
    assert np.nonzero(picture[..., 0] == 255)[1].min() > columns.max()


def test_every_comparison_leaves_what_it_is_given_alone() -> None:
    before = OURS.copy(), PHOTO.copy()
    for kind in COMPARISONS:
        compared(kind, OURS, PHOTO)
    assert np.array_equal(OURS, before[0])
    assert np.array_equal(PHOTO, before[1])


def test_pictures_of_two_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="two sizes"):
        compared("wipe", OURS, PHOTO[1:])


@pytest.mark.parametrize(("width", "height"), [(30, 20), (90, 61), (17, 40), (60, 13), (1, 1), (60, 40)])
def test_another_size_is_what_pillow_makes_of_it(width: int, height: int) -> None:
    wanted = np.asarray(Image.fromarray(OURS).resize((width, height), Image.Resampling.BILINEAR))
    found = resized(OURS, width, height)
    assert np.abs(found.astype(int) - wanted).max() <= 1
