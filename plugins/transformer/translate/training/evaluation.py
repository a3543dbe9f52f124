"""How good translations are: BLEU, and two ways to translate without a network that it is held against; no Qt."""

import math
import re
from collections import Counter
from collections.abc import Generator, Sequence
from typing import Final

import numpy as np

from studio.api.training import Verses

from .alignment import learnt_table

N_GRAMS: Final = 4
N_WORDS: Final = 6000
"""Of each language, the commonest, that the dictionary knows."""
END, UNKNOWN, FIRST = 0, 1, 2
MOST_COMMON_SHARE: Final = 0.1
"""Words in more of the verses say nothing about which verse is alike."""
_WORDS: Final = re.compile(r"\w+(?:’\w+)?|[^\w\s]")


def bleu(said: Sequence[str], wanted: Sequence[str]) -> float:
    """BLEU of a whole set, 0 to 100 (Papineni et al. 2002), as sacrebleu computes it (Post 2018, `13a`, `exp`)."""
    hits, totals, lengths = [0] * N_GRAMS, [0] * N_GRAMS, [0, 0]
    for one, other in zip(said, wanted, strict=True):
        words, right = tokenised(one), tokenised(other)
        lengths[0] += len(words)
        lengths[1] += len(right)
        for n in range(1, N_GRAMS + 1):
            found, known = _grams(words, n), _grams(right, n)
            hits[n - 1] += (found & known).total()
            totals[n - 1] += found.total()
    if not min(totals) or not hits[0]:
        return 0.0
    logs, smoothed = 0.0, 1.0
    for hit, total in zip(hits, totals, strict=True):
        smoothed = smoothed if hit else 2 * smoothed
        logs += math.log(hit / total if hit else 1 / (smoothed * total))
    return 100 * math.exp(min(0.0, 1 - lengths[1] / lengths[0]) + logs / N_GRAMS)


def _grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[first : first + n]) for first in range(len(words) - n + 1))


def tokenised(text: str) -> list[str]:
    """Words and marks as `mteval-v13a` cuts them."""
    text = f" {text} "
    text = re.sub(r"([{-~\[-` -&(-+:-@/])", r" \1 ", text)
    text = re.sub(r"([^0-9])([.,])", r"\1 \2 ", text)
    text = re.sub(r"([.,])([^0-9])", r" \1 \2", text)
    return re.sub(r"([0-9])(-)", r"\1 \2 ", text).split()


def dictionary(verses: Verses) -> Generator[None, None, dict[str, str]]:
    """The likeliest Spanish word for each of the commonest English ones, by IBM's first model."""
    english, spanish = _commonest(verses.english), _commonest(verses.spanish)
    pairs = [
        (np.array([*_numbers(one, english), END]), np.array(_numbers(other, spanish)))
        for one, other in zip(verses.english, verses.spanish, strict=True)
    ]
    table = yield from learnt_table(pairs, len(english) + FIRST, len(spanish) + FIRST)
    names = list(spanish)
    likeliest = table[FIRST:, FIRST:].argmax(1).tolist()
    return {word: names[at] for word, at in zip(english, likeliest, strict=True)}


def by_dictionary(known: dict[str, str], text: str) -> str:
    """A text word by word; a word that the dictionary lacks, such as a name, stays."""
    words = [known.get(word.lower(), word) for word in _WORDS.findall(text)]
    return re.sub(r" ([,.;:!?])", r"\1", " ".join(words))


def _commonest(texts: Sequence[str]) -> dict[str, int]:
    counts = Counter(word for text in texts for word in _WORDS.findall(text.lower()))
    return {word: FIRST + number for number, (word, _) in enumerate(counts.most_common(N_WORDS))}


def _numbers(text: str, known: dict[str, int]) -> list[int]:
    return [known.get(word, UNKNOWN) for word in _WORDS.findall(text.lower())]


class NearestVerses:
    """Finds the verse whose English shares the most rare words with a text (cosine of tf-idf)."""

    def __init__(self, verses: Verses) -> None:
        self._spanish = verses.spanish
        places: dict[str, list[int]] = {}
        for place, text in enumerate(verses.english):
            for word in set(_WORDS.findall(text.lower())):
                places.setdefault(word, []).append(place)
        n = len(verses.english)
        rare = {word: where for word, where in places.items() if len(where) <= MOST_COMMON_SHARE * n}
        self._where = {word: np.array(where) for word, where in rare.items()}
        self._weights = {word: math.log(n / len(where)) for word, where in rare.items()}
        squares = np.zeros(n)
        for word, where in self._where.items():
            squares[where] += self._weights[word] ** 2
        self._lengths = np.sqrt(np.maximum(squares, 1e-9))

    def spanish(self, text: str) -> str:
        """The Spanish of the verse that is the most alike."""
        scores = np.zeros(len(self._spanish))
        for word in set(_WORDS.findall(text.lower())) & self._where.keys():
            scores[self._where[word]] += self._weights[word] ** 2
        return self._spanish[int((scores / self._lengths).argmax())]
