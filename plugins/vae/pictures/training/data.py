"""Batches of coloured pictures, with labels where they have some, and what a model makes of many of them."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.api.recipe import Measuring
from studio.api.training import Judge
from studio.nn.layered.pictures_vae import PicturesVAE

PART: int = 16


@dataclass(frozen=True)
class VaePictureBatch:
    """Some pictures.

    Attributes:
        pictures: (B, 3, 64, 64) in [0, 1].
        labels: (B, L); L is 0 where pictures have none.
        noise: (B, Z) ~ N(0, I), for the reparametrisation.
        places: (B, Z) ~ N(0, I), places to draw of which no picture is known.
    """

    pictures: Tensor
    labels: Tensor
    noise: Tensor
    places: Tensor


class VaePictureBatches:
    """Draws batches by number: the same seed and number give the same batch, whatever came before."""

    def __init__(
        self,
        pictures: NDArray[np.uint8],
        labels: NDArray[np.uint8] | None,
        n_latent: int,
        n_pictures: int,
        seed: int,
        device: torch.device,
    ) -> None:
        """Take pictures (N, 64, 64, 3) and their labels (N, L); `n_pictures` make a batch."""
        self._pictures = torch.from_numpy(pictures)
        self._labels = torch.from_numpy(np.zeros((len(pictures), 0), np.uint8) if labels is None else labels)
        self._n_latent = n_latent
        self._n_pictures = n_pictures
        self._seed = seed
        self._device = device

    def draw(self, step: int, micro: int) -> VaePictureBatch:
        """The batch of this step and micro-batch."""
        random = np.random.default_rng([self._seed, step, micro])
        n = self._n_pictures
        chosen = torch.from_numpy(random.integers(0, len(self._pictures), n))
        noise, places = torch.from_numpy(random.standard_normal((2, n, self._n_latent), dtype=np.float32))
        return VaePictureBatch(
            in_unit(self._pictures[chosen].to(self._device)),
            self._labels[chosen].long().to(self._device),
            noise.to(self._device),
            places.to(self._device),
        )


def in_unit(pictures: Tensor) -> Tensor:
    """Pictures (B, H, W, 3) uint8 as the network takes them: (B, 3, H, W) in [0, 1], channels last in memory."""
    return pictures.movedim(3, 1).float() / 255


@torch.no_grad()
def encoded(model: PicturesVAE, pictures: Tensor) -> Measuring[tuple[Tensor, Tensor]]:
    """Means and log-variances (N, Z) of the places of pictures (N, H, W, 3) uint8."""
    means, log_variances = [], []
    for part in torch.split(pictures, PART):
        mean, log_variance = model.encode(in_unit(part))
        means.append(mean)
        log_variances.append(log_variance)
        yield
    return torch.cat(means), torch.cat(log_variances)


@torch.no_grad()
def drawn(model: PicturesVAE, places: Tensor) -> Measuring[Tensor]:
    """Pictures (N, 3, H, W) in [0, 1] at places (N, Z)."""
    parts = []
    for part in torch.split(places, PART):
        parts.append(model.decode(part))
        yield
    return torch.cat(parts)


@torch.no_grad()
def right_shares(judge: Judge, pictures: Tensor, labels: Tensor) -> list[float]:
    """The share of pictures (N, 3, H, W) in [0, 1] of which the judge reads each of the labels (N, L) right."""
    return [float(share) for share in (judge.read(pictures) == labels).float().mean(0)]
