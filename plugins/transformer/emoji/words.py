"""Sentences as the numbers of their words; no torch."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

NOTHING, UNKNOWN, N_SPECIAL = 0, 1, 2
MAX_WORDS: Final = 64
_WORD: Final = re.compile(r"[^\W_]+|,")


def words_in(text: str) -> list[str]:
    """The words of a text in lower case, and its commas."""
    return _WORD.findall(text.lower())


def known_words(texts: Iterable[str]) -> tuple[str, ...]:
    """All words of some texts in alphabetical order."""
    return tuple(sorted({word for text in texts for word in words_in(text)}))


def unknown_words(text: str, known: frozenset[str]) -> list[str]:
    """The words of a text that are not among the known ones, each once."""
    return list(dict.fromkeys(word for word in words_in(text)[:MAX_WORDS] if word not in known))


class WordTable:
    """The words that a model knows, in the order of their numbers."""

    def __init__(self, words: Iterable[str]) -> None:
        self._numbers = {word: number for number, word in enumerate(words, N_SPECIAL)}

    def ids(self, text: str) -> list[int]:
        """The numbers of at most MAX_WORDS words; unknown ones are one and the same, and no words are one too."""
        return [self._numbers.get(word, UNKNOWN) for word in words_in(text)[:MAX_WORDS]] or [NOTHING]

    def padded(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(B, L) numbers of words, NOTHING behind the last one, and (B,) how many there are."""
        rows = [self.ids(text) for text in texts]
        lengths = np.array([len(row) for row in rows])
        ids = np.full((len(rows), lengths.max()), NOTHING)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row
        return ids, lengths
