"""Where signs stand: as Qt itself puts them, in every script, and laid out again only where something changed."""

import random
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter, QTextLayout

from studio.render.bundled_font import boxes_words, mono_font, prepare_fonts, signs_without_font
from studio.render.text_block import TextBlock, TextStyle
from studio.render.text_layout import MAX_CHARS, TextLayout, is_within_sign

WIDTH = 300.0
MIXED = (
    "abc שלום 12 עולם, def",
    "שלום abc 12, עולם",
    "مرحبا بالعالم (hello) ٣٤ ok",
    "a\tb\tc",
    "e\u0301tude naïve",
    "नमस्ते क्षि दुनिया",
    "👩\u200d👩\u200d👧 and 🇩🇪🇫🇷 and 👍🏽",
    "ภาษาไทยไม่มีช่องว่างระหว่างคำ",
    "ភាសាខ្មែរ",
    "Z\u0310\u0351\u0363a\u0300\u0301\u0302\u0303l\u0327\u0328go",
    "left\u2028right\u2029end",
    "nul\0esc\x1b bell\x07 dos\r",
    "\ud800 alone",
    "\u202eabc\u202c def \u2067שלום\u2069",
)
FAMILY = "👩\u200d👩\u200d👧"


@pytest.fixture(autouse=True, scope="module")
def fonts(qapp: object) -> None:
    """The bundled typefaces are loaded."""
    prepare_fonts()


def style(width: float = WIDTH) -> TextStyle:
    return TextStyle(mono_font(19), width, 38)


def laid(text: str, width: float = WIDTH) -> TextLayout:
    layout = TextLayout(style(width), text)
    assert layout.go_on()
    return layout


def geometry(layout: TextLayout) -> list[tuple[tuple[int, int], list[list[tuple[float, float]]]]]:
    found = []
    for line in range(layout.n_lines):
        places = range(*layout.line_span(line))
        found.append((layout.line_span(line), [layout.spans(line, place, place + 1) for place in places]))
    return found


def by_qt(text: str, is_rtl: bool, width: float = WIDTH) -> tuple[QTextLayout, list[tuple[int, int]]]:
    layout = QTextLayout(text, mono_font(19))
    layout.setTextOption(style(width).option(is_rtl))
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
    layout.endLayout()
    lines = [layout.lineAt(number) for number in range(layout.lineCount())]
    return layout, [(line.textStart(), line.textStart() + line.textLength()) for line in lines]


@pytest.mark.parametrize(
    ("text", "is_rtl"),
    [
        (MIXED[0], False),
        (MIXED[1], True),
        (MIXED[2], True),
        ("plain words that go on and on", False),
        (MIXED[3], False),
    ],
)
def test_signs_stand_where_qt_puts_them(text: str, is_rtl: bool) -> None:
    layout = laid(text)
    theirs, lines = by_qt(text, is_rtl)
    assert [layout.line_span(line) for line in range(layout.n_lines)] == lines
    assert layout.is_rtl(0) == is_rtl
    for number, (first, last) in enumerate(lines):
        line = theirs.lineAt(number)
        for place in range(first, last):
            at: Any = line.cursorToX(place)  # PySide: (x, place)
            assert layout.x_of(place) == pytest.approx(at[0])
            glyphs = line.glyphRuns(place, 1)
            for run, (left, right) in zip(glyphs, layout.spans(number, place, place + 1), strict=False):
                assert (left, right) == pytest.approx((run.boundingRect().left(), run.boundingRect().right()))
        for x in range(0, int(WIDTH), 7):
            found = line.xToCursor(float(x))
            if found < last:
                assert layout.place_at(number, float(x)) == found


def test_what_changes_its_direction_has_several_places_and_hebrew_goes_left() -> None:
    layout = laid("abc שלום 12 def")
    hebrew = [layout.spans(0, place, place + 1)[0] for place in range(4, 8)]
    assert [one[0] for one in hebrew] == sorted((one[0] for one in hebrew), reverse=True)
    across = layout.spans(0, 2, 6)  # “c”, a space, and the first two letters of the word, which stand at its right end
    assert len(across) == 2
    assert across[0] == pytest.approx((layout.spans(0, 2, 3)[0][0], layout.spans(0, 3, 4)[0][1]))
    assert across[1] == pytest.approx((hebrew[1][0], hebrew[0][1]))
    assert laid("שלום").spans(0, 0, 4)[0][1] == pytest.approx(WIDTH)


def test_the_cursor_moves_as_the_eye_does_and_over_the_ends_of_lines() -> None:
    text = "abc שלום def\nבוקר טוב"
    layout = laid(text)
    theirs, _ = by_qt(text.partition("\n")[0], False)
    place, seen = 0, [0]
    while (after := layout.beside(place, 1)) != place and after <= 11:
        assert after == theirs.rightCursorPosition(place)
        place = after
        seen.append(place)
    assert sorted(seen) == list(range(12))
    assert [place for place in seen if 4 < place < 8] == [7, 6, 5]  # through the Hebrew word from its left end
    second = len("abc שלום def\n")
    assert layout.beside(12, 1) == second
    assert layout.beside(second, -1) == second + 1  # in a line from the right, Left goes on
    assert layout.beside(second, 1) == 12
    assert [laid(FAMILY + "x").beside(place, 1) for place in (0, 5)] == [5, 6]


@pytest.mark.parametrize(
    ("text", "cut"), [(FAMILY, (1, 2, 3, 4)), ("e\u0301", (1,)), ("क्षि", (1, 2, 3)), ("👍🏽", (1,))]
)
def test_a_part_of_a_sign_has_the_place_of_all_of_it(text: str, cut: tuple[int, ...]) -> None:
    whole = "a" + text + "b"
    layout = laid(whole)
    assert layout.whole(1) == layout.whole(len(text)) == (1, 1 + len(text))
    parts = [layout.spans(0, place, place + 1) for place in range(1, 1 + len(text))]
    assert all(part == parts[0] for part in parts)
    assert parts[0][0][1] > parts[0][0][0]
    assert [place for place in range(len(whole)) if is_within_sign(whole, place)] == [1 + place for place in cut]


PIECES = st.sampled_from(
    (
        *("word ", "ab", " ", "  ", "(", ")", "$", "5", ", ", "-", "\n", "\t", "\u2028", "x" * 40, "12", "字字"),
        *("שלום ", "م", "رحبا ", "\u0301", "👩", "\u200d", "ไทย"),
    )
)


@given(st.lists(PIECES, max_size=30), st.integers(0, 30), st.integers(0, 30), st.lists(PIECES, max_size=4))
@example(["word "] * 6 + ["$"], 7, 7, ["5"])
@example(["12 "] * 9, 9, 9, ["שלום "])
def test_a_text_that_changes_is_laid_out_as_if_it_were_new(
    pieces: list[str], first: int, last: int, new: list[str]
) -> None:
    layout = laid("".join(pieces))
    first, last = sorted((min(first, len(pieces)), min(last, len(pieces))))
    text = "".join([*pieces[:first], *new, *pieces[last:]])
    layout.set_text(text)
    layout.go_on()
    assert geometry(layout) == geometry(laid(text))


def blocks_made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From now on how many lines were laid out, for each time that Qt was asked."""
    made: list[int] = []
    before = TextBlock.__init__

    def count(block: TextBlock, text: str, style: TextStyle, is_rtl: bool) -> None:
        before(block, text, style, is_rtl)
        made.append(len(block.starts))

    monkeypatch.setattr(TextBlock, "__init__", count)
    return made


@pytest.mark.long("computes for long")
def test_a_long_text_written_word_by_word_lays_out_its_last_line_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made = blocks_made(monkeypatch)
    die = random.Random(1)
    words = [die.choice(("to", "be", "or", "nobler", "question", "whether")) for _ in range(20_000)]
    text = " ".join(words[:19_000])
    layout = laid(text, 752.0)
    made.clear()
    for word in words[19_000:]:
        text += f" {word}"
        first = layout.set_text(text)
        assert first >= layout.n_lines - 1
        layout.go_on()
    assert len(made) == 1000  # one layout for each word
    assert max(made) <= 3
    assert sum(made) < 1400  # of one line, mostly; of two where a line is begun
    assert geometry(layout)[-20:] == geometry(laid(text, 752.0))[-20:]


@pytest.mark.long("computes for long")
def test_a_word_typed_into_a_long_text_leaves_the_lines_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(f"line {number} of a poem that is long" for number in range(3000))
    layout = laid(text)
    made = blocks_made(monkeypatch)
    changed = text[:40_000] + " and a word" + text[40_000:]
    layout.set_text(changed)
    layout.go_on()
    assert len(made) <= 2
    assert geometry(layout) == geometry(laid(changed))


def test_a_megabyte_without_a_space_is_laid_out_in_parts() -> None:
    layout = TextLayout(style(752.0), "x" * 1_000_000)
    assert not layout.go_on(0.0)
    assert 0 < layout.n_laid_out < 50_000
    assert layout.go_on()
    n_a_line = int(752.0 / layout.style.cell_px)
    assert layout.n_lines == -(-1_000_000 // n_a_line)
    assert layout.line_span(layout.n_lines - 1)[1] == 1_000_000


@pytest.mark.parametrize("text", [*MIXED, "", "\n", "\n\n\n", " " * 500, "a" + "\u0301" * (2 * MAX_CHARS), "\u200f"])
def test_every_place_of_any_text_can_be_asked_for_and_drawn(text: str) -> None:
    layout = laid(text, 90.0)
    image = QImage(200, 200, QImage.Format.Format_RGB888)
    painter = QPainter(image)
    end = 0
    for line in range(layout.n_lines):
        first, last = layout.line_span(line)
        assert first == end
        end = last
        layout.draw(painter, line, QPointF(0, 0))
        assert first <= layout.place_at(line, 40.0) <= last
    painter.end()
    assert end == len(text)
    for place in range(0, len(text) + 1, max(len(text) // 50, 1)):
        assert 0 <= layout.x_of(place) <= 90.0 + 20
        first, last = layout.whole(place)
        assert first <= place <= last
        assert 0 <= layout.beside(place, 1) <= len(text)
        assert 0 <= layout.beside(place, -1) <= len(text)


def test_signs_that_no_font_draws_are_known_and_spoken_of() -> None:
    assert not list(signs_without_font("plain “words”, größe · ↲"))
    lost = list(signs_without_font("\U0010ffff\U000e0fff \u0378 plain"))
    assert lost == []  # not assigned to any letter: nobody has a font for them
    rare = "\U00011a00"  # Zanabazar square
    assert unicodedata.category(rare) == "Lo"
    if list(signs_without_font(rare)):
        assert "zanabazar square letter a" in boxes_words(rare)
    assert "Noto Color Emoji" in boxes_words("👩")
