"""The discriminator of enlarged pictures: tells patches of photos from drawn ones, knowing the small picture.

A patch discriminator (Isola et al. 2017, arXiv 1611.07004) whose layers also serve as the eye that compares pictures by
what they show rather than by pixels (feature matching, Wang et al. 2018, arXiv 1711.11585).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..state import SCALE
from .enlarger import bicubic

SLOPE = 0.2
DETAIL_GAIN = 5.0


@dataclass(frozen=True)
class EnlargeDiscriminatorConfig:
    """Channels of the layers at a half, a quarter and an eighth of the large picture."""

    widths: tuple[int, ...] = (48, 64, 96)


class EnlargeDiscriminator(nn.Module):
    """Large pictures (B, 3, 4 H, 4 W) with their small ones (B, 3, H, W) to scores (B, 1, H / 2, W / 2)."""

    def __init__(self, config: EnlargeDiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        half, quarter, eighth = config.widths
        self.layers = nn.ModuleList(
            [
                nn.Conv2d(12, half, 3, stride=2, padding=1),
                nn.Conv2d(half + 3, quarter, 3, padding=1),
                nn.Conv2d(quarter, eighth, 3, stride=2, padding=1),
                nn.Conv2d(eighth, eighth, 3, padding=1),
            ]
        )
        self.score = nn.Conv2d(eighth, 1, 1)
        for layer in self.layers:
            assert isinstance(layer, nn.Conv2d)
            nn.init.kaiming_normal_(layer.weight, SLOPE)

    def forward(
        self, large: Tensor, small: Tensor, shift: tuple[int, int] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Scores without a range, and what each layer made of both pictures, whose colours are in [0, 1].

        It looks at what plain enlarging lacks, since that is all that the generator adds. With a `shift` it looks from
        so many large pixels (0 to 3) further down and right, at one small pixel less: its strides then do not always
        fall on the same pixels, which would teach the generator a grid.
        """
        with torch.autocast(large.device.type, enabled=False):
            detail = DETAIL_GAIN * (large.float() - bicubic(small.float()))
        if shift is not None:
            height, width = (SCALE * (side - 1) for side in small.shape[-2:])
            detail = detail[..., shift[0] : shift[0] + height, shift[1] : shift[1] + width]
            small = small[..., :-1, :-1]
        x, features = F.pixel_unshuffle(detail, 2), []
        for number, layer in enumerate(self.layers):
            x = F.leaky_relu(layer(torch.cat([x, small.to(x.dtype) - 0.5], 1) if number == 1 else x), SLOPE)
            features.append(x)
        return self.score(x), features


def feature_distance(drawn: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference of features, each layer in units of its own mean size; a scalar."""
    parts = [
        (one.float() - other.float()).abs().mean() / other.float().abs().mean().clamp_min(1e-6)
        for one, other in zip(drawn, real, strict=True)
    ]
    return torch.stack(parts).mean()
