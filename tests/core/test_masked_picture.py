"""Strokes against brute force, and the soft edge against another program's distance transform."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from studio.core.masked_picture import MIN_RADIUS_PX, MaskStroke, feathered, mask_bytes, painted_from, with_stroke

HEIGHT, WIDTH = 13, 17
PLACES = st.floats(-6, 24)
POINTS = st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=4)


def distances(a: tuple[float, float], b: tuple[float, float]) -> np.ndarray:
    """From all middles of pixels to the piece from a to b, by trying many places on it."""
    y, x = np.mgrid[:HEIGHT, :WIDTH, :1][:2] + 0.5
    shares = np.linspace(0, 1, 600)
    return np.hypot(x - a[0] - shares * (b[0] - a[0]), y - a[1] - shares * (b[1] - a[1])).min(-1)


@settings(max_examples=40)
@given(POINTS, st.floats(0, 6), st.booleans())
def test_a_stroke_covers_the_pixels_whose_middles_it_passes(points, radius, is_erasing) -> None:
    before = np.full((HEIGHT, WIDTH), is_erasing)
    drawn = with_stroke(before, MaskStroke(tuple(points), radius, is_erasing))
    pieces = list(itertools.pairwise(points)) or [(points[0], points[0])]
    gaps = np.min([distances(a, b) for a, b in pieces], axis=0) - max(radius, MIN_RADIUS_PX)
    is_clear = np.abs(gaps) > 0.02
    assert np.array_equal(drawn[is_clear], (gaps < 0)[is_clear] != is_erasing)
    assert (before == is_erasing).all()


@settings(max_examples=40)
@given(POINTS, st.floats(0.75, 5))
def test_a_way_drawn_piece_by_piece_is_the_way_drawn_at_once(points, radius) -> None:
    whole = with_stroke(np.zeros((HEIGHT, WIDTH), bool), MaskStroke(tuple(points), radius))
    pieces = with_stroke(np.zeros((HEIGHT, WIDTH), bool), MaskStroke((points[0],), radius))
    for start, end in itertools.pairwise(points):
        pieces = with_stroke(pieces, MaskStroke((start, end), radius))
    assert np.array_equal(whole, pieces)


@pytest.mark.parametrize("feather", [0, 1, 3.5, 12])
def test_the_soft_edge_falls_evenly_with_the_distance_and_ends(feather) -> None:
    painted = np.random.default_rng(3).random((40, 31)) < 0.004
    away = distance_transform_edt(~painted)
    values = feathered(painted, feather)
    assert np.allclose(values, np.clip(1 - away / (feather + 1), 0, 1), atol=1e-6)
    assert (values[away >= feather + 1] == 0).all()
    assert (values[painted] == 1).all()


def test_without_feather_only_what_was_painted_changes() -> None:
    painted = with_stroke(np.zeros((9, 9), bool), MaskStroke(((4.5, 4.5),), 2))
    assert np.array_equal(feathered(painted, 0), painted.astype(np.float32))
    assert not feathered(np.zeros((9, 9), bool), 20).any()


@settings(max_examples=20)
@given(st.integers(0, 2**20))
def test_a_scene_keeps_the_mask_bit_for_bit(seed) -> None:
    painted = np.random.default_rng(seed).random((5, 8)) < 0.5
    assert np.array_equal(painted_from(mask_bytes(painted)), painted)
    assert set(np.unique(mask_bytes(painted))) <= {0, 255}
