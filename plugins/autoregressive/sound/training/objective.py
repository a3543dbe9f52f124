"""How a network of sounds learns: each level is to be told from those before it, in sounds that were disturbed too.

A network that learnt from clean sounds alone does not know what to do when its own sound has become too loud, too soft
or another one: every sample was likely, and the sum of all errors is not (exposure bias: Ranzato et al. 2016, arXiv
1511.06732). Here a sound is heard with another one that comes and goes, and what it is to tell is the true sound. Later
in the training what is heard may be what the network itself makes (its own states, those to learn from: Ross et al.
2011, arXiv 1011.0686).

Shape letters: T samples, B sounds, F stretches, C numbers told, W waves.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.recipe import Measuring
from studio.core.seed import generator

from ...shared.model.head import nats, scaled
from ..model.sampling import RingSampler, WaveRequest
from ..model.wavenet import SoundNetwork, expanded, on_processor
from ..signal import ByteArray, FloatArray, levels_of, samples_of

_LOUDER: Final = 0.3
"""Of the natural logarithm of how loud a sound is heard, the spread: 2.6 dB."""
_OTHER: Final = (0.02, 1.0)
"""How loud the other one is against it, at its loudest."""
_SPEEDS: Final = (0.5, 2.0)
"""Of the other one against it: an octave lower to an octave higher."""
_HISS: Final = (3e-4, 2e-2)
"""How loud a hiss comes with it, where samples go from -1 to 1."""
_COMING: Final = (800.0, 16_000.0)
"""Samples from once that it is loudest to the next time."""
Inputs: TypeAlias = tuple[Tensor, Tensor, Tensor]
"""Levels (B, T), told numbers (B, F, C) and waves (B, T, W)."""
BITS: Final = "bits per sample"
MIXED_SHARE: Final = 0.35
"""Of the sounds where some are disturbed: others are heard with them."""
OWN_SHARE: Final = 0.15
"""Of them: they are the network's own. The others are learnt as they are."""
FIRST_OWN: Final = 5000
"""The step from which on the network makes sounds: earlier they are noise, and kept it from learning what is true."""
SOURCE_WEIGHT: Final = 2.0
"""Of what the waves alone leave of a sound, beside the bits: what is heard of the past says too little about them."""
N_MORE: Final = 2
"""Further sounds of which only the waves learn; the network, which costs most, is not asked about them."""
FIRST_MORE: Final = 1000
"""The number of the first of them among those that are drawn for a step."""
_LEAST_ENERGY: Final = 1e-5
"""Below it, -50 dB, a sound is silence."""


def mixed(levels: ByteArray, n_levels: int, random: np.random.Generator) -> ByteArray:
    """A sound (T,), louder or softer, with itself from another time at another speed, and hiss."""
    samples = samples_of(levels, n_levels)
    coming = np.sin(np.pi * (random.random() + np.arange(len(samples)) / _between(_COMING, random))) ** 2
    other = _between(_OTHER, random) * _elsewhere(samples, random)
    hiss = _between(_HISS, random) * random.standard_normal(len(samples))
    louder = np.exp(random.normal(0, _LOUDER) * coming)
    return levels_of(samples * louder + coming * (other + hiss), n_levels)


def _elsewhere(samples: FloatArray, random: np.random.Generator) -> FloatArray:
    """A sound (T,) from a random time, at its own speed or another one; behind its end it begins again."""
    speed = 1.0 if random.random() < 0.5 else _between(_SPEEDS, random)
    places = (random.random() * len(samples) + np.arange(len(samples)) * speed) % len(samples)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


def _between(bounds: tuple[float, float], random: np.random.Generator) -> float:
    """A positive number between two, its logarithm evenly spread."""
    return float(np.exp(random.uniform(*np.log(bounds))))


class LevelBatches(Protocol):
    """Sounds to learn from or to measure with."""

    def draw(self, step: int, micro: int) -> Inputs:
        """Some of them by number: the same number gives the same ones, whatever came before."""

    def each(self) -> list[Inputs]:
        """All of them as they are."""


@dataclass(frozen=True)
class NextSampleObjective:
    """The surprise of a sample in bits, and what waves leave of it, averaged over what is drawn; what a Training calls.

    Attributes:
        seed: by which some of the sounds are disturbed; None to learn all of them as they are.
        temperature: at which the network makes the sounds from which it is to come back.
    """

    batches: LevelBatches
    seed: int | None = None
    temperature: float = 1.0

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, SoundNetwork)
        inputs = self.batches.draw(step, micro)
        heard = inputs[0]
        if self.seed is not None:
            random = generator(self.seed, "disturbed", step, micro)
            own_share = OWN_SHARE if step >= FIRST_OWN else 0.0
            heard = some_disturbed(model, inputs, (own_share, self.temperature), random)
        loss = bits(model, heard, *inputs[1:], inputs[0]).mean()
        if model.wave.config.has_source:
            more = (self.batches.draw(step, FIRST_MORE + N_MORE * micro + i) for i in range(N_MORE))
            loss = loss + SOURCE_WEIGHT * sum(left_of(model, one) for one in (inputs, *more)) / (1 + N_MORE)
        return loss, {}


def left_of(network: SoundNetwork, inputs: Inputs) -> Tensor:
    """The energy of what the waves alone leave of sounds, against theirs: 1 where they say nothing."""
    levels, told, waves = inputs
    samples = expanded(scaled(levels, network.wave.config.n_levels))
    left = samples - network.wave.source(network.wave.biases(told), waves)
    energy = samples.square().mean(1).clamp(min=_LEAST_ENERGY)
    return (left.square().mean(1) / energy).mean()


def some_disturbed(
    network: SoundNetwork, inputs: Inputs, own: tuple[float, float], random: np.random.Generator
) -> Tensor:
    """Sounds (B, T), some of them disturbed.

    `own` is the share of the sounds that the network makes itself, and at which temperature.
    """
    each = zip(*(one.cpu().numpy() for one in inputs), random.random(len(inputs[0])), strict=True)
    found = [_maybe_disturbed(network, one, chance, own, random) for *one, chance in each]
    return torch.from_numpy(np.stack(found)).to(inputs[0])


def _maybe_disturbed(
    network: SoundNetwork, one: Sequence[Any], chance: float, own: tuple[float, float], random: np.random.Generator
) -> ByteArray:
    """One sound (T,), told (F, C) and with waves (T, W), as `chance` has it: mixed, the network's own, or as it is."""
    levels, told, waves = one[0].astype(np.uint8), one[1], one[2]
    own_share, temperature = own
    if chance < MIXED_SHARE:
        return mixed(levels, network.wave.config.n_levels, random)
    if chance < MIXED_SHARE + own_share:
        return own_sound(network, told, waves, int(random.integers(2**31)), temperature)
    result: ByteArray = levels
    return result


def own_sound(network: SoundNetwork, told: FloatArray, waves: FloatArray, seed: int, temperature: float) -> ByteArray:
    """The levels (T,) that a network makes of what a sound is told, (F, C) and (T, W)."""
    wish = WaveRequest(told[None], waves[None], (seed,), temperature)
    return RingSampler(on_processor(network).wave, wish).finish()[0]


def bits(network: nn.Module, levels: Tensor, told: Tensor, waves: Tensor, wanted: Tensor | None = None) -> Tensor:
    """Surprise in bits of each sample, (B, T), of sounds (B, T), or of what else is `wanted` behind those before it."""
    assert isinstance(network, SoundNetwork)
    outputs = network(levels, told, waves)
    return nats(outputs, levels if wanted is None else wanted, network.wave.config) / math.log(2)


@torch.no_grad()
def mean_bits(network: nn.Module, sounds: list[Inputs]) -> Measuring[float]:
    """The mean surprise of a sample in bits, over (levels, told, waves) of batches; yields between them."""
    each = []
    for levels, told, waves in sounds:
        each.append(float(bits(network, levels, told, waves).double().mean()))
        yield
    return sum(each) / len(each)


def validated(held_out: LevelBatches, network: nn.Module) -> Measuring[Mapping[str, float]]:
    """The bits per sample of held-out sounds."""
    found = yield from mean_bits(network, held_out.each())
    return {BITS: found}
