"""Looks into a sample of a sound: what it may be, and through which layers it hangs on which samples before it.

Shape letters: B sounds, T samples, L layers, D width, V levels, R samples that are seen.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch

from ...shared.model.head import log_probabilities, scaled
from ..signal import ByteArray, FloatArray
from .wavenet import WaveNet


@dataclass(frozen=True, eq=False)
class DependencyTree:
    """What a sample hangs on.

    Attributes:
        chances: (V,) probabilities of its levels at temperature 1.
        amount: (L + 1, R + 1) how much, by age: the samples first, then what goes into each layer, the lowest first;
            of samples by how many bits its surprise would change, were one changed from lowest to highest and the
            network linear, of layers the size of the gradient times what is there.
    """

    chances: FloatArray
    amount: FloatArray


def tree_of(network: WaveNet, levels: ByteArray, place: int, told: FloatArray, waves: FloatArray) -> DependencyTree:
    """The tree of a sample, by gradients; `levels` (n,) reach at least up to it, `told` and `waves` as for a run."""
    config = network.config
    start = config.first_heard(place)
    part = torch.from_numpy(levels[start : place + 1].astype(np.int64))[None]  # (1, T)
    samples = scaled(part, config.n_levels).requires_grad_(True)
    heard = torch.from_numpy(told[:, start // config.hop : place // config.hop + 1])
    outputs, inputs = network.traced(samples, heard, torch.from_numpy(waves[:, start : place + 1]), 1)
    said = log_probabilities(outputs[0, -1], config)
    loss = -said[part[0, -1]] / math.log(2)
    of_samples, *of_inputs = torch.autograd.grad(loss, [samples, *inputs])
    rows = [2 * of_samples[0].abs()]
    rows += [(gradient * x.detach()).abs().sum(-1)[0] for gradient, x in zip(of_inputs, inputs, strict=True)]
    amount = np.zeros((len(rows), config.n_seen + 1), np.float32)
    for number, row in enumerate(rows):
        newest_first = row.detach().numpy()[::-1][: config.n_seen + 1]
        amount[number, : len(newest_first)] = newest_first
    return DependencyTree(said.detach().exp().numpy(), amount)
