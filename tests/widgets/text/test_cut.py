"""What was cut off stands greyed above the text, moves it down, and is not lost when the text is edited."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from studio.core.text.token import TextToken
from studio.widgets.text.canvas import TOP_PX, TextCanvas
from studio.widgets.text.cut import N_SHOWN, TextCut

WORDS = "In the beginning there was much that nobody reads. " * 40
CUT = TextCut(WORDS, "The model reads from here on.", " and more")


@pytest.fixture
def canvas(qtbot):
    canvas = TextCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(700, 500)
    canvas.show()
    canvas.set_tokens((TextToken("To"), TextToken(" be")), 0)
    return canvas


def test_the_text_stands_below_what_was_cut_off_and_back_where_nothing_was(canvas):
    page = canvas.page
    before = page.rect_of_token(1)
    canvas.set_cut(CUT)
    moved = page.rect_of_token(1)
    assert moved.top() > before.top() + 2 * page.sheet.line_px * 0.5
    assert moved.left() == before.left()
    assert page.token_at(moved.center()) == 1
    assert page.token_at(QPointF(moved.center().x(), TOP_PX + 4)) == -1
    assert page.minimumHeight() >= moved.bottom()
    canvas.set_cut(TextCut())
    assert page.rect_of_token(1) == before


def test_it_is_drawn_there(canvas):
    canvas.set_cut(CUT)
    image = canvas.page.grab().toImage()
    ground = image.pixelColor(2, 2)
    band = range(TOP_PX, round(canvas.page.rect_of_token(0).top()))
    columns = range(20, image.width() - 20, 2)
    assert sum(image.pixelColor(x, y) != ground for y in band for x in columns) > 500


def test_what_is_typed_loses_nothing(qtbot, canvas):
    canvas.set_cut(CUT)
    canvas.page.setFocus()
    QTest.keyClick(canvas.page, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(canvas.page.edited) as edited:
        QTest.keyClicks(canvas.page, "x")
    assert edited.args == [WORDS + "To bex and more"]


def test_the_excerpt_is_the_end_from_a_word_on():
    assert TextCut("a short one").excerpt == "a short one"
    long = TextCut(WORDS).excerpt
    assert long.startswith("…")
    assert len(long) <= N_SHOWN + 1
    assert f" {long[1:]}" in WORDS
    assert TextCut("x" * 100_000).excerpt.startswith("…")
