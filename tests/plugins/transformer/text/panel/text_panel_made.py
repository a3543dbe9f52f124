"""What a hand does in the panel of texts, and what is to be seen in it."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

LEFT = Qt.MouseButton.LeftButton


def shown(panel: Any) -> Any:
    """The tokens on the canvas."""
    return panel.stage.canvas.page.sheet.tokens


def ids_of(panel: Any) -> Any:
    return panel.timeline.recording[-1].state["ids"].tolist()


def click_token(panel: Any, token: int) -> Any:
    page = panel.stage.canvas.page
    QTest.mouseClick(page, LEFT, pos=page.rect_of_token(token).center().toPoint())


def click_bar(panel: Any, row: int) -> Any:
    bars = panel.controls.bars.bars
    QTest.mouseClick(bars, LEFT, pos=bars.row_rect(row).center().toPoint())


def follow(qtbot: Any, panel: Any, token: int) -> Any:
    """Wait until all of the panel shows a token."""
    qtbot.waitUntil(lambda: panel.stage.canvas.page.sheet.current == token and panel.is_settled)
