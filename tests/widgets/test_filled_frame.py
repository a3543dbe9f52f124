"""A frame whose picture fills the canvas: what floats over it stays in its corner and out of each other's way."""

import itertools

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from studio.widgets.message_bar import MessageBar
from studio.widgets.panel_frame import FilledFrame

CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")


@pytest.mark.parametrize("size", [(1000, 700), (1440, 820)])
def test_nothing_that_floats_covers_another(qtbot, size) -> None:
    canvas = QWidget()
    frame = FilledFrame(canvas, MessageBar(canvas), "Drag to orbit")
    qtbot.addWidget(frame)
    for corner in CORNERS:
        frame.add_overlay(QLabel(corner), corner)
    frame.caption.set_text("Nobody photographed this view. " * 3)
    frame.resize(*size)
    frame.show()
    qtbot.waitExposed(frame)
    floating = {label.text(): label for label in canvas.findChildren(QLabel) if label.text() in CORNERS}
    parts = {**floating, "caption": frame.caption, "hint": frame.hint}
    places = {name: QRect(part.mapTo(frame, part.rect().topLeft()), part.size()) for name, part in parts.items()}
    for one, other in itertools.combinations(places.values(), 2):
        assert not one.intersects(other)
    middle = canvas.mapTo(frame, canvas.rect().center())
    for corner in CORNERS:
        centre = places[corner].center()
        assert ("top" in corner, "left" in corner) == (centre.y() < middle.y(), centre.x() < middle.x())
    assert places["caption"].width() > 400
    assert places["caption"].top() > canvas.mapTo(frame, canvas.rect().bottomLeft()).y()


def test_the_picture_keeps_its_size_whatever_the_caption_says(qtbot) -> None:
    canvas = QWidget()
    frame = FilledFrame(canvas, MessageBar(canvas), "Drag to orbit")
    qtbot.addWidget(frame)
    frame.caption.set_text("Nobody photographed this view. " * 8)
    frame.resize(1000, 700)
    frame.show()
    qtbot.waitExposed(frame)
    height_px = canvas.height()
    frame.caption.set_text("A view.")
    QApplication.processEvents()
    assert canvas.height() == height_px
    qtbot.mouseClick(frame.caption._hide_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: canvas.height() > height_px)
