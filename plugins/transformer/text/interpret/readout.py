"""Looks into a decoder at rest: attention over a text, each layer's guesses, what comes next with a part off.

Only the last tokens are seen where a text is longer than the context. Shape letters: L layers, N heads, T tokens, V
vocabulary.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..model.ablation_mask import AblationMask
from ..model.decoder import Decoder
from ..model.probe import Probe
from ..state import LogitLens

Looking: TypeAlias = Generator[None, None, Any]
_SHORT: Final = 64
"""From so many tokens on there are pauses between layers' guesses."""


@torch.inference_mode()
def attention_over(decoder: Decoder, ids: Sequence[int], ablation: AblationMask) -> npt.NDArray[np.float16]:
    """Attention of all heads, (L, N, T, T)."""
    probe = Probe(attention_dtype=torch.float16)
    decoder.hidden(decoder.embedded(_tokens(decoder, ids)), None, probe, ablation)
    return np.stack([weights[0].cpu().numpy() for weights in probe.attention])


@torch.inference_mode()
def experts_over(decoder: Decoder, ids: Sequence[int], ablation: AblationMask) -> npt.NDArray[np.float16]:
    """How much of each token each expert of each layer got, (L, T, E); nothing where it did not go, or has none."""
    probe, config = Probe(wants_attention=False), decoder.config
    decoder.hidden(decoder.embedded(_tokens(decoder, ids)), None, probe, ablation)
    shares = torch.zeros((config.n_layers, len(ids), config.n_experts), dtype=torch.float16)
    sparse = (layer for layer in range(config.n_layers) if config.has_experts(layer))
    for layer, (chosen, given) in zip(sparse, probe.experts, strict=True):
        shares[layer].scatter_(1, chosen[0].cpu(), given[0].half().cpu())
    return shares.numpy()


@torch.inference_mode()
def logit_lens(decoder: Decoder, ids: Sequence[int], ablation: AblationMask, pinned: int | None) -> Looking:
    """What the head would say after each layer (logit lens); returns a LogitLens, yields between layers."""
    probe = Probe(wants_attention=False, wants_streams=True)
    decoder.hidden(decoder.embedded(_tokens(decoder, ids)), None, probe, ablation)
    found: list[tuple[npt.NDArray[Any], ...]] = []
    for stream in probe.streams:
        found.append(_lens(decoder.logits(stream[0]).float(), pinned))
        if len(ids) >= _SHORT:
            yield
    tokens, shares, *more = (np.stack(rows) for rows in zip(*found, strict=True))
    empty = np.zeros((0, len(ids)))
    pinned_shares, ranks = more or (empty, empty.astype(np.int64))
    return LogitLens(tokens, shares, pinned, pinned_shares, ranks)


def _lens(logits: Tensor, pinned: int | None) -> tuple[npt.NDArray[Any], ...]:
    """The likeliest tokens (T,) and their probabilities, and those and the ranks of the pinned one."""
    probabilities = logits.softmax(-1)
    share, token = probabilities.max(-1)
    best = (token.cpu().numpy(), share.cpu().numpy())
    if pinned is None:
        return best
    mine = probabilities[:, pinned]
    return (*best, mine.cpu().numpy(), (probabilities > mine[:, None]).sum(-1).cpu().numpy())


@torch.inference_mode()
def next_probabilities(decoder: Decoder, ids: Sequence[int], ablation: AblationMask) -> npt.NDArray[np.float32]:
    """Of what comes after a text, (V,)."""
    tokens = _tokens(decoder, ids)
    x = decoder.hidden(
        decoder.embedded(tokens), None, Probe(wants_attention=False), _shifted(ablation, len(ids), tokens)
    )
    return decoder.logits(x[0, -1]).float().softmax(-1).cpu().numpy()


def _tokens(decoder: Decoder, ids: Sequence[int]) -> Tensor:
    """The last tokens that the context holds, (1, T)."""
    seen = list(ids)[-decoder.config.n_context :]
    return torch.tensor([seen], device=decoder.tokens.weight.device)


def _shifted(ablation: AblationMask, n_tokens: int, tokens: Tensor) -> AblationMask:
    """Words are counted from the first one that is seen."""
    first = n_tokens - tokens.shape[1]
    words = frozenset(word - first for word in ablation.words if word >= first)
    return replace(ablation, words=words) if first else ablation


@torch.inference_mode()
def logit_lens_at_end(decoder: Decoder, ids: Sequence[int], ablation: AblationMask) -> LogitLens:
    """The guesses for what comes after these tokens, (L + 1, 1), as far as the context reaches back."""
    first = max(0, len(ids) - decoder.config.n_context)
    seen = torch.tensor([list(ids)[first:]], device=decoder.tokens.weight.device)
    words = frozenset(word - first for word in ablation.words if word >= first)
    probe = Probe(wants_attention=False, wants_streams=True)
    decoder.hidden(decoder.embedded(seen), None, probe, replace(ablation, words=words))
    last = torch.stack([stream[0, -1] for stream in probe.streams])  # (L + 1, D)
    share, token = decoder.logits(last).float().softmax(-1).max(-1)
    nothing = np.zeros((0, 1))
    return LogitLens(
        token[:, None].cpu().numpy(), share[:, None].cpu().numpy(), None, nothing, nothing.astype(np.int64)
    )
