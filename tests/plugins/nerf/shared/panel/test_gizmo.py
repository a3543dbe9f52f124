"""The little axes: where they are drawn, and what a click or a key on them says."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.shared.panel.gizmo import AXES, Gizmo
from tests.plugins.nerf.field.panel.widget_tools import LEFT, dress, heard, picture_of, press, shown


@pytest.fixture
def gizmo(qtbot, qapp) -> Gizmo:
    dress(qapp)
    return shown(qtbot, Gizmo())


@pytest.mark.parametrize("eye", [(3, 0.2, 0.1), (-1, -2, 1.5), (0.5, 4, -2), (1, 1, 1)])
def test_each_axis_points_where_the_camera_sees_it_go(gizmo, eye) -> None:
    camera = look_at(eye, (0, 0, 0), 0.6)
    gizmo.set_rotation(camera.rotation)
    middle = gizmo.rect().center() + QPoint(1, 1)
    seen, _ = camera.project(np.array([[0, 0, 0], *(1e-4 * np.eye(3)), *(-1e-4 * np.eye(3))]), 100, 100)
    ways = (seen[1:] - seen[0]).astype(float)
    for axis, way in zip(AXES, ways, strict=True):
        drawn = gizmo.place_of(axis) - middle
        length = np.hypot(*way) * np.hypot(drawn.x(), drawn.y())
        if np.hypot(drawn.x(), drawn.y()) > 3:
            assert (drawn.x() * way[0] + drawn.y() * way[1]) / length > 0.99


def test_a_click_on_an_end_asks_for_the_view_from_there(gizmo) -> None:
    gizmo.set_rotation(look_at((3, -2, 1.5), (0, 0, 0), 0.6).rotation)
    said = heard(gizmo.axis_clicked)
    for axis in AXES:
        QTest.mouseClick(gizmo, LEFT, pos=gizmo.place_of(axis).toPoint())
    assert said == list(AXES)


def test_of_two_ends_behind_each_other_the_nearer_one_is_meant(gizmo) -> None:
    gizmo.set_rotation(look_at((0, -3, 0), (0, 0, 0), 0.6).rotation)
    said = heard(gizmo.axis_clicked)
    QTest.mouseClick(gizmo, LEFT, pos=gizmo.place_of("y").toPoint())
    assert said == ["-y"]


class Canvas(QWidget):
    """Notes what reaches it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.heard.append("press")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.heard.append("move")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.heard.append("release")


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(widget, LEFT, pos=start)
    QApplication.sendEvent(
        widget,
        QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(end),
            widget.mapToGlobal(QPointF(end)),
            LEFT,
            LEFT,
            Qt.KeyboardModifier.NoModifier,
        ),
    )
    QTest.mouseRelease(widget, LEFT, pos=end)


def test_a_drag_beside_the_ends_is_wholly_the_canvas_and_one_on_an_end_wholly_its_own(qtbot, qapp) -> None:
    dress(qapp)
    canvas = Canvas()
    gizmo = Gizmo(canvas)
    shown(qtbot, canvas, 200, 200)
    gizmo.adjustSize()
    gizmo.set_rotation(look_at((3, -2, 1.5), (0, 0, 0), 0.6).rotation)
    said = heard(gizmo.axis_clicked)
    drag(gizmo, QPoint(2, 2), QPoint(30, 30))
    assert (canvas.heard, said) == (["press", "move", "release"], [])
    drag(gizmo, gizmo.place_of("z").toPoint(), gizmo.place_of("z").toPoint() + QPoint(1, 1))
    assert (canvas.heard, said) == (["press", "move", "release"], ["z"])


def test_a_press_that_leaves_its_end_says_nothing(gizmo) -> None:
    said = heard(gizmo.axis_clicked)
    gizmo.set_rotation(look_at((3, -2, 1.5), (0, 0, 0), 0.6).rotation)
    QTest.mousePress(gizmo, LEFT, pos=gizmo.place_of("x").toPoint())
    QTest.mouseRelease(gizmo, LEFT, pos=gizmo.place_of("z").toPoint())
    assert said == []


def test_keys_go_from_end_to_end(gizmo, qtbot) -> None:
    said = heard(gizmo.axis_clicked)
    gizmo.setFocus()
    qtbot.waitUntil(gizmo.hasFocus)
    press(gizmo, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Return)
    assert said == ["z", "-x"]
    assert gizmo.accessibleDescription() == "Look from −x"


def test_pointing_at_an_end_lights_it(gizmo) -> None:
    gizmo.set_rotation(look_at((3, -2, 1.5), (0, 0, 0), 0.6).rotation)
    before = picture_of(gizmo)
    QTest.mouseMove(gizmo, gizmo.place_of("-x").toPoint())
    assert gizmo.cursor().shape() is Qt.CursorShape.PointingHandCursor
    assert not np.array_equal(before, picture_of(gizmo))
