"""The lens and the wipe: what is seen where, zooming at a place, dragging, the keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from plugins.gan.enlarge.panel.canvas import WipeView
from plugins.gan.enlarge.panel.lens import MAX_ZOOM, Lens
from plugins.gan.enlarge.state import EnlargeSheet, sheet_of

LENS = Lens((400, 200), (300.0, 300.0))
LEFT, RIGHT = (200, 30, 30), (30, 30, 200)


def plain(colour, size=(160, 80)):
    return np.full((size[1], size[0], 3), colour, np.uint8)


def test_the_whole_picture_fits_with_a_little_air():
    left, top, width, height = LENS.rect
    assert width == pytest.approx(0.98 * 300)
    assert height == pytest.approx(width / 2)
    assert left + width / 2 == pytest.approx(150, abs=0.5)
    assert top + height / 2 == pytest.approx(150, abs=0.5)
    assert LENS.visible == (0, 0, 400, 200)


def test_zooming_keeps_the_place_under_the_pointer():
    for at in ((150.0, 150.0), (90.0, 170.0), (20.0, 110.0)):
        near = LENS.zoomed(2.0, *at)
        nearer = near.zoomed(4.0, *at)
        assert nearer.place(*at) == pytest.approx(near.place(*at), abs=0.5 / 400 + 0.5 / 800)


def test_a_zoom_has_limits_and_none_is_the_whole():
    assert LENS.zoomed(1000, 0, 0).zoom == MAX_ZOOM
    assert LENS.zoomed(1e-9, 0, 0).scale == pytest.approx(LENS.fitted)
    assert LENS.zoomed(3, 10, 10).zoomed(None, 0, 0) == LENS


def test_a_picture_cannot_be_dragged_out_of_sight():
    far = LENS.zoomed(2.0, 150, 150).panned(1e6, -1e6)
    left, top, _, height = far.rect
    assert left == 0
    assert top + height == pytest.approx(300, abs=1)
    assert LENS.panned(50, 50) == LENS  # what fits stays in the middle


def test_only_what_is_seen_is_cut():
    lens = LENS.zoomed(4.0, 150, 150)
    left, top, right, bottom = lens.visible
    assert right - left == pytest.approx(75, abs=1)
    assert bottom - top == pytest.approx(75, abs=1)


@pytest.fixture
def view(qtbot):
    view = WipeView()
    qtbot.addWidget(view)
    view.resize(320, 160)
    view.show_sheets(sheet_of(plain(LEFT)), sheet_of(plain(RIGHT)), ("one", "other"))
    view.show()
    qtbot.waitExposed(view)
    return view


def colour_at(view, x, y):
    colour = view.grab().toImage().pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()


def divider_px(view):
    x, _, width, _ = view.lens.rect
    return round(x + view.divider * width)


def test_left_and_right_of_the_divider(view):
    assert colour_at(view, 60, 120) == LEFT
    assert colour_at(view, 260, 120) == RIGHT
    view.set_divider(0.9)
    assert colour_at(view, 260, 120) == LEFT
    assert "90" in view.accessibleDescription()


def test_the_divider_is_dragged_and_the_picture_is_not(view, qtbot):
    moved: list[float] = []
    view.divider_moved.connect(moved.append)
    x = divider_px(view)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(x, 40))
    qtbot.mouseMove(view, QPoint(x - 80, 60))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(x - 80, 60))
    assert abs(divider_px(view) - (x - 80)) <= 1
    assert moved == [view.divider]
    assert view.lens.zoom is None


def test_a_large_picture_is_dragged(view, qtbot):
    view.set_zoom(4.0)
    before, divider = view.lens.rect[0], view.divider
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    qtbot.mouseMove(view, QPoint(60, 40))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(60, 40))
    assert view.lens.rect[0] == pytest.approx(before + 20, abs=1)
    assert view.divider == divider


def test_the_wheel_zooms_at_the_pointer(view):
    at = QPointF(250, 60)
    before = view.lens.place(at.x(), at.y())
    turned = QWheelEvent(
        at,
        QPointF(view.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, turned)
    assert view.lens.scale > LENS.fitted
    assert view.lens.place(at.x(), at.y())[0] == pytest.approx(before[0], abs=0.01)


def test_a_double_click_shows_full_size_and_again_the_whole(view, qtbot):
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    assert view.lens.zoom is not None
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    assert view.lens.zoom is None


def test_the_keyboard_reaches_all_of_it(view, qtbot):
    before = view.divider
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.divider < before
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.lens.zoom is not None
    centre = view.lens.centre
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.lens.centre[0] > centre[0]


def test_without_a_comparison_all_of_the_picture_is_seen(view):
    view.show_sheets(None, sheet_of(plain(RIGHT)), ("", "other"))
    assert colour_at(view, 60, 120) == RIGHT


def test_an_overview_stands_for_the_whole_while_it_is_all_there_is(view):
    view.show_sheets(None, EnlargeSheet((160, 80), (), (plain(RIGHT, (40, 20)),)), ("", ""))
    assert view.lens.size == (160, 80)
    assert colour_at(view, 60, 120) == RIGHT


def test_another_size_starts_with_the_whole_picture(view):
    view.set_zoom(4.0)
    view.show_sheets(None, sheet_of(plain(RIGHT, (20, 80))), ("", ""))
    assert view.lens.zoom is None
    assert view.lens.size == (20, 80)
