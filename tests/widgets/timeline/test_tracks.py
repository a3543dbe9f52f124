"""The rows of recordings: select, rename, hide, pin, delete, branches."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from studio.widgets.timeline.playback import Playback
from studio.widgets.timeline.timeline import Timeline
from studio.widgets.timeline.track_line import HEIGHT_PX, TrackLine
from studio.widgets.timeline.track_row import TrackRow, first_steps, track_colour
from tests.widgets.hand import double_click, part

LEFT = Qt.MouseButton.LeftButton
ROWS = [
    TrackRow("a", "First", 0, n_frames=50),
    TrackRow("b", "Second", 1, n_frames=38, branch=("a", 12)),
    TrackRow("c", "Third", 2, is_hidden=True, n_frames=9, branch=("b", 6)),
    TrackRow("d", "Fourth", 3, n_frames=20, branch=("gone", 5)),
]


@pytest.fixture
def bar(qtbot, qapp) -> Timeline:
    timeline = Timeline(Playback(qapp))
    qtbot.addWidget(timeline)
    timeline.resize(1000, 200)
    timeline.show_tracks(ROWS, "a")
    timeline.show()
    qtbot.waitExposed(timeline)
    return timeline


def emitted(spy: QSignalSpy) -> list[tuple]:
    return [tuple(spy.at(i)) for i in range(spy.count())]


def line(bar: Timeline, index: int) -> TrackLine:
    return bar.tracks.lines[index]


def test_a_single_run_needs_no_rows(bar) -> None:
    assert bar.tracks.isVisible()
    bar.show_tracks(ROWS[:1], "a")
    assert bar.tracks.isHidden()
    bar.show_tracks(ROWS[:2], "b")
    assert len(bar.tracks.lines) == 2


def test_three_rows_are_in_sight_and_the_current_one_is_among_them(bar) -> None:
    assert bar.tracks.height() <= 3 * HEIGHT_PX + 8
    bar.show_tracks(ROWS, "d")
    QApplication.processEvents()
    assert (
        bar.tracks.viewport()
        .rect()
        .contains(bar.tracks.viewport().mapFromGlobal(line(bar, 3).mapToGlobal(line(bar, 3).rect().center())))
    )


def test_a_click_selects(bar) -> None:
    spy = QSignalSpy(bar.track_selected)
    QTest.mouseClick(line(bar, 1).span, LEFT)
    QTest.mouseClick(line(bar, 2).name, LEFT)
    assert emitted(spy) == [("b",), ("c",)]


def test_buttons_ask(bar) -> None:
    hidden, pinned, deleted = QSignalSpy(bar.track_hidden), QSignalSpy(bar.track_pinned), QSignalSpy(bar.track_deleted)
    QTest.mouseClick(line(bar, 0).eye, LEFT)
    QTest.mouseClick(line(bar, 2).eye, LEFT)
    QTest.mouseClick(line(bar, 1).pin, LEFT)
    QTest.mouseClick(line(bar, 1).bin, LEFT)
    assert emitted(hidden) == [("a", True), ("c", False)]
    assert emitted(pinned) == [("b", True)]
    assert emitted(deleted) == [("b",)]


def test_at_most_two_are_pinned(bar) -> None:
    bar.show_tracks([replace(ROWS[0], is_pinned=True), replace(ROWS[1], is_pinned=True), *ROWS[2:]], "a")
    assert [line.pin.isEnabled() for line in bar.tracks.lines] == [True, True, False, False]
    spy = QSignalSpy(bar.track_pinned)
    QTest.mouseClick(line(bar, 0).pin, LEFT)
    assert emitted(spy) == [("a", False)]
    assert "compared" in line(bar, 0).accessibleName()


def field(bar: Timeline, index: int) -> QLineEdit:
    return part(line(bar, index).name, QLineEdit)


def test_rename_in_place(bar) -> None:
    spy = QSignalSpy(bar.track_renamed)
    double_click(line(bar, 1).name)
    QTest.keyClicks(field(bar, 1), "  Guidance 1 ")
    QTest.keyClick(field(bar, 1), Qt.Key.Key_Return)
    assert emitted(spy) == [("b", "Guidance 1")]
    QApplication.processEvents()
    assert not any(found.isVisible() for found in line(bar, 1).name.findChildren(QLineEdit))


def test_escape_and_nothing_typed_leave_the_name(bar) -> None:
    spy = QSignalSpy(bar.track_renamed)
    line(bar, 0).setFocus()
    QTest.keyClick(line(bar, 0), Qt.Key.Key_F2)
    QTest.keyClicks(field(bar, 0), "Other")
    QTest.keyClick(field(bar, 0), Qt.Key.Key_Escape)
    assert line(bar, 0).hasFocus()
    line(bar, 1).name.edit()
    field(bar, 1).clear()
    QTest.keyClick(field(bar, 1), Qt.Key.Key_Return)
    assert spy.count() == 0


def test_keys(bar) -> None:
    selected, deleted = QSignalSpy(bar.track_selected), QSignalSpy(bar.track_deleted)
    line(bar, 0).setFocus()
    QTest.keyClick(line(bar, 0), Qt.Key.Key_Down)
    assert line(bar, 1).hasFocus()
    QTest.keyClick(line(bar, 1), Qt.Key.Key_Return)
    QTest.keyClick(line(bar, 1), Qt.Key.Key_Delete)
    QTest.keyClick(line(bar, 1), Qt.Key.Key_Up)
    QTest.keyClick(line(bar, 0), Qt.Key.Key_Up)
    assert line(bar, 0).hasFocus()
    assert (emitted(selected), emitted(deleted)) == ([("b",)], [("b",)])


def test_the_path_is_no_recording(bar) -> None:
    bar.show_tracks([TrackRow("path", "Path", -1, n_frames=60), *ROWS], "path")
    first = line(bar, 0)
    assert first.eye.isHidden()
    assert first.pin.isHidden()
    assert first.bin.isHidden()
    renamed, deleted = QSignalSpy(bar.track_renamed), QSignalSpy(bar.track_deleted)
    double_click(first.name)
    assert first.name.findChild(QLineEdit) is None
    QTest.keyClick(first, Qt.Key.Key_Delete)
    assert (renamed.count(), deleted.count()) == (0, 0)
    QApplication.processEvents()
    assert line(bar, 1).span.x() == first.span.x()


def test_branches_begin_at_the_step_of_their_parent(bar) -> None:
    assert first_steps(ROWS) == {"a": 0, "b": 12, "c": 18, "d": 5}
    circle = [TrackRow("x", "", 0, branch=("y", 2)), TrackRow("y", "", 0, branch=("x", 3))]
    assert set(first_steps(circle)) == {"x", "y"}
    image = line(bar, 1).span.grab().toImage()
    y, ink = image.height() // 2, track_colour(1)
    scale = line(bar, 1).span.width() / 50
    assert image.pixelColor(round(30 * scale), y).name() == ink
    assert image.pixelColor(round(8 * scale), y).name() != ink


def test_a_branch_that_has_just_begun_at_the_end_is_seen(bar) -> None:
    bar.show_tracks([ROWS[0], TrackRow("b", "Second", 1, branch=("a", 50))], "a")
    QApplication.processEvents()
    image = line(bar, 1).span.grab().toImage()
    assert image.pixelColor(image.width() - 3, image.height() // 2).name() == track_colour(1)


def test_branch_points_are_marked_on_the_line_of_their_parent(bar) -> None:
    playback = bar._playback
    playback.set_length(50)
    QApplication.processEvents()
    with_fork = bar.line.grab().toImage()
    bar.show_tracks(ROWS, "d")
    without = bar.line.grab().toImage()
    x = round(bar.line.axis().x_of(12))
    changed = [
        (column, y)
        for column in range(with_fork.width())
        for y in range(with_fork.height())
        if with_fork.pixelColor(column, y) != without.pixelColor(column, y)
    ]
    assert changed
    assert all(x - 3 <= column <= x + 14 for column, _ in changed)
    playback.set_length(0)


def test_names_say_the_state_and_long_ones_are_cut(bar) -> None:
    assert line(bar, 0).accessibleName() == "First, shown"
    assert line(bar, 2).accessibleName() == "Third, hidden"
    long_name = "An exceedingly long name " * 5
    bar.show_tracks([replace(ROWS[0], name=long_name), *ROWS[1:]], "b")
    assert long_name in line(bar, 0).name.toolTip()
    name = line(bar, 0).name
    image = name.grab().toImage()
    assert all(image.pixelColor(image.width() - 1, y) == image.pixelColor(image.width() - 1, 0) for y in range(20))
    assert bar.grab().width() == 1000


def test_a_run_that_grows_only_repaints_its_bar(bar) -> None:
    before = [id(line) for line in bar.tracks.lines]
    for n in range(50, 60):
        bar.show_tracks([replace(ROWS[0], n_frames=n, is_growing=True), *ROWS[1:]], "a")
    assert [id(line) for line in bar.tracks.lines] == before
    assert "growing" in line(bar, 0).accessibleName()
    assert line(bar, 0).span.toolTip() == "59 frames"
    assert line(bar, 1).span.toolTip() == "38 frames, a branch from step 13"
