"""The strip of places: click, keys, the newest thirty."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QSignalSpy, QTest

from studio.widgets.views.history_strip import MAX_PLACES, HistoryStrip, Place, PlaceRow
from tests.widgets.hand import part


def places(n: int) -> list[Place]:
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff0000"))
    return [Place(image, f"Place {index}") for index in range(n)]


@pytest.fixture
def strip(qtbot) -> HistoryStrip:
    widget = HistoryStrip()
    qtbot.addWidget(widget)
    widget.resize(400, 70)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def row(strip: HistoryStrip) -> PlaceRow:
    return part(strip, PlaceRow)


def asked(spy: QSignalSpy) -> list[int]:
    return [spy.at(i)[0] for i in range(spy.count())]


def test_click_asks_for_the_place(strip) -> None:
    strip.show_places(places(4), 3)
    spy = QSignalSpy(strip.place_requested)
    QTest.mouseClick(row(strip), Qt.MouseButton.LeftButton, pos=QPoint(3 + 62 + 20, 30))
    QTest.mouseClick(row(strip), Qt.MouseButton.LeftButton, pos=QPoint(3 + 58, 30))  # the gap
    assert asked(spy) == [1]


def test_keys_ask_for_neighbours_and_ends(strip) -> None:
    strip.show_places(places(4), 1)
    spy = QSignalSpy(strip.place_requested)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
        QTest.keyClick(row(strip), key)
    assert asked(spy) == [0, 2, 0, 3]
    strip.show_places(places(4), 3)
    QTest.keyClick(row(strip), Qt.Key.Key_Right)
    assert spy.count() == 4


def test_only_the_newest_are_kept_and_indices_stay_those_of_the_list(strip) -> None:
    strip.show_places(places(MAX_PLACES + 10), MAX_PLACES + 9)
    spy = QSignalSpy(strip.place_requested)
    QTest.keyClick(row(strip), Qt.Key.Key_Home)
    assert asked(spy) == [10]


def test_current_place_is_in_sight_and_marked(strip) -> None:
    strip.show_places(places(20), 19)
    assert strip.horizontalScrollBar().value() > 0
    strip.show_places(places(3), 0)
    marked = row(strip).grab().toImage()
    strip.show_places(places(3), 1)
    assert row(strip).grab().toImage() != marked
    assert "3" in row(strip).accessibleDescription()
    assert "Place 1" in row(strip).accessibleDescription()


def test_nothing_to_show(strip) -> None:
    strip.show_places([], -1)
    strip.grab()
    spy = QSignalSpy(strip.place_requested)
    QTest.mouseClick(row(strip), Qt.MouseButton.LeftButton)
    QTest.keyClick(row(strip), Qt.Key.Key_End)
    assert spy.count() == 0
