"""Ways between two places: end points, lengths, angles, and constant perceived speed."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.path.position import (
    Array,
    constant_speed,
    geometric,
    lerp,
    offset_between,
    rotate,
    shift,
    slerp,
    turned,
)

A = np.array([3.0, 0.0, 0.0], np.float32)
B = np.array([0.0, 4.0, 0.0], np.float32)


def floats(*numbers: float) -> Array:
    return np.array(numbers, np.float32)


def test_lerp_is_the_straight_line():
    assert np.allclose(lerp(A, B, 0.25), [2.25, 1.0, 0.0])


def test_slerp_turns_at_a_steady_angle_and_blends_the_length():
    middle = slerp(A, B, 1 / 3)
    assert np.linalg.norm(middle) == pytest.approx(3 + 1 / 3, abs=1e-5)
    assert np.degrees(np.arctan2(middle[1], middle[0])) == pytest.approx(30, abs=1e-3)


@pytest.mark.parametrize("b", [np.zeros(3, np.float32), A, 2 * A, -A])
def test_slerp_is_a_line_where_no_angle_is_defined(b):
    assert np.allclose(slerp(A, b, 0.5), lerp(A, b, 0.5))


def test_geometric_multiplies_by_equal_factors():
    near, far = np.array([1.0], np.float32), np.array([100.0], np.float32)
    assert geometric(near, far, 0.5) == pytest.approx(10.0)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40), st.integers(2, 30))
def test_times_run_from_0_to_1_and_never_back(distances, n_frames):
    times = constant_speed(distances, n_frames)
    assert times.shape == (n_frames,)
    assert times[0] == pytest.approx(0, abs=1e-6) or sum(distances[:1]) == 0
    assert times[-1] <= 1
    assert (np.diff(times) >= 0).all()


def test_every_frame_covers_the_same_distance():
    """A path whose picture changes 19 times faster at its end: the walk slows down there."""
    speed = np.linspace(0.1, 1.9, 200)
    times = constant_speed(speed.tolist(), 21)
    travelled = np.interp(times, np.linspace(0, 1, 201), np.concatenate([[0], np.cumsum(speed)]))
    steps = np.diff(travelled)
    assert steps.max() / steps.mean() < 1.01


def test_a_path_without_any_change_is_walked_evenly():
    assert np.allclose(constant_speed([0.0, 0.0], 3), [0, 0.5, 1])


@pytest.mark.parametrize("distances", list(itertools.product((0.0, 5e-324, 1e-310, 1e-300, 1.0, 1e300), repeat=3)))
def test_pieces_of_all_lengths_have_finite_times(distances):
    times = constant_speed(distances, 5)
    assert np.isfinite(times).all()
    assert (np.diff(times) >= 0).all()
    assert times[-1] <= 1
    assert times[0] == 0 or distances[0] == 0


@pytest.mark.parametrize("tiny", [5e-324, 1e-310, 1e-300])
def test_a_change_that_is_next_to_nothing_is_walked_evenly_too(tiny):
    assert np.allclose(constant_speed([tiny], 5), [0, 0.25, 0.5, 0.75, 1])


@pytest.mark.parametrize("way", [lerp, slerp])
def test_many_times_at_once_are_each_time_alone(way):
    times = np.array([-0.5, 0.0, 0.3, 1.0, 1.5])
    together = way(A, B, times)
    assert together.shape == (5, 3)
    assert together == pytest.approx(np.stack([way(A, B, float(t)) for t in times]), abs=1e-6)


def test_beyond_the_ends_the_way_goes_on():
    assert lerp(A, B, 2.0) == pytest.approx([-3, 8, 0])
    assert slerp(floats(1, 0, 0), floats(0, 1, 0), 2.0) == pytest.approx([-1, 0, 0], abs=1e-6)
    assert geometric(floats(1), floats(3), 3.0) == pytest.approx([27])


def test_slerp_takes_an_array_of_any_shape_as_one_vector():
    a, b = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    assert slerp(a, b, 0.3).ravel() == pytest.approx(slerp(a.ravel(), b.ravel(), 0.3))


def about_z(angle):
    return floats(np.cos(angle / 2), 0, 0, np.sin(angle / 2))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_rotation_turns_steadily_and_the_shortest_way(sign):
    turned_to = rotate(about_z(0.0), sign * about_z(2.0), np.array([0, 0.25, 1.0]))
    assert turned_to == pytest.approx(np.stack([about_z(0), about_z(0.5), about_z(2.0)]), abs=1e-6)


def test_rotations_are_turned_each_on_its_own():
    a = np.stack([about_z(0.0), about_z(1.0)])
    b = np.stack([about_z(1.0), about_z(1.0)])
    assert rotate(a, b, 0.5) == pytest.approx(np.stack([about_z(0.5), about_z(1.0)]), abs=1e-6)


def test_one_turn_follows_another():
    assert turned(about_z(0.5), about_z(1.0)) == pytest.approx(about_z(1.5), abs=1e-6)
    quarter_x = floats(np.sqrt(0.5), np.sqrt(0.5), 0, 0)
    # First a quarter about z, then one about x: x goes to y, then to z.
    w, x, y, z = turned(about_z(np.pi / 2), quarter_x)
    assert [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)] == pytest.approx([0, 0, 1], abs=1e-6)


@pytest.mark.parametrize("rule", ["linear", "spherical", "logarithmic", "rotation"])
def test_the_offset_between_two_places_moves_one_to_the_other(rule):
    rng = np.random.default_rng(3)
    a, b = (rng.normal(size=(5, 4)).astype(np.float32) for _ in range(2))
    if rule == "logarithmic":
        a, b = np.exp(a), np.exp(b)
    if rule == "rotation":
        a, b = (q / np.linalg.norm(q, axis=1, keepdims=True) for q in (a, b))
    assert shift(a, offset_between(a, b, rule), rule) == pytest.approx(b, rel=1e-5, abs=1e-5)
