"""Lenses: there and back again, and against sums done by hand."""

import math

import numpy as np
import pytest

from plugins.nerf.shared.camera.lens import bent, bent_fisheye, straight, straight_fisheye

FOX = np.array([0.0578421, -0.0805099, 0, 0, -0.000980296, 0.00015575])
STRONG = np.array([-0.28, 0.07, -0.01, 0.001, 0.002, -0.001])


@pytest.mark.parametrize("lens", [FOX, STRONG])
def test_a_plain_lens_is_undone(lens):
    places = np.stack(np.meshgrid(np.linspace(-0.8, 0.8, 21), np.linspace(-0.8, 0.8, 17)), -1)
    assert np.abs(straight(bent(places, lens), lens) - places).max() < 1e-10


def test_one_place_by_hand():
    k1, k2, p1, p2 = 0.1, 0.01, 0.002, 0.003
    x, y = 0.3, -0.4
    square = 0.25
    radial = 1 + k1 * square + k2 * square**2
    expected = (
        x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x),
        y * radial + p1 * (square + 2 * y * y) + 2 * p2 * x * y,
    )
    assert bent(np.array([x, y]), np.array([k1, k2, 0, 0, p1, p2])) == pytest.approx(expected, abs=1e-12)


def test_a_fisheye_without_numbers_puts_angles_at_even_distances():
    angle = math.radians(70)
    place = bent_fisheye(np.array([math.sin(angle), 0.0, math.cos(angle)]), np.zeros(6))
    assert place == pytest.approx([angle, 0])


def test_a_fisheye_lens_is_undone():
    lens = np.array([0.05, -0.01, 0.002, -0.0005, 0, 0])
    angles = np.linspace(0, math.radians(100), 50)
    directions = np.stack([np.sin(angles) * 0.6, np.sin(angles) * 0.8, np.cos(angles)], -1)
    assert np.abs(straight_fisheye(bent_fisheye(directions, lens), lens) - directions).max() < 1e-9


def test_a_lens_that_folds_the_picture_over_gives_numbers_still():
    places = np.stack(np.meshgrid(np.linspace(-5, 5, 31), np.linspace(-5, 5, 31)), -1)
    assert np.isfinite(straight(places, np.full(6, 10.0))).all()
    assert np.isfinite(straight_fisheye(places, np.full(6, -10.0))).all()
