"""Reads lanes with a describer: the picture once, then one token more of each lane."""

from torch import Tensor

from ...translate.model.encoder_decoder import ALIGNED_HEAD, Memory
from ...translate.model.reader import TranslatorReader
from .captioner import Captioner


class PictureReader(TranslatorReader):
    """One picture that was looked at, and the lanes of what is said of it."""

    def __init__(self, network: Captioner, memory: Memory) -> None:
        self._network, self._memory = network, memory
        self._device = network.tokens.weight.device

    def _looks(self, seen: list[Tensor]) -> Tensor:
        """Of the head of the last layer that was shown where parts lie."""
        return seen[-1][:, ALIGNED_HEAD]
