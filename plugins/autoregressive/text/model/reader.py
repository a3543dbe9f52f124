"""Reads a text token by token with the memory of a Transformer-XL, or in whole segments to say how surprising it is.

Keys do not depend on where a token stands, since only distances count. So each layer keeps the keys and values of all
tokens, and a token looks at as many of them as its memory allows.

Shape letters: L layers, N heads, H width of a head, S tokens seen, D width, V vocabulary, T tokens.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.engine import limited_threads

from ...shared.next_token import N_NEXT, UNKNOWN, likeliest
from ..state import Reread, looked_at
from .transformer_xl import TransformerXL, XLBlock, remembered, sinusoids

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
_ROOM: Final = 256


@dataclass(frozen=True)
class XLMemory:
    """How far back tokens look.

    Attributes:
        n_tokens: so many before the segment that a token stands in.
        cut: tokens before this one are forgotten by those from it on; the beginning of a segment, 0 for none.
    """

    n_tokens: int
    cut: int = 0

    def first_seen(self, place: int, n_segment: int) -> int:
        """The first token that the one at a place can look at."""
        begin = place // n_segment * n_segment
        return max(begin - self.n_tokens, self.cut if place >= self.cut else 0, 0)


@dataclass(frozen=True, eq=False)
class TokenReading:
    """What reading one token gave.

    Attributes:
        log_probabilities: (V,) of what comes next.
        attention: (L, N, S) how much each head looked at the tokens from `first` on.
    """

    log_probabilities: Floats
    attention: Halves
    first: int


class XLReader:
    """Attributes: place: how many tokens were read."""

    def __init__(self, network: TransformerXL, memory: XLMemory) -> None:
        config = self._config = network.config
        self._network = network
        self._memory = memory
        self.place = 0
        device = network.u.device
        self._rows = torch.empty(2 * config.n_layers, config.n_heads, _ROOM, config.head_width, device=device)
        with torch.inference_mode():
            far = sinusoids(config.n_seen, config.width, device)
            self._far = [block.attention.split(block.attention.distance(far)[None])[0] for block in self._blocks]

    @property
    def _blocks(self) -> list[XLBlock]:
        return [block for block in self._network.blocks if isinstance(block, XLBlock)]

    @torch.inference_mode()
    def read(self, token: int) -> TokenReading:
        """Read the next token."""
        network = self._network
        first = self._memory.first_seen(self.place, self._config.n_segment)
        self._make_room()
        x = network.embedded(torch.tensor(token, device=network.u.device))  # (D,)
        looked: list[Tensor] = []
        for layer, block in enumerate(self._blocks):
            added, weights = self._look(layer, block, x, first)
            x = x + added
            x = x + block.thought(x)
            looked.append(weights)
        self.place += 1
        said = network.said(x).float().log_softmax(-1)
        return TokenReading(said.cpu().numpy(), torch.stack(looked).half().cpu().numpy(), first)

    def _look(self, layer: int, block: XLBlock, x: Tensor, first: int) -> tuple[Tensor, Tensor]:
        """What the attention of a layer adds to the token, (D,), and how much its heads looked at each one, (N, S)."""
        config, attention, seen = self._config, block.attention, slice(first, self.place + 1)
        normed = block.attention_norm(x)
        key, value = attention.key_value(normed).view(2, config.n_heads, config.head_width)
        keys, values = self._rows[2 * layer], self._rows[2 * layer + 1]  # (N, room, H)
        keys[:, self.place], values[:, self.place] = key, value
        query = attention.query(normed).view(config.n_heads, 1, config.head_width)
        far = self._far[layer][:, config.n_seen - (self.place + 1 - first) :]  # (N, S, H)
        content = (query + self._network.u[:, None]) @ keys[:, seen].transpose(1, 2)  # (N, 1, S)
        position = (query + self._network.v[:, None]) @ far.transpose(1, 2)
        weights = F.softmax((content + position) / math.sqrt(config.head_width), -1)
        return attention.out((weights @ values[:, seen]).flatten()), weights[:, 0]

    def _make_room(self) -> None:
        if self.place >= self._rows.shape[2]:
            self._rows = torch.cat([self._rows, torch.empty_like(self._rows)], 2)


def surprises(network: TransformerXL, ids: Sequence[int], memory: XLMemory) -> Generator[None, None, Floats]:
    """The surprise of each token in bits, (T,), -1 for the first one; yields between segments."""
    n_segment = network.config.n_segment
    found, kept = np.full(len(ids), UNKNOWN, np.float32), None
    for first in range(0, len(ids), n_segment):
        if memory.cut and first == memory.cut:
            kept = None
        row = torch.tensor(ids[first : first + n_segment + 1], device=network.u.device)
        bits, kept = _segment(network, row, kept, memory.n_tokens)
        found[first + 1 : first + 1 + len(bits)] = bits.cpu().numpy()
        yield
    return found


@torch.inference_mode()
def _segment(network: TransformerXL, row: Tensor, kept: Tensor | None, n_memory: int) -> tuple[Tensor, Tensor]:
    """Bits of the tokens behind each of a segment's, and what is remembered after it."""
    read_now = row[: network.config.n_segment]
    with limited_threads(1):
        logits, read = network(read_now[None], kept)
    following = row[1 : 1 + len(read_now)]
    said = logits[0, : len(following)].float().log_softmax(-1)
    bits = -said.gather(1, following[:, None])[:, 0] / math.log(2)
    return bits, remembered(kept, read, n_memory)


def reread(network: TransformerXL, ids: Sequence[int], memory: XLMemory) -> Generator[None, None, Reread]:
    """The same token by token, with where each one looks; yields after each."""
    n_segment, n_back = network.config.n_segment, network.config.n_back
    reader = XLReader(network, memory)
    surprise, looked = np.full(len(ids), UNKNOWN, np.float32), np.zeros((len(ids), n_back), np.float32)
    n_next = min(N_NEXT, network.config.n_vocab)
    next_ids, next_raw = np.zeros((len(ids), n_next), np.int32), np.zeros((len(ids), n_next), np.float32)
    for place, token in enumerate(ids):
        with limited_threads(1):
            reading = reader.read(token)
        said = reading.log_probabilities
        if place + 1 < len(ids):
            surprise[place + 1] = -said[ids[place + 1]] / math.log(2)
        next_ids[place] = likeliest(said)[:n_next]
        next_raw[place] = np.exp(said[next_ids[place]])
        looked[place] = looked_at(reading.attention, reading.first, n_segment, n_back)
        yield
    return Reread(surprise, looked, next_ids, next_raw)
