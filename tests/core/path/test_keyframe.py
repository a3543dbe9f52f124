"""Paths of keyframes: times, speed, edits and their saved form."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.error import UserError
from studio.core.path.easing import EASINGS
from studio.core.path.keyframe import (
    MAX_DURATION_S,
    MAX_KEYFRAMES,
    MIN_DURATION_S,
    Keyframe,
    KeyframePath,
    path_from_json,
    path_to_json,
)
from studio.core.path.position import Array, Rule
from studio.core.path.route import CURVES

LINE: dict[str, Rule] = {"z": "linear"}
SPHERE: dict[str, Rule] = {"z": "spherical"}
durations = st.floats(MIN_DURATION_S, 5)


def floats(*numbers: float) -> Array:
    return np.array(numbers, np.float32)


def keyframe(*z, duration_s=1.0, easing="linear"):
    return Keyframe({"z": np.array(z, np.float32)}, duration_s, easing)


def line(*xs, curve="linear", **more):
    return KeyframePath(tuple(keyframe(x) for x in xs), LINE, curve, **more)


def places(path, times_s):
    """The arrays "z" at these times, (T, D)."""
    return np.stack([path.position_at(time)["z"] for time in times_s])


@st.composite
def paths(draw, min_size=2):
    n = draw(st.integers(min_size, 6))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    keyframes = tuple(
        Keyframe({"z": rng.normal(size=3).astype(np.float32)}, draw(durations), draw(st.sampled_from(EASINGS)))
        for _ in range(n)
    )
    path = KeyframePath(keyframes, SPHERE, draw(st.sampled_from(CURVES)), draw(st.booleans()))
    changes = draw(st.none() | st.lists(st.floats(0, 1), min_size=1, max_size=30))
    return path if changes is None or not path.n_segments else path.paced(changes)


def check(path):
    """What holds of every path."""
    assert all(MIN_DURATION_S <= k.duration_s <= MAX_DURATION_S for k in path.keyframes)
    times = path.times_s
    assert len(times) == len(path)
    assert list(times) == sorted(times)
    assert all(0 <= time <= path.duration_s + 1e-9 for time in times)
    if not path.is_paced:  # with a pace several keyframes may be met at once, where nothing can be seen to change
        for k, time in zip(path.keyframes, times, strict=True):
            assert path.position_at(time)["z"] == pytest.approx(k.position["z"], abs=1e-5)


def test_an_empty_path_has_no_time_and_no_position():
    path = KeyframePath()
    assert (len(path), path.duration_s, path.times_s, path.n_frames(30)) == (0, 0, (), 0)
    with pytest.raises(ValueError, match="without keyframes"):
        path.position_at(0)


@pytest.mark.parametrize("is_loop", [False, True])
def test_one_keyframe_is_one_frame(is_loop):
    path = line(7, is_loop=is_loop)
    assert (path.duration_s, path.times_s, path.n_frames(30)) == (0, (0,), 1)
    assert path.position_at(3)["z"] is path.keyframes[0].position["z"]
    assert places(path, [0, 1]).tolist() == [[7], [7]]


def test_times_are_the_sums_of_the_durations():
    path = KeyframePath((keyframe(0, duration_s=2), keyframe(1, duration_s=3), keyframe(2, duration_s=9)), LINE)
    assert (path.times_s, path.duration_s) == ((0, 2, 5), 5)
    assert (path.looped(True).times_s, path.looped(True).duration_s) == ((0, 2, 5), 14)


def test_a_straight_path_is_walked_evenly_and_stays_at_its_ends():
    path = line(0, 1, 3)
    assert places(path, [-1, 0, 0.25, 1, 1.5, 2, 9])[:, 0] == pytest.approx([0, 0, 0.25, 1, 2, 3, 3])


def test_a_loop_goes_round():
    path = line(0, 1, 3, is_loop=True)
    assert places(path, [0, 2.5, 3, 3.25, -0.5])[:, 0] == pytest.approx([0, 1.5, 0, 0.25, 1.5])


@pytest.mark.parametrize(
    ("curve", "middle"),
    [
        ("linear", [0.5, 0.5]),
        ("spherical", [0.5**0.5, 0.5**0.5]),
        ("smooth", [0.5**0.5, 0.5**0.5]),
    ],
)
def test_each_curve_goes_its_own_way(curve, middle):
    path = KeyframePath((keyframe(1, 0), keyframe(0, 1)), SPHERE, curve)
    assert path.position_at(0.5)["z"] == pytest.approx(middle, abs=1e-6)


def test_frames_reach_both_ends_of_an_open_path_and_show_a_loops_start_once():
    path = line(0, 1)
    assert path.n_frames(30) == 31
    assert [path.frame_time_s(index, 30) for index in (0, 1, 30)] == pytest.approx([0, 1 / 30, 1])
    loop = path.looped(True)
    assert loop.n_frames(30) == 60
    assert [loop.frame_time_s(index, 30) for index in (0, 1, 59)] == pytest.approx([0, 1 / 30, 59 / 30])


@pytest.mark.parametrize("easing", EASINGS)
def test_a_segment_is_eased_by_the_clock(easing):
    path = line(0, 1).with_easing(0, easing)
    done = {"linear": 0.25, "in": 0.109375, "out": 0.296875, "in_out": 0.15625}[easing]
    assert path.position_at(0.25)["z"] == pytest.approx([done])
    assert path.progress_at(0.25) == pytest.approx(done)


@pytest.mark.parametrize("is_loop", [False, True])
def test_a_smooth_path_does_not_jump_in_speed(is_loop):
    """One-sided speeds at every keyframe agree, though the segments take different times."""
    rng = np.random.default_rng(3)
    path = KeyframePath(
        tuple(keyframe(*rng.normal(size=3), duration_s=d) for d in (0.5, 2, 1, 3)), LINE, "smooth", is_loop
    )
    h = 1e-3
    for time in path.times_s[0 if is_loop else 1 : 4 if is_loop else 3]:
        before, at, after = (path.position_at(time + step)["z"].astype(np.float64) for step in (-h, 0, h))
        assert (at - before) / h == pytest.approx((after - at) / h, abs=0.02 * np.abs(after - before).max() / h)


def test_a_loop_closes_with_equal_places_and_speeds():
    path = KeyframePath(tuple(keyframe(*p) for p in ((0, 0), (2, 0), (2, 1), (0, 3))), LINE, is_loop=True)
    h, end = 1e-3, path.duration_s
    before, end, start, after = places(path, [end - h, end - 1e-9, 0, h]).astype(np.float64)
    assert end == pytest.approx(start, abs=1e-6)
    assert end - before == pytest.approx(after - start, abs=2e-5)


def test_arc_lengths_of_line_circle_and_cubic():
    assert line(0, 1, 3).route.piece_lengths(64).sum() == pytest.approx(3)
    assert line(0, 1, 3, curve="smooth", is_loop=False).route.piece_lengths(64).sum() == pytest.approx(3, abs=1e-5)
    angles = np.arange(6) * np.pi / 3
    circle = KeyframePath(tuple(keyframe(2 * np.cos(a), 2 * np.sin(a)) for a in angles), SPHERE, "smooth", is_loop=True)
    assert circle.route.piece_lengths(64).sum() == pytest.approx(4 * np.pi, rel=1e-4)
    # Uniform keyframes of y = x³ about 0: the middle cubic by the Hermite formula, integrated by its derivative.
    xs = np.array([[-1, 1], [0, 0], [1, 0], [2, 1]], np.float64)
    d0, d1, d2 = (np.linalg.norm(xs[k + 1] - xs[k]) ** 0.5 for k in range(3))
    m1 = d1 * ((xs[1] - xs[0]) / d0 - (xs[2] - xs[0]) / (d0 + d1) + (xs[2] - xs[1]) / d1)
    m2 = d1 * ((xs[2] - xs[1]) / d1 - (xs[3] - xs[1]) / (d1 + d2) + (xs[3] - xs[2]) / d2)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    u = (nodes[:, None] + 1) / 2
    speed = (
        (6 * u**2 - 6 * u) * xs[1] + (3 * u**2 - 4 * u + 1) * m1 + (6 * u - 6 * u**2) * xs[2] + (3 * u**2 - 2 * u) * m2
    )
    exact = np.linalg.norm(speed, axis=1) @ weights / 2
    smooth = KeyframePath(tuple(keyframe(*x) for x in xs), LINE, "smooth")
    assert smooth.route.piece_lengths(200)[200:400].sum() == pytest.approx(exact, rel=1e-4)


# Constant perceived speed.


def changes_of(path, times):
    """How much a picture changes that is a steep function of the place: x to the power 4."""
    return np.abs(np.diff(places(path, times)[:, 0].astype(np.float64) ** 4))


def test_a_measured_pace_shows_equal_changes_in_equal_times():
    path = line(0.2, 0.5, 2)
    stops = path.route.stops(200)
    paced = path.paced(np.abs(np.diff(path.route.at_all(stops)["z"][:, 0].astype(np.float64) ** 4)))
    changes = changes_of(paced, np.linspace(0, paced.duration_s, 21))
    assert changes.max() / changes.min() < 1.1
    assert changes_of(path, np.linspace(0, 2, 21)).max() > 5 * changes.max() / 2
    assert paced.duration_s == path.duration_s


def test_paced_keyframes_are_met_when_the_pace_comes_there():
    paced = line(0, 1, 4).paced([1, 3])
    assert paced.times_s == pytest.approx((0, 0.5, 2))
    assert paced.position_at(0.5)["z"] == pytest.approx([1])
    assert paced.unpaced().times_s == pytest.approx((0, 0.5, 2))
    assert not paced.unpaced().is_paced


def test_easing_changes_the_even_speed_within_a_segment():
    """At a pace the ways are even, so an eased segment shows exactly the easing."""
    paced = line(0, 1, 4).with_easing(1, "in_out").paced([1, 3])
    times = 0.5 + 1.5 * np.array([0.25, 0.5, 0.75])
    assert places(paced, times)[:, 0] == pytest.approx(1 + 3 * np.array([0.15625, 0.5, 0.84375]), abs=1e-5)


def test_a_path_on_which_nothing_changes_is_walked_evenly():
    assert line(0, 1).paced([0, 0, 0]).position_at(0.25)["z"] == pytest.approx([0.25])


def test_the_pace_comes_and_goes_without_a_trace():
    path = line(0, 1, 4)
    even = path.with_even_pace()
    assert even.position_at(0.5)["z"] == pytest.approx([0.5])
    assert even.with_even_pace() is even
    assert even.paced([1, 3]).without_pace().times_s == path.times_s


def test_a_change_of_course_asks_for_a_new_measurement():
    paced = line(0, 1, 4).paced([1, 3])
    for edited in (paced.appended(keyframe(5)), paced.removed(1), paced.moved(0, 2), paced.looped(True)):
        assert edited.is_paced
        assert tuple(edited.pace) == (0, 1)
        assert edited.needs_pace
    assert not paced.needs_pace
    for moved in (paced.replaced(0, {"z": floats(9)}), paced.with_curve("smooth"), paced.shifted({"z": floats(1)})):
        assert moved.needs_pace
        assert tuple(moved.pace) == tuple(paced.pace)  # the old pace is better than none
        assert not moved.paced([1, 1]).needs_pace
        assert path_from_json(path_to_json(moved)).needs_pace
    assert not paced.retimed(0, 2).is_paced


# Edits.


@settings(deadline=None)
@given(paths())
def test_every_path_meets_its_keyframes_in_order(path):
    check(path)


@pytest.mark.long("computes for long")
@settings(deadline=None)
@given(paths(), st.data())
def test_edits_keep_what_holds_of_every_path(path, data):
    index = data.draw(st.integers(0, len(path) - 1))
    other = data.draw(st.integers(0, len(path) - 1))
    time_s = data.draw(st.floats(-1, 40))
    fresh = keyframe(1, 2, 3)
    edits = [
        path.inserted(index, fresh),
        path.appended(fresh),
        path.replaced(index, fresh.position),
        path.removed(index),
        path.moved(index, other),
        path.retimed(index, time_s),
        path.retimed_at(index, time_s),
        path.split_at(time_s),
        path.split_on_route(min(max(time_s, 0), path.n_segments)),
        path.with_easing(index, "in_out"),
        path.with_curve("linear"),
        path.looped(not path.is_loop),
        path.unpaced(),
        path.shifted({"z": fresh.position["z"]}),
        path.stretched(10.0),
        path.paced([1, 2]),
    ]
    for edited in edits:
        check(edited)


@settings(deadline=None)
@given(paths(), st.floats(0, 1))
def test_a_split_passes_where_the_path_was_and_keeps_its_ends(path, share):
    path = path.unpaced()
    time_s = share * path.duration_s
    split = path.split_at(time_s)
    assert split.keyframes[0].position is path.keyframes[0].position
    assert split.keyframes[-1].position is path.keyframes[-1].position or len(split) > len(path)
    assert split.duration_s == pytest.approx(path.duration_s)
    assert split.position_at(time_s)["z"] == pytest.approx(path.position_at(time_s)["z"], abs=1e-5)


def test_a_split_keeps_lines_and_arcs():
    path = KeyframePath((keyframe(1, 0), keyframe(0, 2)), SPHERE, "spherical")
    split = path.split_at(0.3)
    times = np.linspace(0, 1, 21)
    assert places(split, times) == pytest.approx(places(path, times), abs=1e-5)


@given(paths(), st.floats(0, 1))
@settings(deadline=None)
def test_a_split_on_the_route_is_a_place_of_the_route(path, share):
    number = share * path.n_segments
    split = path.split_on_route(number)
    check(split)
    assert len(split) == len(path) + 1
    index = min(int(number), path.n_segments - 1) + 1
    assert split.keyframes[index].position["z"] == pytest.approx(path.route.at(number)["z"], abs=1e-6)
    assert split.duration_s == pytest.approx(path.duration_s, abs=4 * MIN_DURATION_S)


def test_there_is_room_for_500():
    path = line(*range(MAX_KEYFRAMES))
    for edit in (lambda: path.appended(keyframe(1)), lambda: path.split_at(0.5), lambda: path.split_on_route(0.5)):
        with pytest.raises(UserError, match="500"):
            edit()


def test_removing_a_keyframe_keeps_the_times_of_the_others():
    path = line(0, 1, 2, 3)
    assert path.removed(1).times_s == (0, 2, 3)
    assert path.removed(0).times_s == (0, 1, 2)
    assert path.removed(3).times_s == (0, 1, 2)
    assert path.looped(True).removed(3).duration_s == 4


def test_two_very_long_ways_become_the_longest_one():
    longest = replace(line(0, 1, 2), keyframes=tuple(keyframe(x, duration_s=0.75 * MAX_DURATION_S) for x in range(3)))
    assert longest.removed(1).times_s == (0, MAX_DURATION_S)
    assert longest.looped(True).removed(2).times_s == (0, 0.75 * MAX_DURATION_S)
    assert longest.looped(True).removed(2).duration_s == 1.75 * MAX_DURATION_S


def test_moving_a_keyframe_keeps_the_times():
    path = line(0, 1, 2).retimed(0, 3).with_easing(0, "in")
    moved = path.moved(0, 2)
    assert [k.position["z"][0] for k in moved.keyframes] == [1, 2, 0]
    assert moved.times_s == path.times_s
    assert moved.keyframes[0].easing == "in"


def test_a_keyframe_is_dragged_in_time_between_its_neighbours():
    path = line(0, 1, 2)
    assert path.retimed_at(1, 1.5).times_s == (0, 1.5, 2)
    assert path.retimed_at(1, 99).times_s == (0, 2 - MIN_DURATION_S, 2)
    assert path.retimed_at(1, -5).times_s == (0, MIN_DURATION_S, 2)
    assert path.retimed_at(2, 5).times_s == (0, 1, 5)
    assert path.retimed_at(0, 5) is path
    assert path.looped(True).retimed_at(2, 2.5).times_s == (0, 1, 2.5)
    assert path.looped(True).retimed_at(2, 2.5).duration_s == 3


def test_a_shift_follows_each_rule():
    turn = floats(np.cos(0.5), 0, 0, np.sin(0.5))  # one radian about z
    still = floats(1, 0, 0, 0)
    path = KeyframePath(
        (Keyframe({"z": floats(1, 2), "q": turn, "d": floats(4)}),),
        {"z": "spherical", "q": "rotation", "d": "logarithmic"},
    )
    moved = path.shifted({"z": floats(1, 0), "q": turn, "d": np.log(floats(2))}).keyframes[0].position
    assert moved["z"].tolist() == [2, 2]
    assert moved["q"] == pytest.approx([np.cos(1), 0, 0, np.sin(1)])
    assert moved["d"] == pytest.approx([8])
    assert path.shifted({"q": still}).keyframes[0].position["q"] == pytest.approx(turn)


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(ValueError, match="z"):
        line(0, 1).appended(keyframe(1, 2))
    with pytest.raises(ValueError, match="z"):
        KeyframePath((keyframe(0),), {"y": "linear"})
    with pytest.raises(ValueError, match="0"):
        keyframe(0, duration_s=0)
    with pytest.raises(ValueError, match="501"):
        line(*range(MAX_KEYFRAMES + 1))


# The saved form.


@settings(deadline=None)
@given(paths(min_size=0))
def test_a_saved_path_comes_back(path):
    again = path_from_json(json.loads(json.dumps(path_to_json(path))))
    assert (again.curve, again.is_loop, dict(again.rules)) == (path.curve, path.is_loop, dict(path.rules))
    assert again.times_s == path.times_s
    assert tuple(again.pace) == tuple(path.pace)
    for a, b in zip(again.keyframes, path.keyframes, strict=True):
        assert (a.duration_s, a.easing) == (b.duration_s, b.easing)
        assert a.position["z"].tobytes() == b.position["z"].tobytes()
        assert a.position["z"].dtype == np.float32


def valid():
    path = KeyframePath(
        (Keyframe({"z": floats(1), "q": floats(1, 0, 0, 0), "d": floats(2)}),) * 3,
        {"z": "linear", "q": "rotation", "d": "logarithmic"},
    )
    return json.loads(json.dumps(path_to_json(path.paced([1, 2]))))


def test_the_valid_one_is_valid():
    assert len(path_from_json(valid())) == 3


def test_it_must_be_a_path_of_the_model():
    values = path_to_json(line(0, 1))
    assert path_from_json(values, SPHERE, {"z": (1,)}).rules == LINE
    others: list[tuple[dict[str, Rule], dict[str, tuple[int, ...]] | None]] = [
        ({"y": "linear"}, None),
        (SPHERE, {"z": (2,)}),
    ]
    for rules, shapes in others:
        with pytest.raises(UserError):
            path_from_json(values, rules, shapes)
    assert len(path_from_json(path_to_json(KeyframePath((), LINE)), SPHERE, {"z": (2,)})) == 0


def set_in(values, keys, value):
    for key in keys[:-1]:
        values = values[key]
    values[keys[-1]] = value


Z = ("keyframes", 1, "position", "z")


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("curve",), "wild"),
        (("curve",), ["linear"]),
        (("is_loop",), 1),
        (("rules",), {"z": "linear"}),
        (("rules",), []),
        (("rules", "z"), "magic"),
        (("more",), 1),
        (("keyframes",), None),
        (("keyframes",), "abc"),
        (("keyframes",), {}),
        (("keyframes", 0), None),
        (("keyframes", 0, "duration_s"), 0),
        (("keyframes", 0, "duration_s"), 1e9),
        (("keyframes", 0, "duration_s"), float("nan")),
        (("keyframes", 0, "duration_s"), True),
        (("keyframes", 0, "easing"), "bounce"),
        (("keyframes", 0, "position"), {}),
        (("keyframes", 0, "more"), 1),
        ((*Z, "values"), [float("inf")]),
        ((*Z, "values"), ["1"]),
        ((*Z, "values"), [10**400]),
        ((*Z, "values"), [True]),
        ((*Z, "values"), [1, 2]),
        ((*Z, "values"), [[1]]),
        ((*Z, "values"), {"0": 1}),
        ((*Z, "values"), 1),
        ((*Z, "shape"), [2]),
        ((*Z, "shape"), [1 << 40]),
        ((*Z, "shape"), [-1, -1]),
        ((*Z, "shape"), [1] * 9),
        ((*Z, "shape"), [1.0]),
        ((*Z, "shape"), [0]),
        ((*Z, "shape"), None),
        ((*Z, "shape"), [1, 1]),
        (("keyframes", 1, "position", "q", "values"), [0, 0, 0, 0]),
        (("keyframes", 1, "position", "d", "values"), [0]),
        (("keyframes", 1, "position", "d", "values"), [-1]),
        (("pace",), [0]),
        (("pace",), [0, 0.9]),
        (("pace",), [0.1, 1]),
        (("pace",), [0, 0.6, 0.5, 1]),
        (("pace",), None),
        (("pace",), "01"),
        (("pace",), [0, float("nan"), 1]),
        (("pace",), [0] * 70_000 + [1]),
    ],
)
def test_a_broken_path_is_told(keys, value):
    values = valid()
    set_in(values, keys, value)
    with pytest.raises(UserError):
        path_from_json(values)


def test_too_much_is_told():
    values = valid()
    values["keyframes"] *= 200
    with pytest.raises(UserError):
        path_from_json(values)
    big = KeyframePath((keyframe(*np.zeros(3000)),) * 400, LINE)
    with pytest.raises(UserError):
        path_from_json(path_to_json(big))


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(junk, st.data())
def test_junk_anywhere_is_told_or_makes_a_sound_path(value, data):
    values = valid()
    keys: list[str | int] = []
    here = values
    while isinstance(here, (dict, list)) and here and (not keys or data.draw(st.booleans())):
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        keys.append(key)
        here = here[key]
    set_in(values, keys, value)
    try:
        path = path_from_json(values)
    except UserError:
        return
    if len(path):
        assert all(np.isfinite(array).all() for array in places(path, [0, 0.7]))


@settings(deadline=None)
@given(junk)
def test_junk_alone_is_told(value):
    with pytest.raises(UserError):
        path_from_json(value)


def test_a_path_is_never_changed():
    path = line(0, 1)
    path.appended(keyframe(2))
    assert len(path) == 2
    with pytest.raises(AttributeError):
        path.is_loop = True
    assert replace(path, is_loop=True).duration_s == 2
