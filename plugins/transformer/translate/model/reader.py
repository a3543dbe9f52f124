"""Reads lanes with a translator: the source once, then one token more of each lane."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from studio.core.text.byte_tokens import END_ID

from .beam import Said
from .encoder_decoder import ALIGNED_HEAD, Translator, aligned_layer


class TranslatorReader:
    """One source, and the lanes of its translation."""

    def __init__(self, network: Translator, source: Sequence[int]) -> None:
        self._network = network
        self._device = network.tokens.weight.device
        with torch.inference_mode():
            self._memory = network.encode(torch.tensor([list(source)], device=self._device))

    @torch.inference_mode()
    def begin(self, tokens: Sequence[int]) -> list[Said]:
        """Read the tokens of the only lane; what is said before each of them, and behind the last."""
        said = self._read(torch.tensor([[END_ID, *tokens]], device=self._device))
        return [Said(said.logs[place : place + 1], said.looks[place : place + 1]) for place in range(len(tokens) + 1)]

    @torch.inference_mode()
    def go_on(self, rows: Sequence[int], tokens: Sequence[int]) -> Said:
        """Let lanes be some of those read last, each with one more token."""
        self._memory = self._memory.chosen(torch.tensor(list(rows), device=self._device))
        return self._read(torch.tensor(list(tokens), device=self._device)[:, None])

    def _read(self, target: Tensor) -> Said:
        """What is said behind each new token, lanes and places in one row."""
        seen: list[Tensor] = []
        logits = self._network.decode(target, self._memory, seen).double()
        looks = self._looks(seen).flatten(0, 1)
        logs = logits.log_softmax(-1).flatten(0, 1).cpu().numpy()
        return Said(np.ascontiguousarray(logs), np.ascontiguousarray(looks.cpu().numpy()))

    def _looks(self, seen: list[Tensor]) -> Tensor:
        """Where each token looked, (B, T, S), from the cross attention of all layers, (B, H, T, S) each."""
        return seen[aligned_layer(self._network.config)][:, ALIGNED_HEAD]
