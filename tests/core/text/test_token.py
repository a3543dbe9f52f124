"""How tokens, words and probabilities are said, and what tokens add to a text."""

from studio.core.text.token import TextToken, joined, named, percent, perplexity, sentence, thickness_px, word_of
from studio.core.text.vocabulary import TextVocabulary


def test_tokens_of_one_word_go_together_and_their_surprise_adds_up():
    tokens = [TextToken("To"), TextToken(" sl", 1.0), TextToken("eep", 2.5), TextToken(",", 0.5), TextToken("\n", 3.0)]
    assert joined(tokens) == [(0,), (1, 2), (3,), (4,)]
    assert word_of(tokens, (1, 2)).surprise_bits == 3.5
    assert word_of(tokens, (1, 2)).piece == " sleep"


def test_words_for_tokens_and_shares():
    assert [named(piece) for piece in (" king", "\n", "\n\n", "  ", "")] == [
        "king",
        "new line",
        "empty line",
        "space",
        "part of a character",
    ]
    assert [percent(share) for share in (None, 1.0, 0.612, 0.00042, 0.0)] == ["–", "100 %", "61.2 %", "0.042 %", "0 %"]
    said = sentence(TextToken(" crown", 5.0, 3, (" question", 0.61)))
    assert said == "“crown”: 3.1 % likely, choice 4, 5.0 bits of surprise\nExpected: “question” (61.0 %)"
    assert perplexity([TextToken("a"), TextToken("b", 1.0), TextToken("c", 3.0)]) == 4.0
    assert thickness_px(0.5) == 0
    assert thickness_px(10.0) == thickness_px(30.0) == 6.0


def test_a_character_in_two_tokens_comes_with_the_second():
    halves = "é".encode()
    vocabulary = TextVocabulary((b"a", halves[:1], halves[1:], b" king"))
    assert vocabulary.texts([0, 1, 2, 3]) == ["a", "", "é", " king"]
    assert vocabulary.texts([1, 0]) == ["", "\ufffda"]
    assert (vocabulary.find("king"), vocabulary.find("a"), vocabulary.find("queen")) == (3, 0, None)
