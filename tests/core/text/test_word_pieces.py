"""Word pieces become texts as people write them, and are cut into the same pieces again."""

import pytest
from tokenizers import Tokenizer

from studio.core.text.word_pieces import WordVocabulary, has_capitals, read_word_list, word_bytes, word_tokenizer

TEXTS = (
    "the cat, and the dog.",
    "well-known (and loved) 3.5 times, 10,000 or 12:30!",
    "don't say “no”, it's theirs; she’ll go.",
    'she said "no, never" and "yes".',
    "hello世界。 costs $5, 20%… or/and",
    "the dogs ' tails",
)
WORDS = ("the", "and", "ll", "000", "10", "12", "20", "30")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    letters = sorted({letter for text in TEXTS for letter in text if letter != " "})
    return word_tokenizer(["[UNK]", *letters, *(f"##{one}" for one in letters), *WORDS])


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_comes_back_as_it_was_written(tokenizer: Tokenizer, text: str) -> None:
    vocabulary = WordVocabulary(
        tuple(word_bytes(str(tokenizer.id_to_token(one))) for one in range(tokenizer.get_vocab_size())),
        drops_first_space=True,
    )
    numbers = tokenizer.encode(text).ids
    assert "".join(vocabulary.texts(numbers)) == text
    assert tokenizer.encode("".join(vocabulary.texts(numbers))).ids == numbers


def test_a_piece_goes_on_with_a_word() -> None:
    assert [word_bytes(name) for name in ("play", "##ing", "##", "#", "##世")] == [
        b" play",
        b"ing",
        b" ##",
        b" #",
        "世".encode(),
    ]


def test_a_text_that_goes_on_keeps_its_first_space() -> None:
    vocabulary = WordVocabulary((b" cat", b" ,"), drops_first_space=True)
    assert vocabulary.texts([0, 1, 0]) == ["cat", ",", " cat"]
    assert vocabulary.texts([0], begins=False) == [" cat"]
    assert vocabulary.texts([1], begins=False) == [","]


def test_a_list_of_words_counts_its_lines_as_the_library_does() -> None:
    assert read_word_list("[UNK]\r\n\na\u2028b\nc\n".encode()) == ("[UNK]", "", "a\u2028b", "c")
    assert not has_capitals(["[UNK]", "<S>", "a", "ß"])
    assert has_capitals(["[UNK]", "É"])
