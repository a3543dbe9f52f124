"""An own picture made ready: a thing on white is cut out, a photo is kept whole."""

import numpy as np

from plugins.gan.styles.scene import prepared


def test_a_thing_on_white_is_fitted_like_an_emoji():
    rgb = np.full((300, 200, 3), 250, np.uint8)
    rgb[100:150, 20:120] = (200, 0, 0)
    out = prepared(rgb)
    assert out.shape == (64, 64, 3)
    rows, columns = np.nonzero((out < 100).any(2))
    assert (int(columns.min()), int(columns.max())) == (3, 60)
    assert abs(np.ptp(rows) + 1 - 29) <= 1
    assert (out[:3] == 255).all()


def test_a_photo_is_kept_whole():
    rgb = np.zeros((100, 50, 3), np.uint8)
    rgb[:50] = 80
    out = prepared(rgb)
    assert (out[:, 32] < 100).all()  # as high as the square
    assert (out[:, 0] == 255).all()  # white beside it
    assert out[0, 32, 0] == 80


def test_an_empty_picture_stays_white():
    assert (prepared(np.full((10, 30, 3), 255, np.uint8)) == 255).all()


def test_one_pixel_is_enough():
    rgb = np.full((9, 9, 3), 255, np.uint8)
    rgb[4, 4] = 0
    assert (prepared(rgb) == 0).any()
