"""Writes a picture's tokens behind a sentence: the encoder–decoder of translations, whose target is a picture.

Shape letters: B pictures, L words, T tokens, C code width, K codes, W width.
"""

from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...translate.model.encoder_decoder import Memory, Translator, TranslatorConfig
from ..orders import Order
from ..words import N_SPECIAL
from .coder import CoderConfig, PictureCoder

SCALES: Final = (1, 2, 4, 8, 8)
LINES: Final = (8, 8)


class PictureWriter(Translator):
    """Writes in one order; `encode` reads words as a translator does."""

    def __init__(self, config: TranslatorConfig, order: Order, n_codes: int, code_width: int) -> None:
        super().__init__(config)
        self.order = order
        self.places = nn.Parameter(torch.empty(order.n_tokens, config.width))
        self.seen = nn.Linear(code_width, config.width)
        self.point = nn.Linear(config.width, code_width)
        self.out = nn.Linear(config.width, n_codes)
        nn.init.normal_(self.places, std=0.3)
        nn.init.normal_(self.out.weight, std=0.02)

    def write(self, inputs: Tensor, memory: Memory, codes: Tensor, reach: Tensor) -> Tensor:
        """Logits (B, T, K) of new tokens, whose inputs are (B, T, C); the memory goes on with them.

        Args:
            codes: (K, C). reach: (T, all tokens so far) bool, which of them each new one sees.
        """
        first = memory.n_written
        x = self.seen(inputs) + self.places[first : first + inputs.shape[1]]
        for number, layer in enumerate(self.decoder):
            x = layer(x, memory, number, None, reach)
        x = self.norm(x)
        weight, bias = self.out.weight + codes @ self.point.weight, self.out.bias + codes @ self.point.bias
        return F.linear(x, weight, bias).float()


@dataclass(frozen=True)
class DrawerConfig:
    """The picture coder, the sizes of both writers, whose words these are, and their scales."""

    words: tuple[str, ...]
    coder: CoderConfig = field(default_factory=CoderConfig)
    writer: TranslatorConfig = field(default_factory=lambda: TranslatorConfig(n_vocab=N_SPECIAL))
    scales: tuple[int, ...] = SCALES
    lines: tuple[int, ...] = LINES

    def __post_init__(self) -> None:
        if self.writer.n_vocab != len(self.words) + N_SPECIAL or self.coder.side not in self.scales[-1:]:
            raise ValueError("the words or the scales do not fit")


class Drawer(nn.Module):
    """The whole model: a coder and two writers of its tokens, one from coarse to fine and one line by line."""

    def __init__(self, config: DrawerConfig) -> None:
        super().__init__()
        self.config = config
        self.coder = PictureCoder(config.coder)
        sizes = config.coder.n_codes, config.coder.code_width
        self.by_scale = PictureWriter(config.writer, Order(config.scales), *sizes)
        self.by_line = PictureWriter(config.writer, Order(config.lines, True), *sizes)

    def writer(self, is_by_line: bool) -> PictureWriter:
        """The one of an order."""
        return self.by_line if is_by_line else self.by_scale
