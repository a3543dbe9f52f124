"""The words that a model knows: a prompt cut into them, half-typed ones gone on with, unknown ones; no torch."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer
    from tokenizers.pre_tokenizers import PreTokenizer

NOTHING: Final = "[nothing]"
UNKNOWN: Final = "[unknown]"
MAX_WORDS: Final = 4096
N_PHRASE_WORDS: Final = 4
LEAST_LETTERS: Final = 1
NEAR: Final = 0.6  # of the letters of two words that have to match, in order
_WORD: Final = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")


@dataclass(frozen=True)
class TokenisedPrompt:
    """A prompt as a model takes it.

    Attributes:
        ids: the number of each piece; one NOTHING for a prompt without any.
        pieces: the words as they were typed, in order; as many as ids, or none.
        places: where each piece lies in the prompt, (start, end).
        unknown: the places of words that the model does not know.
        n_ignored: pieces beyond the longest prompt.
    """

    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    unknown: tuple[tuple[int, int], ...]
    n_ignored: int


class WordTokenizer:
    """The words that a model knows, in lower case; every other word is read as one and the same unknown one."""

    def __init__(self, words: Iterable[str], n_pieces: int = 32) -> None:
        """Take the words in the order of their numbers; prompts are read up to `n_pieces`."""
        from tokenizers import Tokenizer, models  # 7 MB, which most models do without

        self.words = tuple(words)
        self.n_pieces = n_pieces
        numbers = {word: number for number, word in enumerate((NOTHING, UNKNOWN, *self.words))}
        self._tokenizer = Tokenizer(models.WordLevel(numbers, UNKNOWN))
        self._tokenizer.normalizer, self._tokenizer.pre_tokenizer = _cutting()

    def __len__(self) -> int:
        return len(self.words) + 2

    def read(self, prompt: str) -> TokenisedPrompt:
        """The pieces of a prompt, whatever it holds."""
        text = prompt.encode("utf-8", "replace").decode()  # half a pair of surrogates stands for nothing
        found = self._tokenizer.encode(text, add_special_tokens=False)
        ids, places = found.ids[: self.n_pieces], found.offsets[: self.n_pieces]
        unknown = tuple(place for number, place in zip(ids, places, strict=True) if number == 1)
        pieces = tuple(text[start:end] for start, end in places)
        return TokenisedPrompt(
            tuple(ids) or (0,), pieces, tuple(places), unknown, max(0, len(found.ids) - self.n_pieces)
        )


def known_words(captions: Iterable[str]) -> tuple[str, ...]:
    """All words of some captions in alphabetical order: a vocabulary that knows each of them."""
    normalizer, cutter = _cutting()
    texts = [normalizer.normalize_str(caption) for caption in set(captions)]
    return tuple(sorted({word for text in texts for word, _ in cutter.pre_tokenize_str(text)}))


def _cutting() -> tuple["Normalizer", "PreTokenizer"]:
    """What makes a text even, and what cuts it into words."""
    from tokenizers import normalizers, pre_tokenizers

    return normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]), pre_tokenizers.Whitespace()


@dataclass(frozen=True)
class Span:
    """A word and where it stands in its text, in characters."""

    start: int
    word: str

    @property
    def end(self) -> int:
        """Where it is over."""
        return self.start + len(self.word)


class Vocabulary:
    """Words and phrases, the most useful first; an empty one takes every word as known.

    `nearby` are better words for some that the model does not know, as "rocket" for "spaceship".
    """

    def __init__(self, words: Iterable[str] = (), nearby: Mapping[str, Iterable[str]] | None = None) -> None:
        self.phrases = tuple(dict.fromkeys(word.strip().casefold() for word in words if word.strip()))
        self._known = frozenset(span.word.casefold() for phrase in self.phrases for span in words_of(phrase))
        self._single = tuple(dict.fromkeys(phrase for phrase in self.phrases if " " not in phrase))
        self._nearby = {word.casefold(): tuple(better) for word, better in (nearby or {}).items()}

    def knows(self, word: str) -> bool:
        """Whether the model has learnt a word, or all parts of one with hyphens."""
        word = word.casefold().replace("’", "'")
        return not self._known or word in self._known or all(part in self._known for part in word.split("-"))

    def unknown(self, text: str, cursor: int = -1) -> Iterator[Span]:
        """The unknown words of a text; not the one that is being typed at `cursor`, as long as it may become one."""
        for span in words_of(text):
            if not self.knows(span.word) and not (span.end == cursor and self._begins(span.word)):
                yield span

    def nearest(self, word: str, n_most: int = 3) -> tuple[str, ...]:
        """Known words that a person may have meant, the best first; none where none is near."""
        better = self._nearby.get(word.casefold(), ())
        spelt_alike = difflib.get_close_matches(word.casefold(), self._single, n_most, NEAR)
        return tuple(dict.fromkeys([*better, *spelt_alike]))[:n_most]

    def completions(self, text: str, n_most: int = 8) -> tuple[int, list[str]]:
        """How the end of `text` may go on: how many of its last letters the offered words stand for, and the words."""
        spans = list(words_of(text))
        if not spans or spans[-1].end != len(text):
            return 0, []
        for span in spans[-N_PHRASE_WORDS:]:
            typed = text[span.start :].casefold()
            found = [phrase for phrase in self.phrases if phrase.startswith(typed) and phrase != typed]
            if found and len(typed) >= LEAST_LETTERS:
                return len(typed), found[:n_most]
        return 0, []

    def _begins(self, word: str) -> bool:
        return any(known.startswith(word.casefold()) for known in self._known)


def words_of(text: str) -> Iterator[Span]:
    """The words of a text, without spaces and marks; an apostrophe or a hyphen may stand inside a word."""
    for match in _WORD.finditer(text):
        yield Span(match.start(), match.group())
