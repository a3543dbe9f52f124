"""How a network of sounds learns: each level is to be told from those before it.

Shape letters: B sounds, T samples, F stretches, C numbers told, W waves.
"""

import math
from collections.abc import Generator
from typing import Any, Final, TypeAlias, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Result = TypeVar("Result")
Measuring: TypeAlias = Generator[Any, None, Result]
BITS: Final = "bits per sample"


def bits(network: nn.Module, levels: Tensor, told: Tensor, waves: Tensor) -> Tensor:
    """Surprise in bits of each sample, (B, T), of sounds (B, T)."""
    logits = network(levels, told, waves)
    flat = F.cross_entropy(logits.flatten(0, 1), levels.flatten(), reduction="none")
    return flat.view(levels.shape) / math.log(2)


@torch.no_grad()
def mean_bits(network: nn.Module, sounds: list[tuple[Tensor, Tensor, Tensor]]) -> Measuring[float]:
    """The mean surprise of a sample in bits, over (levels, told, waves) of batches; yields between them."""
    each = []
    for levels, told, waves in sounds:
        each.append(float(bits(network, levels, told, waves).double().mean()))
        yield
    return sum(each) / len(each)
