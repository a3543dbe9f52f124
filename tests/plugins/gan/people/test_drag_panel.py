"""Points are set, moved and removed over the picture, by mouse and keys; the picture creeps, and undo returns."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from plugins.gan.people import frames
from tests.plugins.gan.people.people_hand import on_picture, pull_over
from tests.plugins.gan.people.people_made import plain_source
from tests.widgets.hand import part, turn_wheel

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A few steps are enough to see the picture creep."""
    monkeypatch.setattr(frames, "N_DRAG_STEPS", 4)


@pytest.fixture
def setting(people):
    """A panel in which points are being set."""
    QTest.mouseClick(part(people, QPushButton, "pull_points"), LEFT)
    return people


def set_pair(panel, start, end):
    canvas = panel.picture
    pull_over(panel.controls.pull.overlay, on_picture(canvas, *start), on_picture(canvas, *end))


def test_a_pull_over_the_picture_sets_a_pair_and_the_carpet_stays(setting):
    set_pair(setting, (0.4, 0.5), (0.6, 0.7))
    (pair,) = setting.controls.pull.pulls.pairs
    assert pair.handle == pytest.approx((0.4, 0.5), abs=0.005)
    assert pair.target == pytest.approx((0.6, 0.7), abs=0.005)
    assert setting.editor.scene.x == 0
    assert setting.host.undo.undo_title == "Point"
    assert "1 point" in setting.controls.pull.text.text()
    setting.host.undo.undo()
    assert setting.controls.pull.pulls.pairs == ()
    assert not part(setting, QPushButton, "pull_start").isEnabled()


def test_a_click_alone_sets_nothing(setting):
    QTest.mouseClick(setting.controls.pull.overlay, LEFT, pos=on_picture(setting.picture, 0.5, 0.5))
    assert setting.controls.pull.pulls.pairs == ()


def test_ends_are_moved_by_hand_and_removed_by_the_right_button(setting):
    set_pair(setting, (0.4, 0.5), (0.6, 0.5))
    set_pair(setting, (0.6, 0.5), (0.8, 0.9))
    (pair,) = setting.controls.pull.pulls.pairs
    assert pair.target == pytest.approx((0.8, 0.9), abs=0.005)
    set_pair(setting, (0.4, 0.5), (0.2, 0.2))
    (pair,) = setting.controls.pull.pulls.pairs
    assert pair.handle == pytest.approx((0.2, 0.2), abs=0.005)
    assert pair.target == pytest.approx((0.8, 0.9), abs=0.005)
    QTest.mouseClick(setting.controls.pull.overlay, RIGHT, pos=on_picture(setting.picture, 0.8, 0.9))
    assert setting.controls.pull.pulls.pairs == ()
    assert setting.host.undo.undo_title == "Remove a point"


def test_keys_set_and_remove_a_pair(setting):
    overlay = setting.controls.pull.overlay
    assert overlay.hasFocus()
    QTest.keyClick(overlay, Qt.Key.Key_Left)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    for _ in range(3):
        QTest.keyClick(overlay, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    (pair,) = setting.controls.pull.pulls.pairs
    assert pair.handle == pytest.approx((0.5 - 1 / 64, 0.5))
    assert pair.target == pytest.approx((0.5 - 1 / 64, 0.5 - 12 / 64))
    QTest.keyClick(overlay, Qt.Key.Key_Delete)
    assert setting.controls.pull.pulls.pairs == ()
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    QTest.keyClick(overlay, Qt.Key.Key_Escape)
    QTest.keyClick(overlay, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    assert setting.controls.pull.pulls.pairs == ()


def test_the_brush_paints_what_may_move(setting):
    QTest.mouseClick(part(setting, QPushButton, "pull_region"), LEFT)
    set_pair(setting, (0.2, 0.3), (0.6, 0.3))
    movable = setting.controls.pull.pulls.movable
    assert movable[round(0.3 * 64), round(0.4 * 64)]
    assert not movable[round(0.8 * 64), round(0.4 * 64)]
    assert setting.host.undo.undo_title == "Region"
    dark = setting.controls.pull.overlay.grab().toImage()
    outside = dark.pixelColor(on_picture(setting.picture, 0.4, 0.8) * dark.devicePixelRatio())
    inside = dark.pixelColor(on_picture(setting.picture, 0.4, 0.3) * dark.devicePixelRatio())
    assert outside != inside
    setting.host.undo.undo()
    assert setting.controls.pull.pulls.movable is None


def test_the_wheel_changes_nothing_while_points_are_set(setting):
    assert turn_wheel(setting.controls.pull.overlay, 3)
    assert setting.params().truncation == 1


@pytest.mark.long("opens a panel and draws with its model")
def test_the_picture_creeps_and_undo_returns_face_and_points(setting):
    set_pair(setting, (0.4, 0.5), (0.7, 0.5))
    before, pulls = setting.editor.scene, setting.controls.pull.pulls
    QTest.mouseClick(part(setting, QPushButton, "pull_start"), LEFT)
    recording = setting.timeline.track.recording
    assert len(recording) == 5
    assert recording.info.title == "Pull points"
    assert np.allclose(setting.editor.scene.own_w, recording[-1].state["w"])
    reached = recording[-1].state["handles"]
    assert setting.controls.pull.pulls.pairs[0].handle == pytest.approx(tuple(reached[0]))
    assert setting.host.undo.undo_title == "Pull points"
    setting.host.undo.undo()
    assert setting.editor.scene is before
    assert setting.controls.pull.pulls.pairs[0].handle == pytest.approx(pulls.pairs[0].handle)


def test_scrubbing_takes_the_handles_along(setting):
    set_pair(setting, (0.4, 0.5), (0.7, 0.5))
    QTest.mouseClick(part(setting, QPushButton, "pull_start"), LEFT)
    setting.timeline.playback.seek(1)
    wanted = setting.timeline.track.recording[1].state["handles"]
    assert np.array_equal(setting.controls.pull.overlay._handles, wanted)


def test_clear_takes_all_away_in_one_step(setting):
    set_pair(setting, (0.4, 0.5), (0.7, 0.5))
    set_pair(setting, (0.2, 0.2), (0.3, 0.3))
    QTest.mouseClick(part(setting, QPushButton, "pull_clear"), LEFT)
    assert setting.controls.pull.pulls.pairs == ()
    setting.host.undo.undo()
    assert len(setting.controls.pull.pulls.pairs) == 2


def test_leaving_gives_the_carpet_back(setting):
    QTest.mouseClick(part(setting, QPushButton, "pull_points"), LEFT)
    assert not setting.controls.pull.overlay.isVisible()
    middle = setting.picture.rect().center()
    pull_over(setting.picture, middle, middle + QPoint(-130, 0))
    assert setting.editor.scene.x == pytest.approx(0.5, abs=0.02)


def test_models_that_show_no_features_say_so(make_people, sync_worker, tmp_path):
    panel = make_people(sync_worker, plain_source(tmp_path))
    button = part(panel, QPushButton, "pull_points")
    assert not button.isEnabled()
    assert "own style model" in button.toolTip()
