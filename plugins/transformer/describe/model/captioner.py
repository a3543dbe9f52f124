"""A picture to words: patches of a face are read by a transformer, and a decoder that looks at them writes.

An eye that was trained before turns the picture into patches, and a decoder looks at them for each word, as in “Show,
attend and tell” (Xu et al. 2015, arXiv 1502.03044). In between the patches look at each other as words do (ViT,
Dosovitskiy et al. 2021, arXiv 2010.11929); the decoder is that of the translator (Vaswani et al. 2017). A question is
the beginning of a text that the decoder goes on with; without one it writes a sentence.

Shape letters: B pictures, C channels, S patches, W width.
"""

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.text.byte_tokens import END_ID

from ...translate.model.encoder_decoder import ALIGNED_HEAD, Memory, Translator, TranslatorConfig
from ...translate.model.reader import LanesReader

SIDE_PX: Final = 64
FOLD: Final = 2
_GAIN: Final = 8


@dataclass(frozen=True)
class CaptionerConfig(TranslatorConfig):
    """The sizes of a describer: those of a translator, whose source is a picture.

    Attributes:
        eye_widths: channels of the convolutions; the sides of the picture are halved as often.
    """

    n_context: int = 96
    width: int = 96
    n_encoder_blocks: int = 1
    n_layers: int = 2
    n_heads: int = 4
    mlp_width: int = 384
    dropout: float = 0.0
    eye_widths: tuple[int, ...] = (48, 64, 96)


class Eye(nn.Module):
    """Convolutions from a picture (B, 3, 64, 64) in 0..1 to patches (B, 64, C).

    What differs from around it is put beside the colours, amplified, so that thin lines count. These are the first
    blocks of the judge of faces (`studio.metrics.judge`), whose weights they are given; they learn no more.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        pairs = zip((6 * FOLD**2, *widths[:-1]), widths, (1, *[2] * (len(widths) - 1)), strict=True)
        self.blocks = nn.Sequential(
            *(
                nn.Sequential(nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1), nn.GroupNorm(8, n_out), nn.SiLU())
                for n_in, n_out, stride in pairs
            )
        ).requires_grad_(False)

    def forward(self, pictures: Tensor) -> Tensor:
        around = F.avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)
        x = torch.cat([pictures, torch.tanh(_GAIN * (pictures - around))], 1)
        seen: Tensor = self.blocks(F.pixel_unshuffle(x, FOLD))  # (B, C, 8, 8)
        return seen.flatten(2).transpose(1, 2)


class Captioner(Translator):
    """The whole network: `encode` pictures once, then `decode` what is said of them.

    Attributes:
        familiar_centre, familiar_spread: of what it sees of the faces that it knows, (W,) and (W, W): see `oddness`.
        familiar_limit: (1,) the oddness that one of 200 faces exceeds.
    """

    config: CaptionerConfig
    familiar_centre: Tensor
    familiar_spread: Tensor
    familiar_limit: Tensor

    def __init__(self, config: CaptionerConfig) -> None:
        super().__init__(config)
        self.eye = Eye(config.eye_widths)
        self.glance = nn.Linear(config.eye_widths[-1], config.width)
        self.places = nn.Parameter(torch.empty((SIDE_PX >> len(config.eye_widths)) ** 2, config.width))
        nn.init.normal_(self.places, std=0.02)
        for name, shape in (("centre", (config.width,)), ("spread", (config.width, config.width)), ("limit", (1,))):
            self.register_buffer(f"familiar_{name}", nn.init.zeros_(torch.empty(shape)))

    def patches(self, pictures: Tensor) -> Tensor:
        """What is seen in each patch of pictures (B, 3, 64, 64) in 0..1, (B, S, W), row by row."""
        x = self.glance(self.eye(pictures)) + self.places
        for layer in self.encoder:
            x = layer(x, None)
        seen: Tensor = self.source_norm(x)
        return seen

    def encode(self, source: Tensor, lengths: Tensor | None = None) -> Memory:
        """Look at pictures, (B, 3, 64, 64) in 0..1."""
        return self.remembered(self.patches(source), None)

    def oddness(self, patches: Tensor) -> Tensor:
        """How far the mean of the patches (B, S, W) lies from those of known faces, (B,): a Mahalanobis distance.

        About √W for such faces (Lee et al. 2018, arXiv 1807.03888).
        """
        away: Tensor = ((patches.mean(1) - self.familiar_centre) @ self.familiar_spread).norm(dim=-1)
        return away


def picture_reader(network: Captioner, memory: Memory) -> LanesReader:
    """Lanes about a picture that was looked at; each word looks where that head looked which was shown the parts."""
    return LanesReader(network, memory, END_ID, lambda seen: seen[-1][:, ALIGNED_HEAD])
