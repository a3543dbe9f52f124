"""How a network of sounds learns: each level is to be told from those before it.

Shape letters: B sounds, T samples, F stretches, C numbers told, W waves.
"""

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from studio.core.seed import generator

from .pixel_head import nats
from .sound_network import SoundNetwork
from .wave_disturbing import DISTURBED_SHARE, disturbed

Result = TypeVar("Result")
Measuring: TypeAlias = Generator[Any, None, Result]
Inputs: TypeAlias = tuple[Tensor, Tensor, Tensor]
"""Levels (B, T), told numbers (B, F, C) and waves (B, T, W)."""
BITS: Final = "bits per sample"


class SoundBatches(Protocol):
    """Sounds to learn from or to measure with."""

    def draw(self, step: int, micro: int) -> Inputs:
        """Some of them by number: the same number gives the same ones, whatever came before."""

    def each(self) -> list[Inputs]:
        """All of them as they are."""


@dataclass(frozen=True)
class NextSample:
    """The surprise of a sample in bits, averaged over what is drawn; what a Training calls.

    Attributes:
        seed: by which some of the sounds are disturbed; None to learn all of them as they are.
    """

    batches: SoundBatches
    seed: int | None = None

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, SoundNetwork)
        levels, told, waves = self.batches.draw(step, micro)
        if self.seed is None:
            return bits(model, levels, told, waves).mean(), {}
        random = generator(self.seed, "disturbed", step, micro)
        levels, counts = _disturbed(levels, model.wave.config.n_levels, random)
        return bits(model, levels, told, waves)[counts].mean(), {}


def _disturbed(levels: Tensor, n_levels: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Some sounds (B, T) pushed away, see wave_disturbing, and which samples count, (B, T)."""
    pushed, counts = levels.cpu().numpy().astype(np.uint8), np.ones(levels.shape, np.bool_)
    for number in np.flatnonzero(random.random(len(pushed)) < DISTURBED_SHARE):
        pushed[number], counts[number] = disturbed(pushed[number], n_levels, random)
    return torch.from_numpy(pushed).to(levels), torch.from_numpy(counts).to(levels.device)


def bits(network: nn.Module, levels: Tensor, told: Tensor, waves: Tensor) -> Tensor:
    """Surprise in bits of each sample, (B, T), of sounds (B, T)."""
    assert isinstance(network, SoundNetwork)
    return nats(network(levels, told, waves), levels, network.wave.config) / math.log(2)


@torch.no_grad()
def mean_bits(network: nn.Module, sounds: list[Inputs]) -> Measuring[float]:
    """The mean surprise of a sample in bits, over (levels, told, waves) of batches; yields between them."""
    each = []
    for levels, told, waves in sounds:
        each.append(float(bits(network, levels, told, waves).double().mean()))
        yield
    return sum(each) / len(each)


def validated(held_out: SoundBatches, network: nn.Module) -> Measuring[Mapping[str, float]]:
    """The bits per sample of held-out sounds."""
    found = yield from mean_bits(network, held_out.each())
    return {BITS: found}
