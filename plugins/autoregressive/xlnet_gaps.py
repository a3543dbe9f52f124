"""Gaps of a few words in texts that were never learnt from, and how many bits it takes to fill them as they were."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .text_tokens import END_ID, TextCutter
from .xl_model import TransformerXL
from .xl_reader import Memory
from .xl_scoring import surprises
from .xl_training import Measuring
from .xlnet_model import XLNet
from .xlnet_order import bits_of

N_WORDS: Final = 5
_WORD: Final = re.compile(r" [A-Za-z'’]+[,.;:!?]?(?=\s)")
_REACH: Final = 4000
"""Characters before a gap of which a model may make use."""


@dataclass(frozen=True)
class Gap:
    """Five words of a text, with what stands before and behind them."""

    before: str
    words: str
    behind: str


def gaps_in(text: str, n: int) -> list[Gap]:
    """Gaps at even distances through a text, none near its ends: runs of five words on one line."""
    runs = re.finditer(rf"(?:{_WORD.pattern}){{{N_WORDS}}}", text)
    inner = [run for run in runs if run.start() >= _REACH and run.end() + _REACH <= len(text)]
    chosen = inner[:: max(1, len(inner) // n)][:n]
    return [Gap(text[run.start() - _REACH : run.start()], run.group(), text[run.end() : run.end() + _REACH])
            for run in chosen]  # fmt: skip


def window(gap: Gap, cutter: TextCutter, n_context: int) -> tuple[list[int], list[int]]:
    """The tokens of as much as fits around a gap, which itself fits, and its places in them from left to right."""
    before, words, behind = (cutter.encode(part) for part in (gap.before, gap.words, gap.behind))
    n_before = max(0, n_context - len(words)) // 2
    before = before[len(before) - min(n_before, len(before)) :]
    tokens = [*before, *words, *behind][:n_context]
    return tokens, list(range(len(before), len(before) + len(words)))


def bits_both_sides(network: XLNet, cutter: TextCutter, gaps: Sequence[Gap]) -> Measuring[float]:
    """The mean bits of a gap for a network that sees both sides; yields after each."""
    total = 0.0
    for gap in gaps:
        tokens, places = window(gap, cutter, network.config.n_context)
        total += sum(bits_of(network, tokens, places))
        yield
    return total / len(gaps)


def bits_from_left(network: TransformerXL, cutter: TextCutter, gaps: Sequence[Gap]) -> Measuring[float]:
    """The mean bits of a gap for a network that sees only what stands before, with all its memory; yields often."""
    total, memory = 0.0, Memory(network.config.n_memory)
    for gap in gaps:
        words = cutter.encode(gap.words)
        before = cutter.encode(gap.before)[-network.config.n_seen :]
        bits = yield from surprises(network, [END_ID, *before, *words], memory)
        total += float(bits[-len(words) :].sum())
    return total / len(gaps)
