"""The plot as a person meets it: pixels, pointer, keys and words."""

import itertools
import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from studio.widgets.plots.export import plot_png
from studio.widgets.plots.spec import Axis, Curve, Image, PlotSpec
from studio.widgets.plots.view import PlotView
from studio.widgets.theme import apply_theme, theme

STEPS = np.arange(100.0)


@pytest.fixture
def plot(qtbot) -> PlotView:
    made = PlotView("Losses")
    qtbot.addWidget(made)
    made.resize(308, 132)
    made.show()
    return made


def picture(plot: PlotView) -> QImage:
    return plot.grab().toImage()


def columns_of(image: QImage, colour: str) -> dict[int, list[int]]:
    """The rows in each column that have nearly this colour."""
    wanted = QColor(colour)
    found: dict[int, list[int]] = {}
    for x in range(image.width()):
        for y in range(image.height()):
            pixel = image.pixelColor(x, y)
            distance = max(
                abs(pixel.red() - wanted.red()), abs(pixel.green() - wanted.green()), abs(pixel.blue() - wanted.blue())
            )
            if distance < 40:
                found.setdefault(x, []).append(y)
    return found


def test_a_falling_curve_falls_on_the_screen(plot):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, 100 - STEPS)]))
    rows = columns_of(picture(plot), theme().hues["studio"].fill)
    heights = [np.mean(rows[x]) for x in sorted(rows)]
    assert len(heights) > 200
    assert heights[-1] - heights[0] > 80
    assert all(later >= earlier - 1 for earlier, later in itertools.pairwise(heights))


def test_the_logarithmic_axis_makes_a_straight_line_of_a_decay(plot):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, np.exp(-STEPS / 10))]))
    plot.set_log(True)
    rows = columns_of(picture(plot), theme().hues["studio"].fill)
    x = np.array(sorted(rows), float)
    y = np.array([np.mean(rows[int(column)]) for column in x])
    slope, start = np.polyfit(x, y, 1)
    assert np.abs(y - (slope * x + start)).max() < 2.5


def test_the_pointer_reads_the_values_and_a_press_chooses_the_place(plot):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, STEPS * 2), Curve("Held out", STEPS, STEPS + 1)], Axis("step")))
    chosen: list[float] = []
    plot.x_chosen.connect(chosen.append)
    assert plot.read_out() == ""
    QTest.mouseMove(plot, QPoint(180, 60))
    text = plot.read_out()
    step = float(text.removeprefix("step ").partition(":")[0])
    assert text == f"step {step:.0f}: Loss {2 * step:.3g}, Held out {step + 1:.3g}"
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(180, 60))
    assert chosen == [step]


def test_the_keys_walk_along_the_curve(plot):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, STEPS)]))
    chosen: list[float] = []
    plot.x_chosen.connect(chosen.append)
    QTest.keyClick(plot, Qt.Key.Key_Left)
    QTest.keyClick(plot, Qt.Key.Key_Left)
    QTest.keyClick(plot, Qt.Key.Key_PageUp)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert chosen == [99 - 1 - 1 - 20 + 1]
    assert "Loss 78" in plot.accessibleDescription()


def test_it_says_in_words_what_it_shows(plot):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, 100 - STEPS)], Axis("step")))
    assert plot.accessibleName() == "Losses"
    assert plot.accessibleDescription() == "Loss: 1 at step 99, from 100; lowest 1."


def test_the_playhead_is_marked(plot):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, STEPS)]))
    before = columns_of(picture(plot), theme().colour.text_strong)
    plot.set_marker(50)
    after = columns_of(picture(plot), theme().colour.text_strong)
    (marked,) = [x for x in after if len(after[x]) > 60 and len(before.get(x, [])) < 20]
    assert abs(marked + 0.5 - plot.point_of(50, 0).x()) < 1


def test_the_axis_may_reach_beyond_the_curve(plot):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, STEPS)], Axis("", 0, 1000)))
    rows = columns_of(picture(plot), theme().hues["studio"].fill)
    assert max(rows) < 75


def test_nothing_is_drawn_of_nothing(plot):
    for curves in ([], [Curve("Loss", np.array([]), np.array([]))], [Curve("Loss", STEPS[:1], np.array([np.nan]))]):
        plot.show_plot(PlotSpec(curves))
        QTest.mouseMove(plot, QPoint(100, 60))
        QTest.keyClick(plot, Qt.Key.Key_Left)
        picture(plot)
        assert plot.read_out() == ""
    plot.show_plot(PlotSpec([Curve("Loss", STEPS[:1], STEPS[:1])]))
    picture(plot)


def test_a_hundred_thousand_points_are_taken_and_painted_at_once(plot):
    steps = np.arange(100_000.0)
    noise = np.random.default_rng(1).random(100_000)
    image = QImage(plot.size(), QImage.Format.Format_ARGB32)
    times = []
    for _ in range(5):
        start = time.thread_time()
        plot.show_plot(PlotSpec([Curve("Loss", steps, noise + 1)]))
        plot.render(image)
        times.append(time.thread_time() - start)
    assert min(times) < 0.5


def test_a_zoomed_plot_is_moved_and_comes_back(plot, qtbot):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, STEPS)]))
    plot.setFocus()
    middle = plot.point_of(50, 50).toPoint()
    QTest.mouseMove(plot, middle)
    whole = plot.point_of(60, 0).x() - plot.point_of(50, 0).x()
    QTest.keyClicks(plot, "++")
    assert plot.is_zoomed
    assert plot.point_of(60, 0).x() - plot.point_of(50, 0).x() == pytest.approx(whole * 1.25**2)
    assert abs(plot.point_of(50, 0).x() - middle.x()) < 2  # what lies under the crosshair stays there
    before = plot.point_of(50, 0).x()
    QTest.mousePress(plot, Qt.MouseButton.MiddleButton, pos=middle)
    send_move(plot, middle + QPoint(-20, 0), Qt.MouseButton.MiddleButton)
    QTest.mouseRelease(plot, Qt.MouseButton.MiddleButton, pos=middle)
    assert plot.point_of(50, 0).x() == pytest.approx(before - 20, abs=0.01)
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, STEPS + 1)]))
    assert plot.is_zoomed  # news of a run take nothing away
    QTest.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=middle)
    assert not plot.is_zoomed
    QTest.keyClicks(plot, "+0")
    assert not plot.is_zoomed


def send_move(plot, point: QPoint, button: Qt.MouseButton) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        point.toPointF(),
        plot.mapToGlobal(point).toPointF(),
        button,
        button,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(plot, event)


def wheel(plot, modifiers=Qt.KeyboardModifier.NoModifier) -> bool:
    """Turn the wheel one notch on the plot; returns whether it took it."""
    at = plot.plot_rect().center()
    event = QWheelEvent(
        at,
        plot.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    plot.wheelEvent(event)
    return event.isAccepted()


def test_the_wheel_scrolls_the_page_unless_the_plot_is_meant(plot, qtbot):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, STEPS)]))
    other = QLineEdit()
    qtbot.addWidget(other)
    plot.clearFocus()
    assert not wheel(plot)
    assert not plot.is_zoomed
    assert wheel(plot, Qt.KeyboardModifier.ControlModifier)
    assert plot.is_zoomed
    plot.show_all()
    plot.activateWindow()
    plot.setFocus()
    qtbot.waitUntil(plot.hasFocus)
    assert wheel(plot)
    assert plot.is_zoomed


def test_its_keys_are_its_own_while_it_has_the_focus(plot):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, STEPS)]))
    for key, text, is_taken in ((Qt.Key.Key_Left, "", True), (Qt.Key.Key_0, "0", True), (Qt.Key.Key_G, "g", False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier, text)
        event.ignore()
        QApplication.sendEvent(plot, event)
        assert event.isAccepted() == is_taken


def test_a_picture_is_read_where_the_crosshair_is(plot):
    values = np.arange(12.0).reshape(3, 4)
    plot.show_plot(PlotSpec([Image("level", values, (0, 4), (0, 3), 0, 11)]))
    QTest.mouseMove(plot, plot.point_of(2.5, 2.5).toPoint())  # the first row is at the top
    assert plot.read_out().endswith("level 2")
    QTest.keyClick(plot, Qt.Key.Key_Down)
    assert plot.read_out().endswith("level 6")
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert plot.read_out().endswith("level 7")


def test_its_menu_copies_and_saves_picture_drawing_and_values(plot, tmp_path, monkeypatch):
    spec = PlotSpec([Curve("Loss", STEPS, STEPS * 2), Curve("Held out", STEPS[::50], STEPS[::50])], Axis("step"))
    plot.show_plot(spec)
    for suffix in ("png", "svg", "csv"):
        path = tmp_path / f"plot.{suffix}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        choose(plot, suffix.upper())
    assert not QImage(str(tmp_path / "plot.png")).isNull()
    assert "<path" in (tmp_path / "plot.svg").read_text() or "<polyline" in (tmp_path / "plot.svg").read_text()
    rows = (tmp_path / "plot.csv").read_text().splitlines()
    assert rows[0] == "step,Loss,Held out"
    assert rows[1:3] == ["0.0,0.0,0.0", "1.0,2.0,"]
    assert len(rows) == 101
    choose(plot, "Copy values")
    assert QGuiApplication.clipboard().text().splitlines() == rows
    choose(plot, "Copy picture")
    assert QGuiApplication.clipboard().image().width() == 2 * plot.width()
    assert plot_png(plot) == plot_png(plot)


def choose(plot, words: str) -> None:
    menu = plot.menu()
    next(action for action in menu.actions() if words in action.text()).trigger()
    menu.close()
    menu.deleteLater()


def test_it_changes_its_look_with_the_theme(plot, qapp):
    plot.show_plot(PlotSpec([Curve("Loss", STEPS, 100 - STEPS)]))
    try:
        for name in ("light", "dark"):
            apply_theme(qapp, name)
            assert len(columns_of(picture(plot), theme().hues["studio"].fill)) > 200
            assert len(columns_of(picture(plot), theme().colour.field)) > 200
    finally:
        apply_theme(qapp, "dark")
