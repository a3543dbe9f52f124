"""Emoji of both art styles as the judge of styles sees them: coloured pictures; and copies of them to learn from."""

from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from studio.core.seed import generator
from studio.datasets.emoji.styles import EmojiStyles

N_COPIES: Final = 12
_MAX_SHIFT_PX: Final = 4
_TINT: Final = 0.02
_BLURRED: Final = 0.25  # so many of the copies are blurred a little


def style_pictures(emoji: EmojiStyles) -> tuple[Tensor, Tensor]:
    """N emoji to (2 N, 3, 64, 64) uint8 pictures, flat ones first, and the style (2 N,) of each: 0 flat, 1 glossy."""
    both = np.concatenate([emoji.flat, emoji.glossy])
    pictures = torch.from_numpy(both).movedim(3, 1).contiguous()
    return pictures, torch.arange(2).repeat_interleave(len(emoji.codes))


def copied_style_pictures(emoji: EmojiStyles) -> tuple[Tensor, Tensor]:
    """N emoji to (24 N, 3, 64, 64) uint8 pictures and styles (24 N,): each twelve times, changed a little."""
    pictures, styles = style_pictures(emoji)
    copies = [_copy(pictures, number) for number in range(N_COPIES)]
    return torch.cat(copies), styles.repeat(N_COPIES)


def _copy(pictures: Tensor, number: int) -> Tensor:
    """Pictures (N, 3, H, W) uint8, of every other copy mirrored; each shifted, some blurred, all a little tinted."""
    n, _, height, width = pictures.shape
    random = generator(0, "styles judge", number)
    values = pictures.flip(3) if number % 2 else pictures
    padded = F.pad(values, (_MAX_SHIFT_PX,) * 4, value=255)
    starts = random.integers(0, 2 * _MAX_SHIFT_PX + 1, (n, 2))
    cut = [padded[i, :, top : top + height, left : left + width] for i, (top, left) in enumerate(starts)]
    moved = torch.stack(cut).float()
    blurred = F.avg_pool2d(moved, 3, stride=1, padding=1, count_include_pad=False)
    share = torch.from_numpy(random.uniform(0, 0.5, n) * (random.random(n) < _BLURRED)).float().view(-1, 1, 1, 1)
    tint = torch.from_numpy(1 + random.normal(0, _TINT, (n, 3, 1, 1))).float()
    return (moved.lerp(blurred, share) * tint).round().clamp(0, 255).to(torch.uint8)
