"""Looks into a decoder while it reads, without changing what it computes.

Shape letters: L layers, B texts, T new tokens, S all tokens, N heads, D width, K experts of a token.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(eq=False)
class Probe:
    """Collects what is wanted of a pass.

    Attributes:
        wants_attention, wants_streams: what to keep.
        attention_dtype: in which attention is kept: that of a long text is larger than all else.
        attention: of each layer (B, N, T, S).
        streams: the residual stream before the first layer and after each, (B, T, D).
        norms: their lengths, (B, T) each; always there.
        experts: which a token went to and their shares, both (B, T, K), of each layer that has any.
    """

    wants_attention: bool = True
    wants_streams: bool = False
    attention_dtype: torch.dtype = torch.float32
    attention: list[Tensor] = field(default_factory=list)
    streams: list[Tensor] = field(default_factory=list)
    norms: list[Tensor] = field(default_factory=list)
    experts: list[tuple[Tensor, Tensor]] = field(default_factory=list)

    def see_attention(self, weights: Tensor) -> None:
        """A layer's attention (B, N, T, S)."""
        if self.wants_attention:
            self.attention.append(weights.to(self.attention_dtype))

    def see_stream(self, x: Tensor) -> None:
        """The residual stream (B, T, D)."""
        self.norms.append(torch.linalg.vector_norm(x, dim=-1))
        if self.wants_streams:
            self.streams.append(x)

    def all_attention(self) -> Tensor:
        """(B, L, N, T, S)."""
        return torch.stack(self.attention, 1)

    def all_norms(self) -> Tensor:
        """(B, T, L + 1)."""
        return torch.stack(self.norms, -1)
