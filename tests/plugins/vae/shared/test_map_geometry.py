"""The map's arithmetic: pixels and plane are each other's inverse, and strokes become few keyframes."""

from dataclasses import astuple
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plugins.vae.shared.panel.map_geometry import (
    MAX_POINTS,
    MAX_ZOOM,
    MIN_ZOOM,
    TOLERANCE_PX,
    Viewport,
    distances_to,
    distances_to_line,
    simplify,
    smooth_line,
    stroke_length,
    stroke_points,
)

SIZE = st.floats(50, 900)
SHARE = st.floats(-1, 1)
VIEWS = st.builds(
    lambda extent_x, extent_y, zoom, x, y: Viewport(extent_x, extent_y).zoomed(zoom, (0, 0)).panned_to(x, y),
    st.floats(0.5, 20),
    st.floats(0.5, 20),
    st.floats(0.1, 100),
    st.floats(-30, 30),
    st.floats(-30, 30),
)
coordinates = st.floats(-300, 300)
strokes = st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=60)


def visible(view):
    """The part of the plane on show: left, right, bottom, top."""
    left, top = view.to_plane(0, 0, 300, 200)
    right, bottom = view.to_plane(300, 200, 300, 200)
    return left, right, bottom, top


@given(VIEWS, SHARE, SHARE, SIZE, SIZE)
def test_pixels_and_plane_are_inverse(view, x, y, width, height):
    point = x * view.extent_x, y * view.extent_y
    assert view.to_plane(*view.to_pixel(*point, width, height), width, height) == pytest.approx(point, abs=1e-6)


@given(VIEWS)
def test_the_view_never_leaves_the_map(view):
    left, right, bottom, top = visible(view)
    assert MIN_ZOOM <= view.zoom <= MAX_ZOOM
    assert left >= -view.extent_x * (1 + 1e-9)
    assert right <= view.extent_x * (1 + 1e-9)
    assert bottom >= -view.extent_y * (1 + 1e-9)
    assert top <= view.extent_y * (1 + 1e-9)


@given(VIEWS, SHARE, SHARE, st.floats(1, 4))
def test_zooming_in_keeps_the_point_under_the_pointer(view, x, y, factor):
    left, right, bottom, top = visible(view)
    at = (left + right) / 2 + x * (right - left) / 2, (bottom + top) / 2 + y * (top - bottom) / 2
    before = view.to_pixel(*at, 300, 200)
    assert view.zoomed(factor, at).to_pixel(*at, 300, 200) == pytest.approx(before, abs=1e-4)


@given(VIEWS, SHARE, SHARE, st.floats(1.1, 3))
def test_zooming_in_and_out_returns(view, x, y, factor):
    assume(view.zoom * factor <= MAX_ZOOM)
    at = x * view.extent_x, y * view.extent_y
    left, right, bottom, top = visible(view)
    assume(left <= at[0] <= right and bottom <= at[1] <= top)
    back = view.zoomed(factor, at).zoomed(1 / factor, at)
    assert astuple(back) == pytest.approx(astuple(view), abs=1e-6)


def test_up_is_more():
    view = Viewport(2, 1)
    assert view.to_pixel(2, 1, 300, 200) == (300, 0)
    assert view.to_pixel(-2, -1, 300, 200) == (0, 200)


def off_by(points, kept):
    """The largest distance of a point to the kept line, by trying all pieces."""
    pieces = np.stack([distances_to(points, a, b) for a, b in pairwise(kept)])
    return pieces.min(axis=0).max()


@given(strokes, st.floats(0.1, 50))
@settings(deadline=None)
def test_no_point_is_further_away_than_the_tolerance(stroke, tolerance):
    points = np.array(stroke)
    kept = points[simplify(points, tolerance)]
    assert off_by(points, kept) <= tolerance + 1e-9
    assert (kept[0] == points[0]).all()
    assert (kept[-1] == points[-1]).all()


def test_a_line_keeps_its_ends_and_a_corner_stays():
    line = np.stack([np.linspace(0, 100, 60), np.linspace(0, 50, 60)], axis=1)
    assert line[simplify(line, 0.5)].tolist() == [[0, 0], [100, 50]]
    corner = np.concatenate([line, np.stack([np.full(30, 100.0), np.linspace(50, 120, 30)], axis=1)])
    assert corner[simplify(corner, 0.5)].tolist() == [[0, 0], [100, 50], [100, 120]]


def test_distances_beyond_the_ends_are_to_the_ends():
    points = np.array([[-3.0, 4], [5, 2], [13, 4]])
    assert distances_to(points, np.array([0.0, 0]), np.array([10.0, 0])) == pytest.approx([5, 2, 5])
    assert distances_to(points, np.array([5.0, 2]), np.array([5.0, 2])) == pytest.approx(
        [np.hypot(8, 2), 0, np.hypot(8, 2)]
    )


def test_a_drawn_circle_closes_and_keeps_its_shape():
    angles = np.linspace(0, 2 * np.pi - 0.05, 200)
    circle = np.stack([150 + 80 * np.cos(angles), 100 + 80 * np.sin(angles)], axis=1)
    points, is_loop = stroke_points(circle.tolist())
    assert is_loop
    assert 5 <= len(points) <= 12
    assert distances_to_line(circle, smooth_line(points, True)).max() <= TOLERANCE_PX + 2  # samples are 2 px apart
    assert np.linalg.norm(points[0] - points[-1]) > 10


def test_a_corner_stays_a_corner():
    stroke = [(x, 20.0) for x in range(20, 120)] + [(120.0, y) for y in range(20, 120)]
    points, is_loop = stroke_points(stroke)
    assert not is_loop
    assert len(points) <= 8
    assert distances_to_line(np.array(stroke), smooth_line(points, False)).max() <= TOLERANCE_PX + 2


def test_a_straight_stroke_needs_its_ends_only():
    points, _ = stroke_points([(x, x / 2) for x in range(100)])
    assert points.tolist() == [[0, 0], [99, 49.5]]


def test_an_open_stroke_stays_open():
    wave = [(x, 50 + 30 * np.sin(x / 20)) for x in range(200)]
    points, is_loop = stroke_points(wave)
    assert not is_loop
    assert len(points) <= 10
    assert distances_to_line(np.array(wave), smooth_line(points, False)).max() <= TOLERANCE_PX + 2
    assert points[0].tolist() == [0, 50]
    assert points[-1][0] == 199


def test_a_scribble_is_bounded():
    scribble = np.random.default_rng(1).uniform(0, 300, (900, 2))
    points, _ = stroke_points(scribble.tolist())
    assert 2 <= len(points) <= MAX_POINTS


@pytest.mark.parametrize("stroke", [[], [(5, 5)], [(5, 5), (7, 5)], [(5, 5)] * 50])
def test_a_click_is_no_stroke(stroke):
    points, is_loop = stroke_points(stroke)
    assert points.shape == (0, 2)
    assert not is_loop


def test_there_and_back_is_no_loop_without_room():
    points, is_loop = stroke_points([(x, 10) for x in [*range(0, 100, 4), *range(100, 0, -4)]])
    assert not is_loop
    assert points[:, 0].max() == 100


def test_a_length_is_the_sum_of_its_pieces():
    assert stroke_length(np.array([[0.0, 0], [3, 4], [3, 10]])) == pytest.approx(11)
