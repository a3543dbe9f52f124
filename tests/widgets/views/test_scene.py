"""The view into a scene: where its picture lies, what it tells of a hand, what is painted above it."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core.hand import Key, Pointer, Wheel
from studio.render.pixel import sharpened
from studio.widgets.theme import theme
from studio.widgets.views.scene import SceneView
from tests.widgets.hand import turn_wheel


@pytest.fixture
def view(qtbot) -> SceneView:
    view = SceneView()
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.show()
    qtbot.waitExposed(view)
    return view


def _picture(height: int, width: int) -> np.ndarray:
    """Red grows to the right, green downwards."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width)
    pixels[..., 1] = np.linspace(0, 255, height)[:, None]
    return pixels


def _colour(view: SceneView, x: int, y: int) -> tuple[int, int, int]:
    colour = view.grab().toImage().pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()


def test_a_picture_of_the_widgets_shape_fills_it(view) -> None:
    view.set_picture(_picture(20, 30))
    assert view.picture_rect() == QRect(0, 0, 300, 200)
    red, green, blue = _colour(view, 150, 100)
    assert abs(red - 128) <= 5
    assert abs(green - 128) <= 5
    assert blue == 0


def test_before_the_first_picture_there_is_the_canvas(view) -> None:
    canvas = QColor(theme().colour.canvas)
    assert _colour(view, 150, 100) == (canvas.red(), canvas.green(), canvas.blue())


def test_a_picture_of_the_views_own_size_is_shown_pixel_by_pixel(view) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    view.set_picture(pixels)
    shown = view.grab().toImage()
    for x, y in ((0, 0), (299, 199), (17, 120)):
        colour = shown.pixelColor(x, y)
        assert (colour.red(), colour.green(), colour.blue()) == tuple(pixels[y, x])


def test_another_shape_is_cut_or_has_bars(view) -> None:
    view.set_picture(np.full((100, 100, 3), 255, np.uint8))
    assert view.picture_rect() == QRect(0, -50, 300, 300)
    assert _colour(view, 5, 100) == (255, 255, 255)
    view.set_filling(False)
    assert view.picture_rect() == QRect(50, 0, 200, 200)
    assert _colour(view, 5, 100) != (255, 255, 255)
    assert _colour(view, 150, 100) == (255, 255, 255)


def test_the_view_keeps_a_copy(view) -> None:
    pixels = _picture(200, 300)
    view.set_picture(pixels)
    before = _colour(view, 200, 100)
    pixels[:] = 0
    assert _colour(view, 200, 100) == before


def test_overlays_are_painted_above_in_order(view) -> None:
    def fill(colour):
        return lambda painter, rect: painter.fillRect(rect, colour)

    def corner(painter: QPainter, rect: QRect) -> None:
        painter.fillRect(rect.adjusted(200, 150, 0, 0), Qt.GlobalColor.green)

    view.overlays += [fill(Qt.GlobalColor.red), corner]
    view.set_picture(_picture(20, 30))
    assert _colour(view, 10, 10) == (255, 0, 0)
    assert _colour(view, 290, 190) == (0, 255, 0)


def test_an_overlay_cannot_disturb_the_next(view) -> None:
    seen = []
    view.overlays += [
        lambda painter, rect: painter.translate(50, 50),
        lambda painter, rect: seen.append(painter.worldTransform().dx()),
    ]
    view.grab()
    assert seen[-1] == 0


def test_pointer_events_come_with_buttons_and_modifiers(view) -> None:
    told: list[Pointer] = []
    for signal in (view.pointer_pressed, view.pointer_moved, view.pointer_released, view.double_clicked):
        signal.connect(told.append)
    QTest.mousePress(view, Qt.MouseButton.RightButton, Qt.KeyboardModifier.ShiftModifier, QPoint(10, 20))
    QTest.mouseMove(view, QPoint(30, 25))
    QTest.mouseRelease(view, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(30, 25))
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(50, 60))
    press, *_, release, double = [event for event in told if event.button != "none"]
    assert (press.x_px, press.y_px, press.button, press.modifiers) == (10, 20, "right", frozenset({"shift"}))
    assert press.buttons == {"right"}
    assert (release.button, release.buttons) == ("right", frozenset())
    assert (double.x_px, double.y_px, double.button) == (50, 60, "left")
    assert [event.time_s for event in told] == sorted(event.time_s for event in told)


def test_the_wheel_tells_its_place_and_nothing_behind_scrolls(view) -> None:
    told: list[Wheel] = []
    view.wheeled.connect(told.append)
    assert turn_wheel(view, 1.5)
    assert (told[0].notches, told[0].x_px, told[0].y_px) == (1.5, 149.0, 99.0)


def test_only_the_scenes_own_keys_stay(view) -> None:
    pressed: list[Key] = []
    released: list[Key] = []
    view.key_pressed.connect(pressed.append)
    view.key_released.connect(released.append)
    view.taken_keys = frozenset({"w", "left", "["})
    for key in (Qt.Key.Key_W, Qt.Key.Key_Left, Qt.Key.Key_X, Qt.Key.Key_BracketLeft):
        QTest.keyClick(view, key)
    QTest.keyClick(view, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert [key.name for key in pressed] == ["w", "left", "["]
    assert [key.name for key in released] == ["w", "left", "[", "w"]


def test_a_key_that_repeats_is_told_once(view) -> None:
    pressed: list[Key] = []
    view.key_pressed.connect(pressed.append)
    view.taken_keys = frozenset({"w"})
    for is_repeated in (False, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_W, Qt.KeyboardModifier.NoModifier, "w", is_repeated)
        QApplication.sendEvent(view, event)
    assert len(pressed) == 1


@pytest.mark.parametrize(("key", "is_kept"), [(Qt.Key.Key_W, True), (Qt.Key.Key_X, False)])
def test_a_scene_key_wins_over_the_windows_shortcut(view, key, is_kept) -> None:
    view.taken_keys = frozenset({"w"})
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(view, event)
    assert event.isAccepted() is is_kept


def test_the_hand_is_lost_with_the_focus(view, qtbot) -> None:
    with qtbot.waitSignal(view.hand_lost):
        view.setFocus()
        view.clearFocus()


def test_sharpening_keeps_what_is_even_and_steepens_an_edge() -> None:
    even = np.full((8, 9, 3), 77, np.uint8)
    assert (sharpened(even) == even).all()
    edge = np.full((8, 9, 3), 100, np.uint8)
    edge[:, 5:] = 180
    assert sharpened(edge)[4, 4:6, 0].tolist() == [90, 190]
    assert sharpened(np.zeros((1, 1, 3), np.uint8)).shape == (1, 1, 3)


@pytest.mark.long("computes for long")
def test_sharpening_does_not_wrap_round() -> None:
    dots = np.zeros((9, 9, 3), np.uint8)
    dots[4, 4] = 255
    assert sharpened(dots).min() == 0
    assert sharpened(255 - dots).max() == 255
