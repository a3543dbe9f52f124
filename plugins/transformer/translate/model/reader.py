"""Reads lanes with an encoder–decoder: the source once, then one token more of each lane."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from .beam import Said
from .encoder_decoder import Memory

Look: TypeAlias = Callable[[list[Tensor]], Tensor]


class MemoryDecoder(Protocol):
    """A network that writes a target about what it remembers."""

    tokens: nn.Embedding

    def decode(self, target: Tensor, memory: Memory, seen: list[Tensor] | None = None) -> Tensor:
        """Logits (B, T, V) behind each token (B, T) int64; `seen` takes what each layer looked at."""


class SourceDecoder(MemoryDecoder, Protocol):
    """One that reads a source of tokens before."""

    def encode(self, source: Tensor) -> Memory:
        """Read a source, (1, S) int64."""


class LanesReader:
    """What was read of one source, and the lanes of its target."""

    def __init__(self, network: MemoryDecoder, memory: Memory, start: int, look: Look) -> None:
        """`start` is the token that targets begin with; `look` makes (B, T, S) of what all layers looked at."""
        self._network, self._memory, self._start, self._look = network, memory, start, look
        self._device = network.tokens.weight.device

    @torch.inference_mode()
    def begin(self, tokens: Sequence[int]) -> list[Said]:
        """Read the tokens of the only lane; what is said before each of them, and behind the last."""
        said = self._read(torch.tensor([[self._start, *tokens]], device=self._device))
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
        looks = self._look(seen).flatten(0, 1)
        logs = logits.log_softmax(-1).flatten(0, 1).cpu().numpy()
        return Said(np.ascontiguousarray(logs), np.ascontiguousarray(looks.cpu().numpy()))


@torch.inference_mode()
def read_source(network: SourceDecoder, source: Sequence[int], start: int, look: Look) -> LanesReader:
    """Read a source, and be ready for its target; see `LanesReader`."""
    memory = network.encode(torch.tensor([list(source)], device=network.tokens.weight.device))
    return LanesReader(network, memory, start, look)
