"""Attention of both streams of an XLNet, by relative positions that reach both ways (as in `xl_attention`).

Shape letters: B texts, Q places that look, S places that are looked at, D width, N heads, H width of a head.
"""

import math

import torch
from torch import Tensor, nn

from .xlnet_config import XLNetConfig


class TwoWayAttention(nn.Module):
    """Some places look at the content of those that they may see, before or behind them."""

    def __init__(self, config: XLNetConfig) -> None:
        super().__init__()
        self.config = config
        self.query = nn.Linear(config.width, config.width, bias=False)
        self.key_value = nn.Linear(config.width, 2 * config.width, bias=False)
        self.distance = nn.Linear(config.width, config.width, bias=False)
        self.out = nn.Linear(config.width, config.width, bias=False)

    def read(self, content: Tensor, distances: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Keys and values (B, N, S, H) of content (B, S, D), and what each distance is, (N, 2 S - 1, H)."""
        keys, values = map(self.split, self.key_value(content).chunk(2, -1))
        return keys, values, self.split(self.distance(distances)[None])[0]

    def look(
        self, x: Tensor, memory: tuple[Tensor, Tensor, Tensor], places: Tensor, is_seen: Tensor, u: Tensor, v: Tensor
    ) -> Tensor:
        """What x (B, Q, D) at places (B, Q) reads in what `read` gave, where `is_seen` (B, Q, S)."""
        keys, values, far = memory
        queries = self.split(self.query(x))  # (B, N, Q, H)
        content = (queries + u[:, None]) @ keys.transpose(-1, -2)  # (B, N, Q, S)
        by_distance = (queries + v[:, None]) @ far.transpose(-1, -2)  # (B, N, Q, 2 S - 1)
        position = by_distance.gather(-1, columns(places, keys.shape[2])[:, None].expand_as(content))
        scores = (content + position) / math.sqrt(self.config.head_width)
        weights = scores.masked_fill(~is_seen[:, None], -math.inf).softmax(-1)
        looked: Tensor = self.out((weights.to(values.dtype) @ values).transpose(1, 2).flatten(2))
        return looked

    def split(self, x: Tensor) -> Tensor:
        """(B, S, D) as (B, N, S, H)."""
        return x.unflatten(-1, (self.config.n_heads, self.config.head_width)).transpose(1, 2)


def columns(places: Tensor, n_all: int) -> Tensor:
    """Where in `both_ways` the distances from places (B, Q) to all S places stand, (B, Q, S)."""
    return n_all - 1 - (places[..., None] - torch.arange(n_all, device=places.device))


def both_ways(n_all: int, width: int, device: torch.device | None = None, farthest: int | None = None) -> Tensor:
    """Sines, then cosines of the distances S - 1 down to -(S - 1), (2 S - 1, D), none above `farthest`."""
    distances = torch.arange(n_all - 1, -n_all, -1.0, device=device)
    if farthest is not None:
        distances = distances.clamp(-farthest, farthest)
    turns = 10000.0 ** -(torch.arange(0, width, 2.0, device=device) / width)
    angles = distances[:, None] * turns
    return torch.cat([angles.sin(), angles.cos()], -1)
