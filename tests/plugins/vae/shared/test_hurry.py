"""A long word under the hand: the letters that change most come first, and none stays far behind."""

import numpy as np
import pytest

from plugins.vae.shared.hurry import AT_ONCE, FARTHEST, HurriedWord
from plugins.vae.shared.params import LetterParams
from plugins.vae.shared.sharpness import is_sketch
from tests.plugins.vae.model_made import N_LATENT

WORD = "abcdefgh"
STEP = np.array([0.1, 0], np.float32)


class Letters:
    """Each letter changes as its place in the alphabet says; a list of what was asked for is kept."""

    def __init__(self):
        self.asked = []

    def __call__(self, z, text):
        self.asked.append(text)
        return np.stack([np.full((64, 64), "abcdefgh".index(letter) * z[0], np.float32) for letter in text])


def test_the_letters_that_change_most_are_drawn_and_none_is_forgotten():
    letters, word = Letters(), HurriedWord()
    known, n_behind = word.drawn(0 * STEP, WORD, letters)
    assert (letters.asked, n_behind) == ([WORD], 0)
    before = known.copy()
    for step in range(1, 13):
        fields, n_behind = word.drawn(step * STEP, WORD, letters)
        assert n_behind == len(WORD) - AT_ONCE
    np.testing.assert_array_equal(known, before)  # what is on show stays as it was
    assert all(len(asked) == AT_ONCE for asked in letters.asked[1:])
    often = {letter: sum(letter in asked for asked in letters.asked[1:]) for letter in WORD}
    assert often["h"] > often["d"] > often["a"]
    right = letters(12 * STEP, WORD)
    assert np.abs(fields - right).max() <= 0.6  # a letter at most lags by two or three of these steps
    assert (fields == right).all((1, 2)).sum() >= AT_ONCE


@pytest.mark.parametrize(("z", "text"), [(STEP, "abcdefg"), (STEP, "abc"), (STEP * 11 * FARTHEST, WORD)])
def test_another_word_a_short_one_and_a_leap_are_drawn_whole(z, text):
    letters, word = Letters(), HurriedWord()
    word.drawn(0 * STEP, WORD, letters)
    fields, n_behind = word.drawn(z, text, letters)
    assert n_behind == 0
    np.testing.assert_array_equal(fields, letters(z, text))


def test_what_is_drawn_at_rest_does_not_know_of_the_hand(engine):
    params, z = LetterParams(text="Hamburg é"), np.zeros(N_LATENT, np.float32)
    (known,) = engine.generate(params, {"z": z + np.float32(0.1)})
    list(engine.generate(params, {"z": z}))
    (hurried,) = engine.sketch(params, {"z": z + np.float32(0.1)})
    assert is_sketch(hurried)
    assert hurried.main_view.values.shape == known.main_view.values.shape
    (full,) = engine.generate(params, {"z": z + np.float32(0.1)})
    assert not is_sketch(full)
    assert full.main_view.values.tobytes() == known.main_view.values.tobytes()
