"""Finds commands and models by a few typed letters, best first."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

LEAST_KEYWORD = 2  # letters that mean a word and no initials
MAX_QUERY = 100  # nobody types more; a pasted book must not stop the window

# One word of the query scores by the best way in which the title contains it; a longer title costs a little.
PREFIX, WORD_START, INITIALS, INSIDE, KEYWORD_START, SCATTERED, KEYWORD = 1000, 900, 800, 600, 590, 300, 100
_RUN, _START, _CAPITAL_OR_WORD = (
    12,
    8,
    re.compile(r"(?:(?<=[^\W_])(?<![A-Z])(?=[A-Z]))|(?<![^\W_])(?=[^\W_])"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette.

    Attributes:
        id: of the command or model.
        title: what is shown and searched.
        keywords: more words that find it, not shown (the help text, a model's task).
        last_used: larger for what was used more recently, 0 for never.
    """

    id: str
    title: str
    keywords: str = ""
    last_used: int = 0


class Match(NamedTuple):  # made for every entry at every key press: a frozen dataclass takes four times as long
    """An entry that was found, how well, and which characters of its title matched, in order."""

    entry: Entry
    score: int
    positions: tuple[int, ...]


class _Word(NamedTuple):
    text: str
    letters_in_order: re.Pattern[str]


class _Title(NamedTuple):
    folded: str
    starts: tuple[int, ...]
    initials: str


def rank(query: str, entries: Iterable[Entry]) -> list[Match]:
    """Return the entries that contain every word of `query`, best first.

    A word counts most at the beginning of the title, then at the start of a word, as initials ("tp" finds
    "Train Panel", "odl" finds "openDigitsLab"), inside a word, at the start of a keyword, and as scattered letters;
    words may come in any order. Equal scores go by last use, then the shorter title. An empty query returns everything,
    last used first.
    """
    words = [_Word(word, _in_order(word)) for word in query[:MAX_QUERY].lower().split()]
    matches = [match for entry in entries if (match := _match(entry, words)) is not None]
    if words:
        matches.sort(key=lambda match: (-match.score, -match.entry.last_used, len(match.entry.title)))
    else:
        matches.sort(key=lambda match: -match.entry.last_used)
    return matches


def _in_order(letters: str) -> re.Pattern[str]:
    # "not the letter, then the letter" can match in one way only, so that no title makes it go back and forth
    return re.compile("".join(f"[^{re.escape(letter)}]*{re.escape(letter)}" for letter in letters))


def _match(entry: Entry, words: Sequence[_Word]) -> Match | None:
    title = _title(entry.title)
    if len(words) == 1:  # by far the most frequent, so it makes no set
        worth, places = _find(words[0], title, entry)
        return Match(entry, worth, tuple(places)) if worth else None
    score = 0
    positions: set[int] = set()
    for word in words:
        worth, places = _find(word, title, entry)
        if not worth:
            return None
        score += worth
        positions.update(places)
    return Match(entry, score, tuple(sorted(positions)))


@lru_cache(maxsize=8192)
def _title(text: str) -> _Title:
    # casefold() and lower() may change the length ("ß", "İ"), which would shift the highlighted letters
    folded = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    starts = tuple(match.start() for match in _CAPITAL_OR_WORD.finditer(text))
    return _Title(folded, starts, "".join(folded[start] for start in starts))


def _find(word: _Word, title: _Title, entry: Entry) -> tuple[int, Sequence[int]]:
    """Return what the word is worth for this entry (0: not found) and where its letters are in the title."""
    text, folded = word.text, title.folded
    at = folded.find(text)
    if at >= 0:
        start = _at_word_start(text, at, title)
        if start < 0:
            return INSIDE, range(at, at + len(text))
        return (WORD_START if start else PREFIX), range(start, start + len(text))
    first = title.initials.find(text)
    if first >= 0:
        return INITIALS, title.starts[first : first + len(text)]
    keywords = entry.keywords.lower()
    if len(text) >= LEAST_KEYWORD and f" {text}" in f" {keywords}":
        return KEYWORD_START, ()
    if word.letters_in_order.match(folded):
        return _scattered(text, title)
    return (KEYWORD if text in keywords else 0), ()


def _at_word_start(text: str, at: int, title: _Title) -> int:
    while at >= 0 and at not in title.starts:
        at = title.folded.find(text, at + 1)
    return at


def _scattered(text: str, title: _Title) -> tuple[int, Sequence[int]]:
    """Place the letters of `text`, known to occur in order; going on in a run is best, then a word start."""
    folded, starts = title.folded, title.starts
    places: list[int] = []
    score, after = SCATTERED, 0
    for char, last in zip(text, _latest_places(text, folded), strict=True):
        place = after
        if folded[after] == char:
            score += _RUN
        else:
            place = folded.find(char, after)
            if place not in starts:
                place = next((at for at in starts if place < at <= last and folded[at] == char), place)
        if place in starts:
            score += _START
        places.append(place)
        after = place + 1
    return min(score - (places[-1] - places[0]), INSIDE - 1), places


def _latest_places(text: str, folded: str) -> list[int]:
    """Return for each letter the last place from which the rest of the text still follows."""
    end, latest = len(folded), []
    for char in reversed(text):
        end = folded.rindex(char, 0, end)
        latest.append(end)
    return latest[::-1]
