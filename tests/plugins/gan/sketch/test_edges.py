"""Outlines of a person's pictures: edges where colours change, lines where it is a line drawing."""

import numpy as np
import pytest
from scipy import ndimage

from plugins.gan.sketch.model.outline import blurred, connected, edges, fitted, is_line_drawing, outline_of, ridges


def disc(side=200, colour=(220, 40, 40), ground=(240, 240, 200)):
    y, x = np.mgrid[:side, :side]
    inside = np.hypot(x - side / 2, y - side / 2) < side / 3
    return np.where(inside[..., None], colour, ground).astype(np.uint8)


def test_a_picture_is_fitted_without_stretching_it():
    wide = np.zeros((50, 200, 3), np.uint8)
    square = fitted(wide)
    assert square.shape == (128, 128, 3)
    rows, columns = np.nonzero(square[..., 0] < 0.5)
    assert (int(columns.min()), int(columns.max())) == (6, 121)
    assert rows.max() - rows.min() + 1 == 29
    assert fitted(np.zeros((1, 1, 3), np.uint8)).min() == 0


def test_blurring_is_a_gaussian():
    random = np.random.default_rng(2).random((30, 40, 3)).astype(np.float32)
    for sigma in (0.8, 1.4):
        reach = int(np.ceil(3 * sigma))
        expected = ndimage.gaussian_filter(random, sigma, mode="nearest", radius=reach, axes=(0, 1))
        np.testing.assert_allclose(blurred(random, sigma), expected, atol=1e-5)


def test_the_edge_of_a_disc_is_a_ring_at_its_radius():
    found = edges(fitted(disc()))
    y, x = np.nonzero(found)
    radii = np.hypot(x - 63.5, y - 63.5)
    ring = radii < 50  # besides the frame of the picture itself
    assert np.abs(radii[ring] - 116 / 3).max() < 2
    assert 0.8 < ring.sum() / (2 * np.pi * 116 / 3) < 1.6


def test_a_uniform_change_of_the_same_lightness_is_an_edge_too():
    picture = np.full((64, 64, 3), 0.5, np.float32)
    picture[:, 32:] = (0.9, 0.35, 0.25)
    assert edges(picture)[:, 30:34].any(1).all()


def test_only_the_highest_across_an_edge_are_kept():
    steep = np.exp(-((np.arange(21) - 10.0) ** 2) / 8)[None].repeat(9, 0).astype(np.float32)
    kept = ridges(steep, np.zeros_like(steep), np.ones_like(steep))
    assert kept[:, 10].all()
    assert kept.sum() == 9


def test_faint_places_count_where_they_go_on_from_strong_ones():
    faint = np.zeros((5, 12), bool)
    faint[2, 1:6] = faint[0, 8:11] = True
    strong = np.zeros_like(faint)
    strong[2, 1] = True
    found = connected(strong, faint)
    assert found[2, 1:6].all()
    assert not found[0].any()


def test_a_line_drawing_is_followed_along_its_lines():
    paper = np.full((128, 128, 3), 250, np.uint8)
    paper[60:63, 20:110] = 20
    assert is_line_drawing(fitted(paper))
    (stroke,) = outline_of(paper)
    assert np.ptp([y for _, y in stroke.points]) < 1
    assert not is_line_drawing(fitted(disc()))


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (400, 300)])
def test_an_even_picture_of_any_shape_has_at_most_its_frame(shape):
    drawing = outline_of(np.full((*shape, 3), 128, np.uint8))
    assert len(drawing) <= 4
    assert outline_of(np.full((*shape, 3), 255, np.uint8)) == ()
