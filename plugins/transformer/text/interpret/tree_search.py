"""Grows the likeliest ways on from a text: all tokens of a depth are read in one pass over the one memory of the text.

Shape letters: B ways, S tokens in the memory, V vocabulary.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from ..model.ablation_mask import AblationMask
from ..model.attention_mask import TreeAttention
from ..model.cache import KeyValueCache
from ..model.config import fitting_threads
from ..model.decoder import Decoder
from ..model.sampler import ordered
from ..trace import Floats
from .continuation_tree import TreeBlock

MAX_WAYS: Final = 64
"""At each depth so many of the likeliest ways go on; the others end there."""


@dataclass(frozen=True, eq=False)
class TreeWay:
    """One way on: the number of its last block, the logarithm of its probability, and its tokens in the memory."""

    block: int
    joint: float
    rows: tuple[int, ...]


@torch.inference_mode()
def continuation_tree(
    decoder: Decoder, cache: KeyValueCache, log_probabilities: Floats, width: int, depth: int, ablation: AblationMask
) -> Generator[None, None, list[TreeBlock]]:
    """The `width` likeliest tokens after each way, `depth` deep, after a text that is in the cache.

    `log_probabilities` (V,) are of what comes after it. Yields after each depth. It ends where the context does.
    Afterwards the cache has the text alone, as before.
    """
    blocks: list[TreeBlock] = []
    ways = [TreeWay(-1, 0.0, ())]
    values, n_text = log_probabilities[None], cache.n_tokens  # (B, V)
    for level in range(1, depth + 1):
        new: list[TreeWay] = []
        for way, row in zip(ways, values, strict=True):
            for token in ordered(row, width):
                new.append(TreeWay(len(blocks), way.joint + float(row[token]), way.rows))
                blocks.append(TreeBlock(int(token), way.block, level, float(np.exp(row[token]))))
        yield
        if level == depth or n_text + level > decoder.config.n_context:
            break
        kept = sorted(new, key=lambda way: -way.joint)[:MAX_WAYS]
        ways = sorted(kept, key=lambda way: way.block)
        last = [blocks[way.block].token for way in ways]
        ways, values, _ = read_ways(decoder, cache, n_text, ways, last, ablation)
    cache.crop(n_text)
    return blocks


def read_ways(
    decoder: Decoder,
    cache: KeyValueCache,
    n_text: int,
    ways: list[TreeWay],
    last: list[int],
    ablation: AblationMask,
) -> tuple[list[TreeWay], Floats, Floats]:
    """Let each way read its last token (B,).

    Returns the ways with it, log-probabilities of what comes next (B, V), and what was subtracted from the logits to
    get these, (B,).
    """
    n_old, device = cache.n_tokens, decoder.tokens.weight.device
    longer = [TreeWay(way.block, way.joint, (*way.rows, n_old + row)) for row, way in enumerate(ways)]
    tokens = torch.tensor([last], device=device)
    standing = _standing(n_text, n_old, longer).to(device)
    with fitting_threads(decoder.config, len(ways)):
        logits = decoder(tokens, cache, ablation=ablation, ways=standing)[0].float()
    return longer, logits.log_softmax(-1).cpu().numpy(), logits.logsumexp(-1).cpu().numpy()


def _standing(n_text: int, n_old: int, ways: list[TreeWay]) -> TreeAttention:
    """Each way sees the text and its own tokens."""
    n_all = n_old + len(ways)
    positions, visible = torch.arange(n_all), torch.zeros(len(ways), n_all, dtype=torch.bool)
    visible[:, :n_text] = True
    for number, way in enumerate(ways):
        visible[number, list(way.rows)] = True
        positions[list(way.rows)] = n_text + torch.arange(len(way.rows))
    return TreeAttention(positions, visible)
