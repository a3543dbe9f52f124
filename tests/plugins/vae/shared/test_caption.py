"""Captions tell the truth about places whose neighbours are known."""

import re
from dataclasses import replace

import numpy as np
import pytest

from plugins.vae.shared.caption import MINUS, beyond_caption, describe, foreign_caption, hand_caption, kind_caption
from plugins.vae.shared.scene import VaeScene
from studio.core.frame import Frame
from tests.plugins.vae.atlas_made import digit_atlas, letter_atlas


def letters_at(z, text="g"):
    return describe(letter_atlas(), VaeScene(np.array(z, np.float32), text, 1))


def digits_at(z):
    return describe(digit_atlas(), VaeScene(np.array(z, np.float32), "", 1))


def test_a_known_typeface_is_named():
    assert letters_at([2, 0, 0, 0]) == "This is very close to Bold, one of the 4 typefaces the model was trained on."
    assert "very close to Bold" in letters_at([1.6, 0, 0, 0])  # the usual gap is 2, a quarter of it 0.5


def test_an_unknown_place_names_the_nearest():
    assert letters_at([1.2, 0, 0, 0]) == "This letter exists in no typeface. The closest of the 4 is Bold."
    assert letters_at([0, 0, 9, 9], "Ab") == "This lettering exists in no typeface. The closest of the 4 is Slanted."


def test_among_equals_the_model_is_sure():
    assert digits_at([-2, 0]) == "The model is certain here: the 15 nearest handwritten digits are all 3s."


def test_between_two_classes_both_are_counted():
    text = digits_at([0.0, 0.0])
    words = text.split()
    n_first, n_second = int(words[words.index("ones,") + 1]), int(words[words.index("and") + 1])
    assert n_first + n_second == 15
    assert "as “3”" in text
    assert "as “7”" in text


def test_faces_are_told_by_the_hair_around():
    atlas = replace(digit_atlas(), names=("spiky",) * 20 + ("bun",) * 20, has_kinds=True)
    assert kind_caption(atlas, np.array([-2, 0], np.float32)) == (
        "The 15 nearest drawn faces all have the same hairstyle: spiky."
    )
    text = describe(atlas, VaeScene(np.zeros(2, np.float32), "", 1))
    counts = {name: int(number) for name, number in re.findall(r"(\w+) \((\d+)\)", text)}
    assert sum(counts.values()) == 15
    assert set(counts) == {"spiky", "bun"}


def test_a_model_of_own_pictures_says_whether_one_of_them_is_near():
    atlas = replace(digit_atlas(), names=("one of your pictures",) * 40, has_kinds=True)
    near = describe(atlas, VaeScene(atlas.places[3], "", 1))
    assert near == "This is very close to one of your own pictures, of which 40 are on the map."
    far = describe(atlas, VaeScene(atlas.places[3] + np.float32(9), "", 1))
    assert far.startswith("This is not one of your 40 pictures on the map")


def test_a_single_neighbour_is_no_plural():
    atlas = digit_atlas()
    for x in np.linspace(-0.3, 0.3, 301):
        text = describe(atlas, VaeScene(np.array([x, 0], np.float32), "", 1))
        if "14 are read" in text:
            assert text.endswith(("and one as “3”.", "and one as “7”."))
            return
    pytest.fail("no place has a single neighbour of another class")


def test_the_hand_shows_its_three_numbers_with_true_signs():
    z = np.array([1.26, -0.44, 0, 0.63], np.float32)
    assert hand_caption(letter_atlas(), z) == f"Weight +1.3 · Width {MINUS}0.4 · Slant +0.0"
    assert hand_caption(digit_atlas(), np.zeros(2, np.float32)).count("·") == 1


def test_minus_zero_is_no_number():
    assert MINUS not in hand_caption(letter_atlas(), np.full(4, -0.01, np.float32))


def test_beyond_the_examples_is_said_of_visible_directions_only():
    atlas = letter_atlas()
    assert beyond_caption(atlas, np.zeros(4, np.float32)) == ""
    assert beyond_caption(atlas, np.array([0, 0, 0, 9], np.float32)) == ""
    assert beyond_caption(atlas, np.array([3, 0, 0, 1.5], np.float32)).endswith(": Weight")
    assert beyond_caption(atlas, np.array([3, -3, 3, 1.5], np.float32)).endswith(": Weight, Width")


def test_a_picture_of_a_training_says_after_how_many_steps() -> None:
    text = foreign_caption(Frame(1199, 5000), "training")
    assert text == "What the model draws after 1,200 of 5,000 training steps, always at the same places."
