"""The shipped pair of the playground in a weights file: the networks' shapes as torch layers, read like all others."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from studio.nn.network_file import save_network

from . import network as net
from .network import Floats
from .pair import PlaygroundPair, pair_of


@dataclass(frozen=True)
class PlaygroundConfig:
    """The widths of both networks, input and output included."""

    generator: tuple[int, ...] = net.GENERATOR
    discriminator: tuple[int, ...] = net.DISCRIMINATOR


class PlaygroundNetwork(nn.Module):
    """Generator and discriminator; hidden layers squash by tanh."""

    def __init__(self, config: PlaygroundConfig) -> None:
        """Raises ValueError for other widths than those of the playground."""
        super().__init__()
        if (config.generator, config.discriminator) != (net.GENERATOR, net.DISCRIMINATOR):
            raise ValueError(config)
        self.config = config
        self.generator, self.discriminator = _layers(config.generator), _layers(config.discriminator)

    def forward(self, noise: Tensor) -> Tensor:
        """Scores (B, 1) of what the generator makes of noise (B, 2)."""
        scores: Tensor = self.discriminator(self.generator(noise))
        return scores


def _layers(widths: tuple[int, ...]) -> nn.Sequential:
    parts: list[nn.Module] = []
    for before, after in itertools.pairwise(widths):
        parts += [nn.Linear(before, after), nn.Tanh()]
    return nn.Sequential(*parts[:-1])


def network_of(pair: PlaygroundPair) -> PlaygroundNetwork:
    """The pair as torch layers."""
    network = PlaygroundNetwork(PlaygroundConfig())
    for layers, ours in ((network.generator, pair.forge), (network.discriminator, pair.judge)):
        for linear, (matrix, bias) in zip(linears(layers), ours.layers, strict=True):
            linear.weight = nn.Parameter(torch.tensor(np.ascontiguousarray(matrix.T)))
            linear.bias = nn.Parameter(torch.tensor(bias))
    return network


def linears(layers: nn.Sequential) -> list[Any]:
    """Those layers that have weights."""
    return [layer for layer in layers if isinstance(layer, nn.Linear)]


def pair_in(network: PlaygroundNetwork) -> PlaygroundPair:
    """The pair that torch layers hold, its optimisers as before their first step."""
    return pair_of(_flat(network.generator), _flat(network.discriminator))


def _flat(layers: nn.Sequential) -> Floats:
    parts = [values for one in linears(layers) for values in (one.weight.T.reshape(-1), one.bias)]
    return np.ascontiguousarray(torch.cat(parts).detach().float().cpu().numpy())


def save_pair(path: Path, pair: PlaygroundPair) -> None:
    """Write both networks, as float16: there are few weights."""
    save_network(path, network_of(pair), exact=("generator.", "discriminator."))
