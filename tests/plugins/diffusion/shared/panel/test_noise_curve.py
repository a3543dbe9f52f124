"""The curve of the noise under a real hand."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from plugins.diffusion.shared.panel.sampler_section import NoiseCurve, bends_of
from tests.plugins.diffusion.panel_hand import click, drag, heard, move, picture_of, press, shown

KEY = Qt.Key
N = 20


@pytest.fixture
def curve(qtbot) -> NoiseCurve:
    curve = shown(qtbot, NoiseCurve())
    curve.set_levels([1 - k / N for k in range(N + 1)])
    return curve


def test_a_click_and_a_drag_go_to_steps(curve) -> None:
    said = heard(curve.seek_requested)
    click(curve, curve.place_of(5))
    drag(curve, [curve.place_of(7), curve.place_of(8), QPointF(10_000, 20)])
    assert said == [5, 7, 8, N]


def test_the_curve_falls_from_the_upper_left(curve) -> None:
    first, last = curve.place_of(0), curve.place_of(N)
    assert first.x() < last.x()
    assert first.y() < last.y()


def test_keys_go_by_steps_and_to_the_ends(curve) -> None:
    said = heard(curve.seek_requested)
    press(curve, KEY.Key_Right, KEY.Key_Right, KEY.Key_Left, KEY.Key_PageUp, KEY.Key_End, KEY.Key_Right, KEY.Key_Home)
    assert said == [1, 2, 1, 11, N, 0]


def test_setting_tells_nobody_and_moves_the_line(curve) -> None:
    said = heard(curve.seek_requested)
    before = picture_of(curve)
    curve.set_step(9)
    assert (picture_of(curve) != before).any()
    assert (said, curve.accessibleDescription()) == ([], "Step 9: 55 % noise")


def test_only_steps_that_are_there_can_be_gone_to(curve) -> None:
    said = heard(curve.seek_requested)
    curve.set_levels([1.0, 0.9, 0.8], n_steps=N)
    click(curve, curve.place_of(15))
    assert said == [2]
    curve.set_levels([])
    press(curve, KEY.Key_Right)
    click(curve, QPointF(50, 50))
    assert said == [2]


def test_branches_are_marked_and_told(curve) -> None:
    before = picture_of(curve)
    curve.set_branches([12])
    assert (picture_of(curve) != before).any()
    assert curve.text_of(12) == "Step 12: 40 % noise, branched"


def test_pointing_says_the_step(curve) -> None:
    before = picture_of(curve)
    move(curve, curve.place_of(4))
    assert (picture_of(curve) != before).any()
    assert curve.text_of(99) == ""


def test_other_keys_go_on_to_the_window(curve) -> None:
    QTest.keyClick(curve, KEY.Key_Space)
    assert curve.accessibleDescription() == "Step 0: 100 % noise"


def test_how_far_each_step_bends_is_drawn_and_said(curve) -> None:
    before = picture_of(curve)
    curve.set_levels([1.0, 0.5, 0.0], bends=[0.5, 0.0])
    assert (picture_of(curve) != before).any()
    assert curve.text_of(0) == "Step 0: 100 % noise · 50 % off the straight line"
    assert curve.text_of(2) == "Step 2: 0 % noise · the whole way is 25 % off the straight line"


def test_the_ways_of_finished_runs_are_measured(make_panel, sync_worker) -> None:
    panel = make_panel(sync_worker)
    found = bends_of(panel.timeline.recording)
    assert len(found) == 4
    assert (found > 0).any()
    assert len(bends_of(None)) == 0
