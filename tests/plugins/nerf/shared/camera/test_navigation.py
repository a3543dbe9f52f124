"""What a hand does to the camera, and that it is the same for every frame rate."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.nerf.shared.camera.camera import Camera, look_at
from plugins.nerf.shared.camera.camera_pose import CameraFlight, Momentum
from plugins.nerf.shared.camera.navigation import FOLLOW_S, MOMENTUM_S, ORBIT_RAD_PER_HEIGHT, Y_UP, Z_UP, Navigator
from plugins.nerf.shared.camera.rotation import STEEPEST_RAD, Angles, angles_of, rotation_of

FOV = math.radians(40)
HOME = look_at((0.0, -4.0, 0.0), (0.0, 0.0, 0.0), FOV)
WIDTH, HEIGHT = 640, 480


def navigator(camera: Camera = HOME) -> Navigator:
    made = Navigator(camera, radius=1.5)
    made.resize(WIDTH, HEIGHT)
    return made


def settle(hand: Navigator, seconds: float = 4.0, n_steps: int = 100) -> None:
    for _ in range(n_steps):
        hand.advance(seconds / n_steps)
    assert not hand.is_moving


def drag(hand: Navigator, kind: str, dx: float, dy: float) -> None:
    hand.press(kind, 320, 240)  # type: ignore[arg-type]
    hand.move(320 + dx, 240 + dy)
    hand.release()


def same(a: Camera, b: Camera, tolerance: float = 1e-3) -> bool:
    return bool(np.abs(a.camera_to_world() - b.camera_to_world()).max() < tolerance) and math.isclose(
        a.distance, b.distance, rel_tol=tolerance
    )


def test_a_drag_carries_the_camera_round_its_pivot() -> None:
    hand = navigator()
    hand.press("orbit", 100, 100)
    hand.move(100 - HEIGHT / 4, 100 + HEIGHT / 12)
    settle(hand)
    angles = hand.angles
    assert angles.azimuth == pytest.approx(0, abs=1e-3)  # a quarter turn to the right of the front: the side of +x
    assert angles.elevation == pytest.approx(math.radians(30), abs=1e-3)
    assert angles.roll == pytest.approx(0, abs=1e-6)
    assert hand.camera.pivot == pytest.approx([0, 0, 0], abs=1e-6)
    assert hand.camera.distance == pytest.approx(4)


def test_momentum_goes_on_with_the_same_speed_and_decays_exponentially() -> None:
    hand = navigator()
    hand.press("orbit", 0, 0)
    hand.move(-24, 0)
    speed = 24 * ORBIT_RAD_PER_HEIGHT / HEIGHT / FOLLOW_S
    hand.release()
    start = hand.angles.azimuth
    for t in (0.1, 0.2, 0.3):
        hand.advance(0.1)
        way = speed * MOMENTUM_S * (1 - math.exp(-t / MOMENTUM_S))
        assert hand.angles.azimuth - start == pytest.approx(way, rel=1e-4)


def test_a_hand_that_waits_before_it_lets_go_gives_no_momentum() -> None:
    hand = navigator()
    hand.press("orbit", 0, 0)
    hand.move(50, 0)
    hand.advance(0.5)
    before = hand.angles.azimuth
    hand.release()
    hand.advance(1.0)
    assert hand.angles.azimuth == pytest.approx(before, abs=1e-3)


def test_taking_hold_stops_what_glides() -> None:
    hand = navigator()
    drag(hand, "orbit", 90, 0)
    hand.advance(0.05)
    hand.press("orbit", 0, 0)
    assert not hand.is_moving
    assert not hand.advance(0.1)


@pytest.mark.long("computes for long")
def test_elevation_ends_before_the_pole_without_a_flip() -> None:
    hand = navigator()
    for _ in range(20):
        drag(hand, "orbit", 3, 400)
        hand.advance(0.1)
        assert hand.camera.axes[2, 1] > 0
    assert hand.angles.elevation == pytest.approx(STEEPEST_RAD, abs=1e-4)
    for _ in range(20):
        drag(hand, "orbit", 3, -400)
        hand.advance(0.2)
    assert hand.angles.elevation == pytest.approx(-STEEPEST_RAD, abs=1e-4)


def test_without_a_level_horizon_the_camera_goes_over_the_pole() -> None:
    hand = navigator()
    hand.set_level(False)
    assert not hand.is_level
    hand.press("orbit", 0, 0)
    hand.move(0, HEIGHT / 2)
    settle(hand)
    assert hand.camera.eye == pytest.approx([0, 4, 0], abs=2e-3)
    assert hand.camera.axes[2, 1] == pytest.approx(-1, abs=1e-3)  # on its head, not flipped
    hand.set_level(True)
    settle(hand)
    assert hand.camera.axes[2, 1] > 0.99


@settings(deadline=None)
@given(st.floats(-200, 200), st.floats(-200, 200), st.floats(10, 630), st.floats(10, 470))
def test_a_pan_keeps_the_plane_of_the_pivot_under_the_pointer(dx: float, dy: float, x: float, y: float) -> None:
    hand = navigator(look_at((2.0, -3.0, 1.5), (0.1, 0.2, 0.3), FOV))
    seen = hand._stance.point(x, y, None)
    hand.press("pan", x, y)
    hand.move(x + dx, y + dy)
    assert hand.advance(0.0)
    pixels, depth = hand.camera.project(seen[None], WIDTH, HEIGHT)
    assert pixels[0] == pytest.approx([x + dx, y + dy], abs=0.01)
    assert depth[0] == pytest.approx(hand.camera.distance, rel=1e-5)


@given(st.floats(-6, 6), st.floats(10, 630), st.floats(10, 470), st.one_of(st.none(), st.floats(1, 6)))
@settings(deadline=None, max_examples=50)
def test_what_is_under_the_cursor_stays_there_while_the_wheel_turns(
    steps: float, x: float, y: float, hit: float | None
) -> None:
    hand = navigator(look_at((2.0, -3.0, 1.5), (0.1, 0.2, 0.3), FOV))
    seen = hand._stance.point(x, y, hit)
    if hit is not None:
        assert np.linalg.norm(seen - hand.camera.eye) == pytest.approx(hit, rel=1e-5)
    before = hand.camera.distance
    hand.wheel(steps, x, y, hit)
    for _ in range(10):
        hand.advance(0.1)
        pixels, _ = hand.camera.project(seen[None], WIDTH, HEIGHT)
        assert pixels[0] == pytest.approx([x, y], abs=0.01)
    assert hand.camera.distance == pytest.approx(before * 0.85**steps, rel=1e-3)


def test_the_wheel_ends_at_bounds() -> None:
    hand = navigator()
    hand.wheel(500, 320, 240)
    settle(hand)
    assert hand.camera.distance == pytest.approx(0.015)
    hand.wheel(-500, 320, 240)
    settle(hand)
    assert hand.camera.distance == pytest.approx(150)


def test_many_small_parts_of_notches_are_as_good_as_whole_ones() -> None:
    whole, parts = navigator(), navigator()
    whole.wheel(2, 400, 100, 3.0)
    for _ in range(20):
        parts.wheel(0.1, 400, 100, 3.0)
    settle(whole)
    settle(parts)
    assert same(whole.camera, parts.camera, 1e-6)


def test_a_new_pivot_lies_on_the_surface_and_the_eye_stays() -> None:
    hand = navigator()
    x, y = hand.camera.project([[0.5, -1.0, 0.4]], WIDTH, HEIGHT)[0][0]
    hit = float(np.linalg.norm(hand.camera.eye - [0.5, -1.0, 0.4]))
    assert hand.set_pivot(float(x), float(y), hit)
    for _ in range(50):
        hand.advance(0.01)
        assert hand.camera.eye == pytest.approx([0, -4, 0], abs=1e-5)
    assert not hand.is_moving
    assert hand.camera.pivot == pytest.approx([0.5, -1.0, 0.4], abs=1e-4)
    assert not hand.set_pivot(5, 5, None)


def test_the_eye_looks_around_and_stays() -> None:
    hand = navigator()
    drag(hand, "look", 60, 48)
    assert hand.advance(0.0)
    assert hand.camera.eye == pytest.approx([0, -4, 0], abs=1e-5)
    assert hand.camera.forward[0] > 0  # right
    assert hand.camera.forward[2] < 0  # and down
    assert hand.angles.elevation == pytest.approx(FOV * 48 / HEIGHT, abs=1e-5)


def test_a_roll_follows_the_pointer_round_the_middle() -> None:
    hand = navigator()
    before = hand.camera.project([[0.5, 0.0, 0.0]], WIDTH, HEIGHT)[0][0] - (320, 240)
    hand.press("roll", 420, 240)
    hand.move(320, 140)  # a quarter turn counter-clockwise
    after = hand.camera.project([[0.5, 0.0, 0.0]], WIDTH, HEIGHT)[0][0] - (320, 240)
    assert after == pytest.approx([before[1], -before[0]], abs=0.01)
    hand.level()
    settle(hand)
    assert hand.angles.roll == pytest.approx(0, abs=1e-5)


def test_keys_walk_only_when_flying() -> None:
    hand = navigator()
    assert not hand.key_down("w")
    assert not hand.key_down("x")
    hand.set_mode("fly")
    assert hand.key_down("w")
    assert hand.key_down("e")
    hand.advance(1.0)
    way = hand.camera.eye - HOME.eye
    assert way[1] == pytest.approx(way[2], rel=1e-4)
    assert way[1] == pytest.approx(hand.speed * (1 - 0.12), rel=1e-2)
    assert hand.camera.distance == pytest.approx(4)
    hand.let_go()
    settle(hand)


@pytest.mark.parametrize(("key", "axis", "sign"), [("d", 0, 1), ("a", 0, -1), ("s", 1, -1), ("q", 2, -1)])
def test_each_key_walks_its_way(key: str, axis: int, sign: int) -> None:
    hand = navigator()
    hand.set_mode("fly")
    hand.key_down(key)
    hand.advance(0.5)
    way = hand.camera.eye - HOME.eye
    assert way[axis] * sign > 0.1
    assert np.delete(way, axis) == pytest.approx([0, 0], abs=1e-5)


def test_shift_and_wheel_make_the_walk_faster() -> None:
    slow, fast = navigator(), navigator()
    for hand in (slow, fast):
        hand.set_mode("fly")
        hand.key_down("w")
    fast.key_down("shift")
    fast.wheel(3, 0, 0)
    ways = []
    for hand in (slow, fast):
        hand.advance(0.5)
        ways.append(hand.camera.eye[1] - HOME.eye[1])
    assert ways[1] / ways[0] == pytest.approx(4 * 1.2**3, rel=1e-3)
    fast.wheel(1000, 0, 0)
    assert fast.speed == pytest.approx(50 * 1.5)


def test_a_held_shift_alone_moves_nothing() -> None:
    hand = navigator()
    assert hand.key_down("shift")
    assert not hand.is_moving


@pytest.mark.parametrize("mode", ["orbit", "fly"])
def test_the_left_arrow_goes_left_or_looks_left(mode: str) -> None:
    hand = navigator()
    hand.set_mode(mode)  # type: ignore[arg-type]
    hand.key_down("left")
    hand.advance(0.4)
    hand.key_up("left")
    settle(hand)
    if mode == "orbit":
        assert hand.camera.eye[0] < -0.3
    else:
        assert hand.camera.eye == pytest.approx(HOME.eye, abs=1e-4)
        assert hand.camera.forward[0] < -0.1


def test_plus_comes_nearer_and_z_rolls() -> None:
    hand = navigator()
    hand.key_down("+")
    hand.advance(0.5)
    assert hand.camera.distance < 3
    hand.let_go()
    hand.key_down("z")
    hand.advance(0.5)
    assert hand.angles.roll > 0.1


@pytest.mark.parametrize(("view", "eye"), [("front", (0, -4, 0)), ("side", (4, 0, 0)), ("top", (0, 0, 4))])
def test_views_with_z_up(view: str, eye: tuple[int, ...]) -> None:
    hand = navigator(look_at((1.0, 2.0, math.sqrt(11.0)), (0.0, 0.0, 0.0), FOV))
    hand.fly_to_view(view)  # type: ignore[arg-type]
    settle(hand, 0.7)
    assert hand.camera.eye == pytest.approx(eye, abs=1e-4)
    if view == "top":
        assert hand.camera.axes[:, 0] == pytest.approx([1, 0, 0], abs=1e-5)
    drag(hand, "orbit", 30, -60)
    settle(hand)
    assert hand.camera.axes[2, 1] > 0


def test_views_with_y_up_are_those_of_the_world_that_instant_ngp_renamed() -> None:
    hand = Navigator(look_at((0.0, 0.0, 4.0), (0.0, 0.0, 0.0), FOV, Y_UP), 1.5, Y_UP)
    hand.fly_to_view("front")
    settle(hand, 0.7)
    assert hand.camera.eye == pytest.approx([-4, 0, 0], abs=1e-4)
    hand.fly_to_view("top")
    settle(hand, 0.7)
    assert hand.camera.eye == pytest.approx([0, 4, 0], abs=1e-4)


def test_another_axis_points_up() -> None:
    hand = navigator()
    hand.set_up(Y_UP)
    settle(hand, 0.7)
    hand.set_up(Z_UP)
    settle(hand, 0.7)
    assert hand.camera.axes[2, 0] == pytest.approx(0, abs=1e-5)


def test_reset_flies_home_and_a_hand_ends_a_flight() -> None:
    hand = navigator()
    drag(hand, "orbit", 100, 50)
    settle(hand)
    hand.reset()
    assert hand.is_moving
    settle(hand, 0.61)
    assert same(hand.camera, HOME, 1e-6)
    hand.fly_to_view("side")
    hand.advance(0.1)
    hand.press("orbit", 0, 0)
    here = hand.camera
    assert not hand.advance(0.5)
    assert same(hand.camera, here, 1e-9)


def test_a_flight_in_no_time_is_a_jump() -> None:
    hand = navigator()
    hand.fly_to(look_at((0.0, 0.0, 2.0), (0.0, 0.0, 0.0), FOV), 0)
    assert hand.advance(0.0)
    assert not hand.advance(0.0)
    assert hand.camera.eye == pytest.approx([0, 0, 2])


def test_a_flight_starts_and_ends_slowly() -> None:
    end = look_at((4.0, 0.0, 0.0), (1.0, 0.0, 0.0), FOV)
    flight = CameraFlight(HOME, end, 1.0)
    early = np.linalg.norm(flight.at(0.02).eye - HOME.eye)
    middle = np.linalg.norm(flight.at(0.52).eye - flight.at(0.5).eye)
    assert 0 < early < 0.1 * middle
    assert flight.at(1.0) is end


def _swing(hand: Navigator) -> None:
    drag(hand, "orbit", 120, 45)


def _swing_freely(hand: Navigator) -> None:
    hand.set_level(False)
    drag(hand, "orbit", 120, 45)
    hand.key_down("z")


def _swing_and_near(hand: Navigator) -> None:
    drag(hand, "orbit", 80, -30)
    hand.wheel(2, 500, 100, 3.0)


def _walk(hand: Navigator) -> None:
    hand.set_mode("fly")
    for key in ("w", "d", "left", "z", "shift"):
        hand.key_down(key)


def _fly(hand: Navigator) -> None:
    hand.fly_to_view("side")


@pytest.mark.parametrize("act", [_swing, _swing_freely, _swing_and_near, _walk, _fly])
@pytest.mark.parametrize("seconds", [0.35, 0.5, 1.3])
def test_ten_steps_are_a_hundred_steps(act: Callable[[Navigator], None], seconds: float) -> None:
    cameras = []
    for n_steps in (10, 100):
        hand = navigator()
        act(hand)
        for _ in range(n_steps):
            hand.advance(seconds / n_steps)
        cameras.append(hand.camera)
    assert same(cameras[0], cameras[1])
    assert not same(cameras[0], HOME, 1e-2)


def test_nothing_moves_a_camera_that_nobody_touches() -> None:
    hand = navigator()
    assert not hand.is_moving
    assert not hand.advance(1.0)
    hand.move(5, 5)
    assert not hand.advance(1.0)


angles = st.builds(Angles, st.floats(-3.1, 3.1), st.floats(-math.pi / 2, math.pi / 2), st.floats(-3.1, 3.1))


@settings(deadline=None)
@given(angles, st.sampled_from([Z_UP, Y_UP, (1.0, 0.0, 0.0), (0.3, -0.5, 0.8), (1.0, 1.0, 1.0)]))
def test_angles_come_back_also_straight_down(value: Angles, up: tuple[float, ...]) -> None:
    rotation = rotation_of(value, up)
    again = rotation_of(angles_of(rotation, up), up)
    assert abs(rotation @ again) == pytest.approx(1, abs=1e-8)


@settings(deadline=None)
@given(st.lists(st.floats(0.001, 0.2), min_size=1, max_size=20), st.floats(-2, 2), st.floats(-2, 2))
def test_a_glide_does_not_depend_on_its_steps(steps: list[float], push: float, held: float) -> None:
    whole, parted = Momentum(1, 0.0), Momentum(1, 0.0)
    for glide in (whole, parted):
        glide.push([push], 0.1)
    way = whole.advance(sum(steps), [held], 0.1)
    assert sum(parted.advance(step, [held], 0.1) for step in steps) == pytest.approx(way, abs=1e-9)
    assert parted.speed == pytest.approx(whole.speed, abs=1e-9)
