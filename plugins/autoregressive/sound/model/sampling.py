"""Makes sounds sample by sample: some are given, all others drawn from what the network says about them.

Shape letters: B sounds, T samples, F stretches, C numbers told, V levels, W waves.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from studio.api.kernel import prepare_kernels
from studio.core.seed import generator

from ...shared.model.head import log_probabilities
from ..signal import expanded
from . import kernel
from .config import WaveConfig
from .kernel import ByteArray, FloatArray, WaveMemory, WaveTask, WaveWeights, drawn_level
from .wavenet import WaveNet

WARM_UP: Final = f"{__package__.rsplit('.', 1)[0]}.warm_up"


@dataclass(frozen=True, eq=False)
class WaveRequest:
    """What is wanted of some sounds.

    Attributes:
        told: (B, F, C) of their stretches. waves: (B, T, W) what is given beside each of their T samples.
        seeds: of each of them.
        temperature: below 1 likely levels become likelier.
        given: (B, G) levels that they begin with.
    """

    told: FloatArray
    waves: FloatArray
    seeds: Sequence[int]
    temperature: float = 1.0
    given: ByteArray | None = None

    def task(self, config: WaveConfig) -> WaveTask:
        """The same as arrays of its own."""
        n, n_samples = len(self.seeds), self.waves.shape[1]
        levels, n_given = np.zeros((n, n_samples), np.uint8), 0
        if self.given is not None:
            n_given = self.given.shape[1]
            levels[:, :n_given] = self.given
        return WaveTask(
            levels,
            n_given,
            np.stack([draws_of(seed, n_samples) for seed in self.seeds]),
            np.float32(self.temperature),
            np.zeros((n, config.n_levels), np.float32),
            np.zeros((n, n_samples), np.float32),
        )


def draws_of(seed: int, n_samples: int) -> FloatArray:
    """A number in [0, 1) for each sample: of hash(seed) and the sample's number, whatever was drawn before."""
    return generator(seed, "samples").random(n_samples, np.float32)


class WaveSampler(ABC):
    """Sounds that are being made.

    Attributes:
        task: the sounds, and what was said about the newest sample of each.
        place: how many samples are settled.
    """

    def __init__(self, network: WaveNet, wish: WaveRequest) -> None:
        self.config = network.config
        self.task = wish.task(network.config)
        self.place = 0

    @property
    def n_samples(self) -> int:
        """How long the sounds become."""
        return self.task.levels.shape[1]

    def advance(self, n: int) -> None:
        """Settle the next `n` samples of all sounds, or as many as there are."""
        last = min(self.place + n, self.n_samples)
        self._settle(self.place, last)
        self.place = last

    @abstractmethod
    def _settle(self, first: int, last: int) -> None:
        """Settle the samples from one place to before another one."""

    def finish(self) -> ByteArray:
        """Settle what is left, and return the levels (B, T)."""
        self.advance(self.n_samples)
        return self.task.levels


class RingSampler(WaveSampler):
    """With a ring for each layer: a sample costs one pass through one column of the network."""

    def __init__(self, network: WaveNet, wish: WaveRequest) -> None:
        super().__init__(network, wish)
        prepare_kernels(WARM_UP)
        self._weights, self._memory = wave_weights(network), wave_memory(network, wish)

    def resume(self, surprise: FloatArray) -> None:
        """Go on behind the given samples, of which the surprise (B, G) is known: only those that count are read."""
        n_given = self.task.n_given
        self.task.surprise[:, :n_given] = surprise
        self.place = max(0, n_given - self.config.n_seen - 1)
        self.advance(n_given - self.place)
        self.task.surprise[:, :n_given] = surprise  # that of the first ones read was told without what came before

    def _settle(self, first: int, last: int) -> None:
        kernel.go_on(self._weights, self._memory, self.task, first, last)


class NaiveWaveSampler(WaveSampler):
    """Computes the whole tree of a sample anew each time: what the other one is held against."""

    def __init__(self, network: WaveNet, wish: WaveRequest) -> None:
        super().__init__(network, wish)
        self._network = network
        self._told, self._waves = torch.from_numpy(wish.told), torch.from_numpy(wish.waves)

    @torch.inference_mode()
    def _settle(self, first: int, last: int) -> None:
        task, hop = self.task, self.config.hop
        for place in range(first, last):
            start = self.config.first_heard(place)
            levels = torch.from_numpy(task.levels[:, start : place + 1]).long()
            told = self._told[:, start // hop : place // hop + 1]
            outputs = self._network(levels, told, self._waves[:, start : place + 1])[:, -1]
            task.said[:] = log_probabilities(outputs, self.config).numpy()
            for number in range(len(task.levels) if place >= task.n_given else 0):
                draw = task.draws[number, place]
                task.levels[number, place] = drawn_level(task.said[number], draw, task.temperature)
            chosen = np.take_along_axis(task.said, task.levels[:, place, None].astype(np.int64), 1)
            task.surprise[:, place] = -chosen[:, 0] / math.log(2)


def wave_weights(network: WaveNet) -> WaveWeights:
    """The weights in the order in which the kernel reads them."""
    config, layers = network.config, list[Any](network.layers)
    scale = np.arange(config.n_levels) * (2 / (config.n_levels - 1)) - 1
    skips = network.skip.weight.split(config.width, 1)  # (S, D) each
    outs = [torch.cat([layer.out.weight, skip]) for layer, skip in zip(layers, skips, strict=True)]
    dilation = np.array(config.dilation, np.int64)
    return WaveWeights(
        scale=np.stack([scale, expanded(scale)], 1).astype(np.float32),
        first=_array(network.first.weight.T),
        first_bias=_array(network.first.bias),
        n_taps=config.n_taps,
        into=np.stack([_array(layer.into.weight.T) for layer in layers]),
        out=np.stack([_array(out.T) for out in outs]),
        out_bias=np.stack([_array(layer.out.bias) for layer in layers]),
        inner=_array(network.inner.weight.T),
        inner_bias=_array(network.inner.bias),
        last=_array(network.last.weight.T),
        last_bias=_array(network.last.bias),
        n_mixtures=config.head.n_mixtures,
        dilation=dilation,
        offset=np.concatenate([[0], np.cumsum(dilation)[:-1]]).astype(np.int64),
    )


@torch.inference_mode()
def wave_memory(network: WaveNet, wish: WaveRequest) -> WaveMemory:
    """Silence, and what is told of the whole sound."""
    config, waves = network.config, np.ascontiguousarray(wish.waves, np.float32)
    n, n_samples, _ = waves.shape
    rings = np.zeros((n, sum(config.dilation), config.width), np.float32)
    biases = torch.stack([network.biases(torch.from_numpy(told)) for told in wish.told])
    source = _array(network.source(biases, torch.from_numpy(waves)))
    return WaveMemory(rings, _array(biases), config.hop, waves, source, np.zeros((n, n_samples, 2), np.float32))


def _array(weight: Tensor) -> FloatArray:
    return np.ascontiguousarray(weight.detach().float().cpu().numpy())
