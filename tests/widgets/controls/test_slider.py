"""A slider under a real mouse and keyboard."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.slider_track import SliderTrack
from studio.widgets.controls.value_range import ValueRange
from studio.widgets.theme import set_hue, theme
from tests.widgets.hand import part, turn_wheel

LEFT = Qt.MouseButton.LeftButton


class Log:
    """What a row told, in order."""

    def __init__(self, row: SliderRow) -> None:
        self.events: list[str | float] = []
        row.edit_started.connect(self._on_started)
        row.edit_finished.connect(self._on_finished)
        row.value_changed.connect(self._on_changed)

    def _on_started(self) -> None:
        self.events.append("start")

    def _on_finished(self) -> None:
        self.events.append("end")

    def _on_changed(self, value: float) -> None:
        self.events.append(value)


@pytest.fixture
def page(qtbot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    QVBoxLayout(widget)
    widget.resize(320, 100)
    return widget


@pytest.fixture
def row(page, qtbot) -> SliderRow:
    values = ValueRange(-3, 3, step=0.1, default=0.5, trained=(-2, 2))
    slider = SliderRow("vae.weight", "Weight", values, "How heavy the strokes are.")
    page.layout().addWidget(slider)
    page.show()
    qtbot.waitExposed(page)
    return slider


def track(row: SliderRow) -> SliderTrack:
    return part(row, SliderTrack)


def number(row: SliderRow) -> QLineEdit:
    return part(row, QLineEdit)


def at(row: SliderRow, share: float) -> QPoint:
    widget = track(row)
    return QPoint(round(10 + share * (widget.width() - 20)), widget.height() // 2)


def test_starts_at_the_default_and_setting_is_silent(row) -> None:
    log = Log(row)
    assert row.value() == 0.5
    row.set_value(-1.234567)
    assert row.value() == -1.234567
    assert number(row).text() == "−1.2"
    assert log.events == []


def test_a_rounding_error_is_kept_and_not_painted(row, monkeypatch) -> None:
    row.set_value(1.0)
    painted: list[float] = []
    monkeypatch.setattr(track(row), "update", lambda: painted.append(row.value()))
    row.set_value(1.0000001)
    assert (row.value(), painted) == (1.0000001, [])
    row.set_value(1.01)
    assert painted == [1.01]
    row.set_value(2.0)
    row.set_value(2.0000001)  # beyond what the model has seen, which the colour says
    assert painted == [1.01, 2.0, 2.0000001]


def test_drag_is_one_edit(row) -> None:
    log = Log(row)
    widget = track(row)
    QTest.mousePress(widget, LEFT, pos=at(row, 0.5))
    for share in (0.6, 0.7, 0.9):
        QTest.mouseMove(widget, at(row, share))
    QTest.mouseRelease(widget, LEFT, pos=at(row, 0.9))
    assert log.events[0] == "start"
    assert log.events[-1] == "end"
    values = log.events[1:-1]
    assert values == sorted(values)
    assert row.value() == pytest.approx(2.4, abs=0.1)


def test_whoever_is_told_of_a_move_may_set_another_value(row) -> None:
    row.value_changed.connect(lambda value: row.set_value(1.0))
    QTest.keyClick(track(row), Qt.Key.Key_Right)
    assert row.value() == 1.0
    assert float(number(row).text()) == 1.0


def test_grabbing_the_knob_beside_its_centre_does_not_move_it(row) -> None:
    log = Log(row)
    knob = at(row, row.value_range.share(0.5)) + QPoint(3, 0)
    QTest.mouseClick(track(row), LEFT, pos=knob)
    assert log.events == ["start", "end"]
    assert row.value() == 0.5


def test_pointer_beyond_the_end_stops_at_the_end(row) -> None:
    QTest.mousePress(track(row), LEFT, pos=at(row, 0.5))
    QTest.mouseMove(track(row), QPoint(2000, 5))
    QTest.mouseRelease(track(row), LEFT)
    assert row.value() == 3


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (Qt.Key.Key_Right, 0.6),
        (Qt.Key.Key_Up, 0.6),
        (Qt.Key.Key_Left, 0.4),
        (Qt.Key.Key_PageUp, 1.5),
        (Qt.Key.Key_PageDown, -0.5),
        (Qt.Key.Key_Home, -3),
        (Qt.Key.Key_End, 3),
    ],
)
def test_keys_move_and_are_one_edit_each(row, key, value) -> None:
    log = Log(row)
    QTest.keyClick(track(row), key)
    assert log.events == ["start", pytest.approx(value), "end"]


def test_letters_and_space_are_left_to_the_window(row) -> None:
    log = Log(row)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_R):
        QTest.keyClick(track(row), key)
    assert log.events == []


def test_wheel_acts_under_a_pointer_that_came_by_hand(row, qtbot) -> None:
    log = Log(row)
    QTest.mouseMove(track(row), at(row, 0.3))
    QTest.mouseMove(track(row), at(row, 0.4))
    with qtbot.waitSignal(row.edit_finished):
        assert turn_wheel(track(row), 1)
        assert turn_wheel(track(row), 1)
    assert log.events[0] == "start"
    assert log.events.count("start") == log.events.count("end") == 1
    assert row.value() == pytest.approx(0.7)


def test_wheel_that_scrolls_the_page_does_not_change_a_passing_slider(row) -> None:
    page_focus = QLineEdit(row.window())
    page_focus.show()
    page_focus.setFocus()
    assert not turn_wheel(track(row), 1)
    assert row.value() == 0.5


def test_double_click_resets(row) -> None:
    row.set_value(2.0)
    log = Log(row)
    knob = at(row, row.value_range.share(2.0))
    QTest.mouseClick(track(row), LEFT, pos=knob)
    QTest.mouseDClick(track(row), LEFT, pos=knob)
    assert row.value() == 0.5
    assert log.events[-3:] == ["start", 0.5, "end"]


def test_double_click_on_the_name_resets_too(row) -> None:
    row.set_value(2.0)
    QTest.mouseDClick(row, LEFT, pos=QPoint(5, row.height() // 2))
    assert row.value() == 0.5


def test_typed_number_counts_on_enter(row) -> None:
    log = Log(row)
    QTest.mouseClick(number(row), LEFT)
    QTest.keyClicks(number(row), "-1.75")
    assert log.events == []
    QTest.keyClick(number(row), Qt.Key.Key_Return)
    assert log.events == ["start", -1.75, "end"]
    assert number(row).text() == "−1.8"


@pytest.mark.parametrize("typed", ["99", "nonsense"])
def test_typed_nonsense_is_put_right(row, typed) -> None:
    QTest.mouseClick(number(row), LEFT)
    QTest.keyClicks(number(row), typed)
    QTest.keyClick(number(row), Qt.Key.Key_Return)
    assert row.value() == (3 if typed == "99" else 0.5)
    assert number(row).text() == ("+3.0" if typed == "99" else "+0.5")


def test_escape_brings_the_number_back(row, qtbot) -> None:
    row.window().activateWindow()
    log = Log(row)
    QTest.mouseClick(number(row), LEFT)
    QTest.keyClicks(number(row), "2")
    QTest.keyClick(number(row), Qt.Key.Key_Escape)
    assert number(row).text() == "+0.5"
    assert log.events == []
    qtbot.waitUntil(track(row).hasFocus)


def test_enter_on_the_knob_leads_to_the_number(row, qtbot) -> None:
    row.window().activateWindow()
    track(row).setFocus()
    QTest.keyClick(track(row), Qt.Key.Key_Return)
    qtbot.waitUntil(number(row).hasFocus)
    assert number(row).selectedText() == "+0.5"


def test_number_stays_in_place_when_it_can_be_typed(row, qtbot) -> None:
    row.window().activateWindow()
    track(row).setFocus()
    qtbot.waitUntil(track(row).hasFocus)
    at_rest = ink_box(number(row))
    number(row).setFocus()
    qtbot.waitUntil(number(row).hasFocus)
    number(row).deselect()
    number(row).setCursorPosition(0)
    assert ink_box(number(row))[2:] == pytest.approx(at_rest[2:], abs=1)


def ink_box(line: QLineEdit) -> tuple[int, int, int, int]:
    """Where the end of the text is, inside the frame and right of the cursor."""
    image = line.grab().toImage()
    bright = [
        (x, y)
        for x in range(image.width() // 2, image.width() - 4)
        for y in range(4, image.height() - 4)
        if image.pixelColor(x, y).lightness() > 120
    ]
    xs, ys = zip(*bright, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def test_beyond_the_trained_range_warns_quietly(row) -> None:
    assert "beyond" not in row.toolTip()
    row.set_value(2.5)
    assert "beyond" in row.toolTip()
    assert "+2.5" in track(row).accessibleDescription()
    x = at(row, row.value_range.share(1.0)).x()
    assert track(row).grab().toImage().pixelColor(x, track(row).height() // 2) == QColor(theme().colour.warning)


def test_filled_part_wears_the_hue_of_the_family(row) -> None:
    set_hue(row.window(), "gan")
    row.set_value(2.0)
    x = at(row, row.value_range.share(1.0)).x()
    assert track(row).grab().toImage().pixelColor(x, track(row).height() // 2) == QColor(theme().hues["gan"].fill)


def test_assistive_technology_finds_a_slider(row) -> None:
    interface = QAccessible.queryAccessibleInterface(track(row))
    assert interface.role() == QAccessible.Role.Slider
    assert interface.text(QAccessible.Text.Name) == "Weight"
    assert "strokes" in interface.text(QAccessible.Text.Description)


def test_whole_numbers_stay_whole(page, qtbot) -> None:
    row = SliderRow("vae.steps", "Steps", ValueRange(1, 9, step=1, default=4, is_whole=True))
    page.layout().addWidget(row)
    page.show()
    qtbot.waitExposed(page)
    spy = QSignalSpy(row.value_changed)
    QTest.mousePress(track(row), LEFT, pos=at(row, 0.1))
    QTest.mouseMove(track(row), at(row, 0.55))
    QTest.mouseRelease(track(row), LEFT)
    assert all(float(spy.at(i)[0]).is_integer() for i in range(spy.count()))
    assert spy.count() >= 1
    track(row).setFocus()
    qtbot.waitUntil(track(row).hasFocus)
    row.set_value(4)
    for _ in range(6):
        turn_wheel(track(row), 0.25)
    assert row.value() == 5


def test_more_can_be_typed_than_the_slider_reaches(page, qtbot) -> None:
    near, far = (ValueRange(1, high, step=1, default=25, is_whole=True) for high in (100, 1000))
    row = SliderRow("steps", "Steps", near, typed_range=far)
    page.layout().addWidget(row)
    page.show()
    qtbot.waitExposed(page)
    spy = QSignalSpy(row.value_changed)
    number(row).setFocus()
    number(row).selectAll()
    QTest.keyClicks(number(row), "500")
    QTest.keyClick(number(row), Qt.Key.Key_Return)
    assert [spy.at(i)[0] for i in range(spy.count())] == [500]
    assert row.value() == 500
    assert track(row).value() == 100


def test_a_slider_that_does_nothing_is_paler(row) -> None:
    before = track(row).grab().toImage()
    row.set_description("It has no say here.")
    row.setEnabled(False)
    assert "no say" in row.toolTip()
    assert track(row).grab().toImage() != before
