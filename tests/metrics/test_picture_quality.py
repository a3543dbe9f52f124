"""Signal-to-noise ratio and structural similarity against closed forms and a plain loop over windows."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from studio.metrics.picture_quality import psnr_db, ssim


def brute_ssim(a, b):
    """Each window by itself, as the paper writes it."""
    offsets = np.arange(11) - 5
    weights = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * 1.5**2))
    weights /= weights.sum()
    values = []
    for row in range(a.shape[0] - 10):
        for column in range(a.shape[1] - 10):
            x, y = (picture[row : row + 11, column : column + 11] for picture in (a, b))
            mean_x, mean_y = (weights * x).sum(), (weights * y).sum()
            variances = (weights * (x - mean_x) ** 2).sum() + (weights * (y - mean_y) ** 2).sum()
            covariance = (weights * (x - mean_x) * (y - mean_y)).sum()
            likeness = (2 * mean_x * mean_y + 1e-4) * (2 * covariance + 9e-4)
            values.append(likeness / ((mean_x**2 + mean_y**2 + 1e-4) * (variances + 9e-4)))
    return np.mean(values)


def filtered_ssim(a, b):
    """With the Gaussian filter of another library, cut to where the window lies inside."""

    def blur(picture):
        return ndimage.gaussian_filter(picture, 1.5, radius=5, axes=(0, 1))[5:-5, 5:-5]

    mean_a, mean_b = blur(a), blur(b)
    variances = blur(a * a) - mean_a**2 + blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    return np.mean(
        (2 * mean_a * mean_b + 1e-4) * (2 * covariance + 9e-4) / ((mean_a**2 + mean_b**2 + 1e-4) * (variances + 9e-4))
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(11, 17), st.integers(11, 17))
def test_similarity_agrees_with_a_loop_over_all_windows(seed, height, width):
    a, b = np.random.default_rng(seed).random((2, height, width))
    assert ssim(a, b) == pytest.approx(brute_ssim(a, b), abs=1e-10)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.5))
def test_similarity_agrees_with_another_filter_on_colours(seed, noise):
    random = np.random.default_rng(seed)
    a = random.random((40, 30, 3))
    b = np.clip(a + noise * random.normal(size=a.shape), 0, 1)
    assert ssim(a, b) == pytest.approx(filtered_ssim(a, b), abs=1e-10)


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.7), (0.0, 1.0), (0.3, 0.3)])
def test_similarity_of_flat_pictures_is_that_of_their_brightness(a, b):
    expected = (2 * a * b + 1e-4) / (a * a + b * b + 1e-4)
    assert ssim(np.full((16, 20), a), np.full((16, 20), b)) == pytest.approx(expected)


def test_a_picture_is_like_itself_and_unlike_its_negative():
    picture = np.random.default_rng(0).random((32, 32, 3))
    assert ssim(picture, picture) == pytest.approx(1)
    assert ssim(picture, 1 - picture) < 0


@settings(deadline=None)
@given(st.floats(1e-4, 0.9))
def test_ratio_of_an_even_error_is_its_closed_form(error):
    picture = np.zeros((4, 5, 3))
    assert psnr_db(picture, picture + error) == pytest.approx(-20 * math.log10(error))


def test_ratio_of_a_known_noise():
    random = np.random.default_rng(0)
    picture = random.random((400, 400))
    assert psnr_db(picture, picture + random.normal(0, 0.05, picture.shape)) == pytest.approx(26.02, abs=0.05)


def test_bytes_count_as_the_numbers_that_they_stand_for():
    a, b = np.random.default_rng(0).integers(0, 256, (2, 20, 20, 3), np.uint8)
    assert psnr_db(a, b) == pytest.approx(psnr_db(a / 255, b / 255))
    assert ssim(a, b) == pytest.approx(ssim(a / 255, b / 255))
    assert psnr_db(a, a) == math.inf


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.zeros((12, 12)), np.zeros((12, 13))),
        (np.zeros((12, 12), np.uint8), np.zeros((12, 12))),
        (np.zeros((0, 12)), np.zeros((0, 12))),
    ],
)
def test_what_cannot_be_compared_is_refused(a, b):
    for measure in (psnr_db, ssim):
        with pytest.raises(ValueError):  # noqa: PT011 - it says the shapes
            measure(a, b)


@pytest.mark.parametrize("shape", [(10, 20), (20, 10, 3), (20,), (20, 20, 3, 1)])
def test_similarity_needs_a_window(shape):
    with pytest.raises(ValueError):  # noqa: PT011 - it says the shape
        ssim(np.zeros(shape), np.zeros(shape))
