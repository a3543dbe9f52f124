"""How much of what is said of faces is right, and how odd other pictures look to the network; no Qt."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.core.text.byte_tokens import END_ID

from ...text.model.tokenizer import TextTokenizer
from ...translate.model.encoder_decoder import Memory
from ..model.captioner import Captioner
from ..words import NO, YES, parts_right
from .lessons import as_pictures
from .questions import Asked, face_of

N_AT_ONCE: Final = 32
MOST: Final = 72
"""Tokens of a text that is written."""
SHRINKAGE: Final = 0.01
KNOWN_SHARE: Final = 0.995
"""Of the faces that were learnt from, those less odd than the limit."""
Pixels = npt.NDArray[np.uint8]


@torch.inference_mode()
def written(network: Captioner, memory: Memory, asked: Tensor) -> list[list[int]]:
    """What follows the beginnings (B, T) of texts about pictures that were looked at, the likeliest token each time."""
    texts: list[list[int]] = [[] for _ in asked]
    tokens, is_over = asked, torch.zeros(len(asked), dtype=torch.bool)
    for _ in range(MOST - asked.shape[1]):
        tokens = network.decode(tokens, memory)[:, -1:].argmax(-1)
        is_over = is_over | (tokens[:, 0] == END_ID).cpu()
        if is_over.all():
            break
        for text, token, ends in zip(texts, tokens[:, 0].tolist(), is_over.tolist(), strict=True):
            if not ends:
                text.append(token)
    return texts


def sentences(network: Captioner, cutter: TextTokenizer, pixels: Pixels) -> Measuring[list[str]]:
    """What the network says of pictures (N, 64, 64, 3)."""
    said: list[str] = []
    for first in range(0, len(pixels), N_AT_ONCE):
        memory = looked_at(network, pixels[first : first + N_AT_ONCE])
        begun = torch.full((memory.source_keys[0].shape[0], 1), END_ID)
        said += [cutter.decode(text) for text in written(network, memory, begun)]
        yield
    return said


def answers(network: Captioner, cutter: TextTokenizer, pixels: Pixels, asked: Sequence[Asked]) -> Measuring[list[str]]:
    """What the network answers to questions about pictures (N, 64, 64, 3)."""
    said = [""] * len(asked)
    for places, begun in _of_equal_length(cutter, asked):
        memory = looked_at(network, pixels[[asked[place].row for place in places]])
        for place, text in zip(places, written(network, memory, begun), strict=True):
            said[place] = cutter.decode(text).strip()
        yield
    return said


def _of_equal_length(cutter: TextTokenizer, asked: Sequence[Asked]) -> Iterator[tuple[tuple[int, ...], Tensor]]:
    groups: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
    for place, one in enumerate(asked):
        ids = [END_ID, *cutter.encode(one.question, False)]
        groups[len(ids)].append((place, ids))
    for group in groups.values():
        for first in range(0, len(group), N_AT_ONCE):
            part = group[first : first + N_AT_ONCE]
            yield tuple(place for place, _ in part), torch.tensor([ids for _, ids in part])


def looked_at(network: Captioner, pixels: Pixels) -> Memory:
    """What is kept of pictures (N, 64, 64, 3)."""
    with torch.inference_mode():
        return network.encode(as_pictures(pixels, network.tokens.weight.device))


def share_right(asked: Sequence[Asked], said: Sequence[str], kinds: Sequence[str]) -> float:
    """The share of the questions of some kinds that were answered word for word."""
    hits = [one.answer == text for one, text in zip(asked, said, strict=True) if one.kind in kinds]
    return sum(hits) / max(len(hits), 1)


def yes_or_no(asked: Sequence[Asked]) -> list[Asked]:
    """The questions that have yes or no for an answer."""
    return [one for one in asked if one.answer in (YES, NO)]


def parts_and_whole(said: Sequence[str], labels: Pixels) -> tuple[float, float]:
    """The share of parts that sentences about faces with labels (N, L) tell right, and of sentences without a slip."""
    right = np.array([parts_right(text, face_of(row)) for text, row in zip(said, labels, strict=True)])
    return float(right.mean()), float(right.all(1).mean())


def means(network: Captioner, pixels: Pixels) -> Measuring[Tensor]:
    """The mean of what is seen in the patches of pictures, (N, W)."""
    found = []
    for first in range(0, len(pixels), N_AT_ONCE):
        with torch.inference_mode():
            found.append(network.patches(as_pictures(pixels[first : first + N_AT_ONCE], network.places.device)).mean(1))
        yield
    return torch.cat(found).clone()


def learn_familiar(network: Captioner, pixels: Pixels) -> Measuring[None]:
    """Let the network know which pictures look like the faces that it learnt from."""
    seen = (yield from means(network, pixels)).double()
    centre = seen.mean(0)
    spread = torch.cov((seen - centre).T)
    spread += SHRINKAGE * spread.diagonal().mean() * torch.eye(len(spread), dtype=spread.dtype)
    values, vectors = torch.linalg.eigh(spread)
    network.familiar_centre.copy_(centre)
    network.familiar_spread.copy_(vectors / values.sqrt())
    odd = network.oddness(seen[:, None].float())
    network.familiar_limit.copy_(odd.quantile(KNOWN_SHARE))


def share_odd(network: Captioner, pixels: Pixels) -> Measuring[float]:
    """The share of pictures (N, 64, 64, 3) that do not look like the faces that were learnt from."""
    seen = yield from means(network, pixels)
    return float((network.oddness(seen[:, None]) > network.familiar_limit).float().mean())
