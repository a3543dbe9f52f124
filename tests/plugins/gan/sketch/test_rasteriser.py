"""The sheet: coverage against brute force, exact mirrors, fills that stop at ink, and what the network sees."""

import itertools
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.gan.sketch.model.rasteriser import DrawSheet, empty_layers, flooded, grown, with_stroke
from plugins.gan.sketch.state import SIDE, DrawStroke

N = 64
places = st.floats(-4, 68).map(lambda value: round(value, 2))


def covered_by_brute_force(points, width, n=N):
    """Coverage of each pixel told from its distance to the nearest of many places along the way."""
    x, y = np.meshgrid(np.arange(n) + 0.5, np.arange(n) + 0.5)
    scale = n / SIDE
    nearest = np.full((n, n), np.inf)
    pairs = list(itertools.pairwise(points)) or [(points[0], points[0])]
    for (ax, ay), (bx, by) in pairs:
        for share in np.linspace(0, 1, 600):
            distance = np.hypot(x - scale * (ax + share * (bx - ax)), y - scale * (ay + share * (by - ay)))
            nearest = np.minimum(nearest, distance)
    return np.clip(width * scale / 2 + 0.5 - nearest, 0, 1)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(places, places), min_size=1, max_size=3), st.floats(0.5, 12))
def test_ink_is_what_brute_force_covers(points, width):
    ink = DrawSheet(N).layers((DrawStroke("pen", tuple(points), width),)).ink
    np.testing.assert_allclose(ink, covered_by_brute_force(points, width), atol=0.05)


def test_a_stroke_that_grows_is_the_stroke_drawn_at_once():
    points = [(5.0, 5.0), (30.0, 9.0), (33.0, 40.0), (8.0, 60.0)]
    below = DrawStroke("colour", ((20.0, 20.0), (40.0, 20.0)), 9.0, (250, 10, 10))
    for tool in ("pen", "eraser", "colour"):
        growing = DrawSheet(N)
        for n in range(1, len(points) + 1):
            shown = growing.layers((below, DrawStroke(tool, tuple(points[:n]), 3.0, (0, 90, 0))))
        whole = DrawSheet(N).layers((below, DrawStroke(tool, tuple(points), 3.0, (0, 90, 0))))
        for name in ("ink", "cover", "colours"):
            np.testing.assert_array_equal(getattr(shown, name), getattr(whole, name))


def test_a_stroke_that_is_shown_again_stays_as_it_was_to_the_bit():
    random = np.random.default_rng(6)
    for _ in range(20):
        places = [tuple(place) for place in random.uniform(5, 60, (7, 2)).round(2).tolist()]
        stroke, sheet = DrawStroke("pen", tuple(places), 2.0), DrawSheet()
        whole = DrawSheet().layers((stroke,)).ink
        for n in range(1, 8):
            grown_ink = sheet.layers((DrawStroke("pen", tuple(places[:n]), 2.0),)).ink
        np.testing.assert_array_equal(grown_ink, whole)
        for _ in range(2):
            np.testing.assert_array_equal(sheet.layers((DrawStroke("pen", tuple(places), 2.0),)).ink, whole)
        np.testing.assert_array_equal(with_stroke(empty_layers(), stroke).ink, whole)


def test_the_sheet_follows_when_strokes_are_taken_back():
    drawing = tuple(DrawStroke("pen", ((4.0 * i, 3.0), (4.0 * i, 50.0)), 2.0) for i in range(1, 6))
    sheet = DrawSheet(N)
    for wanted in (drawing, drawing[:2], drawing[:4], (), drawing[2:]):
        np.testing.assert_array_equal(sheet.layers(wanted).ink, DrawSheet(N).layers(wanted).ink)


@pytest.mark.parametrize("tool", ["pen", "colour", "fill"])
def test_what_is_mirrored_is_the_same_on_both_sides_to_the_bit(tool):
    frame = DrawStroke("pen", ((6.3, 6.1), (20.7, 8.0), (15.2, 30.9), (6.3, 6.1)), 2.3, is_mirrored=True)
    stroke = DrawStroke(tool, ((13.1, 12.7), (17.0, 15.5)), 4.7, (3, 120, 250), is_mirrored=True)
    layers = DrawSheet(N).layers((frame, stroke))
    for plane in (layers.ink, layers.cover, layers.colours):
        np.testing.assert_array_equal(plane, plane[:, ::-1])
    assert (layers.ink + layers.cover).any()
    assert not np.array_equal(layers.ink[:, :32], np.zeros((N, 32)))


def test_without_mirror_the_other_side_stays_white():
    layers = DrawSheet(N).layers((DrawStroke("pen", ((10.0, 10.0), (20.0, 40.0)), 3.0),))
    assert not layers.ink[:, 32:].any()


def flooded_by_queue(is_free, row, column):
    found, queue = np.zeros_like(is_free), deque([(row, column)] if is_free[row, column] else [])
    while queue:
        y, x = queue.popleft()
        if 0 <= y < is_free.shape[0] and 0 <= x < is_free.shape[1] and is_free[y, x] and not found[y, x]:
            found[y, x] = True
            queue.extend([(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)])
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.9), st.integers(1, 12), st.integers(1, 12))
def test_a_flood_reaches_what_a_queue_reaches(seed, share, height, width):
    random = np.random.default_rng(seed)
    is_free = random.random((height, width)) < share
    row, column = int(random.integers(height)), int(random.integers(width))
    np.testing.assert_array_equal(flooded(is_free, row, column), flooded_by_queue(is_free, row, column))


def test_a_fill_colours_the_closed_shape_and_stops_under_its_line():
    ring = DrawStroke(
        "pen", tuple((32 + 15 * np.cos(a), 32 + 15 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 40)), 3.0
    )
    layers = DrawSheet().layers((ring, DrawStroke("fill", ((32.0, 32.0),), 1.0, (10, 200, 30))))
    y, x = (np.mgrid[:256, :256] + 0.5) / 4
    distance = np.hypot(x - 32, y - 32)
    assert layers.cover[distance < 13].all()
    assert not layers.cover[distance > 16.6].any()
    np.testing.assert_array_equal(layers.colours[128, 128], [10, 200, 30])
    picture = layers.picture()
    np.testing.assert_array_equal(picture[128, 128], [10, 200, 30])
    np.testing.assert_array_equal(picture[2, 2], [255, 255, 255])


def test_an_eraser_takes_ink_and_colour_away():
    drawing = (
        DrawStroke("pen", ((5.0, 32.0), (60.0, 32.0)), 8.0),
        DrawStroke("colour", ((5.0, 32.0), (60.0, 32.0)), 8.0, (255, 0, 0)),
        DrawStroke("eraser", ((32.0, 10.0), (32.0, 55.0)), 6.0),
    )
    layers = DrawSheet(N).layers(drawing)
    assert not layers.ink[:, 30:34].any()
    assert not layers.cover[:, 30:34].any()
    assert layers.ink[32, 10] == layers.cover[32, 10] == 1


def test_a_later_colour_covers_an_earlier_one():
    places = ((32.0, 32.0),)
    drawing = (DrawStroke("colour", places, 10.0, (255, 0, 0)), DrawStroke("colour", places, 10.0, (0, 0, 255)))
    np.testing.assert_array_equal(DrawSheet(N).layers(drawing).colours[32, 32], [0, 0, 255])


def test_the_network_sees_means_of_pixels_and_colours_only_where_they_are():
    drawing = (
        DrawStroke("pen", ((10.0, 10.0), (50.0, 20.0)), 2.0),
        DrawStroke("colour", ((30.0, 40.0),), 7.0, (51, 102, 255)),
    )
    layers = DrawSheet().layers(drawing)
    seen = layers.drawing(64)
    assert seen.shape == (5, 64, 64)
    np.testing.assert_allclose(seen[0, 15, 30], layers.ink[60:64, 120:124].mean(), rtol=1e-5)
    np.testing.assert_allclose(seen[2:, 40, 30], np.array([51, 102, 255]) / 255, rtol=1e-5)
    assert not seen[2:][:, seen[1] == 0].any()
    under = (*drawing, DrawStroke("pen", ((30.0, 34.0), (30.0, 46.0)), 2.0))
    seen_under = DrawSheet().layers(under).drawing(64)
    assert seen_under[0, 40, 30] > 0.9
    assert seen_under[1:, 40, 30].max() < 0.1  # the line shall not have the colour that runs under it
    np.testing.assert_array_equal(seen_under[:, 40, 27], seen[:, 40, 27])
    assert seen.min() >= 0
    assert seen.max() <= 1 + 1e-6


def test_what_grows_reaches_as_far_as_it_is_told():
    found = np.zeros((9, 9), bool)
    found[4, 4] = True
    assert grown(found, 0).sum() == 1
    assert grown(found, 1).sum() == 5
    assert grown(found, 2).sum() == 21
    assert not grown(found, 3)[0].any()


def test_a_stroke_outside_the_sheet_leaves_it_white():
    layers = with_stroke(empty_layers(N), DrawStroke("pen", ((-20.0, -20.0), (-20.0, 90.0)), 4.0))
    assert not layers.ink.any()
