"""How a network of sounds learns: each level is to be told from those before it.

Shape letters: B sounds, T samples, F stretches, C numbers told, W waves.
"""

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from studio.core.seed import generator

from .pixel_head import nats
from .sound_network import SoundNetwork, on_processor
from .wave_disturbing import N_TURN, Disturbed, joined, pushed
from .wave_sampling import RingSampler, WaveWish

Result = TypeVar("Result")
Measuring: TypeAlias = Generator[Any, None, Result]
Inputs: TypeAlias = tuple[Tensor, Tensor, Tensor]
"""Levels (B, T), told numbers (B, F, C) and waves (B, T, W)."""
BITS: Final = "bits per sample"
PUSHED_SHARE: Final = 0.15
"""Of the sounds where some are disturbed: their level jumps."""
OWN_SHARE: Final = 0.6
"""Of them: now and then they are the network's own. The others are learnt as they are."""
FIRST_OWN: Final = 300
"""The step from which on the network makes sounds: before it knows nothing of them."""


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
        temperature: at which the network makes the sounds from which it is to come back.
    """

    batches: SoundBatches
    seed: int | None = None
    temperature: float = 1.0

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, SoundNetwork)
        inputs = self.batches.draw(step, micro)
        if self.seed is None:
            return bits(model, *inputs).mean(), {}
        random = generator(self.seed, "disturbed", step, micro)
        own_share = OWN_SHARE if step >= FIRST_OWN else 0.0
        levels, counts = some_disturbed(model, inputs, (own_share, self.temperature), random)
        return bits(model, levels, *inputs[1:])[counts].mean(), {}


def some_disturbed(
    network: SoundNetwork, inputs: Inputs, own: tuple[float, float], random: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Sounds (B, T), some of them disturbed, and which samples count, (B, T); `own` is OWN_SHARE and a temperature."""
    levels = inputs[0].cpu().numpy().astype(np.uint8)
    counts, (own_share, temperature) = np.ones(levels.shape, np.bool_), own
    for number, chance in enumerate(random.random(len(levels))):
        if chance < PUSHED_SHARE:
            levels[number], counts[number] = pushed(levels[number], network.wave.config.n_levels, random)
        elif chance < PUSHED_SHARE + own_share:
            one = [each[number : number + 1] for each in inputs]
            levels[number], counts[number] = with_own(network, one, temperature, random)
    return torch.from_numpy(levels).to(inputs[0]), torch.from_numpy(counts).to(inputs[0].device)


def with_own(
    network: SoundNetwork, inputs: Sequence[Tensor], temperature: float, random: np.random.Generator
) -> Disturbed:
    """One sound (1, T) into which the network puts what it would make of the same note."""
    levels, told, waves = (one.cpu().numpy() for one in inputs)
    wish = WaveWish(told, waves, (int(random.integers(2**31)),), temperature)
    own = RingSampler(on_processor(network).wave, wish).finish()
    first = int(random.integers(N_TURN))
    return joined(own[0], levels[0].astype(np.uint8), network.wave.config.n_levels, first)


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
