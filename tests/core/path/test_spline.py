"""Catmull–Rom curves against formulas of other kinds, finite differences and symmetry."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.path.position import Array, Rule, rotate, slerp
from studio.core.path.spline import Spline, distance, exp_map, knot_intervals, log_map

U = np.linspace(0, 1, 41)
LINE: dict[str, Rule] = {"z": "linear"}
SPHERE: dict[str, Rule] = {"z": "spherical"}


def floats(*numbers: float) -> Array:
    return np.array(numbers, np.float32)


def places(*rows):
    return [{"z": np.array(row, np.float32)} for row in rows]


def random_places(n, size, seed=0):
    return [{"z": row} for row in np.random.default_rng(seed).normal(size=(n, size)).astype(np.float32)]


def unit_quaternions(n, seed=0):
    rows = np.random.default_rng(seed).normal(size=(n, 4))
    return [{"q": (row / np.linalg.norm(row)).astype(np.float32)} for row in rows]


def hermite(points, gaps, u):
    """The cubic with Catmull–Rom's tangents as a polynomial in Hermite's basis: no pyramid."""
    p0, p1, p2, p3 = (np.asarray(point, np.float64) for point in points)
    d0, d1, d2 = gaps
    m1 = d1 * ((p1 - p0) / d0 - (p2 - p0) / (d0 + d1) + (p2 - p1) / d1)
    m2 = d1 * ((p2 - p1) / d1 - (p3 - p1) / (d1 + d2) + (p3 - p2) / d2)
    u = u[:, None]
    return (2 * u**3 - 3 * u**2 + 1) * p1 + (u**3 - 2 * u**2 + u) * m1 + (3 * u**2 - 2 * u**3) * p2 + (u**3 - u**2) * m2


@pytest.mark.parametrize("seed", range(5))
def test_a_segment_is_the_cubic_of_hermites_formula(seed):
    keys = random_places(4, 3, seed)
    points = [key["z"] for key in keys]
    gaps = [np.linalg.norm(b - a) ** 0.5 for a, b in pairwise(points)]
    assert Spline(keys, LINE, False).at(1, U)["z"] == pytest.approx(hermite(points, gaps, U), abs=1e-5)


def test_an_open_end_is_reflected():
    keys = random_places(3, 2, 7)
    points = [key["z"] for key in keys]
    points = [2 * points[0] - points[1], *points]
    gaps = [np.linalg.norm(b - a) ** 0.5 for a, b in pairwise(points)]
    assert Spline(keys, LINE, False).at(0, U)["z"] == pytest.approx(hermite(points, gaps, U), abs=1e-5)


def test_points_on_a_line_stay_on_it_in_order():
    keys = places([0, 0], [1, 2], [4, 8], [5, 10])
    curve = np.concatenate([Spline(keys, LINE, False).at(k, U)["z"] for k in range(3)])
    assert curve[:, 1] == pytest.approx(2 * curve[:, 0], abs=1e-5)
    assert (np.diff(curve[:, 0]) > -1e-6).all()


def test_intervals_are_square_roots_of_the_distances():
    keys = places([0, 0], [3, 4], [3, 4 + 16])
    assert knot_intervals(keys, LINE, False) == pytest.approx([5**0.5, 4])
    assert len(knot_intervals(keys, LINE, True)) == 3


@pytest.mark.parametrize("rule", ["linear", "spherical", "logarithmic"])
@pytest.mark.parametrize("is_loop", [False, True])
def test_it_passes_through_all_keyframes(rule, is_loop):
    keys = random_places(5, 4)
    if rule == "logarithmic":
        keys = [{"z": np.exp(key["z"])} for key in keys]
    spline = Spline(keys, {"z": rule}, is_loop)
    for k in range(5 if is_loop else 4):
        ends = spline.at(k, np.array([0.0, 1.0]))["z"]
        assert ends[0] == pytest.approx(keys[k]["z"], rel=1e-5, abs=1e-6)
        assert ends[1] == pytest.approx(keys[(k + 1) % 5]["z"], rel=1e-5, abs=1e-6)


def tangents_differ(spline, name, n_segments, is_loop):
    """The largest jump of the derivative by the knots between neighbouring segments, in units of its size."""
    step = 4e-3
    jumps = []
    for back in range(n_segments - (0 if is_loop else 1)):
        ahead = (back + 1) % n_segments
        # One-sided differences of second order, in float64 although the curve is float32.
        a = spline.at(back, np.array([1, 1 - step, 1 - 2 * step]))[name].astype(np.float64)
        b = spline.at(ahead, np.array([0, step, 2 * step]))[name].astype(np.float64)
        arriving = (1.5 * a[0] - 2 * a[1] + 0.5 * a[2]) / step / spline.intervals[back]
        leaving = -(1.5 * b[0] - 2 * b[1] + 0.5 * b[2]) / step / spline.intervals[ahead]
        sign = np.sign(np.sum(a[0] * b[0])) if name == "q" else 1
        jumps.append(np.abs(sign * arriving - leaving).max() / np.abs(leaving).max())
    return max(jumps)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("is_loop", [False, True])
@pytest.mark.parametrize("rule", ["linear", "spherical", "rotation", "logarithmic"])
def test_first_and_last_tangent_of_every_segment_agree(rule, is_loop, seed):
    keys, name = random_places(5, 4, seed), "z"
    if rule == "rotation":
        keys, name = unit_quaternions(5, seed), "q"
    elif rule == "logarithmic":
        keys = [{"z": np.exp(key["z"])} for key in keys]
    spline = Spline(keys, {name: rule}, is_loop)
    assert tangents_differ(spline, name, 5 if is_loop else 4, is_loop) < 1e-2


def test_a_spherical_curve_between_two_points_is_slerp():
    a, b = random_places(2, 6)
    curve = Spline([a, b], SPHERE, False).at(0, U)["z"]
    assert curve == pytest.approx(slerp(a["z"], b["z"], U), abs=1e-5)


def test_a_turn_between_two_rotations_is_steady_and_the_shortest():
    a, b = unit_quaternions(2, 3)
    curve = Spline([a, {"q": -b["q"]}], {"q": "rotation"}, False).at(0, U)["q"]
    assert curve == pytest.approx(rotate(a["q"], b["q"], U), abs=1e-5)


def test_points_of_a_circle_make_that_circle():
    """Eight equal arcs of a circle of radius 3 about the origin: the curve is the circle, walked evenly."""
    angles = np.arange(8) * np.pi / 4
    spline = Spline(places(*3 * np.stack([np.cos(angles), np.sin(angles)], axis=1)), SPHERE, True)
    for k in range(8):
        curve = spline.at(k, U)["z"]
        assert np.linalg.norm(curve, axis=1) == pytest.approx(np.full(len(U), 3.0), abs=1e-5)
        turned = np.unwrap(np.arctan2(curve[:, 1], curve[:, 0]))
        assert turned - turned[0] == pytest.approx(U * np.pi / 4, abs=1e-5)


def test_lengths_on_a_sphere_stay_typical():
    """Through random directions in many dimensions a straight spline would lose a fifth of the length."""
    keys = random_places(6, 256, 2)
    usual = np.mean([np.linalg.norm(key["z"]) for key in keys])
    lengths = np.linalg.norm(np.concatenate([Spline(keys, SPHERE, True).at(k, U)["z"] for k in range(6)]), axis=1)
    assert lengths.min() > 0.9 * usual
    assert lengths.max() < 1.1 * usual


@pytest.mark.parametrize("rule", ["linear", "spherical", "rotation", "logarithmic"])
@pytest.mark.parametrize("pattern", [[0, 0, 0], [0, 0, 1, 2], [0, 1, 1, 2], [0, 1, 2, 2], [0, 1, 0, 1]])
@pytest.mark.parametrize("is_loop", [False, True])
def test_equal_points_give_numbers_everywhere(rule, pattern, is_loop):
    rows = np.array([[1, 0, 0, 0], [0, 2, 0, 0], [1, 1, 1, 1]], np.float32)
    rows = np.exp(rows) if rule == "logarithmic" else rows
    spline = Spline([{"z": rows[k]} for k in pattern], {"z": rule}, is_loop)
    for k in range(len(pattern) - (0 if is_loop else 1)):
        curve = spline.at(k, U)["z"]
        assert np.isfinite(curve).all()
        assert np.abs(curve).max() < 20


@pytest.mark.parametrize("rule", ["spherical", "rotation"])
def test_opposite_and_missing_directions_give_a_curve_without_a_jump(rule):
    rows = [[1, 0, 0, 0], [-1, 0, 0, 0], [0, 1, 0, 0], [0, -2, 0, 0]]
    if rule == "spherical":
        rows.insert(2, [0, 0, 0, 0])
    spline = Spline(places(*rows), {"z": rule}, True)
    curve = np.concatenate([spline.at(k, np.linspace(0, 1, 400))["z"] for k in range(len(rows))])
    steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    assert np.isfinite(curve).all()
    assert (
        np.minimum(steps, np.linalg.norm(curve[1:] + curve[:-1], axis=1) if rule == "rotation" else steps).max() < 0.1
    )


@given(st.integers(0, 10_000), st.integers(2, 5))
def test_the_way_to_a_point_leads_there(seed, size):
    a, b = np.random.default_rng(seed).normal(size=(2, size))
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    assert exp_map(a, log_map(a, b)) == pytest.approx(b, abs=1e-9)
    assert np.linalg.norm(log_map(a, b)) == pytest.approx(np.arccos(np.clip(a @ b, -1, 1)), abs=1e-6)


def test_distances_of_each_rule():
    quarter = np.array([np.cos(np.pi / 4), 0, 0, np.sin(np.pi / 4)], np.float32)
    still = np.array([1, 0, 0, 0], np.float32)
    assert distance(still, -quarter, "rotation") == pytest.approx(np.pi / 2, abs=1e-6)
    assert distance(floats(1), floats(np.e), "logarithmic") == pytest.approx(1, abs=1e-6)
    assert distance(floats(0, 0), floats(3, 4), "spherical") == pytest.approx(5)
