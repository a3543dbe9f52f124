"""The plot as a person meets it: pixels, pointer, keys and words."""

import itertools
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from studio.widgets.plot_scale import Curve
from studio.widgets.plot_view import PlotView
from studio.widgets.theme import theme

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
    plot.set_curves([Curve("Loss", STEPS, 100 - STEPS)])
    rows = columns_of(picture(plot), theme().hues["studio"].fill)
    heights = [np.mean(rows[x]) for x in sorted(rows)]
    assert len(heights) > 200
    assert heights[-1] - heights[0] > 80
    assert all(later >= earlier - 1 for earlier, later in itertools.pairwise(heights))


def test_the_logarithmic_axis_makes_a_straight_line_of_a_decay(plot):
    plot.set_curves([Curve("Loss", STEPS, np.exp(-STEPS / 10))])
    plot.set_log(True)
    rows = columns_of(picture(plot), theme().hues["studio"].fill)
    x = np.array(sorted(rows), float)
    y = np.array([np.mean(rows[int(column)]) for column in x])
    slope, start = np.polyfit(x, y, 1)
    assert np.abs(y - (slope * x + start)).max() < 2.5


def test_the_pointer_reads_the_values_and_a_press_chooses_the_place(plot):
    plot.set_curves([Curve("Loss", STEPS, STEPS * 2), Curve("Held out", STEPS, STEPS + 1)], "step")
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
    plot.set_curves([Curve("Loss", STEPS, STEPS)])
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
    plot.set_curves([Curve("Loss", STEPS, 100 - STEPS)], "step")
    assert plot.accessibleName() == "Losses"
    assert plot.accessibleDescription() == "Loss: 1 at step 99, from 100; lowest 1."


def test_the_playhead_is_marked(plot):
    plot.set_curves([Curve("Loss", STEPS, STEPS)])
    before = columns_of(picture(plot), theme().colour.text_strong)
    plot.set_marker(50)
    after = columns_of(picture(plot), theme().colour.text_strong)
    (marked,) = [x for x in after if len(after[x]) > 60 and len(before.get(x, [])) < 20]
    assert abs(marked - 165) < 30


def test_the_axis_may_reach_beyond_the_curve(plot):
    plot.set_curves([Curve("Loss", STEPS, STEPS)], x_range=(0, 1000))
    rows = columns_of(picture(plot), theme().hues["studio"].fill)
    assert max(rows) < 75


def test_nothing_is_drawn_of_nothing(plot):
    for curves in ([], [Curve("Loss", np.array([]), np.array([]))], [Curve("Loss", STEPS[:1], np.array([np.nan]))]):
        plot.set_curves(curves)
        QTest.mouseMove(plot, QPoint(100, 60))
        QTest.keyClick(plot, Qt.Key.Key_Left)
        picture(plot)
        assert plot.read_out() == ""
    plot.set_curves([Curve("Loss", STEPS[:1], STEPS[:1])])
    picture(plot)


def test_a_hundred_thousand_points_are_taken_and_painted_at_once(plot):
    steps = np.arange(100_000.0)
    noise = np.random.default_rng(1).random(100_000)
    image = QImage(plot.size(), QImage.Format.Format_ARGB32)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        plot.set_curves([Curve("Loss", steps, noise + 1)])
        plot.render(image)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05
