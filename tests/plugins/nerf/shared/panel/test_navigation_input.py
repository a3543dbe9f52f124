"""A hand on the view: what its events do to the camera, and when it is said to move and to rest."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from plugins.nerf.shared.camera.navigation import Navigator
from plugins.nerf.shared.camera.viewpoint import home_camera
from plugins.nerf.shared.panel.navigation_input import NavigationInput
from studio.core.hand import Key, Pointer, Wheel
from tests.plugins.nerf.shared.camera.test_viewpoint import EXTENT

NOTHING: frozenset = frozenset()


def pointer(x, y, button="left", held=("left",), modifiers=()):
    return Pointer(x, y, button, frozenset(held), frozenset(modifiers), 0.0)


@pytest.fixture
def hand(qapp):
    owner = QObject()
    navigator = Navigator(home_camera({}, EXTENT), EXTENT.radius)
    navigator.resize(400, 300)
    hand = NavigationInput(navigator, owner)
    yield hand
    owner.deleteLater()


def drag(qtbot, hand, *events):
    first, *others, last = events
    with qtbot.waitSignal(hand.stopped):
        hand.press(first)
        for event in others:
            hand.move(event)
        hand.move(last)
        hand.release(last)


@pytest.mark.long("computes for long")
def test_a_drag_turns_the_camera_about_its_pivot_and_comes_to_rest(hand, qtbot):
    before = hand.navigator.camera
    with qtbot.waitSignals([hand.started, hand.moved]):
        drag(qtbot, hand, pointer(100, 100), pointer(140, 100))
    after = hand.navigator.camera
    assert after.pivot == pytest.approx(before.pivot, abs=1e-5)
    assert after.distance == pytest.approx(before.distance, rel=1e-5)
    assert not np.allclose(after.eye, before.eye, atol=1e-3)
    assert not hand.is_moving


@pytest.mark.parametrize("how", [{"button": "right", "held": ("right",)}, {"modifiers": ("shift",)}])
def test_a_drag_with_the_right_button_or_shift_moves_sideways(hand, qtbot, how):
    before = hand.navigator.camera
    drag(qtbot, hand, pointer(100, 100, **how), pointer(140, 100, **how))
    after = hand.navigator.camera
    assert after.rotation == pytest.approx(before.rotation, abs=1e-6)
    assert not np.allclose(after.pivot, before.pivot, atol=1e-3)


def test_the_wheel_comes_nearer(hand, qtbot):
    before = hand.navigator.camera.distance
    with qtbot.waitSignal(hand.stopped):
        hand.turn(Wheel(200, 150, 1.0, NOTHING, 0.0), None)
    assert hand.navigator.camera.distance < before


@pytest.mark.long("computes for long")
def test_a_click_is_no_drag_and_a_drag_is_no_click(hand, qtbot):
    clicks = []
    hand.clicked.connect(lambda x, y: clicks.append((x, y)))
    hand.press(pointer(50, 60))
    hand.move(pointer(51, 60))
    hand.release(pointer(51, 60))
    assert clicks == [(50, 60)]
    drag(qtbot, hand, pointer(50, 60), pointer(90, 60))
    assert len(clicks) == 1


def test_a_click_with_alt_asks_for_a_ray_and_moves_nothing(hand):
    asked = []
    hand.ray_wanted.connect(lambda x, y: asked.append((x, y)))
    before = hand.navigator.camera
    hand.press(pointer(5, 6, modifiers=("alt",)))
    hand.move(pointer(80, 6, modifiers=("alt",)))
    hand.release(pointer(80, 6))
    assert asked == [(5, 6)]
    assert hand.navigator.camera.eye == pytest.approx(before.eye)
    assert not hand.is_moving


def test_a_double_click_asks_for_the_surface_there(hand, qtbot):
    with qtbot.waitSignal(hand.pivot_wanted) as wanted:
        hand.double_click(pointer(7, 8))
    assert wanted.args == [7, 8]


def test_keys_move_until_they_are_let_go(hand, qtbot):
    with qtbot.waitSignal(hand.moved):
        hand.key_down(Key("left", NOTHING, 0.0))
    with qtbot.waitSignal(hand.stopped):
        hand.key_up(Key("left", NOTHING, 0.0))
    with qtbot.waitSignal(hand.moved):
        hand.key_down(Key("right", NOTHING, 0.0))
    with qtbot.waitSignal(hand.stopped):
        hand.let_go()


def test_a_key_that_means_nothing_moves_nothing(hand):
    hand.key_down(Key("w", NOTHING, 0.0))
    assert not hand.is_moving
    hand.navigator.set_mode("fly")
    assert "w" in hand.keys
    hand.key_down(Key("w", NOTHING, 0.0))
    assert hand.is_moving
    hand.let_go()
