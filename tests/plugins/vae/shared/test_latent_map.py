"""The map under a real mouse and keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from plugins.vae.shared.panel.latent_map import PICK_RADIUS_PX, LatentMap, MapPoints
from tests.widgets.hand import turn_wheel

WIDTH_PX, HEIGHT_PX = 300, 200
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
POSITIONS = np.array([[0, 0], [2, 1], [-3, 0.5]], np.float32)
NAMES = ("Plain", "Bold", "Wide")


class Seen:
    """What the map said, in order."""

    def __init__(self, latent_map):
        self.said: list[tuple[str, tuple[object, ...]]] = []
        latent_map.hovered.connect(lambda *at: self.said.append(("hovered", at)))
        latent_map.left.connect(lambda: self.said.append(("left", ())))
        latent_map.picked.connect(lambda *at: self.said.append(("picked", at)))
        latent_map.pick_started.connect(lambda: self.said.append(("started", ())))
        latent_map.pick_finished.connect(lambda: self.said.append(("finished", ())))

    @property
    def names(self):
        return [name for name, _ in self.said]

    @property
    def last(self):
        return self.said[-1][1]


@pytest.fixture
def latent_map(qtbot):
    latent_map = LatentMap(is_square=False)
    qtbot.addWidget(latent_map)
    latent_map.resize(WIDTH_PX, HEIGHT_PX)
    latent_map.show_points(MapPoints(POSITIONS, NAMES), (4.0, 2.0))
    latent_map.show()
    qtbot.waitExposed(latent_map)
    return latent_map


@pytest.fixture
def seen(latent_map):
    return Seen(latent_map)


def pixel(latent_map, x, y):
    return QPointF(*latent_map._pixel(x, y)).toPoint()


def move(latent_map, point, buttons=Qt.MouseButton.NoButton):
    """Move the pointer there with these buttons held."""
    at = QPointF(point)
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        at,
        latent_map.mapToGlobal(at),
        Qt.MouseButton.NoButton,
        buttons,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(latent_map, event)


def drag(latent_map, start, end, button):
    QTest.mousePress(latent_map, button, pos=start)
    for share in (0.25, 0.5, 0.75, 1.0):
        move(latent_map, start + (end - start) * share, button)
    QTest.mouseRelease(latent_map, button, pos=end)


def test_hovering_shows_what_a_click_picks(latent_map, seen):
    for at in ((1.0, -1.0), (2.02, 1.02), (-3.0, 0.5)):
        move(latent_map, pixel(latent_map, *at))
        hovered = seen.last
        QTest.mouseClick(latent_map, LEFT, pos=pixel(latent_map, *at))
        assert seen.names[-4:] == ["hovered", "started", "picked", "finished"]
        assert seen.said[-2][1] == hovered
    assert [at[2] for name, at in seen.said if name == "picked"] == [-1, 1, 2]


def test_a_point_is_met_within_its_radius_only(latent_map):
    centre = QPointF(*latent_map._pixel(2, 1))
    assert latent_map.point_at(centre + QPointF(PICK_RADIUS_PX - 1, 0)) == 1
    assert latent_map.point_at(centre + QPointF(PICK_RADIUS_PX + 1, 0)) == -1


def test_labelled_points_do_not_catch_the_pointer(latent_map, seen):
    latent_map.show_points(MapPoints(POSITIONS, NAMES, snaps=False), (4.0, 2.0))
    QTest.mouseClick(latent_map, LEFT, pos=pixel(latent_map, 2, 1))
    picked = next(at for name, at in seen.said if name == "picked")
    assert picked == pytest.approx((2, 1, -1), abs=0.03)


def test_a_drag_is_one_pick_from_start_to_end(latent_map, seen):
    drag(latent_map, QPoint(50, 50), QPoint(250, 150), LEFT)
    assert seen.names == ["started", *["picked"] * 5, "finished"]
    assert seen.said[-2][1][:2] == pytest.approx(latent_map._plane(QPointF(250, 150)), abs=0.05)


def test_a_drag_beyond_the_edge_stays_at_the_edge(latent_map, seen):
    drag(latent_map, QPoint(150, 100), QPoint(5000, -3000), LEFT)
    assert seen.said[-2][1][:2] == pytest.approx((4.0, 2.0))


def test_the_wheel_zooms_about_the_pointer_and_a_double_click_shows_all(latent_map, seen):
    centre = latent_map._plane(QPointF(latent_map.rect().center()))
    assert turn_wheel(latent_map, 4)
    assert latent_map._view.zoom == pytest.approx(1.25**4)
    assert latent_map._plane(QPointF(latent_map.rect().center())) == pytest.approx(centre, abs=1e-6)
    QTest.mouseDClick(latent_map, LEFT, pos=QPoint(10, 10))
    assert latent_map._view.zoom == 1.0
    assert not latent_map._is_picking


def test_the_right_button_pans_and_picks_nothing(latent_map, seen):
    turn_wheel(latent_map, 6)
    under = latent_map._plane(QPointF(150, 100))
    drag(latent_map, QPoint(150, 100), QPoint(180, 90), RIGHT)
    assert latent_map._plane(QPointF(180, 90)) == pytest.approx(under, abs=1e-6)
    assert "picked" not in seen.names


def test_a_wheel_turned_while_panning_keeps_its_zoom(latent_map):
    turn_wheel(latent_map, 6)
    QTest.mousePress(latent_map, RIGHT, pos=QPoint(150, 100))
    turn_wheel(latent_map, 2)
    zoom = latent_map._view.zoom
    move(latent_map, QPoint(160, 100), RIGHT)
    QTest.mouseRelease(latent_map, RIGHT, pos=QPoint(160, 100))
    assert latent_map._view.zoom == zoom


def test_the_keyboard_moves_and_zooms(latent_map, seen):
    latent_map.picked.connect(lambda x, y, index: latent_map.show_marker(x, y))
    latent_map.show_marker(1.0, 1.0)
    for key, sign in (
        (Qt.Key.Key_Right, (1, 0)),
        (Qt.Key.Key_Up, (0, 1)),
        (Qt.Key.Key_Left, (-1, 0)),
        (Qt.Key.Key_Down, (0, -1)),
    ):
        before = latent_map._marker
        QTest.keyClick(latent_map, key)
        assert tuple(np.sign(np.subtract(latent_map._marker, before)).round()) == sign
    assert latent_map._marker == pytest.approx((1.0, 1.0))
    QTest.keyClick(latent_map, Qt.Key.Key_Plus)
    assert latent_map._view.zoom == pytest.approx(1.25)
    QTest.keyClick(latent_map, Qt.Key.Key_Minus)
    assert latent_map._view.zoom == pytest.approx(1.0)


def test_the_keyboard_stops_at_the_edge_and_a_zoomed_map_follows(latent_map):
    latent_map.picked.connect(lambda x, y, index: latent_map.show_marker(x, y))
    latent_map._view = latent_map._view.zoomed(8, (0, 0))
    for _ in range(400):
        QTest.keyClick(latent_map, Qt.Key.Key_Right)
    assert latent_map._marker[0] == 4.0
    x, y = latent_map._pixel(*latent_map._marker)
    assert 0 <= x <= WIDTH_PX
    assert 0 <= y <= HEIGHT_PX


def test_other_keys_go_on_to_the_window(latent_map):
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(latent_map, event)
    assert not event.isAccepted()


def test_leaving_is_said(latent_map, seen):
    move(latent_map, QPoint(20, 20))
    QApplication.sendEvent(latent_map, QEvent(QEvent.Type.Leave))
    assert seen.names == ["hovered", "left"]


def test_the_name_shows_on_hover(latent_map):
    at = pixel(latent_map, 2, 1)
    latent_map._show_name(at, latent_map.mapToGlobal(at))
    assert QToolTip.text() == "Bold"
    latent_map._show_name(QPoint(1, 1), latent_map.mapToGlobal(QPoint(1, 1)))


def test_points_manifold_and_marker_are_painted(latent_map):
    empty = latent_map.grab().toImage()
    latent_map.show_background(np.full((56, 56), 255, np.uint8))
    bright = latent_map.grab().toImage()
    assert bright.pixelColor(10, 100).lightness() > empty.pixelColor(10, 100).lightness()
    latent_map.show_marker(1.0, -1.0)
    at = pixel(latent_map, 1.0, -1.0)
    assert latent_map.grab().toImage().pixelColor(at) != bright.pixelColor(at)


def test_an_empty_map_takes_a_click(latent_map, seen):
    latent_map.show_points(MapPoints(np.zeros((0, 2), np.float32), ()), (1.0, 1.0))
    QTest.mouseClick(latent_map, LEFT, pos=QPoint(30, 30))
    assert "picked" in seen.names


def test_it_is_named_for_those_who_cannot_see_it(latent_map):
    assert latent_map.accessibleName() == "Latent map"
    assert "arrow keys" in latent_map.accessibleDescription()
