"""Keys and values of the tokens that were read, so that a step reads one token; it can be cut back and forked.

Shape letters: L layers, B texts, G heads of keys and values, T tokens, H numbers of a head.
"""

from typing import Final, Self

import torch
from torch import Tensor

from .config import DecoderConfig

_FIRST: Final = 64


class KeyValueCache:
    """What a decoder remembers of `n_tokens` tokens in each of `n_texts` texts that have the same length.

    Attributes:
        n_tokens: how many were read.
    """

    def __init__(self, config: DecoderConfig, n_texts: int = 1, device: torch.device | None = None) -> None:
        self.config = config
        self.n_tokens = 0
        shape = (2 * config.n_layers, n_texts, config.n_kv_heads, _FIRST, config.head_width)
        self._rows = torch.empty(shape, device=device)  # (2L, B, G, room, H): a layer's keys, then its values

    @property
    def rows(self) -> Tensor:
        """All of its memory, (2L, B, G, room, H): a layer's keys, then its values."""
        return self._rows

    @property
    def n_texts(self) -> int:
        """How many texts it follows."""
        return self._rows.shape[1]

    @property
    def n_bytes(self) -> int:
        """Of its memory, spare room included."""
        return int(self._rows.nbytes)

    def reserve(self, n_tokens: int) -> None:
        """Make room for so many tokens; what was read stays."""
        room = self._rows.shape[3]
        if n_tokens <= room:
            return
        shape = list(self._rows.shape)
        shape[3] = max(n_tokens, min(2 * room, self.config.n_context))
        wider = self._rows.new_empty(shape)
        wider[:, :, :, : self.n_tokens] = self._rows[:, :, :, : self.n_tokens]
        self._rows = wider

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Note (B, G, new T, H) of one layer; returns that layer's of all tokens, the new ones included.

        `n_tokens` stays until `advance` says that every layer has its own.
        """
        first, last = self.n_tokens, self.n_tokens + keys.shape[2]
        all_keys, all_values = self._rows[2 * layer], self._rows[2 * layer + 1]
        all_keys[:, :, first:last] = keys
        all_values[:, :, first:last] = values
        return all_keys[:, :, :last], all_values[:, :, :last]

    def advance(self, n_tokens: int) -> None:
        """All layers have noted so many more tokens."""
        self.n_tokens += n_tokens

    def crop(self, n_tokens: int) -> None:
        """Forget all but the first tokens; costs nothing."""
        if not 0 <= n_tokens <= self.n_tokens:
            raise ValueError(f"a cache of {self.n_tokens} tokens cannot be cut to {n_tokens}")
        self.n_tokens = n_tokens

    def fork(self, n_texts: int) -> Self:
        """Return another cache in which each text is there `n_texts` times, one after another."""
        return self._picked(torch.arange(self.n_texts, device=self._rows.device).repeat_interleave(n_texts))

    def select(self, texts: Tensor) -> Self:
        """Return another cache of the texts with these numbers, int64 (B,); one may be there more than once."""
        return self._picked(texts)

    def _picked(self, texts: Tensor) -> Self:
        other = type(self)(self.config, len(texts), self._rows.device)
        other.reserve(self.n_tokens + 1)
        for number, text in enumerate(texts.tolist()):
            other._rows[:, number, :, : self.n_tokens] = self._rows[:, text, :, : self.n_tokens]
        other.n_tokens = self.n_tokens
        return other
