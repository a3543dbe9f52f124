"""The column of controls: folding, scrolling, nothing clipped at the side."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea

from studio.widgets.controls.chip import ChipFlow
from studio.widgets.controls.section import Section, SectionTitle
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.value_range import ValueRange
from studio.widgets.inspector import Inspector
from studio.widgets.theme import apply_theme
from tests.widgets.hand import part


@pytest.fixture
def inspector(qtbot) -> Inspector:
    column = Inspector()
    qtbot.addWidget(column)
    column.resize(340, 500)
    column.show()
    qtbot.waitExposed(column)
    return column


def title(section: Section) -> SectionTitle:
    return part(section, SectionTitle)


def test_title_folds_by_mouse(inspector) -> None:
    section = inspector.add_section("letter", "Letter")
    content = QLabel("content")
    section.add(content)
    QApplication.processEvents()
    spy = QSignalSpy(section.folded)
    QTest.mouseClick(title(section), Qt.MouseButton.LeftButton)
    assert section.is_folded
    assert not content.isVisible()
    assert list(spy.at(0)) == [True]
    QTest.mouseClick(title(section), Qt.MouseButton.LeftButton)
    assert content.isVisible()


def test_title_folds_by_keyboard_and_leaves_space_alone(inspector) -> None:
    section = inspector.add_section("letter", "Letter")
    for key, is_folded in (
        (Qt.Key.Key_Left, True),
        (Qt.Key.Key_Right, False),
        (Qt.Key.Key_Return, True),
        (Qt.Key.Key_Space, True),
    ):
        QTest.keyClick(title(section), key)
        assert section.is_folded == is_folded


def test_nothing_sticks_out_at_the_side(inspector, qtbot) -> None:
    section = inspector.add_section("wide", "A title that is far too long for a column of 340 pixels, is it not")
    section.add(SliderRow("a.b", "An extraordinarily long name of a direction", ValueRange(-3, 3), "Help."))
    chips = ChipFlow("letters", [chr(code) for code in range(33, 120)])
    section.add(chips)
    viewport = part(inspector, QScrollArea).viewport()
    qtbot.waitUntil(lambda: section.width() < 340 and chips.width() < 340)
    for widget in [section, *section.findChildren(SliderRow), *chips.children()]:
        if hasattr(widget, "mapTo"):
            left = widget.mapTo(viewport, widget.rect().topLeft()).x()
            assert left >= 0
            assert left + widget.width() <= viewport.width()


def test_scrolls_only_when_it_must(inspector, qtbot) -> None:
    bar = part(inspector, QScrollArea).verticalScrollBar()
    section = inspector.add_section("letters", "Letters")
    section.add(ChipFlow("letters", "abcdefghijklmnopqrstuvwxyz"))
    QApplication.processEvents()
    assert bar.maximum() == 0
    for index in range(30):
        section.add(SliderRow(f"a.{index}", f"Direction {index}", ValueRange(-3, 3)))
    qtbot.waitUntil(lambda: bar.maximum() > 300)
    last = part(section, SliderRow, "a.29")
    inspector.reveal(last)
    assert bar.value() > 300


def test_grows_with_the_text(qapp, inspector) -> None:
    assert inspector.width() == 340
    apply_theme(qapp, "dark", 1.5)
    assert inspector.width() == 510
