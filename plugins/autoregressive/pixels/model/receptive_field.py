"""Looks into a network of pixels: how surprising a picture is, which kind it may be, and what a pixel depends on.

Shape letters: C kinds, H W pixels, P = H W places in reading order, V levels.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.engine import limited_threads

from ...shared.model.head import log_probabilities, nats, scaled
from .config import PixelNetworkConfig
from .pixelcnn import MaskedPixelCNN, PixelNetwork

Floats = npt.NDArray[np.float32]
AT_ONCE: Final = 4
N_PROBES: Final = 2
_PROBE_WIDTH: Final = 16


@dataclass(frozen=True, eq=False)
class PictureScore:
    """How surprising a picture is.

    Attributes:
        bits_per_dimension: the mean of `surprise` (H, W), in bits.
        kinds: (C,) the probability of each kind after the whole picture was seen.
    """

    bits_per_dimension: float
    surprise: Floats
    kinds: Floats


@dataclass(frozen=True, eq=False)
class PixelDependence:
    """What a pixel depends on.

    Attributes:
        amount: (H, W) by how many bits its surprise would change, were a pixel changed from black to white and the
            network linear; it is the size of the gradient.
        is_seen: (H, W) bool, what lies within its receptive field.
    """

    amount: Floats
    is_seen: npt.NDArray[np.bool_]


@torch.no_grad()
def log_likelihoods(
    network: PixelNetwork, values: npt.NDArray[np.uint8], n_rows: int
) -> Generator[None, None, npt.NDArray[np.float64]]:
    """Log-probability of each pixel of the first rows of a picture (H, W) for each kind, (C, rows, W); yields often."""
    config, found = network.config, []
    picture = torch.from_numpy(values[:n_rows].astype(np.int64))[None]
    for some in torch.arange(config.n_classes).split(AT_ONCE):
        pictures = picture.expand(len(some), -1, -1)
        with limited_threads(1):
            found.append(-nats(network(pictures, some), pictures, config).double().numpy())
        yield
    return np.concatenate(found)


def kind_probabilities(log_likelihoods: npt.NDArray[np.float64]) -> Floats:
    """Probabilities (C,) of the kinds, all alike at first, after pixels of these log-probabilities (C, ...)."""
    total = log_likelihoods.reshape(len(log_likelihoods), -1).sum(1)
    weights = np.exp(total - total.max())
    return (weights / weights.sum()).astype(np.float32)


def scored(
    network: PixelNetwork, values: npt.NDArray[np.uint8], label: int | None
) -> Generator[None, None, PictureScore]:
    """How surprising a picture (H, W) is, given its kind or, where that is None, whatever it may be.

    Without a kind a pixel's probability is the mean over the kinds, each weighted by how well it told what was before.
    """
    each = yield from log_likelihoods(network, values, network.config.size_px)
    kinds = kind_probabilities(each)
    told = each[label].ravel() if label is not None else _mixed_over_kinds(each.reshape(len(each), -1))
    surprise = (-told / math.log(2)).astype(np.float32).reshape(values.shape)
    return PictureScore(float(surprise.mean()), surprise, kinds)


def _mixed_over_kinds(each: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Log-probabilities (P,) of a mixture of the kinds, from those of each (C, P)."""
    so_far = np.logaddexp.reduce(np.cumsum(each, 1), 0) - math.log(len(each))
    return np.diff(so_far, prepend=0.0)


@torch.no_grad()
def distribution(network: PixelNetwork, values: npt.NDArray[np.uint8], label: int, place: int) -> Floats:
    """The probabilities (V,) of a place in a picture (H, W)."""
    row, column = divmod(place, network.config.size_px)
    picture = torch.from_numpy(values[: row + 1].astype(np.int64))[None]
    outputs = network(picture, torch.tensor([label]))[0, row, column]
    return log_probabilities(outputs, network.config).exp().numpy()


def dependence(network: PixelNetwork, values: npt.NDArray[np.uint8], label: int, place: int) -> PixelDependence:
    """What a place of a picture (H, W) of a kind depends on, by gradients."""
    config = network.config
    row, column = divmod(place, config.size_px)
    levels = torch.from_numpy(values[: row + 1].astype(np.int64))[None]  # what is below cannot matter
    pictures = scaled(levels, config.n_levels)[:, None].requires_grad_(True)
    outputs = network.outputs(pictures, torch.tensor([label]))[:, row, column]  # (1, n_outputs)
    (gradient,) = torch.autograd.grad(nats(outputs, levels[:, row, column], config).sum(), pictures)
    amount = np.zeros(values.shape, np.float32)
    amount[: row + 1] = gradient[0, 0].abs().numpy() * (2 / math.log(2))  # from -1 to 1, in bits
    return PixelDependence(amount, receptive_field(network, place) | (amount > 0))


def receptive_field(network: PixelNetwork, place: int) -> npt.NDArray[np.bool_]:
    """(H, W): on which pixels what is said at a place depends in some random picture."""
    config = network.config
    random = torch.Generator().manual_seed(place)
    side, (row, column) = config.size_px, divmod(place, config.size_px)
    pictures = (torch.rand(N_PROBES, 1, row + 1, side, generator=random) * 2 - 1).requires_grad_(True)
    outputs = network.outputs(pictures, torch.arange(N_PROBES) % config.n_classes)[:, row, column]
    (gradient,) = torch.autograd.grad((outputs * _signs(outputs, random)).sum(), pictures)
    is_seen = np.zeros((side, side), np.bool_)
    is_seen[: row + 1] = (gradient != 0).any(0)[0].numpy()
    return is_seen


def plain_receptive_field(config: PixelNetworkConfig, place: int) -> npt.NDArray[np.bool_]:
    """(H, W): the same of a plain masked PixelCNN with as many layers and the same reach, with its blind spot."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        plain = MaskedPixelCNN(replace(config, width=_PROBE_WIDTH)).requires_grad_(False)
    return receptive_field(plain, place)


def _signs(like: Tensor, random: torch.Generator) -> Tensor:
    """Random numbers, so that nothing cancels."""
    return torch.randn(like.shape, generator=random)
