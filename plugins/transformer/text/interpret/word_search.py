"""Goes on with likely tokens until their words end: all of them in one pass a token, over one memory of the text.

Shape letters: B words, V vocabulary.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from studio.core.text.vocabulary import TextVocabulary

from ..model.ablation_mask import AblationMask
from ..model.cache import KeyValueCache
from ..model.config import fitting_threads
from ..model.decoder import Decoder
from ..model.forms.bars import next_among
from ..model.forms.tokens import Mask
from ..trace import Floats, NextTokenFacts, next_facts
from .tree_search import TreeWay, read_ways
from .whole_words import MOST_TOKENS, WholeWord, word_goes_on


@dataclass(eq=False)
class _Growing:
    """A word as far as it is known."""

    tokens: list[int]
    facts: list[NextTokenFacts] = field(default_factory=list)
    allowed: list[Mask | None] = field(default_factory=list)
    is_whole: bool = False

    def take(
        self, log_probabilities: Floats, log_normaliser: float, allowed: Mask | None, vocabulary: TextVocabulary
    ) -> None:
        """Go on with the likeliest token that may come, unless it begins something else."""
        values = log_probabilities if allowed is None else _within(log_probabilities, allowed)
        token = int(values.argmax())
        self.is_whole = not np.isfinite(values[token]) or not word_goes_on(
            b"".join(map(vocabulary.piece, self.tokens)), vocabulary.piece(token)
        )
        if not self.is_whole:
            self.facts.append(
                next_facts(log_probabilities, log_normaliser)
                if allowed is None
                else next_among(np.exp(log_probabilities), allowed, log_normaliser)
            )
            self.allowed.append(allowed)
            self.tokens.append(token)


def _within(log_probabilities: Floats, allowed: Mask) -> Floats:
    n_tokens = min(len(log_probabilities), len(allowed))
    values = np.full_like(log_probabilities, -np.inf)
    values[:n_tokens][allowed[:n_tokens]] = log_probabilities[:n_tokens][allowed[:n_tokens]]
    return values


@torch.inference_mode()
def whole_words(
    decoder: Decoder,
    ids: Sequence[int],
    tokens: Sequence[int],
    vocabulary: TextVocabulary,
    allowed: Callable[[Sequence[int]], Mask | None],
    ablation: AblationMask,
) -> Generator[None, None, tuple[WholeWord, ...]]:
    """The likeliest word that begins with each of some tokens after a text; yields after each pass.

    `allowed` says what may come after some more tokens. A word that the context has no room for stays a beginning.
    """
    device, config = decoder.tokens.weight.device, decoder.config
    cache, words = KeyValueCache(config, 1, device), [_Growing([token]) for token in tokens]
    text = torch.tensor([list(ids)], device=device)
    with fitting_threads(config, len(ids)):
        decoder.hidden(decoder.embedded(text, cache), cache, None, ablation)
    yield
    ways = [TreeWay(number, 0.0, ()) for number, word in enumerate(words) if _may_go_on(word, vocabulary)]
    for n_read in range(1, MOST_TOKENS):
        if not ways or len(ids) + n_read > config.n_context:
            break
        last = [words[way.block].tokens[-1] for way in ways]
        ways, values, levels = read_ways(decoder, cache, len(ids), ways, last, ablation)
        _take(words, ways, values, levels, allowed, vocabulary)
        ways = [way for way in ways if not words[way.block].is_whole]
        yield
    return tuple(WholeWord(tuple(one.tokens), tuple(one.facts), tuple(one.allowed), one.is_whole) for one in words)


def _may_go_on(word: _Growing, vocabulary: TextVocabulary) -> bool:
    """A sign or a mark is a word of its own, whatever follows."""
    word.is_whole = not word_goes_on(vocabulary.piece(word.tokens[0]), b"a")
    return not word.is_whole


def _take(
    words: Sequence[_Growing],
    ways: Sequence[TreeWay],
    values: Floats,
    levels: Floats,
    allowed: Callable[[Sequence[int]], Mask | None],
    vocabulary: TextVocabulary,
) -> None:
    for way, row, level in zip(ways, values, levels, strict=True):
        word = words[way.block]
        word.take(row, float(level), allowed(word.tokens), vocabulary)
