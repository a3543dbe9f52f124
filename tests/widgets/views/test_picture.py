"""Arrays become pictures with the right colours and memory of their own."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from studio.render.pixel import enlarge_smooth
from studio.widgets.views.picture import array_from_image, image_from_array, image_from_coverage, scaled_image


@pytest.mark.parametrize(
    ("pixel", "colour"),
    [(77, (77, 77, 77, 255)), ([1, 2, 3], (1, 2, 3, 255)), ([200, 100, 50, 128], (200, 100, 50, 128))],
)
def test_colour_survives(pixel, colour) -> None:
    pixels = np.zeros((3, 5, *np.shape(pixel)), np.uint8)
    pixels[1, 4] = pixel
    image = image_from_array(pixels)
    assert (image.width(), image.height()) == (5, 3)
    assert image.pixelColor(4, 1).getRgb() == colour


def test_picture_does_not_share_memory() -> None:
    pixels = np.full((4, 4), 10, np.uint8)
    image = image_from_array(pixels)
    pixels[:] = 200
    assert image.pixelColor(0, 0).red() == 10


def test_views_with_strides_are_read_rightly() -> None:
    pixels = np.arange(200, dtype=np.uint8).reshape(10, 20)
    assert image_from_array(pixels[::2, ::3]).pixelColor(2, 1).red() == pixels[2, 6]


@pytest.mark.parametrize("pixels", [np.zeros((2, 2)), np.zeros((2, 2, 2), np.uint8), np.zeros(3, np.uint8)])
def test_what_is_no_picture_is_refused(pixels) -> None:
    with pytest.raises(ValueError, match="no picture"):
        image_from_array(pixels)


def test_coverage_is_drawn_in_ink_on_paper() -> None:
    image = image_from_coverage(np.array([[0, 255]], np.uint8), "#102030", "#f0e0d0")
    assert image.pixelColor(0, 0) == QColor("#f0e0d0")
    assert image.pixelColor(1, 0) == QColor("#102030")


def filled(width: int, height: int, colour: tuple[int, int, int, int]) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor(*colour))
    return image


def test_a_picture_that_lets_light_through_lies_on_white() -> None:
    pixels = array_from_image(filled(3, 2, (0, 0, 0, 128)), 1024)
    assert pixels.shape == (2, 3, 3)
    assert pixels[0, 0] == pytest.approx(127, abs=1)
    assert (array_from_image(filled(5, 5, (9, 8, 7, 255)), 1024) == [9, 8, 7]).all()
    assert (array_from_image(filled(5, 5, (9, 8, 7, 0)), 1024) == 255).all()


@pytest.mark.parametrize("size", [(1, 1), (4000, 1), (1, 3000), (1500, 1200)])
def test_a_picture_of_any_size_is_brought_within_bounds(size: tuple[int, int]) -> None:
    pixels = array_from_image(filled(*size, (1, 2, 3, 255)), 1024)
    assert 1 <= min(pixels.shape[:2]) <= max(pixels.shape[:2]) <= 1024
    assert (pixels == [1, 2, 3]).all()


def test_a_small_picture_is_drawn_nearly_as_a_file_is() -> None:
    x = np.linspace(0, 2 * np.pi, 64)
    waves = 127.5 + 100 * np.sin(3 * x)[:, None] * np.cos(2 * x)[None]
    pixels = np.stack([waves, waves.T, 255 - waves], axis=2).astype(np.uint8)
    drawn = array_from_image(scaled_image(pixels, 600, 560), 1000).astype(int)
    assert drawn.shape == (560, 600, 3)
    away = np.abs(drawn - enlarge_smooth(pixels, 600, 560))
    assert away.mean() < 1
    assert away.max() <= 4


def test_a_picture_that_is_enlarged_a_little_is_drawn_as_a_file_is() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    np.testing.assert_array_equal(
        array_from_image(scaled_image(pixels, 110, 150), 1000), enlarge_smooth(pixels, 110, 150)
    )
