"""Whole words that begin with a likely token: which tokens they have, and how likely all of them are; no torch.

Shape letters: V vocabulary.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from studio.core.text.token import Candidate, goes_on
from studio.core.text.vocabulary import TextVocabulary

from ..model.forms.bars import BarsForm, placed
from ..model.forms.tokens import Mask
from ..model.sampler import Sampling, probabilities
from ..trace import Ints, NextTokenFacts, TextTrace

MOST_TOKENS: Final = 12
"""A word that goes on after so many is shown as a beginning."""
CUT: Final = "…"
_HALF: Final = "\N{REPLACEMENT CHARACTER}"
_MOST_PREFIX: Final = 32


@dataclass(frozen=True, eq=False)
class WholeWord:
    """Attributes:
    tokens: those of the word. facts: what may come after each of them but the last one.
    allowed: what a form leaves of that, (V,) each, None for all.
    is_whole: whether the word ends behind them.
    """

    tokens: tuple[int, ...]
    facts: tuple[NextTokenFacts, ...] = ()
    allowed: tuple[Mask | None, ...] = ()
    is_whole: bool = True

    def shares(self, before: Sequence[int], sampling: Sampling, stage: str | None) -> tuple[float, float]:
        """The probability of all tokens but the first one: before the sampler, and after a stage (None: before)."""
        raw = after = 1.0
        for place, (facts, allowed) in enumerate(zip(self.facts, self.allowed, strict=True), 1):
            at = np.flatnonzero(facts.ids == self.tokens[place])
            share = float(facts.raw[at[0]]) if len(at) else 0.0
            raw *= share
            form = None if allowed is None else placed(allowed, facts)
            text = [*before, *self.tokens[:place]]
            stages = [] if stage is None else facts.tried(text, replace(sampling, form=form))
            logits = next((one.logits for one in stages if one.name == stage), None)
            after *= share if logits is None else _share(logits, at)
        return raw, after


def _share(logits: np.ndarray, at: np.ndarray) -> float:
    is_known = len(at) and np.isfinite(logits.max())
    return float(probabilities(logits)[at[0]]) if is_known else 0.0


def word_goes_on(before: bytes, piece: bytes) -> bool:
    """Whether a token's bytes belong to the word that others have begun; a space before it belongs to it."""
    text, more = before.decode("utf-8", "replace"), piece.decode("utf-8", "replace")
    if text.endswith(_HALF):
        return bool(piece)
    return goes_on(text, more) or (not text.strip(" ") and bool(text) and goes_on("a", more))


def word_around(ids: Sequence[int] | Ints, place: int, vocabulary: TextVocabulary) -> tuple[int, int]:
    """The first token of the word to which a token of a text belongs, and the one behind its last."""

    def is_joined(number: int) -> bool:
        return goes_on(vocabulary.name(int(ids[number - 1])), vocabulary.name(int(ids[number])))

    first, end = place, place + 1
    while first > 0 and place - first < MOST_TOKENS and is_joined(first):
        first -= 1
    while end < len(ids) and end - place < MOST_TOKENS and is_joined(end):
        end += 1
    return first, end


def word_written(trace: TextTrace, place: int, vocabulary: TextVocabulary, form: BarsForm) -> WholeWord:
    """The word of a text from a token on, with all that was known when it was written."""
    _, end = word_around(trace.ids, place, vocabulary)
    ids, surprise = trace.ids.tolist(), trace.surprise * -math.log(2)
    facts = tuple(trace.next(at - 1).with_token(ids[at], surprise[at]) for at in range(place + 1, end))
    allowed = tuple(form.allowed(ids[:at], len(trace.prompt)) for at in range(place + 1, end))
    return WholeWord(tuple(ids[place:end]), facts, allowed)


def beginning(ids: Sequence[int], vocabulary: TextVocabulary) -> str:
    """The letters at the end of a text, to which a word may be added."""
    text = b"".join(vocabulary.piece(int(token)) for token in ids[-_MOST_PREFIX:]).decode("utf-8", "replace")
    first = len(text)
    while first and goes_on(text[first - 1], "a"):
        first -= 1
    return text[first:]


def in_words(
    rows: Sequence[Candidate],
    words: Mapping[int, WholeWord],
    before: Sequence[int],
    sampling: Sampling,
    stage: str | None,
    vocabulary: TextVocabulary,
    n_rows: int,
) -> tuple[Candidate, ...]:
    """Candidates with their whole words, the likeliest first; one that comes in several cuts is shown once.

    `words` are those that are known, by their first token; `before` are the tokens that precede them.
    """
    known: dict[bytes | int, Candidate] = {}
    begun = beginning(before, vocabulary)
    for row in rows:
        new = _row_of(row, words.get(row.token), before, sampling, stage, vocabulary, begun)
        letters = b"".join(map(vocabulary.piece, (new.token, *new.more))) or new.token  # marks have none
        old = known.get(letters)
        known[letters] = new if old is None else _both(old, new)
    found = sorted(known.values(), key=lambda row: -row.raw)
    kept = [row for number, row in enumerate(found) if number < n_rows or row.is_chosen]
    return tuple(kept if len(kept) <= n_rows else [*kept[: n_rows - 1], kept[-1]])


def _row_of(
    row: Candidate,
    word: WholeWord | None,
    before: Sequence[int],
    sampling: Sampling,
    stage: str | None,
    vocabulary: TextVocabulary,
    begun: str,
) -> Candidate:
    word = word or WholeWord((row.token,))
    raw, after = word.shares(before, sampling, stage)
    pieces = b"".join(map(vocabulary.piece, word.tokens))
    text = (pieces.decode("utf-8", "replace") or row.text) + ("" if word.is_whole else CUT)
    text = begun + text if begun and goes_on(begun, text) else text
    return replace(row, text=text, raw=row.raw * raw, after=row.after * after, more=word.tokens[1:])


def _both(one: Candidate, other: Candidate) -> Candidate:
    """A word that comes in two cuts: both probabilities, and the tokens of what stands there or is likelier."""
    first = max(one, other, key=lambda row: (row.is_chosen, row.raw))
    return replace(first, raw=one.raw + other.raw, after=one.after + other.after)
