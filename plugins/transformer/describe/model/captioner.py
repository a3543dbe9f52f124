"""A picture to words: patches of a face are read by a transformer, and a decoder that looks at them writes.

Convolutions turn the picture into patches (Xiao et al. 2021, arXiv 2106.14881), which look at each other as words do
(ViT, Dosovitskiy et al. 2021, arXiv 2010.11929). The decoder is that of the translator: each word looks at the words
before it, then at the patches (Xu et al. 2015, arXiv 1502.03044; Vaswani et al. 2017). A question is the beginning of
a text that the decoder goes on with; without one it writes a sentence.

Shape letters: B pictures, C channels, S patches, W width.
"""

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...translate.model.encoder_decoder import Memory, Translator, TranslatorConfig

SIDE_PX: Final = 64
_GAIN: Final = 8


@dataclass(frozen=True)
class CaptionerConfig(TranslatorConfig):
    """The sizes of a describer: those of a translator, whose source is a picture.

    Attributes:
        stem_width: channels of the first convolution. n_side: patches along a side, 8 or 16.
    """

    n_context: int = 96
    width: int = 128
    n_encoder_blocks: int = 2
    n_layers: int = 3
    n_heads: int = 4
    mlp_width: int = 512
    dropout: float = 0.0
    stem_width: int = 48
    n_side: int = 8


class PatchStem(nn.Module):
    """Convolutions from a picture (B, 3, 64, 64) in 0..1 to patches (B, S, W).

    What differs from around it is put beside the colours, amplified, so that thin lines count.
    """

    def __init__(self, config: CaptionerConfig) -> None:
        super().__init__()
        narrow, wide = config.stem_width, config.width
        self.first = nn.Conv2d(6 * 4, narrow, 3, padding=1)
        self.second = nn.Conv2d(narrow, wide, 3, stride=2, padding=1)
        self.third = nn.Conv2d(wide, wide, 3, padding=1)
        self.fourth = nn.Conv2d(wide, wide, 3, stride=16 // config.n_side, padding=1)
        self.norms = nn.ModuleList(nn.GroupNorm(8, channels) for channels in (narrow, wide, wide))

    def forward(self, pictures: Tensor) -> Tensor:
        around = F.avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)
        x = torch.cat([pictures, torch.tanh(_GAIN * (pictures - around))], 1)
        x = F.relu(self.norms[0](self.first(F.pixel_unshuffle(x, 2))))  # (B, C, 32, 32)
        x = F.relu(self.norms[1](self.second(x)))  # (B, W, 16, 16)
        x = self.fourth(F.relu(self.norms[2](self.third(x)) + x))  # (B, W, n_side, n_side)
        return x.flatten(2).transpose(1, 2)


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
        self.stem = PatchStem(config)
        self.places = nn.Parameter(torch.empty(config.n_side**2, config.width))
        nn.init.normal_(self.places, std=0.02)
        for name, shape in (("centre", (config.width,)), ("spread", (config.width, config.width)), ("limit", (1,))):
            self.register_buffer(f"familiar_{name}", nn.init.zeros_(torch.empty(shape)))

    def patches(self, pictures: Tensor) -> Tensor:
        """What is seen in each patch of pictures (B, 3, 64, 64) in 0..1, (B, S, W), row by row."""
        x = self.stem(pictures) + self.places
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
