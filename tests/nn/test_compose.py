"""Layers as pictures: edges where they must be, one pixel wide at every size, and the same as without any short cut."""

import numpy as np
import pytest

from studio.nn.layered.compose import LINE_SHARE, compose, in_bytes, spline_weights

WHITE, BLACK, RED, BLUE = [1.0, 1, 1], [0.0, 0, 0], [1.0, 0, 0], [0.0, 0, 1]
N_CELLS = 16
SIZES_PX = [16, 64, 128, 512]


def coefficients(values):
    """The numbers whose spline goes through `values` (G, G) in the middles of the cells."""
    middles = spline_weights(N_CELLS, N_CELLS).astype(np.float64)
    return np.linalg.solve(middles, np.linalg.solve(middles, values).T).T.astype(np.float32)


def half_plane(at, slope=1.0):
    """Two layers, of which the second one is seen right of a line at `at`, 0..1 of the side."""
    x = (np.arange(N_CELLS) + 0.5) / N_CELLS
    height = coefficients(np.broadcast_to(slope * (x - at), (N_CELLS, N_CELLS)))
    return np.stack([np.zeros_like(height), height])


@pytest.mark.parametrize("size_px", SIZES_PX)
@pytest.mark.parametrize("slope", [0.3, 30])
def test_a_straight_edge_is_one_pixel_wide_whatever_the_slope(size_px, slope):
    at = 0.4
    picture = compose(
        half_plane(at, slope), np.array([WHITE, BLACK], np.float32), np.zeros((2, 2), np.float32), size_px
    )
    assert picture.shape == (size_px, size_px, 3)
    middle = picture[size_px // 2, :, 0].astype(float) / 255
    pixels = np.arange(size_px)
    wanted = 1 - np.clip(pixels + 1 - at * size_px, 0, 1)
    np.testing.assert_allclose(middle, wanted, atol=0.03)


@pytest.mark.parametrize("size_px", [64, 512])
def test_a_disc_has_its_area_and_its_place(size_px):
    y, x = np.indices((N_CELLS, N_CELLS)) + 0.5
    radius = 5.0
    height = coefficients(radius - np.hypot(x - 7, y - 9))
    heights = np.stack([np.zeros_like(height), height])
    picture = compose(heights, np.array([BLACK, WHITE], np.float32), np.zeros((2, 2), np.float32), size_px)
    inside = picture[..., 0].astype(float) / 255
    cell_px = size_px / N_CELLS
    assert inside.sum() / cell_px**2 == pytest.approx(np.pi * radius**2, rel=0.01)
    rows, columns = np.indices(inside.shape) + 0.5
    assert (inside * columns).sum() / inside.sum() / cell_px == pytest.approx(7, abs=0.05)
    assert (inside * rows).sum() / inside.sum() / cell_px == pytest.approx(9, abs=0.05)


@pytest.mark.parametrize("size_px", [128, 512, 1024])
def test_a_line_is_as_thick_as_it_should_be_and_only_where_there_is_ink(size_px):
    ink = np.array([[0, 1], [1, 0]], np.float32)
    heights, colours = half_plane(0.4), np.array([WHITE, WHITE], np.float32)
    lined = compose(heights, colours, ink, size_px)
    dark = 1 - lined[size_px // 2, :, 0].astype(float) / 255
    assert dark.sum() == pytest.approx(LINE_SHARE * size_px, rel=0.15)
    assert (compose(heights, colours, 0 * ink, size_px) == 255).all()


def every_layer_at_every_pixel(heights, colours, ink, size_px):
    """The same without cells: the two highest of all layers at every pixel."""
    n_cells, side = heights.shape[1], size_px // heights.shape[1]
    rise = np.zeros((n_cells, side, n_cells))
    t = (np.arange(side) + 0.5) / side - 0.5
    for offset, slope in zip((-1, 0, 1), (t - 0.5, -2 * t, t + 0.5), strict=True):
        for cell in range(n_cells):
            rise[cell, :, np.clip(cell + offset, 0, n_cells - 1)] += slope / side
    rise, value = rise.reshape(size_px, n_cells), spline_weights(n_cells, size_px)
    height, dx, dy = value @ heights @ value.T, value @ heights @ rise.T, rise @ heights @ value.T
    order = np.argsort(-height, axis=0)
    first, second = order[0], order[1]

    def difference(values):
        return (np.take_along_axis(values, first[None], 0) - np.take_along_axis(values, second[None], 0))[0]

    distance = difference(height) / np.maximum(np.hypot(difference(dx), difference(dy)), 1e-6)
    share = np.clip(distance + 0.5, 0, 1)[..., None]
    line_px = LINE_SHARE * size_px
    line = np.clip(line_px / 2 + 0.5 - distance, 0, min(1, line_px)) * ink[first, second]
    return in_bytes((share * colours[first] + (1 - share) * colours[second]) * (1 - line)[..., None])


@pytest.mark.parametrize("seed", range(4))
def test_cells_that_are_passed_over_lose_nothing(seed):
    """Smooth random layers: far less than a thousandth of the pixels may differ, where a sliver falls between."""
    random = np.random.default_rng(seed)
    waves = random.normal(size=(7, 5, 5))
    grid = spline_weights(5, 5 * N_CELLS)[:: N_CELLS // 4][:N_CELLS]
    heights = (8 * grid @ waves @ grid.T).astype(np.float32)
    colours = random.random((7, 3)).astype(np.float32)
    ink = np.triu(random.random((7, 7)), 1).astype(np.float32)
    ink += ink.T
    drawn = compose(heights, colours, ink, 256).astype(int)
    known = every_layer_at_every_pixel(heights, colours, ink, 256).astype(int)
    assert (np.abs(drawn - known).max(2) > 2).mean() < 1e-3


def test_one_layer_alone_is_a_flat_picture():
    picture = compose(
        np.zeros((1, N_CELLS, N_CELLS), np.float32), np.array([RED], np.float32), np.zeros((1, 1), np.float32), 64
    )
    assert (picture == [255, 0, 0]).all()


def test_layers_of_one_height_everywhere_do_not_break():
    colours, ink = np.array([RED, BLUE, WHITE], np.float32), np.ones((3, 3), np.float32)
    assert compose(np.zeros((3, N_CELLS, N_CELLS), np.float32), colours, ink, 128).shape == (128, 128, 3)


def test_the_splines_of_a_place_add_up_to_one():
    for size_px in (16, 64, 512):
        weights = spline_weights(N_CELLS, size_px)
        np.testing.assert_allclose(weights.sum(1), 1, atol=1e-6)
        assert (weights >= 0).all()
