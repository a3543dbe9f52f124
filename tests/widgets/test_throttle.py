"""Once an interval: the first request runs at once, the last is never lost. Once a turn: before anything is painted."""

import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.widgets.throttle import OncePerTurn, Throttle

INTERVAL_MS = 40


def test_the_first_runs_at_once_and_the_last_is_kept(qtbot, qapp) -> None:
    made: list[int] = []
    seen: list[int] = []
    throttle = Throttle(INTERVAL_MS, lambda: seen.append(made[-1]), qapp)
    for number in range(1, 6):
        made.append(number)
        throttle.request()
    assert seen == [1]
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [1, 5]


def test_after_a_pause_it_runs_at_once_again(qtbot, qapp) -> None:
    seen: list[int] = []
    throttle = Throttle(0, lambda: seen.append(1), qapp)
    throttle.request()
    throttle.request()
    assert len(seen) == 2


class Painted(QWidget):
    """Notes when it is painted."""

    def __init__(self, notes: list[str]) -> None:
        super().__init__()
        self._notes = notes

    def paintEvent(self, event: QPaintEvent) -> None:
        self._notes.append("painted")


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def rendering(qapp: QApplication, notes: list[str]) -> OncePerTurn:
    return OncePerTurn(lambda: notes.append("rendered"), qapp)


def test_a_rendering_asked_for_often_runs_once_and_before_the_paint(qtbot, rendering, notes):
    widget = Painted(notes)
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitUntil(lambda: bool(notes))
    QApplication.processEvents()
    notes.clear()
    widget.update()
    for _ in range(3):
        rendering.request()
    assert notes == []
    qtbot.waitUntil(lambda: "painted" in notes)
    assert notes == ["rendered", "painted"]


def test_what_is_asked_for_while_it_runs_comes_in_the_next_turn(qtbot, qapp, notes):
    def render() -> None:
        notes.append("rendered")
        if len(notes) < 2:
            once.request()

    once = OncePerTurn(render, qapp)
    once.request()
    qtbot.waitUntil(lambda: len(notes) == 2)
    QApplication.processEvents()
    assert len(notes) == 2


def test_a_rendering_that_is_not_wanted_any_more_does_not_run(rendering, notes):
    rendering.request()
    rendering.cancel()
    QApplication.processEvents()
    assert notes == []
