"""Attention by relative positions (Transformer-XL, Dai et al. 2019, arXiv 1901.02860, section 3.3).

How much token i looks at token j, before the softmax and up to the scale:
    (W_q x_i + u) · W_k x_j  +  (W_q x_i + v) · W_r R_(i - j)
R are sinusoids of the distance; u says which content, v which distance is looked at whatever stands at i.

Shape letters: B texts, T new tokens, M remembered ones, S = M + T, D width, N heads, H width of a head.
"""

import math

import torch
from torch import Tensor, nn

from .xl_config import XLConfig


class RelativeAttention(nn.Module):
    """New tokens look at the remembered ones and at those before them in their own segment."""

    def __init__(self, config: XLConfig) -> None:
        super().__init__()
        self.config = config
        self.query = nn.Linear(config.width, config.width, bias=False)
        self.key_value = nn.Linear(config.width, 2 * config.width, bias=False)
        self.distance = nn.Linear(config.width, config.width, bias=False)
        self.out = nn.Linear(config.width, config.width, bias=False)

    def forward(self, x: Tensor, past: Tensor, distances: Tensor, u: Tensor, v: Tensor) -> Tensor:
        """Read x (B, T, D) after past (B, M, D); both biases are (N, H), distances (S, D) of S - 1 down to 0."""
        weights, values = self.weights(x, past, distances, u, v)
        read = (weights.to(values.dtype) @ values).transpose(1, 2).flatten(2)  # (B, T, D)
        looked: Tensor = self.out(read)
        return looked

    def weights(self, x: Tensor, past: Tensor, distances: Tensor, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """How much each token looks at each, (B, N, T, S), and what it would read there, (B, N, S, H)."""
        queries = self.split(self.query(x))  # (B, N, T, H)
        keys, values = map(self.split, self.key_value(torch.cat([past, x], 1)).chunk(2, -1))
        far = self.split(self.distance(distances)[None])[0]  # (N, S, H)
        content = (queries + u[:, None]) @ keys.transpose(-1, -2)  # (B, N, T, S)
        position = shifted((queries + v[:, None]) @ far.transpose(-1, -2))
        scores = (content + position) / math.sqrt(self.config.head_width)
        return scores.masked_fill(later(x.shape[1], keys.shape[2], x.device), -math.inf).softmax(-1), values

    def split(self, x: Tensor) -> Tensor:
        """(B, T, D) as (B, N, T, H)."""
        return x.unflatten(-1, (self.config.n_heads, self.config.head_width)).transpose(1, 2)


def shifted(by_distance: Tensor) -> Tensor:
    """Scores (.., T, S) whose column c is distance S - 1 - c, so that column j is token j: S - T + i - j for row i.

    Columns of later tokens hold what is of no use. A column of zeros in front moves each row by one more than the
    row above it when the numbers are read in other rows (appendix B of the paper).
    """
    *before, n_rows, n_columns = by_distance.shape
    padded = torch.cat([by_distance.new_zeros(*before, n_rows, 1), by_distance], -1)
    return padded.view(*before, n_columns + 1, n_rows)[..., 1:, :].reshape(by_distance.shape)


def later(n_new: int, n_all: int, device: torch.device) -> Tensor:
    """Which tokens come after each of the new ones, bool (T, S)."""
    rows = torch.arange(n_all - n_new, n_all, device=device)
    return torch.arange(n_all, device=device) > rows[:, None]


def sinusoids(n_distances: int, width: int, device: torch.device | None = None) -> Tensor:
    """R (S, D) of the distances S - 1 down to 0: sines, then cosines."""
    distances = torch.arange(n_distances - 1, -1, -1.0, device=device)
    turns = 10000.0 ** -(torch.arange(0, width, 2.0, device=device) / width)
    angles = distances[:, None] * turns
    return torch.cat([angles.sin(), angles.cos()], -1)
