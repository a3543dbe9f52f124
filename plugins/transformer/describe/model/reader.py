"""Reads lanes with a describer: the picture once, then one token more of each lane."""

import torch
from torch import Tensor

from ...translate.model.encoder_decoder import Memory
from ...translate.model.reader import TranslatorReader
from .captioner import Captioner


class PictureReader(TranslatorReader):
    """One picture that was looked at, and the lanes of what is said of it."""

    def __init__(self, network: Captioner, memory: Memory) -> None:
        self._network, self._memory = network, memory
        self._device = network.tokens.weight.device

    def _looks(self, seen: list[Tensor]) -> Tensor:
        """The mean over all layers and heads."""
        return torch.stack([layer.mean(1) for layer in seen]).mean(0)
