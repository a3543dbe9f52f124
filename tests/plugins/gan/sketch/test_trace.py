"""Lines that are followed: as thin as a pixel, still connected, and drawn again where they were."""

import itertools

import numpy as np
import pytest

from plugins.gan.sketch.model.outline import length, simplified, smoothed, thinned, traced, ways_along
from plugins.gan.sketch.model.rasteriser import DrawSheet, flooded
from studio.datasets.outlines import load_shipped_outlines
from studio.datasets.split import Split


def disc_ring(n=128, radius=40, width=5):
    y, x = np.mgrid[:n, :n]
    return np.abs(np.hypot(x - n / 2, y - n / 2) - radius) < width / 2


def n_parts(mask):
    """How many pieces hang together, corners included."""
    left, count = {tuple(place) for place in np.argwhere(mask)}, 0
    while left:
        count += 1
        queue = [left.pop()]
        while queue:
            y, x = queue.pop()
            for near in [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]:
                if near in left:
                    left.discard(near)
                    queue.append(near)
    return count


def test_thinning_keeps_rings_closed_and_makes_them_thin():
    ring = disc_ring()
    thin = thinned(ring)
    assert (thin <= ring).all()
    assert n_parts(thin) == 1
    assert not flooded(~thin, 64, 64)[0, 0]  # inside and outside are still apart
    around = sum(np.roll(np.roll(thin, dy, 0), dx, 1) for dy in (-1, 0, 1) for dx in (-1, 0, 1)) - thin.astype(int)
    assert around[thin].max() <= 3
    assert thin.sum() == pytest.approx(2 * np.pi * 40, rel=0.2)


def test_a_block_thins_to_its_middle():
    block = np.zeros((20, 40), bool)
    block[8:13, 5:35] = True
    rows, columns = np.nonzero(thinned(block))
    assert set(rows) <= {9, 10, 11}
    assert columns.max() - columns.min() > 20


def test_every_pixel_of_a_line_is_on_one_way():
    random = np.random.default_rng(3)
    thin = thinned(random.random((40, 40)) < 0.4)
    ways = ways_along(thin)
    seen = {place for way in ways for place in way}
    assert seen == {tuple(map(int, place)) for place in np.argwhere(thin)}
    for way in ways:
        for (y0, x0), (y1, x1) in itertools.pairwise(way):
            assert max(abs(y0 - y1), abs(x0 - x1)) == 1


def test_a_ring_is_one_closed_stroke_at_its_radius():
    (stroke,) = traced(disc_ring())
    points = np.array(stroke.points)
    np.testing.assert_array_equal(points[0], points[-1])
    radii = np.hypot(*(points - 32.25).T)  # the middle of pixel 64 of 128
    assert np.abs(radii - 20).max() < 0.6


def test_a_cross_is_four_arms_or_two_lines_through_its_middle():
    cross = np.zeros((64, 64), bool)
    cross[32, 8:56] = cross[8:56, 32] = True
    strokes = traced(cross)
    assert len(strokes) in (2, 3)
    assert sum(length(np.array(stroke.points)) for stroke in strokes) == pytest.approx(94, abs=4)


def test_what_is_short_is_left_out_and_the_longest_come_first():
    lines = np.zeros((128, 128), bool)
    lines[10, 10:100] = lines[50, 10:40] = lines[90, 10:14] = True
    strokes = traced(lines)
    assert [round(stroke.points[0][1]) for stroke in strokes] == [5, 25]


def test_shipped_outlines_are_drawn_again_where_they_were():
    edges = load_shipped_outlines(Split.TEST).edges[:6]
    for one in edges:
        ink = DrawSheet(128).layers(traced(one)).ink > 0.5
        near = one.copy()
        for axis in (0, 1):
            for step in (-1, 1):
                near |= np.roll(near, step, axis)
        assert ink[one].mean() > 0.93  # covered but for what is very short
        assert near[ink].mean() > 0.55  # a pen of four pixels on a line of one


def test_smoothing_keeps_ends_and_closed_rings():
    way = np.array([[0, float(i)] for i in range(12)])
    np.testing.assert_allclose(smoothed(way), way, atol=1e-12)
    angle = np.linspace(0, 2 * np.pi, 41)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    ring[-1] = ring[0]
    round_again = smoothed(ring)
    np.testing.assert_allclose(round_again[0], round_again[-1], atol=1e-12)
    np.testing.assert_allclose(np.hypot(*round_again.T), np.hypot(*round_again.T).mean(), atol=1e-3)


def test_simplified_ways_keep_within_the_tolerance():
    random = np.random.default_rng(5)
    points = np.cumsum(random.normal(0, 1, (200, 2)), 0)
    kept = simplified(points, 1.5)
    assert kept[0] == 0
    assert kept[-1] == 199
    for first, last in itertools.pairwise(kept):
        a, way = points[first], points[last] - points[first]
        for point in points[first:last]:
            share = np.clip((point - a) @ way / max(way @ way, 1e-12), 0, 1)
            assert np.linalg.norm(point - a - share * way) <= 1.5 + 1e-9
