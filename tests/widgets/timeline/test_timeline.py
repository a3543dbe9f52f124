"""The bar under a panel, with real mouse and keys: scrub, step, type, hover, play, grow."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.core.recording.recording import Recording
from studio.widgets.message_bar import MessageBar
from studio.widgets.panel_frame import PanelFrame
from studio.widgets.theme import apply_theme
from studio.widgets.timeline.chip_button import ChipButton, ChoiceChip
from studio.widgets.timeline.filmstrip import SIDE_PX
from studio.widgets.timeline.playback import Playback
from studio.widgets.timeline.surface import ScrubSurface
from studio.widgets.timeline.timeline import Timeline
from tests.widgets.hand import turn_wheel
from tests.widgets.timeline.gallery import marks, pictures, tokens

LEFT = Qt.MouseButton.LeftButton
N_FRAMES = 50


class Clock:
    """Time that the test moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def playback(qapp, clock) -> Playback:
    return Playback(clock=clock)


@pytest.fixture
def bar(qtbot, playback) -> Timeline:
    timeline = Timeline(playback)
    qtbot.addWidget(timeline)
    timeline.resize(1200, 100)
    timeline.show()
    qtbot.waitExposed(timeline)
    return timeline


def show(bar: Timeline, playback: Playback, recording: Recording, title: str = "Denoising", detail: str = "") -> None:
    playback.set_length(len(recording), not recording.is_finished)
    bar.show_recording(recording, title, detail)
    QApplication.processEvents()


@pytest.fixture
def run(bar, playback) -> Recording:
    recording = pictures(N_FRAMES, N_FRAMES)
    recording.finish()
    show(bar, playback, recording)
    return recording


def point(surface: ScrubSurface, index: int) -> QPoint:
    return QPoint(round(surface.axis().x_of(index)), surface.height() // 2)


def drag(surface: QWidget, *points: QPoint) -> None:
    QTest.mousePress(surface, LEFT, pos=points[0])
    for place in points[1:]:
        QTest.mouseMove(surface, place)
    QTest.mouseRelease(surface, LEFT, pos=points[-1])


def test_a_drag_over_strip_or_line_scrubs(bar, playback, run) -> None:
    for surface in (bar.strip.filmstrip, bar.line):
        started, finished = QSignalSpy(surface.scrub_started), QSignalSpy(surface.scrub_finished)
        moved = QSignalSpy(playback.moved)
        drag(surface, point(surface, 10), point(surface, 30), point(surface, 20))
        assert [moved.at(i)[0] for i in range(moved.count())] == [10, 30, 20]
        assert (started.count(), finished.count()) == (1, 1)
        assert bar.line.hasFocus()
        playback.seek(0)


def test_a_drag_beyond_the_ends_stays_inside(bar, playback, run) -> None:
    drag(bar.line, point(bar.line, 5), QPoint(5000, 5))
    assert playback.index == N_FRAMES - 1
    drag(bar.line, point(bar.line, 5), QPoint(-500, 5))
    assert playback.index == 0


def test_scrubbing_holds_what_plays_and_lets_it_go_on(bar, playback, run, clock) -> None:
    playback.play()
    QTest.mousePress(bar.line, LEFT, pos=point(bar.line, 10))
    assert not playback.is_playing
    QTest.mouseRelease(bar.line, LEFT, pos=point(bar.line, 10))
    assert playback.is_playing
    clock.now_s += 0.1
    playback.advance()
    assert playback.index == 13


def test_other_buttons_do_nothing(bar, playback, run) -> None:
    QTest.mouseClick(bar.line, Qt.MouseButton.MiddleButton, pos=point(bar.line, 10))
    assert playback.index == 0


def test_wheel_steps(bar, playback, run) -> None:
    for surface in (bar.strip.filmstrip, bar.line):
        assert turn_wheel(surface, 3)
        assert playback.index == 3
        turn_wheel(surface, -1.5)
        turn_wheel(surface, -1.5)
        assert playback.index == 0


def test_keys(bar, playback, run) -> None:
    bar.line.setFocus()
    shift = Qt.KeyboardModifier.ShiftModifier
    for key, modifier, index in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 1),
        (Qt.Key.Key_Right, shift, 11),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 10),
        (Qt.Key.Key_Left, shift, 0),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, N_FRAMES - 1),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
    ):
        QTest.keyClick(bar.line, key, modifier)
        assert playback.index == index


def test_keys_of_the_bar_work_while_one_of_its_buttons_has_the_focus(bar, playback, run) -> None:
    bar.transport.end.setFocus()
    QTest.keyClick(bar.transport.end, Qt.Key.Key_Right)
    assert playback.index == 1
    assert bar.transport.end.hasFocus()
    QTest.keyClick(bar.transport.end, Qt.Key.Key_Return)
    assert playback.index == N_FRAMES - 1


def test_jkl(bar, playback, run, clock) -> None:
    playback.set_fps(10)
    playback.seek(20)
    QTest.keyClick(bar.line, Qt.Key.Key_J)
    QTest.keyClick(bar.line, Qt.Key.Key_J)
    clock.now_s += 0.5
    playback.advance()
    assert playback.index == 10
    assert bar.transport.speed.label == "\N{MINUS SIGN}2x"
    QTest.keyClick(bar.line, Qt.Key.Key_K)
    assert not playback.is_playing
    QTest.keyClick(bar.line, Qt.Key.Key_L)
    clock.now_s += 0.5
    playback.advance()
    assert playback.index == 15


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_A])
def test_other_keys_go_on_to_the_window(bar, run, key) -> None:
    event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(bar.line, event)
    assert not event.isAccepted()


def test_a_typed_number(bar, playback, run) -> None:
    number = bar.transport.number
    QTest.mouseClick(number, LEFT)
    QTest.keyClicks(number, "37")
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert playback.index == 36
    assert bar.line.hasFocus()
    QTest.keyClick(bar.line, Qt.Key.Key_F2)
    assert number.hasFocus()
    QTest.keyClicks(number, "9000")
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert (playback.index, number.text()) == (N_FRAMES - 1, str(N_FRAMES))
    QTest.mouseClick(number, LEFT)
    QTest.keyClicks(number, "jkl")
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert not playback.is_playing


def test_buttons(bar, playback, run) -> None:
    row = bar.transport
    QTest.mouseClick(row.end, LEFT)
    assert playback.index == N_FRAMES - 1
    QTest.mouseClick(row.start, LEFT)
    assert playback.index == 0
    QTest.mouseClick(row.play, LEFT)
    assert playback.is_playing
    assert "Pause" in row.play.accessibleName()
    QTest.mouseClick(row.play, LEFT)
    assert "Play" in row.play.accessibleName()
    seen = []
    for _ in range(3):
        QTest.mouseClick(row.loop, LEFT)
        seen.append((playback.loop, row.loop.label))
    assert seen == [("loop", "Loop"), ("ping_pong", "Back and forth"), ("once", "Once")]


def test_wishes(bar, run) -> None:
    bar.set_running(True)
    bar.set_branchable(True)
    for button, signal in (
        (bar.transport.keyframe, bar.keyframe_add_requested),
        (bar.transport.branch, bar.branch_requested),
        (bar.transport.stop, bar.stop_requested),
    ):
        spy = QSignalSpy(signal)
        QTest.mouseClick(button, LEFT)
        assert spy.count() == 1
    for setter, button in (
        (bar.set_running, bar.transport.stop),
        (bar.set_branchable, bar.transport.branch),
        (bar.set_keyframable, bar.transport.keyframe),
    ):
        setter(False)
        assert button.isHidden()


@pytest.mark.parametrize(("name", "choice", "value"), [("speed", 0, 0.25), ("rate", 3, 24)])
def test_speed_and_rate_come_from_a_menu(bar, playback, run, name, choice, value) -> None:
    chip: ChoiceChip = getattr(bar.transport, name)
    menu = chip.menu_of_choices()
    assert sum(action.isChecked() for action in menu.actions()) == 1
    menu.actions()[choice].trigger()
    assert (playback.speed if name == "speed" else playback.fps) == value
    assert chip.label == menu.actions()[choice].text()
    menu.deleteLater()


def test_a_branch_counts_the_steps_of_its_parent(bar, playback, run) -> None:
    bar.set_branchable(True)
    playback.seek(31)
    assert bar.transport.branch.label == "Branch from frame 32"
    child = Recording(run.info)
    for index in range(12, N_FRAMES):
        child.append(run[index])
    child.finish()
    show(bar, playback, child)
    playback.seek(0)
    assert bar.transport.branch.label == "Branch from frame 13"
    assert (bar.transport.number.text(), bar.transport.count.text()) == ("13", f"/ {N_FRAMES}")
    QTest.mouseClick(bar.transport.number, LEFT)
    QTest.keyClicks(bar.transport.number, "20")
    QTest.keyClick(bar.transport.number, Qt.Key.Key_Return)
    assert playback.index == 7


def test_a_run_that_begins_from_noise_counts_its_steps(qtbot, run) -> None:
    playback = Playback()
    bar = Timeline(playback, first_number=0)
    qtbot.addWidget(bar)
    show(bar, playback, run)
    bar.set_branchable(True)
    playback.seek(0)
    assert (bar.transport.number.text(), bar.transport.count.text()) == ("0", f"/ {N_FRAMES - 1}")
    playback.seek(9)
    assert bar.transport.branch.label == "Branch from frame 9"
    assert bar.line.accessibleName() == f"Playhead: frame 9 of {N_FRAMES - 1}"


def test_hover_shows_the_frame_from_the_recording(bar, run, qtbot) -> None:
    for surface in (bar.strip.filmstrip, bar.line):
        QTest.mouseMove(surface, point(surface, 33))
        qtbot.waitUntil(lambda: bar.hover.popup.isVisible() and bar.hover.popup.text.startswith("Frame 34"))
        assert bar.hover.popup.text == "Frame 34 Step 34 of 50"
        centre = bar.hover.popup.image.pixelColor(70, 70)
        assert centre.red() > 150 > centre.blue()
        QTest.mousePress(surface, LEFT, pos=point(surface, 33))
        assert not bar.hover.popup.isVisible()
        QTest.mouseRelease(surface, LEFT, pos=point(surface, 33))


def test_hover_ends_when_the_pointer_leaves(bar, run, qtbot) -> None:
    QTest.mouseMove(bar.line, point(bar.line, 20))
    qtbot.waitUntil(bar.hover.popup.isVisible)
    QApplication.sendEvent(bar.line, _leave())
    assert not bar.hover.popup.isVisible()


def _leave():
    from PySide6.QtCore import QEvent

    return QEvent(QEvent.Type.Leave)


def test_a_preview_stays_on_the_screen(bar, run) -> None:
    popup = bar.hover.popup
    popup.show_above(QPoint(0, 0), None, "A title", "and a very long detail " * 20)
    room = bar.screen().availableGeometry()
    assert room.contains(popup.geometry())


def test_a_run_that_grows_is_watched_at_its_head(bar, playback) -> None:
    whole = pictures(N_FRAMES, N_FRAMES)
    growing = Recording(whole.info)
    playback.set_length(0, is_growing=True)
    bar.show_recording(growing, "Denoising")
    for index in range(20):
        growing.append(whole[index])
        playback.set_length(len(growing), is_growing=True)
        bar.refresh()
    assert (playback.index, bar.line.n_frames, bar.line.n_total) == (19, 20, N_FRAMES)
    drag(bar.line, point(bar.line, 5))
    growing.append(whole[20])
    playback.set_length(21, is_growing=True)
    assert playback.index == 5
    drag(bar.line, point(bar.line, 40))  # not there yet: the head is the nearest
    assert playback.index == 20
    growing.append(whole[21])
    playback.set_length(22, is_growing=True)
    assert playback.index == 21
    growing.finish()
    playback.set_length(22)
    assert bar.line.n_total == 22


def test_nothing_yet(bar, playback) -> None:
    bar.show_recording(None)
    QApplication.processEvents()
    assert bar.transport.heading.accessibleName().startswith("Nothing recorded yet")
    assert bar.strip.isHidden()
    assert bar.line.isHidden()
    assert bar.minimumSizeHint().height() < 50
    assert not bar.transport.play.isEnabled()
    bar.grab()


def test_a_path_that_is_not_drawn_yet(bar, playback) -> None:
    playback.set_length(180)
    bar.show_recording(None, "Walk", "5 keyframes")
    bar.show_keyframes(marks(5), 2)
    assert bar.strip.isHidden()
    drag(bar.line, point(bar.line, 90))
    assert playback.index == 90


def test_words_are_bars(bar, playback, qtbot) -> None:
    recording = tokens(28)
    recording.finish()
    show(bar, playback, recording)
    qtbot.waitUntil(lambda: not bar.strip.bars.isHidden())
    assert bar.strip.filmstrip.isHidden()
    drag(bar.strip.bars, point(bar.strip.bars, 11))
    assert playback.index == 11
    QTest.mouseMove(bar.strip.bars, point(bar.strip.bars, 4))
    qtbot.waitUntil(lambda: "Frame 5" in bar.hover.popup.text)


@pytest.fixture
def big_text(qapp) -> Iterator[None]:
    apply_theme(qapp, "dark", 2.0)
    yield
    apply_theme(qapp, "dark")


def chips_of(bar: Timeline) -> list[QWidget]:
    row = bar.transport
    return [widget for widget in row.findChildren(QWidget) if widget.parent() is row and widget.isVisible()]


@pytest.mark.parametrize("width", [1440, 1280, 900])
@pytest.mark.usefixtures("big_text")
def test_nothing_is_cut_off_with_large_text(bar, playback, run, width) -> None:
    bar.set_running(True)
    bar.set_branchable(True)
    bar.transport.show_text("A title that goes on and on, longer than any row", "and a detail")
    bar.resize(width, bar.minimumSizeHint().height())
    for _ in range(3):
        QApplication.processEvents()
    bar.resize(width, bar.minimumSizeHint().height())
    QApplication.processEvents()
    assert bar.width() == width
    rects = sorted((widget.geometry() for widget in chips_of(bar)), key=lambda rect: rect.left())
    assert rects[-1].right() < bar.transport.width()
    assert all(a.right() < b.left() for a, b in pairwise(rects) if a.width() and b.width())
    for chip in bar.transport.findChildren(ChipButton):
        if chip.isVisible():
            assert chip.width() >= chip.minimumSizeHint().width()
            assert chip.accessibleName()
            assert chip.toolTip()
    bar.grab()


def test_the_bar_lies_under_stage_and_inspector(qtbot, playback) -> None:
    timeline = Timeline(playback)
    canvas = QWidget()
    frame = PanelFrame(canvas, MessageBar(), timeline=timeline)
    qtbot.addWidget(frame)
    frame.resize(1280, 660)
    frame.show()
    qtbot.waitExposed(frame)
    assert timeline.width() == frame.width()
    assert timeline.mapTo(frame, QPoint(0, timeline.height())).y() == frame.height()
    assert frame.inspector.mapTo(frame, frame.inspector.rect().bottomLeft()).y() < timeline.y()


def test_the_bar_is_as_high_as_in_the_design(bar, playback, run) -> None:
    assert bar.minimumSizeHint().height() <= 155
    assert bar.strip.filmstrip.height() > SIDE_PX
    playback.set_length(180)
    bar.show_recording(None, "Camera path")
    bar.show_keyframes(marks(4), 0)
    assert bar.minimumSizeHint().height() <= 95


def test_everything_has_a_name_and_can_be_reached_by_key(bar, run) -> None:
    bar.set_running(True)
    bar.set_branchable(True)
    row = bar.transport
    for button in (row.start, row.play, row.end, row.loop, row.stop, row.keyframe, row.branch, row.speed, row.rate):
        assert button.accessibleName()
        assert button.toolTip()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert "frame" in bar.line.accessibleName()
    assert bar.line.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert bar.transport.number.accessibleName()


def test_both_themes(bar, run, qapp) -> None:
    dark = bar.grab().toImage()
    apply_theme(qapp, "light")
    light = bar.grab().toImage()
    apply_theme(qapp, "dark")
    place = QPointF(bar.width() / 2, 3).toPoint()
    assert light.pixelColor(place).lightness() > 200 > 60 > dark.pixelColor(place).lightness()
