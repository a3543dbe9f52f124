"""The picture as a control, with real mouse and keyboard events."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QWidget

from studio.widgets.views.canvas import InteractiveCanvas
from studio.widgets.views.field import FieldView
from studio.widgets.views.image import ImageView
from tests.widgets.hand import turn_wheel

LEFT = Qt.MouseButton.LeftButton


def disc(radius: float) -> np.ndarray:
    x = np.arange(64, dtype=np.float32) - 31.5
    return (radius - np.hypot(x[None], x[:, None])).astype(np.float32)


@pytest.fixture(params=[FieldView, ImageView])
def view(request, qtbot) -> InteractiveCanvas:
    widget = request.param()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_drag_reports_start_way_and_end(view) -> None:
    started, moved, ended = (QSignalSpy(s) for s in (view.drag_started, view.dragged, view.drag_finished))
    QTest.mousePress(view, LEFT, pos=QPoint(100, 100))
    QTest.mouseMove(view, QPoint(110, 95))
    QTest.mouseMove(view, QPoint(130, 120))
    QTest.mouseRelease(view, LEFT, pos=QPoint(130, 120))
    assert (started.count(), ended.count()) == (1, 1)
    assert [sum(moved.at(i)[axis] for i in range(moved.count())) for axis in (0, 1)] == [30, 20]


def test_click_is_no_drag_and_hovering_does_nothing(view) -> None:
    spies = [QSignalSpy(s) for s in (view.drag_started, view.dragged, view.drag_finished)]
    QTest.mouseMove(view, QPoint(10, 10))
    QTest.mouseMove(view, QPoint(90, 10))
    QTest.mouseClick(view, LEFT, pos=QPoint(50, 50))
    QTest.mousePress(view, Qt.MouseButton.RightButton, pos=QPoint(50, 50))
    QTest.mouseMove(view, QPoint(90, 90))
    QTest.mouseRelease(view, Qt.MouseButton.RightButton, pos=QPoint(90, 90))
    assert [spy.count() for spy in spies] == [0, 0, 0]


def test_another_button_does_not_end_a_drag(view) -> None:
    moved, ended = QSignalSpy(view.dragged), QSignalSpy(view.drag_finished)
    QTest.mousePress(view, LEFT, pos=QPoint(100, 100))
    QTest.mouseMove(view, QPoint(130, 100))
    QTest.mouseRelease(view, Qt.MouseButton.RightButton, pos=QPoint(130, 100))
    assert ended.count() == 0
    QTest.mouseMove(view, QPoint(150, 100))
    QTest.mouseRelease(view, LEFT, pos=QPoint(150, 100))
    assert ended.count() == 1
    assert sum(moved.at(i)[0] for i in range(moved.count())) == 50


def test_double_click_asks_for_reset(view, qtbot) -> None:
    with qtbot.waitSignal(view.reset_requested):
        QTest.mouseDClick(view, LEFT, pos=QPoint(50, 50))


def test_wheel_reports_notches_and_keeps_the_event(view) -> None:
    spy = QSignalSpy(view.wheeled)
    assert turn_wheel(view, 1)
    turn_wheel(view, -0.5)
    assert [spy.at(i)[0] for i in range(2)] == [1.0, -0.5]


@pytest.mark.parametrize(
    ("key", "modifier", "way"),
    [
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, [-1.0, 0.0]),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, [0.0, 1.0]),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, [5.0, 0.0]),
    ],
)
def test_arrow_keys_nudge(view, key, modifier, way) -> None:
    spy = QSignalSpy(view.nudged)
    QTest.keyClick(view, key, modifier)
    assert list(spy.at(0)) == way


def test_focus_shows_as_a_ring(view, qtbot) -> None:
    view.activateWindow()
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.waitUntil(view.hasFocus)
    clicked = view.grab().toImage()
    view.clearFocus()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(view.hasFocus)
    assert view.grab().toImage() != clicked


def test_has_accessible_name(view) -> None:
    assert view.accessibleName()
    assert view.accessibleDescription()


def test_field_view_paints_ink_on_paper(qtbot) -> None:
    view = FieldView()
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show_fields([disc(20)])
    image = view.grab().toImage()
    assert image.pixelColor(200, 200) == QColor("#101114")
    assert image.pixelColor(60, 60) == QColor("#ffffff")
    view.show_fields([disc(2)])
    assert view.grab().toImage().pixelColor(240, 200) == QColor("#ffffff")


def test_word_gets_a_longer_sheet_inside_the_view(qtbot) -> None:
    view = FieldView()
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show_fields([disc(20)])
    single = view.content_rect()
    view.show_fields([disc(20), None, disc(10), disc(20)])
    word = view.content_rect()
    assert word.width() > single.width()
    assert view.rect().contains(word.toAlignedRect())
    view.show_fields([])
    view.grab()


@pytest.mark.parametrize("shape", [(28, 28), (20, 40, 3), (20, 40, 4), (1, 1), (900, 300, 3)])
def test_image_view_keeps_the_shape(qtbot, shape: tuple[int, ...]) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show_array(np.full(shape, 255, np.uint8))
    rect = view.content_rect()
    assert rect.width() / rect.height() == pytest.approx(shape[1] / shape[0], rel=0.02)
    assert view.grab().toImage().pixelColor(200, 150) == QColor("#ffffff")


class Painted(QObject):
    """Notes what of a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.rects: list[QRect] = []
        widget.installEventFilter(self)

    def eventFilter(self, widget: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.rects.append(event.rect())
        return False


def test_another_picture_paints_nothing_around_it_unless_it_lies_elsewhere(view, qtbot) -> None:
    show = view.show_array if isinstance(view, ImageView) else view.show_picture
    show(np.zeros((40, 40, 3), np.uint8))
    qtbot.wait(0)
    painted = Painted(view)
    show(np.full((20, 20, 3), 255, np.uint8))
    qtbot.waitUntil(lambda: bool(painted.rects))
    assert painted.rects == [view.content_rect().toAlignedRect()]
    assert painted.rects[0].width() < view.width()
    painted.rects.clear()
    show(np.zeros((20, 40, 3), np.uint8))
    qtbot.waitUntil(lambda: bool(painted.rects))
    assert painted.rects == [view.rect()]


def test_image_view_refuses_floats(qtbot) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    with pytest.raises(ValueError, match="float64"):
        view.show_array(np.zeros((4, 4)))  # type: ignore[arg-type]


def test_a_sheet_of_glyphs_can_show_a_picture_and_goes_back(qtbot) -> None:
    """As while a model learns: the pictures of a training come to the canvas of its family."""
    view = FieldView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    red = np.zeros((20, 40, 3), np.uint8)
    red[..., 0] = 200
    view.show_picture(red)
    rect = view.content_rect()
    assert rect.width() == pytest.approx(2 * rect.height(), abs=2)
    assert view.grab().toImage().pixelColor(200, 150).red() == 200
    view.show_fields([np.full((64, 64), -5, np.float32)])
    assert view.content_rect().width() == pytest.approx(view.content_rect().height(), abs=2)
    assert view.grab().toImage().pixelColor(200, 150) == QColor("#ffffff")
