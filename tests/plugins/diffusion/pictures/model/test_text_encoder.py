"""Prompts of every kind: what is known, what is not, and what nobody would type."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.diffusion.pictures.model.text_encoder import TextEncoder
from plugins.diffusion.shared.vocabulary import WordTokenizer, known_words
from tests.plugins.diffusion.tiny_network import TEXT, WORDS

TOKENIZER = WordTokenizer(WORDS, 6)


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return TextEncoder(TEXT).eval()


def test_known_words_are_told_from_others_by_their_place():
    reading = TOKENIZER.read("A  red Zebra, cat")
    assert reading.pieces == ("A", "red", "Zebra", ",", "cat")
    assert reading.ids == (2, 6, 1, 1, 4)
    assert ["A  red Zebra, cat"[start:end] for start, end in reading.unknown] == ["Zebra", ","]


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t", "\u200f\u200e"])
def test_a_prompt_without_words_asks_for_nothing(prompt):
    reading = TOKENIZER.read(prompt)
    if not reading.pieces:
        assert reading.ids == (0,)


def test_a_prompt_that_is_too_long_is_cut_and_says_so():
    reading = TOKENIZER.read("cat " * 25_000)  # 100,000 characters
    assert len(reading.ids) == 6
    assert reading.n_ignored == 25_000 - 6


@pytest.mark.parametrize(
    "prompt",
    ["🦊 on 🟦", "ثعلب أحمر", "שועל אדום cat", "x" * 100_000, "\ud83e cat", "a\x00b", "ﬁne ＣＡＴ", "e\u0301" * 50_000],
)
def test_no_prompt_makes_trouble(encoder, prompt):
    vectors, counts = encoder(encoder.ids([prompt]))
    assert vectors.shape == (1, 6, 16)
    assert bool(vectors.isfinite().all())
    assert 1 <= int(counts.sum()) <= 6


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_pieces_lie_in_the_prompt_in_order(prompt):
    reading = TOKENIZER.read(prompt)
    assert len(reading.places) == len(reading.pieces)
    assert [place for place in reading.places if place in reading.unknown] == list(reading.unknown)
    assert list(reading.places) == sorted(reading.places)


def test_wide_letters_and_capitals_are_the_same_word():
    assert TOKENIZER.read("ＣＡＴ").ids == TOKENIZER.read("cat").ids


def test_what_stands_behind_the_end_makes_no_difference(encoder):
    short, _ = encoder(encoder.ids(["a red fox"]))
    beside, counts = encoder(encoder.ids(["a red fox", "a red fox a blue cat"]))
    torch.testing.assert_close(short[0], beside[0])
    assert counts.sum(1).tolist() == [3, 6]
    assert bool((beside[0, 3:] == 0).all())


def test_the_order_of_words_matters(encoder):
    vectors, _ = encoder(encoder.ids(["red cat blue fox", "blue cat red fox"]))
    assert not torch.allclose(vectors[0, 1], vectors[1, 1])


def test_all_words_of_captions_are_found():
    words = known_words(["A fox, asleep", "a red-fox"])
    assert words == (",", "-", "a", "asleep", "fox", "red")
    assert not WordTokenizer(words).read("a fox, asleep").unknown
