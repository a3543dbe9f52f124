"""Grows the likeliest ways on from a text, all tokens of a depth in one batch that shares what was read.

Shape letters: B ways, V vocabulary.
"""

from collections.abc import Generator
from typing import Any, Final

import numpy as np
import torch

from .cache import KeyValueCache
from .capture import Floats
from .model import Decoder
from .muting import Muting
from .sampler import ordered
from .tree_block import TreeBlock

MAX_WAYS: Final = 64
"""At each depth so many of the likeliest ways go on; the others end there."""


@torch.inference_mode()
def grown(
    decoder: Decoder, cache: KeyValueCache, log_probabilities: Floats, width: int, depth: int, muting: Muting
) -> Generator[None, None, list[TreeBlock]]:
    """The `width` likeliest tokens after each way, `depth` deep, after a text that is in the cache.

    `log_probabilities` (V,) are of what comes after it. Yields after each depth. It ends where the context does.
    """
    blocks: list[TreeBlock] = []
    ways = [(-1, 0.0)]  # number of the last block, logarithm of the joint probability
    values = log_probabilities[None]  # (B, V)
    for level in range(1, depth + 1):
        new: list[tuple[int, float, int]] = []
        for row, (parent, joint) in enumerate(ways):
            for token in ordered(values[row], width):
                new.append((len(blocks), joint + float(values[row, token]), row))
                blocks.append(TreeBlock(int(token), parent, level, float(np.exp(values[row, token]))))
        yield
        if level == depth or cache.n_tokens >= decoder.config.n_context:
            break
        kept = sorted(sorted(new, key=lambda one: -one[1])[:MAX_WAYS])
        ways = [(number, joint) for number, joint, _ in kept]
        cache, values = _read(decoder, cache, kept, blocks, muting)
    return blocks


def _read(
    decoder: Decoder, cache: KeyValueCache, kept: list[tuple[int, float, int]], blocks: list[TreeBlock], muting: Muting
) -> tuple[KeyValueCache, Any]:
    """Let each way read its last token; returns its memory and what comes next, (B, V)."""
    device = decoder.tokens.weight.device
    forked = cache.select(torch.tensor([row for *_, row in kept], device=device))
    tokens = torch.tensor([[blocks[number].token] for number, *_ in kept], device=device)
    return forked, decoder(tokens, forked, muting=muting)[:, -1].float().log_softmax(-1).cpu().numpy()
