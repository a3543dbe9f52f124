"""How an XLNet learns what was left out in an order of chance, and how many bits it needs for gaps in new texts.

Shape letters: B passages, T tokens, K tokens that are told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.api.recipe import Measuring
from studio.core.seed import generator
from studio.core.text.byte_tokens import END_ID

from ...shared.tokenizer import TextCutter
from ...text.model.reader import XLMemory, surprises
from ...text.model.transformer_xl import TransformerXL
from ...text.training.objective import XLPassages
from ..model.infill_decoding import GIVEN, bits_of
from ..model.xlnet import XLNet

LONGEST_GAP: Final = 12
"""Tokens of one gap at most, some nine words."""
N_WORDS: Final = 5
_WORD: Final = re.compile(r" [A-Za-z'’]+[,.;:!?]?(?=\s)")
_REACH: Final = 4000
"""Characters before a gap of which a model may make use."""


@dataclass(frozen=True)
class GapBatch:
    """Passages with gaps: tokens (B, T), ranks (B, T) and the places that are told, (B, K)."""

    tokens: Tensor
    ranks: Tensor
    places: Tensor


@dataclass(frozen=True)
class NextInOrder:
    """The cross-entropy of what was left out, in nats, each told from what is there when its turn comes.

    Attributes:
        n_told: tokens of a passage that are left out, in gaps of up to 12 tokens.
    """

    passages: XLPassages
    n_told: int

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, XLNet)
        gaps = self.gaps(step, micro)
        logits = model(gaps.tokens, gaps.ranks, gaps.places)  # (B, K, V)
        wanted = gaps.tokens.gather(1, gaps.places)
        return F.cross_entropy(logits.float().flatten(0, 1), wanted.flatten()), {}

    def gaps(self, step: int, micro: int) -> GapBatch:
        """The passages of a micro-batch: of the seed and the numbers alone."""
        tokens = self.passages.draw(step, micro)[:, :-1]
        random = generator(self.passages.seed, "gaps", step, micro)
        rows = [order_of(random, tokens.shape[1], self.n_told) for _ in range(len(tokens))]
        places = torch.from_numpy(np.stack(rows)).to(tokens.device)
        ranks = torch.full_like(tokens, GIVEN)
        ranks.scatter_(1, places, torch.arange(1, self.n_told + 1, device=tokens.device).expand_as(places))
        return GapBatch(tokens, ranks, places)


def order_of(random: np.random.Generator, n_tokens: int, n_told: int) -> npt.NDArray[np.int64]:
    """Places (K,) in gaps of chance, one time in two in the order of the text, else in any order."""
    is_out = np.zeros(n_tokens, np.bool_)
    while (n_left := n_told - int(is_out.sum())) > 0:
        first = int(random.integers(n_tokens))
        inside = np.flatnonzero(~is_out[first : first + int(random.integers(1, LONGEST_GAP + 1))])[:n_left]
        is_out[first + inside] = True
    places: npt.NDArray[Any] = np.flatnonzero(is_out)
    return places if random.random() < 0.5 else random.permutation(places)


@dataclass(frozen=True)
class InfillGap:
    """Five words of a text, with what stands before and behind them."""

    before: str
    words: str
    behind: str


def gaps_in(text: str, n: int) -> list[InfillGap]:
    """Gaps at even distances through a text, none near its ends: runs of five words on one line."""
    runs = re.finditer(rf"(?:{_WORD.pattern}){{{N_WORDS}}}", text)
    inner = [run for run in runs if run.start() >= _REACH and run.end() + _REACH <= len(text)]
    chosen = inner[:: max(1, len(inner) // n)][:n]
    return [
        InfillGap(text[run.start() - _REACH : run.start()], run.group(), text[run.end() : run.end() + _REACH])
        for run in chosen
    ]


def window(gap: InfillGap, cutter: TextCutter, n_context: int) -> tuple[list[int], list[int]]:
    """The tokens of as much as fits around a gap, which itself fits, and its places in them from left to right."""
    before, words, behind = (cutter.encode(part) for part in (gap.before, gap.words, gap.behind))
    n_before = max(0, n_context - len(words)) // 2
    before = before[len(before) - min(n_before, len(before)) :]
    tokens = [*before, *words, *behind][:n_context]
    return tokens, list(range(len(before), len(before) + len(words)))


def bits_both_sides(network: XLNet, cutter: TextCutter, gaps: Sequence[InfillGap]) -> Measuring[float]:
    """The mean bits of a gap for a network that sees both sides; yields after each."""
    total = 0.0
    for gap in gaps:
        tokens, places = window(gap, cutter, network.config.n_context)
        total += sum(bits_of(network, tokens, places))
        yield
    return total / len(gaps)


def bits_from_left(network: TransformerXL, cutter: TextCutter, gaps: Sequence[InfillGap]) -> Measuring[float]:
    """The mean bits of a gap for a network that sees only what stands before, with all its memory; yields often."""
    total, memory = 0.0, XLMemory(network.config.n_memory)
    for gap in gaps:
        words = cutter.encode(gap.words)
        before = cutter.encode(gap.before)[-network.config.n_seen :]
        bits = yield from surprises(network, [END_ID, *before, *words], memory)
        total += float(bits[-len(words) :].sum())
    return total / len(gaps)
