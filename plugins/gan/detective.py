"""The detectives of the faces: one that looks at pixels by itself, and one that also looks through the judge's eyes.

Projection of labels: Miyato and Koyama 2018 (arXiv 1802.05637). Spread over a batch: Karras et al. 2018 (arXiv
1710.10196). Looking through a fixed network: Sauer et al. 2021 (arXiv 2111.01007). Shape letters: B batch, K labels,
C channels, H W pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .equalised import EqualConv, EqualLinear, leaky, normal
from .style_model import UNSAID

GROUP = 4


@dataclass(frozen=True)
class DetectiveConfig:
    """Sizes of a detective.

    Attributes:
        widths: channels at 32, 16, 8 and 4 px.
        n_kinds: how many classes each label has; empty where it is told none.
        map_widths: channels of the judge's last maps that it looks at; empty where it looks at pixels only.
    """

    widths: tuple[int, ...] = (48, 96, 128, 160)
    n_kinds: tuple[int, ...] = (4, 5, 6, 5, 5, 5, 5, 5, 5, 10)
    map_widths: tuple[int, ...] = (64, 96, 128, 128)


class Detective(nn.Module):
    """Scores pictures (B, 3, 64, 64), about -1 to 1, higher for what looks real: one from pixels, one for each map."""

    def __init__(self, config: DetectiveConfig) -> None:
        super().__init__()
        self.config = config
        w32, w16, w8, w4 = config.widths
        self.convs = nn.ModuleList(
            [EqualConv(12, w32), EqualConv(w32, w16, stride=2), EqualConv(w16, w8, stride=2), EqualConv(w8, w8)]
        )
        self.last = EqualConv(w8 + 1, w4, stride=2)
        self.hidden = EqualLinear(w4 * 16, w4)
        self.score = EqualLinear(w4, 1)
        n_rows = sum(config.n_kinds)
        self.classes = nn.Parameter(normal(n_rows, w4)) if n_rows else None
        self.heads = nn.ModuleList([_head(width) for width in config.map_widths])

    def forward(self, pictures: Tensor, labels: Tensor | None = None) -> Tensor:
        """The score by pixels, (B,); labels (B, K) are classes or UNSAID."""
        x = F.pixel_unshuffle(pictures, 2)  # (B, 12, 32, 32)
        for conv in self.convs:
            x = leaky(conv(x))  # (B, C, 8, 8) in the end
        x = leaky(self.last(torch.cat([x, spread(x)], 1)))  # (B, C, 4, 4)
        features = leaky(self.hidden(x.flatten(1)))  # (B, C)
        score: Tensor = self.score(features)[:, 0].float()
        if labels is None or self.classes is None:
            return score
        return score + (features * self._told(labels, features)).sum(1).float() / math.sqrt(features.shape[1])

    def _told(self, labels: Tensor, features: Tensor) -> Tensor:
        """The sum of the rows of all labels that are said, (B, C)."""
        assert self.classes is not None
        first = [sum(self.config.n_kinds[:k]) for k in range(len(self.config.n_kinds))]
        rows = labels.clamp_min(0) + torch.tensor(first, device=labels.device)  # (B, K)
        said = (labels != UNSAID).to(features.dtype)  # (B, K)
        return torch.einsum("bkc,bk->bc", self.classes[rows].to(features.dtype), said) / math.sqrt(len(first))

    def seen(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """A score for each place on each of the judge's last maps (B, C, H, W): (B, 1, H, W) each."""
        looked_at = maps[len(maps) - len(self.heads) :]
        return [head(map).float() for head, map in zip(self.heads, looked_at, strict=True)]


def _head(width: int) -> nn.Sequential:
    first = nn.Sequential(nn.Conv2d(width, 64, 1), nn.GroupNorm(8, 64), nn.LeakyReLU(0.2))
    return nn.Sequential(*first, nn.Conv2d(64, 1, 3, padding=1))


def spread(x: Tensor) -> Tensor:
    """How far the pictures of a group lie apart, the same number everywhere: (B, C, H, W) to (B, 1, H, W).

    With it a detective notices a forger that always draws the same.
    """
    n_group = GROUP if len(x) % GROUP == 0 else len(x)
    groups = x.float().view(n_group, -1, *x.shape[1:])  # (G, B/G, C, H, W)
    variance = (groups - groups.mean(0)).square().mean(0)  # torch's own var is ten times as slow along the first axis
    deviation = (variance + 1e-8).sqrt().mean((1, 2, 3))  # (B/G,)
    return deviation.repeat(n_group).to(x.dtype)[:, None, None, None].expand(-1, 1, *x.shape[2:])
