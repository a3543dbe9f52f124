"""Python in the canvas: its parts in finished and unfinished text, guides, and colours that can be read."""

import random
import time

import pytest
from PySide6.QtGui import QColor

from studio.core.text.token import SURPRISING_BITS, TextToken
from studio.widgets.text import code, tint
from studio.widgets.text.canvas import TextCanvas
from studio.widgets.text.code import (
    LEAST_CONTRAST,
    MAX_CHARS,
    Part,
    TextCode,
    contrast,
    indents,
    mixed,
    part_colour,
    python_marks,
)
from studio.widgets.theme import THEME_NAMES, load_theme

PARTS: tuple[Part, ...] = ("keyword", "definition", "string", "number", "comment")


def parts(text):
    return [(text[one.first : one.last], one.part) for one in python_marks(text)]


def test_a_whole_function_is_read():
    assert parts("def f(x, y=1.5):\n    # why\n    return 'a' if x else None\n") == [
        ("def", "keyword"),
        ("f", "definition"),
        ("1.5", "number"),
        ("# why", "comment"),
        ("return", "keyword"),
        ("'a'", "string"),
        ("if", "keyword"),
        ("else", "keyword"),
        ("None", "keyword"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def", [("def", "keyword")]),
        ("x = (1,\n  2", [("1", "number"), ("2", "number")]),
        ("x = 'abc\ny = 5", [("'abc\n", "string"), ("5", "number")]),
        ('x = """abc\n def', [('"""abc\n def', "string")]),
        ("$ ? def a", [("def", "keyword"), ("a", "definition")]),
        ("if x:\n        y\n    z = 3\n  return", [("if", "keyword"), ("3", "number"), ("return", "keyword")]),
        ("é = 'ü' # 😀\ndef ñ(", [("'ü'", "string"), ("# 😀", "comment"), ("def", "keyword"), ("ñ", "definition")]),
        ("a = 'b\\", [("'b\\", "string")]),
        ("class A:\n\tpass", [("class", "keyword"), ("A", "definition"), ("pass", "keyword")]),
        ("", []),
    ],
)
def test_unfinished_and_wrong_text_is_read_as_far_as_it_goes(text, expected):
    assert parts(text) == expected


def test_marks_of_any_text_stand_in_order_within_it():
    die = random.Random(1)
    pieces = ["'", '"', "\n", "    ", "(", ")", "def ", "x", "1", "#", "\\", "\t", "$", '"""', "if ", "\r", "é"]
    pieces += ["\x00", "\ud800", "\x0c", "\u2028", "\ufeff", "\U0001f600", "f'{", "}"]  # the first two: in no source
    for _ in range(300):
        text = "".join(die.choices(pieces, k=die.randint(0, 30)))
        ends = [place for one in python_marks(text) for place in (one.first, one.last)]
        assert ends == sorted(ends)
        assert all(0 <= place <= len(text) for place in ends)


@pytest.mark.parametrize("piece", ["'\n", "(", "$", "if a:\n   b\n  c\n", '"""', "\x00\n"])
def test_errors_without_end_take_no_time(piece):
    text = piece * (2 * MAX_CHARS // len(piece))
    begin = time.perf_counter()
    assert all(one.last <= MAX_CHARS for one in python_marks(text))
    assert time.perf_counter() - begin < 10


def test_what_is_read_stays_as_the_text_goes_on():
    text = "def f(x):\n    '''What it\n    does.'''\n    return [x, 'a', 2]  # all\n\n\nclass A:\n    pass\n"
    whole = python_marks(text)
    for end in range(len(text)):
        line = text.rfind("\n", 0, end) + 1
        is_inside = "'''" in text[:end] and text[:end].count("'''") == 1
        expected = [one for one in whole if one.last <= (11 if is_inside else line)]
        assert python_marks(text[:end])[: len(expected)] == expected


def test_indents_are_whole_and_empty_lines_have_those_of_the_next():
    assert list(indents("a\n    b\n\n          c\n  d")) == [(0, 0), (2, 1), (8, 2), (9, 2), (21, 0)]
    assert list(indents("")) == [(0, 0)]


def test_runs_cut_a_stretch_where_another_part_begins():
    code = TextCode.of("return 'a' + b", "python")
    assert list(code.runs(0, 14)) == [(0, 6, "keyword"), (6, 7, None), (7, 10, "string"), (10, 14, None)]
    assert list(code.runs(4, 9)) == [(4, 6, "keyword"), (6, 7, None), (7, 9, "string")]
    assert list(code.runs(10, 14)) == [(10, 14, None)]
    assert list(TextCode.of("return 'a'", "").runs(0, 10)) == [(0, 10, None)]


def test_contrast_is_that_of_wcag():
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#767676"), QColor("white")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("name", THEME_NAMES)
def test_parts_have_colours_of_their_own_that_can_be_read_on_every_tint(name, monkeypatch):
    look = load_theme(name)
    for module in (code, tint):
        monkeypatch.setattr(module, "theme", lambda: look)
    untinted = {part_colour(part, None).name() for part in PARTS}
    assert len(untinted) == 5
    assert look.colour.text_strong not in untinted
    canvas = QColor(look.colour.canvas)
    for part in PARTS:
        assert contrast(part_colour(part, None), canvas) >= LEAST_CONTRAST
        assert part_colour(part, SURPRISING_BITS).name() == part_colour(part, None).name()
        for tenth in range(150):
            over = tint.tint(tenth / 10)
            ground = mixed(canvas, over, over.alphaF())
            colour, plain = part_colour(part, tenth / 10), QColor(look.colour.text_strong)
            assert contrast(colour, ground) >= min(LEAST_CONTRAST, contrast(plain, ground))


@pytest.mark.long("computes for long")
def test_the_canvas_draws_python_with_its_colours_and_guides(qtbot):
    pieces = ("def", " f", "(x", "):", "\n    ", "if", " x", ":", "\n        ", "return", " 1")
    tokens = [TextToken(piece) for piece in pieces]
    pictures = {}
    for language in ("", "python"):
        canvas = TextCanvas()
        qtbot.addWidget(canvas)
        canvas.resize(700, 300)
        canvas.set_language(language)
        canvas.set_tokens(tokens, -1)
        with qtbot.waitExposed(canvas):
            canvas.show()
        pictures[language] = canvas.grab().toImage()
        origin, line_px = canvas.page.origin(), canvas.page.sheet.line_px
    keyword, plain = part_colour("keyword", None), part_colour(None, None)
    assert has_near(pictures["python"], keyword, 3)
    assert not has_near(pictures[""], keyword, 3)
    assert has_near(pictures["python"], plain, 3)
    x, y = int(origin.x()), int(origin.y() + 2.5 * line_px)
    left = [pictures[language].pixelColor(x, y) for language in ("", "python")]
    assert left[0] != left[1]


def has_near(picture, colour, distance):
    """Whether a pixel has almost this colour."""
    found = (picture.pixelColor(x, y) for y in range(picture.height()) for x in range(picture.width()))
    return any(
        abs(one.red() - colour.red()) + abs(one.green() - colour.green()) + abs(one.blue() - colour.blue()) <= distance
        for one in found
    )
