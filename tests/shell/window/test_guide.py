"""The guide's pictures are as wide as its text."""

import numpy as np
from PySide6.QtGui import QTextCursor

from studio.core.picture import encode_png
from studio.shell.window.guide import PICTURE_AIR_PX, WIDTH_PX, GuidePane
from studio.widgets.theme import theme


def test_a_picture_beside_the_guide_is_shown_as_wide_as_the_text(qtbot, tmp_path):
    (tmp_path / "sheet.png").write_bytes(encode_png(np.zeros((40, 900, 3), np.uint8)))
    (tmp_path / "guide.md").write_text("# Title\n\nWords.\n\n![a sheet](sheet.png)\n\nMore words.\n", "utf-8")
    pane = GuidePane()
    qtbot.addWidget(pane)
    pane.show_guide("Own", tmp_path / "guide.md")
    cursor = QTextCursor(pane.browser.document())
    widths = []
    while not cursor.atEnd():
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
        if cursor.charFormat().isImageFormat():
            widths.append(cursor.charFormat().toImageFormat().width())
    assert set(widths) == {theme().scaled(WIDTH_PX) - PICTURE_AIR_PX}
    assert "More words." in pane.browser.toPlainText()
