"""A decoder whose matrices are stored in 16 bits, so that it takes half the memory; what it computes stays float32.

The residual stream, norms, attention and cache are float32 as ever; only products with a stored matrix are rounded.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .model import Decoder


class HalfLinear(nn.Linear):
    """A projection that multiplies in the type of its weights and answers in the type of its input."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., n in) to (..., n out)."""
        said = F.linear(x.to(self.weight.dtype), self.weight).to(x.dtype)
        return said if self.bias is None else said + self.bias


class HalfEmbedding(nn.Embedding):
    """A table whose rows come out as float32."""

    def forward(self, numbers: Tensor) -> Tensor:
        """(...) int64 to (..., width)."""
        return F.embedding(numbers, self.weight).float()


def store_in_half(decoder: Decoder, dtype: torch.dtype) -> Decoder:
    """Change a decoder so that its matrices are stored as `dtype`; its vectors stay as they are.

    `tie_head` is to follow once its memory is its own.
    """
    for parent in list(decoder.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.Linear:
                setattr(parent, name, _linear(child.weight.to(dtype), child.bias))
            elif type(child) is nn.Embedding:
                setattr(parent, name, _embedding(child.weight.to(dtype)))
    return decoder


def tie_head(decoder: Decoder) -> None:
    """Where the head is the table of tokens, let it be a projection with the memory of that table."""
    if decoder.head is None and isinstance(decoder.tokens, HalfEmbedding):
        head = _linear(decoder.tokens.weight, None)
        head.weight = decoder.tokens.weight
        decoder.head = head


def _linear(weight: Tensor, bias: Tensor | None) -> HalfLinear:
    linear = HalfLinear(weight.shape[1], weight.shape[0], bias is not None, device="meta")
    linear.weight = nn.Parameter(weight, requires_grad=False)
    if bias is not None:
        linear.bias = nn.Parameter(bias, requires_grad=False)
    return linear


def _embedding(weight: Tensor) -> HalfEmbedding:
    table = HalfEmbedding(weight.shape[0], weight.shape[1], _weight=weight)
    return table.requires_grad_(False)
