"""Dots and pictures lie where they belong, in squares that fit together, and find room by the same rule everywhere."""

import numpy as np
import pytest

from plugins.vae.shared.panel.map_geometry import Viewport
from plugins.vae.shared.panel.representation.mosaic import GAP_PX, TILE_PX, Colours, Mosaic, doubled, halved
from plugins.vae.shared.panel.representation.tiles import whole_image
from studio.api.panel import array_from_image

RED, BLUE, PAPER = (200, 10, 20), (10, 20, 220), (0, 0, 0)
WIDE, HIGH = 600, 400


def mosaic(positions, is_coloured=False):
    positions = np.array(positions, np.float32)
    n = len(positions)
    shape = (n, 32, 32, 3) if is_coloured else (n, 32, 32)
    made = Mosaic(positions, np.full(shape, 255, np.uint8))
    made.colour(Colours(np.array([RED, BLUE], np.uint8), np.arange(n) % 2), PAPER)
    return made


def pixels(made, view, scale=1):
    return array_from_image(whole_image(made, view, WIDE * scale, HIGH * scale, scale), 4096)


def view(zoom=1.0, x=0.0, y=0.0):
    return Viewport(1, 1, x, y, zoom, 256)


def test_a_picture_alone_stands_around_its_place_in_its_colour():
    shown = pixels(mosaic([(0, 0), (0.5, 0.5)]), view())
    for (x, y), colour in (((WIDE // 2, HIGH // 2), RED), ((3 * WIDE // 4, HIGH // 4), BLUE)):
        assert (shown[y - 32 : y + 32, x - 32 : x + 32] == colour).all()
        assert (shown[y - 34 : y - 32, x - 32 : x + 32] == PAPER).all()
    assert (shown.any(2)).sum() == 2 * 64 * 64


@pytest.mark.parametrize("is_coloured", [False, True])
def test_squares_fit_together_wherever_one_looks(is_coloured):
    random = np.random.default_rng(0)
    made = mosaic(random.uniform(-1, 1, (3000, 2)), is_coloured)
    middle = pixels(made, view(3.0))
    moved = pixels(made, view(3.0, 60 / (WIDE / 2 * 3), 0))
    assert np.array_equal(middle[:, 60:], moved[:, :-60])
    assert 0.2 < middle.any(2).mean() < 1


def test_there_is_one_picture_in_a_cell_and_a_dot_for_each_of_the_others():
    random = np.random.default_rng(1)
    positions = random.normal(0, 0.3, (5000, 2)).clip(-1, 1)
    made = mosaic(positions)
    size, chosen = made._choose(0, (1, 1), WIDE, HIGH)
    cells = np.floor((made.positions + 2) * (WIDE / 2, HIGH / 2) / (size + GAP_PX))
    assert len(np.unique(cells[chosen], axis=0)) == chosen.sum()
    assert chosen.sum() >= 0.98 * len(np.unique(cells, axis=0))  # two cells may share a row of the table
    sizes = [made._choose(level, (1, 1), WIDE, HIGH)[0] for level in range(16)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 64


def test_what_is_not_selected_is_pale():
    made = mosaic([(0, 0), (0.5, 0.5)], is_coloured=True)
    made.select(np.array([True, False]))
    shown = pixels(made, view()).astype(int)
    assert (shown[HIGH // 2, WIDE // 2] == 255).all()
    assert (shown[HIGH // 4, 3 * WIDE // 4] == 51).all()  # a fifth of white on black
    made.select(None)
    assert (pixels(made, view())[HIGH // 4, 3 * WIDE // 4] == 255).all()


def test_what_is_under_a_pixel():
    made = mosaic([(0, 0), (0.5, 0.5)])
    at = {(300, 200): 0, (275, 225): 0, (450, 100): 1, (375, 150): -1}
    assert {pixel: made.under(pixel, view(), WIDE, HIGH) for pixel in at} == at


def test_on_a_dense_screen_everything_is_twice_as_large():
    made = mosaic([(0, 0)])
    shown = pixels(made, view(), 2)
    assert shown.any(2).sum() == 128 * 128
    assert made.tile(view(), WIDE, HIGH, 1, 5, 5).shape == (TILE_PX, TILE_PX)


def test_doubled_pictures_keep_what_is_even_and_lie_between_what_is_not():
    assert (doubled(np.full((1, 4, 4, 3), 77, np.uint8)) == 77).all()
    step = np.zeros((1, 2, 2), np.uint8)
    step[:, :, 1] = 200
    assert np.array_equal(doubled(step)[0, 0], [0, 50, 150, 200])
    random = np.random.default_rng(0).integers(0, 256, (3, 8, 6, 3), dtype=np.uint8)
    assert np.abs(halved(random) - random.reshape(3, 4, 2, 3, 2, 3).mean((2, 4))).max() <= 0.5
