"""Reads a text token by token with the memory of a Transformer-XL: what was read once is never read again.

Keys do not depend on where a token stands, since only distances count. So each layer keeps the keys and values of all
tokens, and a token looks at as many of them as its memory allows.

Shape letters: L layers, N heads, H width of a head, S tokens seen, D width, V vocabulary.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from .xl_attention import sinusoids
from .xl_model import TransformerXL, XLBlock

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
_ROOM: Final = 256


@dataclass(frozen=True)
class Memory:
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
class Reading:
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

    def __init__(self, network: TransformerXL, memory: Memory) -> None:
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
    def read(self, token: int) -> Reading:
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
        return Reading(said.cpu().numpy(), torch.stack(looked).half().cpu().numpy(), first)

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
