"""The loss of the autoencoder: pixels at several sizes, what a small classifier sees of them, and the latents' nats.

Perceptual losses: Johnson et al. 2016 (arXiv 1603.08155); KL-regularised latents: Rombach et al. 2022 (arXiv
2112.10752). Shape letters as in autoencoder.py.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from studio.core.seed import generator
from studio.nn.pyramid import pyramid_errors

from .autoencoder import Autoencoder


class Eye(Protocol):
    """A fixed network whose maps say what is to be seen in pictures; a Judge is one."""

    def maps(self, pictures: Tensor) -> list[Tensor]:
        """What each layer sees of pictures (B, 3, H, W) in [0, 1]."""


@dataclass(frozen=True)
class AutoencoderLoss:
    """Weights of the parts of the loss; the mean absolute error of the pixels has weight 1.

    Attributes:
        pyramid: of the mean absolute errors of the Laplacian pyramid.
        seen: of the differences of what an eye sees, a classifier that is not the judge of the card.
        rate: of the nats of all numbers of a latent.
    """

    pyramid: float = 1.0
    seen: float = 0.2
    rate: float = 2e-6


def unit_pictures(pictures: Tensor) -> Tensor:
    """Pictures (B, H, W, 3) uint8 as networks take them: (B, 3, H, W) in [0, 1], channels last in memory."""
    return pictures.movedim(3, 1).float() / 255


@dataclass(frozen=True)
class AutoencoderObjective:
    """Draws the batch of a step and returns its loss; what a Training calls.

    Attributes:
        pictures: (N, H, W, 3) uint8.
        n_pictures: of a micro-batch.
        eye: whose maps are compared, on the device of the training; None for pixels alone.
    """

    pictures: Tensor
    weights: AutoencoderLoss
    n_pictures: int
    seed: int
    device: torch.device
    eye: Eye | None = None

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, Autoencoder)
        random = generator(self.seed, "autoencoder", step, micro)
        chosen = torch.from_numpy(random.integers(0, len(self.pictures), self.n_pictures))
        pictures = unit_pictures(self.pictures[chosen].to(self.device))
        mean, log_variance = model.posterior(pictures)
        noise = torch.from_numpy(random.standard_normal(tuple(mean.shape), dtype=np.float32)).to(self.device)
        drawn = model.draw(mean + (0.5 * log_variance).exp() * noise)
        pixels = (drawn - pictures).abs().mean()
        nats = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum((1, 2, 3)).mean()
        loss = pixels + self.weights.pyramid * pyramid_errors(drawn, pictures) + self.weights.rate * nats
        parts = {"pixels": pixels, "nats": nats}
        if self.eye is not None:
            parts["seen"] = seen_difference(self.eye, drawn, pictures)
            loss = loss + self.weights.seen * parts["seen"]
        return loss, parts


def seen_difference(eye: Eye, drawn: Tensor, pictures: Tensor) -> Tensor:
    """The mean absolute differences of all maps of an eye, summed over its layers."""
    with torch.no_grad():
        real = eye.maps(pictures)
    pairs = zip(eye.maps(drawn), real, strict=True)
    return torch.stack([(one - other).float().abs().mean() for one, other in pairs]).sum()
