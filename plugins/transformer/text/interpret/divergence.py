"""How differently two models, prompts or settings expect the same text, token by token."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from studio.api.engine import Engine
from studio.core.frame import whole_frames
from studio.core.text.vocabulary import TextVocabulary
from studio.core.view import State

from ..params import TransformerParams
from ..trace import TextTrace

OTHERS: Final = ""
"""Stands for all tokens that are not among the fifty likeliest; no token has this name."""


@dataclass(frozen=True, eq=False)
class ReadText:
    """A text as it was read: by whom, and with which chances."""

    trace: TextTrace
    vocabulary: TextVocabulary

    def distances_to_end(self) -> list[int]:
        """How many characters are left where each token begins."""
        lengths = np.array([len(text) for text in self.vocabulary.texts(self.trace.ids.tolist())], np.int64)
        left: list[int] = np.cumsum(lengths[::-1])[::-1].tolist()
        return left

    def chances(self, token: int) -> dict[str, float]:
        """The probability of what could have stood in a token's place, by name, after all sampler stages."""
        found = self.trace.instead_of(token)
        if found is None:
            return {OTHERS: 1.0}
        shares: dict[str, float] = {}
        for one, share in zip(found.ids.tolist(), found.after[-1].astype(float).tolist(), strict=True):
            name = self.vocabulary.name(one)
            shares[name] = shares.get(name, 0.0) + share
        return {**shares, OTHERS: max(0.0, 1.0 - sum(shares.values()))}


def divergence_bits(p: Mapping[str, float], q: Mapping[str, float]) -> float:
    """The Jensen-Shannon divergence of two distributions in bits: 0 for the same, 1 for ones with nothing in common.

    It is the mean of how many bits each of them costs under the mean of both (Lin, 1991).
    """
    names = sorted({*p, *q})
    one, other = (np.array([shares.get(name, 0.0) for name in names]) for shares in (p, q))
    middle = (one + other) / 2
    return (_relative_bits(one, middle) + _relative_bits(other, middle)) / 2


def _relative_bits(p: np.ndarray, q: np.ndarray) -> float:
    """The Kullback-Leibler divergence; q is above 0 wherever p is."""
    is_there = p > 0
    return float((p[is_there] * np.log2(p[is_there] / q[is_there])).sum())


def differences(a: ReadText, b: ReadText, n_characters: int) -> dict[int, float]:
    """The divergence at each token of `a` within the last `n_characters`, which both texts have in common, in bits.

    Two tokenizers cut differently: what is compared are the places where a token of both begins.
    """
    places = {left: token for token, left in enumerate(b.distances_to_end()) if 0 < left <= n_characters}
    common = {left: token for token, left in enumerate(a.distances_to_end()) if left in places}
    return {
        token: divergence_bits(a.chances(token), b.chances(places[left]))
        for left, token in common.items()
        if token > 0 and places[left] > 0
    }


def scored(engine: Engine, params: TransformerParams, written: str) -> Generator[None, None, TextTrace]:
    """What is known of a text that stands behind the prompt of these settings, as the engine's model reads it."""
    run = engine.generate(replace(params, prompt=params.prompt + written, length=0))
    state: State | None = None
    for frame in whole_frames(run):
        state = frame.state
        yield
    assert state is not None  # a text has at least the frame of its prompt
    return TextTrace(state)
