"""What is folded or out of sight is brought up to date as soon as it is looked at, and no sooner."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from studio.widgets.controls.section import Section, SectionTitle
from studio.widgets.inspector import Inspector
from studio.widgets.when_seen import WhenSeen
from tests.widgets.hand import part, turn_wheel


class Counter(QWidget):
    """Shows a number once that is looked at; `painted` are those that a person has seen."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted = self.shown = 0
        self.painted: list[int] = []
        self._follow = WhenSeen(self, self._show)
        self.setFixedHeight(60)

    def count(self) -> None:
        self.wanted += 1
        self._follow.request()

    def _show(self) -> None:
        self.shown = self.wanted
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted.append(self.shown)
        QPainter(self).drawText(self.rect(), str(self.shown))


@pytest.fixture
def shown(qtbot) -> tuple[Inspector, Counter, Counter]:
    """An inspector with one at its top, and one far below what is in sight."""
    inspector = Inspector()
    qtbot.addWidget(inspector)
    top, bottom = Counter(), Counter()
    inspector.add_section("top", "Top").add(top)
    space = QWidget()
    space.setFixedHeight(1000)
    inspector.add(space)
    inspector.add_section("bottom", "Bottom").add(bottom)
    inspector.resize(340, 300)
    inspector.show()
    qtbot.waitUntil(lambda: bool(top.painted))
    return inspector, top, bottom


def title_of(inspector: Inspector, name: str) -> SectionTitle:
    return part(part(inspector, Section, name), SectionTitle)


def test_what_is_in_sight_follows_at_once(shown):
    _, top, _ = shown
    top.count()
    top.count()
    assert top.shown == 2


def test_an_unfolded_section_is_right_at_once(shown, qtbot):
    inspector, top, _ = shown
    QTest.mouseClick(title_of(inspector, "top"), Qt.MouseButton.LeftButton)
    top.painted.clear()
    for _ in range(3):
        top.count()
    assert top.shown == 0
    QTest.mouseClick(title_of(inspector, "top"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(top.painted))
    assert top.painted[0] == 3  # nobody has seen an old one
    top.count()
    assert top.shown == 4


def test_what_is_scrolled_into_sight_is_right_at_once(shown, qtbot):
    inspector, top, bottom = shown
    bottom.count()
    bottom.count()
    assert (bottom.shown, bottom.painted) == (0, [])
    scrolled = inspector.findChild(QWidget, "qt_scrollarea_viewport")
    for _ in range(30):
        turn_wheel(scrolled, -3)
    qtbot.waitUntil(lambda: bool(bottom.painted))
    assert bottom.painted[0] == 2
    top.count()  # out of sight now
    assert top.shown == 0


def test_another_tab_in_front_is_no_sight(shown, qtbot):
    inspector, top, _ = shown
    inspector.hide()
    top.painted.clear()
    top.count()
    assert top.shown == 0
    inspector.show()
    qtbot.waitUntil(lambda: bool(top.painted))
    assert top.painted[0] == 1
