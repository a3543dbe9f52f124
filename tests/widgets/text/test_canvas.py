"""The text under a hand: what is pressed and pointed at where it stands, in every script, and what is drawn again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.text.token import TextToken
from studio.core.text.vocabulary import TextVocabulary
from studio.render import bundled_font
from studio.widgets.text.canvas import TextCanvas, TextPage
from studio.widgets.text.sheet import TextLook, TextSheet
from studio.widgets.text.tint import tint

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
HEBREW = ("להיות", " או", " לא", " להיות", ",", " that", " is", " השאלה")


def tokens(pieces: tuple[str, ...], bits: float | None = 5.0) -> tuple[TextToken, ...]:
    return tuple(TextToken(piece, bits if number else None) for number, piece in enumerate(pieces))


@pytest.fixture
def canvas(qtbot: QtBot) -> TextCanvas:
    canvas = TextCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(700, 400)
    with qtbot.waitExposed(canvas):
        canvas.show()
    return canvas


def spot(page: TextPage, token: int) -> QPoint:
    return page.rect_of_token(token).center().toPoint()


def test_a_click_on_a_token_from_right_to_left_chooses_that_token(qtbot: QtBot, canvas: TextCanvas) -> None:
    page = canvas.page
    canvas.set_tokens(tokens(HEBREW), 0)
    lefts = [page.rect_of_token(token).left() for token in (0, 1, 2, 3)]
    assert lefts == sorted(lefts, reverse=True)
    assert page.rect_of_token(0).right() == pytest.approx(page.origin().x() + page.sheet.layout.style.width, abs=1)
    seen: list[int] = []
    page.token_pointed.connect(seen.append)
    for token in range(len(HEBREW)):
        QTest.mouseMove(page, spot(page, token))
    assert seen == list(range(len(HEBREW)))
    for token in range(len(HEBREW)):
        with qtbot.waitSignal(page.token_pressed) as pressed:
            QTest.mousePress(page, LEFT, NONE, spot(page, token))
        assert pressed.args == [token]


def test_keys_move_the_cursor_where_the_eye_expects_it(canvas: TextCanvas) -> None:
    page = canvas.page
    canvas.set_tokens(tokens(HEBREW[:4]), -1)
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Home)
    assert page.cursor_at.place == 0
    before = page.cursor_rect().center().x()
    for place in (1, 2, 3):
        QTest.keyClick(page, Qt.Key.Key_Left)
        assert page.cursor_at.place == place
        assert page.cursor_rect().center().x() < before
        before = page.cursor_rect().center().x()
    QTest.keyClick(page, Qt.Key.Key_Right)
    assert page.cursor_at.place == 2
    QTest.keyClick(page, Qt.Key.Key_End)
    assert page.cursor_at.place == len(page.text)
    QTest.keyClicks(page, "x")
    assert page.text == "".join(HEBREW[:4]) + "x"


def test_a_token_that_is_several_runs_has_several_places(canvas: TextCanvas) -> None:
    canvas.set_tokens(tokens(("see of", "ab שלו", "ם cd")), 1)
    sheet = canvas.page.sheet
    parts = [(one.left, one.right) for one in sheet.stretches_of(1)]
    assert len(parts) == 2
    for left, right in parts:
        assert sheet.token_at(QPointF((left + right) / 2, 5)) == 1
    between = (parts[0][1] + parts[1][0]) / 2
    assert sheet.token_at(QPointF(between, 5)) == 2


FAMILY = "👩\u200d👩\u200d👧"
BYTES = tuple(FAMILY.encode()[place : place + 3] for place in range(0, len(FAMILY.encode()), 3))


@pytest.mark.parametrize(
    "pieces",
    [
        tuple(TextVocabulary(BYTES).texts(range(len(BYTES)))),
        ("e", "\u0301"),
        ("क्", "षि"),
        ("क", "\u094d", "ष", "\u093f"),
    ],
)
@pytest.mark.parametrize("shows_tokens", [True, False])
def test_a_sign_cut_into_tokens_is_one_chip_and_as_surprising_as_all_of_them(
    canvas: TextCanvas, pieces: tuple[str, ...], shows_tokens: bool
) -> None:
    canvas.set_look(TextLook(shows_tokens=shows_tokens))
    canvas.set_tokens((TextToken("."), *tokens(("x. ", *pieces))[1:], TextToken(". end", 0.0)), -1)
    sheet = canvas.page.sheet
    full = [number for number, piece in enumerate(pieces, 1) if piece]
    rects = {str(canvas.page.rect_of_token(number)) for number in full}
    assert len(rects) == 1
    chips = {sheet.chip_of(number) for number in full}
    assert len(chips) == 1
    bits = [token.surprise_bits or 0.0 for number, token in enumerate(sheet.tokens) if sheet.chip_of(number) in chips]
    assert sum(bits) >= 5.0 * len(full)
    assert sheet._chips[chips.pop()].surprise_bits == sum(bits)


@given(
    st.lists(st.lists(st.sampled_from(["a", " b", "", "\u0301", "שלום", "\n", " " * 9, "👩"]), max_size=9), max_size=6)
)
def test_chips_are_those_of_a_new_text_whatever_stood_there_before(qapp: object, texts: list[list[str]]) -> None:
    old = TextSheet()
    old.fit(120.0)
    for pieces in texts:
        shown = tokens(tuple(pieces))
        old.go_on(shown)
        old.arrange()
        new = TextSheet()
        new.fit(120.0)
        new.go_on(shown)
        new.arrange()
        numbers = range(-1, len(shown) + 1)
        assert [old.chip_of(number) for number in numbers] == [new.chip_of(number) for number in numbers]
        assert [list(old.stretches_of(number)) for number in numbers] == [
            list(new.stretches_of(number)) for number in numbers
        ]


def test_erasing_takes_a_mark_from_its_letter_and_an_emoji_as_a_whole(canvas: TextCanvas) -> None:
    page = canvas.page
    page.setFocus()
    for text, after in (("ae\u0301", "ae"), ("a" + FAMILY, "a"), ("ab", "a"), ("a❤\ufe0f", "a")):
        canvas.set_tokens((TextToken(text),), -1)
        QTest.keyClick(page, Qt.Key.Key_End)
        QTest.keyClick(page, Qt.Key.Key_Backspace)
        assert page.text == after
    canvas.set_tokens((TextToken(FAMILY + "z"),), -1)
    QTest.keyClick(page, Qt.Key.Key_Home)
    QTest.keyClick(page, Qt.Key.Key_Delete)
    assert page.text == "z"


class WatchedPage(TextPage):
    """Notes what is drawn again."""

    def __init__(self) -> None:
        super().__init__()
        self.dirty: list[QRect] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        self.dirty.append(event.rect())
        super().paintEvent(event)


def test_a_word_more_draws_its_lines_alone_again(qtbot: QtBot) -> None:
    page = WatchedPage()
    canvas = TextCanvas(page=page)
    qtbot.addWidget(canvas)
    canvas.resize(700, 1200)
    shown = tokens(("word",) + (" more",) * 120)
    canvas.set_tokens(shown, -1)
    with qtbot.waitExposed(canvas):
        canvas.show()
    qtbot.waitUntil(lambda: bool(page.dirty))
    QCoreApplication.processEvents()
    page.dirty.clear()
    for word in (" one", " two", " three"):
        shown = (*shown, TextToken(word, 1.0))
        canvas.set_tokens(shown, -1)
        qtbot.waitUntil(lambda: bool(page.dirty))
    assert max(rect.height() for rect in page.dirty) < 5 * page.sheet.line_px


@pytest.mark.long("computes for long")
def test_a_long_text_gets_its_lines_in_idle_time_and_is_scrolled_to(qtbot: QtBot, canvas: TextCanvas) -> None:
    shown = tokens(("word",) + (" שלום", " and", " more") * 20_000)
    canvas.set_tokens(shown, len(shown) - 1)
    page = canvas.page
    if not page.sheet.layout.is_whole:
        assert page.minimumHeight() > 0
        assert page.rect_of_token(len(shown) - 1).isEmpty()
        qtbot.waitUntil(lambda: page.sheet.layout.is_whole, timeout=60_000)
    rect = page.rect_of_token(len(shown) - 1).toAlignedRect()
    assert not rect.isEmpty()
    assert not page.visibleRegion().intersected(rect).isEmpty()


def test_signs_without_a_font_are_said_to_be_boxes(canvas: TextCanvas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_font, "_has_font", lambda char: char != "🦊")
    canvas.set_tokens(tokens(("a", " fox")), -1)
    assert canvas.boxes.isHidden()
    canvas.set_tokens(tokens(("a", " fox", " 🦊")), -1)
    assert not canvas.boxes.isHidden()
    assert "Noto Color Emoji" in canvas.boxes.text()
    assert canvas.boxes.geometry().bottom() <= canvas.height()
    assert canvas.viewport().geometry().bottom() < canvas.boxes.geometry().top() + 1
    canvas.set_tokens(tokens(("a",)), -1)
    assert canvas.boxes.isHidden()


def test_the_chip_of_a_hebrew_word_is_tinted_where_the_word_stands(canvas: TextCanvas) -> None:
    shown = [TextToken(piece, 12.0 if number == 1 else 2.0) for number, piece in enumerate(("שלום", " עולם", " טוב"))]
    canvas.set_tokens(shown, -1)
    image, page = canvas.page.grab().toImage(), canvas.page
    ground = QColor(image.pixelColor(2, 2))
    over = tint(12.0)
    for token in range(3):
        rect = page.rect_of_token(token)
        found = image.pixelColor(int(rect.center().x()), int(rect.top() + 4))
        assert (found != ground) == (token == 1)
    assert over.alphaF() > 0.5
