"""Emoji of both art styles as the judge of styles sees them: coloured pictures; and spoilt, to learn from."""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.core.seed import generator
from studio.datasets.emoji_styles import EmojiStyles
from studio.metrics.scene_recipe import spoilt

N_COPIES: Final = 8


def style_pictures(emoji: EmojiStyles) -> tuple[Tensor, Tensor]:
    """N emoji to (2 N, 3, 64, 64) uint8 pictures, flat ones first, and the style (2 N,) of each: 0 flat, 1 glossy."""
    both = np.concatenate([emoji.flat, emoji.glossy])
    pictures = torch.from_numpy(both).movedim(3, 1).contiguous()
    return pictures, torch.arange(2).repeat_interleave(len(emoji.codes))


def copied_style_pictures(emoji: EmojiStyles) -> tuple[Tensor, Tensor]:
    """N emoji to (16 N, 3, 64, 64) uint8 pictures and styles (16 N,): each eight times, every other one mirrored.

    Spoilt alike in both styles, so that the judge cannot go by how sharp a picture is or how clean its ground.
    """
    pictures, styles = style_pictures(emoji)
    copies = [_copy(pictures, number) for number in range(N_COPIES)]
    return torch.cat(copies), styles.repeat(N_COPIES)


def _copy(pictures: Tensor, number: int) -> Tensor:
    mirrored = pictures.flip(3) if number % 2 else pictures
    values = spoilt(mirrored.float() / 255, generator(0, "styles judge", number))
    return (values * 255).round().to(torch.uint8)
