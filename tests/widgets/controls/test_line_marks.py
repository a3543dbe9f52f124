"""Words in a line are underlined, the text and the cursor stay, and nothing counts as typed."""

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLineEdit

from studio.widgets.controls.line_marks import underline


@pytest.fixture
def field(qtbot):
    field = QLineEdit()
    qtbot.addWidget(field)
    field.resize(300, 40)
    field.setText("Paul & Zoé")
    return field


def pixels(field):
    """What the field looks like, (H, W, 3)."""
    image = field.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.array(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


def test_only_the_words_are_underlined_and_the_text_stays(field):
    edited: list[str] = []
    field.textEdited.connect(edited.append)
    field.setCursorPosition(3)
    plain = pixels(field)
    columns = {}
    for word in ("paul", "&", "Zoé"):
        underline(field, [word])
        columns[word] = np.flatnonzero((pixels(field) != plain).any(axis=(0, 2)))
        assert len(columns[word])
    assert columns["paul"].max() <= columns["&"].min()
    assert columns["&"].max() <= columns["Zoé"].min()
    assert field.text() == "Paul & Zoé"
    assert field.cursorPosition() == 3
    assert not edited
    underline(field, [])
    assert np.array_equal(pixels(field), plain)
