"""Enlarging pictures of pixels."""

import numpy as np
import pytest

from studio.render.cubic import row_weights
from studio.render.pixel import enlarge_crisp, enlarge_smooth


@pytest.mark.parametrize("value", [0, 17, 128, 255])
@pytest.mark.parametrize("shape", [(28, 28), (5, 9, 3), (1, 1), (4, 4, 4)])
def test_a_flat_picture_stays_flat(value: int, shape: tuple[int, ...]) -> None:
    picture = enlarge_smooth(np.full(shape, value, np.uint8), 90, 70)
    assert picture.shape == (70, 90, *shape[2:])
    assert (picture == value).all()


def test_a_ramp_stays_a_ramp() -> None:
    ramp = np.tile(np.arange(0, 160, 10, dtype=np.uint8), (16, 1))
    row = enlarge_smooth(ramp, 160, 160)[80].astype(int)
    expected = np.arange(160) + 0.5 - 5
    np.testing.assert_allclose(row[20:-20], expected[20:-20], atol=1)


def test_samples_are_kept_at_odd_factors() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 7), dtype=np.uint8)
    np.testing.assert_array_equal(enlarge_smooth(pixels, 21, 21)[1::3, 1::3], pixels)


def test_colours_do_not_mix_between_channels() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[..., 1] = 200
    picture = enlarge_smooth(pixels, 40, 40)
    assert (picture[..., 1] == 200).all()
    assert not picture[..., [0, 2]].any()


def test_every_band_of_rows_is_the_product_of_both_weights() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (61, 47, 3), dtype=np.uint8)
    rows, columns = row_weights(61, 700, 0.0, 700 / 61), row_weights(47, 613, 0.0, 613 / 47).T
    exact = np.stack([rows.astype(float) @ pixels[..., c] @ columns.astype(float) for c in range(3)], axis=-1)
    np.testing.assert_allclose(enlarge_smooth(pixels, 613, 700), exact.clip(0, 255), atol=0.501)


def test_crisp_keeps_every_square() -> None:
    pixels = np.array([[1, 2], [3, 4]], np.uint8)
    expected = np.kron(pixels, np.ones((5, 5), np.uint8))
    np.testing.assert_array_equal(enlarge_crisp(pixels, 10, 10), expected)
    assert enlarge_crisp(np.zeros((2, 3, 3), np.uint8), 9, 4).shape == (4, 9, 3)
