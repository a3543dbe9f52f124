"""The words that a model knows: how a half-typed one may go on, which ones are unknown, what is near to those."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

N_PHRASE_WORDS: Final = 4
LEAST_LETTERS: Final = 1
NEAR: Final = 0.6  # of the letters of two words that have to match, in order
_WORD: Final = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")


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
