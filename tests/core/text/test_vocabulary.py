"""The letters of tokens: spelt one by one, a text is what it is at once."""

import itertools

import pytest

from studio.core.text.vocabulary import Spelling, TextVocabulary

PIECES = (b"", b" ", b" a", "é".encode()[:1], "é".encode()[1:])


@pytest.mark.parametrize("drops_first_space", [False, True])
def test_token_by_token_a_text_is_what_it_is_at_once(drops_first_space):
    vocabulary = TextVocabulary(PIECES, drops_first_space=drops_first_space)
    for tokens in itertools.product(range(len(PIECES)), repeat=4):
        spelling = Spelling(vocabulary)
        assert [spelling.next(token) for token in tokens] == vocabulary.texts(tokens)


def test_only_the_first_space_goes_however_late_the_first_letter_comes():
    vocabulary = TextVocabulary(PIECES, drops_first_space=True)
    assert vocabulary.texts([0, 2, 2]) == ["", "a", " a"]
    assert vocabulary.texts([0, 2, 2], begins=False) == ["", " a", " a"]
    assert vocabulary.texts([3, 4, 2]) == ["", "é", " a"]
