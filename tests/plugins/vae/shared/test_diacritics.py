"""Marks are set on letters: dots are the style's own, strokes have its weight, and the letter itself stays."""

import numpy as np
import pytest
from scipy.ndimage import label

from plugins.vae.shared.diacritics import DIACRITICS, MarkStyle, signs, with_marks
from plugins.vae.shared.params import LetterParams
from studio.core.character import CHARACTERS
from studio.core.distance_field import signed_distance_field
from studio.core.view import Tokens

DIAERESIS, ACUTE, CEDILLA = "\N{COMBINING DIAERESIS}", "\N{COMBINING ACUTE ACCENT}", "\N{COMBINING CEDILLA}"


def field_of(*boxes):
    """A field of upright boxes (left, top, right, bottom) in cells."""
    mask = np.zeros((256, 256), bool)
    for box in boxes:
        left, top, right, bottom = (4 * side for side in box)
        mask[top:bottom, left:right] = True
    return signed_distance_field(mask, 64, 8.0)


LETTER_I = field_of((30, 21, 34, 44), (30, 12, 34, 16))
STEM = field_of((30, 21, 34, 44))
LETTER = field_of((22, 21, 42, 44))
CAPITAL = field_of((22, 12, 42, 44))
STYLE = MarkStyle(LETTER_I)


def parts(field):
    """The boxes (top, bottom, left, right) of all that stands apart, in whole cells."""
    numbers, n = label(field > 0)
    found = [np.nonzero(numbers == number) for number in range(1, n + 1)]
    return [(rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) for rows, columns in found]


def test_a_style_is_read_from_its_letter_i():
    assert parts(STYLE.dot) == [(12, 16, 30, 34)]
    assert parts(STYLE.stem) == [(21, 44, 30, 34)]
    assert STYLE.weight == pytest.approx(0.8 * 4, rel=0.15)
    assert STYLE.slant == pytest.approx(0, abs=1e-6)
    assert MarkStyle(STEM).dot is None


def test_dots_are_those_of_the_style_side_by_side():
    left, right, letter = sorted(parts(with_marks(LETTER, DIAERESIS, STYLE)), key=lambda box: (box[0], box[2]))
    assert letter == (21, 44, 22, 42)
    for dot in (left, right):
        assert (dot[1] - dot[0], dot[3] - dot[2]) == pytest.approx((4, 4), abs=1)
        assert 0 < letter[0] - dot[1] <= 3
    assert (left[2] + right[3]) / 2 == pytest.approx(32, abs=0.6)
    assert right[2] - left[3] >= 2


def test_an_i_loses_its_dot_to_the_mark_and_keeps_it_above_one_below():
    acute, stem = sorted(parts(with_marks(LETTER_I, ACUTE, STYLE)))
    assert stem == (21, 44, 30, 34)
    assert acute[3] - acute[2] > 4
    assert len(parts(with_marks(LETTER_I, CEDILLA, STYLE))) == 2


def test_a_cedilla_hangs_on_the_letter():
    ((top, bottom, _, _),) = parts(with_marks(LETTER, CEDILLA, STYLE))
    assert top == 21
    assert 48 <= bottom <= 54


@pytest.mark.parametrize("mark", DIACRITICS)
@pytest.mark.parametrize("letter", [LETTER, CAPITAL])
@pytest.mark.parametrize("width", [2, 4, 9])
def test_every_mark_is_seen_in_every_weight_and_covers_no_letter(mark, letter, width):
    style = MarkStyle(field_of((30, 21, 30 + width, 44), (30, 16 - min(width, 6), 30 + width, 16)))
    marked = with_marks(letter, mark, style)
    added = (marked > 0) & ~(letter > 0)
    assert added.sum() >= 4
    assert not (marked[[0, -1]] > 0).any()
    assert (marked >= letter).all()
    is_apart = not DIACRITICS[mark].is_attached
    assert not is_apart or len(parts(marked)) > 1


def test_marks_stand_on_each_other():
    boxes = sorted(parts(with_marks(LETTER, "\N{COMBINING MACRON}" + ACUTE, STYLE)))
    assert len(boxes) == 3
    assert boxes[0][1] < boxes[1][0] < boxes[1][1] < boxes[2][0]


def test_letters_and_their_marks_belong_together():
    assert signs("Zo\u00e9") == ["Z", "o", "e" + ACUTE] == signs("Zoe" + ACUTE)
    assert signs("\u1ebf") == ["e\N{COMBINING CIRCUMFLEX ACCENT}" + ACUTE]
    assert all(sign in CHARACTERS for sign in signs("Ab9"))


def test_the_engine_draws_a_word_with_accents_and_names_its_letters(engine):
    (frame,) = engine.generate(LetterParams(seed=3, text="e\u00e9 E"))
    assert frame.views["text"] == Tokens(("e", "\u00e9", " ", "E"))
    plain, marked, space, _ = frame.main_view.values
    assert (marked >= plain).all()
    assert (space < 0).all()
    (without,) = engine.generate(LetterParams(seed=3, text="ee E"))
    assert np.array_equal(without.main_view.values[[0, 3]], frame.main_view.values[[0, 3]])
