"""How well an encoder tells what was masked in texts that it never saw, beside a decoder that sees only the left.

Shape letters: W windows, T tokens, V vocabulary.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.core.seed import generator

from ...text.model.decoder import Decoder
from ...text.training.decoder_training import Ids
from ..model.encoder import Encoder
from .objective import masks_of, mean_at_masks

WINDOW: Final = 128
"""Tokens that are read at once."""
SHARE: Final = 0.15
"""Of the tokens that are masked where hits are counted, as BERT has it."""
N_BEST: Final = 5
_N_AT_ONCE: Final = 16


def windows_of(ids: Sequence[int], length: int = WINDOW) -> Tensor:
    """A row of tokens in windows side by side, int64 (W, T); what is left over at the end is left out."""
    n = len(ids) // length
    return torch.tensor(ids[: n * length], dtype=torch.int64).view(n, length)


@torch.no_grad()
def bound_in_nats(network: Encoder, windows: Tensor, mask: int, n_draws: int, seed: int) -> Measuring[float]:
    """The mean bound for a token of windows (W, T), each masked `n_draws` times; yields between passes."""
    total, device = 0.0, network.tokens.weight.device
    for first in range(0, len(windows), _N_AT_ONCE):
        tokens = windows[first : first + _N_AT_ONCE]
        for draw in range(n_draws):
            random = generator(seed, "bound", first, draw)
            masked = torch.from_numpy(masks_of(random, len(tokens), tokens.shape[1]))
            masked = masked[torch.from_numpy(random.permutation(len(tokens)))]
            means = mean_at_masks(network, tokens.to(device), masked.to(device), mask)
            total += float(means.double().sum())
            yield
    return total / n_draws / len(windows)


def bits_per_character(nats: float, n_tokens: int, n_characters: int) -> float:
    """The same for each character of texts with so many tokens."""
    return nats / math.log(2) * n_tokens / n_characters


@dataclass(frozen=True)
class Hits:
    """Of masked tokens, how many per cent were the likeliest one, or among the five likeliest."""

    first: float
    among: float


def masks_alike(windows: Tensor, seed: int) -> Tensor:
    """15 % of the tokens of each window, the same for every model: bool (W, T)."""
    n_windows, length = windows.shape
    order = generator(seed, "hits").random((n_windows, length)).argsort(1).argsort(1)
    return torch.from_numpy(order < round(SHARE * length))


@torch.no_grad()
def encoder_hits(network: Encoder, windows: Tensor, masked: Tensor, mask: int) -> Measuring[Hits]:
    """The hits of an encoder, which sees what is left on both sides; yields between passes."""
    ranks = []
    for tokens, places in zip(windows.split(_N_AT_ONCE), masked.split(_N_AT_ONCE), strict=True):
        device = network.tokens.weight.device
        x = network.hidden(tokens.masked_fill(places, mask).to(device))[places.to(device)]
        ranks.append(ranks_in(network.logits(x).cpu(), tokens[places]))
        yield
    return hits_of(torch.cat(ranks))


@torch.no_grad()
def decoder_hits(decoder: Decoder, windows: Tensor, masked: Tensor) -> Measuring[Hits]:
    """The hits of a decoder at the same places, which sees everything before each of them and nothing behind."""
    ranks = []
    for tokens, places in zip(windows.split(_N_AT_ONCE), masked.split(_N_AT_ONCE), strict=True):
        told = places[:, 1:]  # of the first token of a window it knows nothing
        logits = decoder(tokens[:, :-1])[told]
        ranks.append(ranks_in(logits, tokens[:, 1:][told]))
        yield
    return hits_of(torch.cat(ranks))


def commonest_hits(learnt: Ids, windows: Tensor, masked: Tensor) -> Hits:
    """The hits of who always says the commonest tokens of the texts that were learnt from."""
    counts = torch.from_numpy(np.bincount(learnt, minlength=int(windows.max()) + 1))
    tokens = windows[masked]
    return hits_of(ranks_in(counts.float().expand(len(tokens), -1), tokens))


def ranks_in(logits: Tensor, tokens: Tensor) -> Tensor:
    """How many tokens are likelier than each of these: int64, one for each row of logits (.., V)."""
    return (logits > logits.gather(1, tokens[:, None])).sum(1)


def hits_of(ranks: Tensor) -> Hits:
    """Of ranks that count from 0."""
    return Hits(100 * float((ranks < 1).double().mean()), 100 * float((ranks < N_BEST).double().mean()))
