"""The loss of the coloured pictures: pixels at several sizes, what a judge sees, what the place says, and a rival.

Perceptual losses: Johnson et al. 2016 (arXiv 1603.08155); VAE with a GAN:
Larsen et al. 2016 (arXiv 1512.09300); a rival that looks through a fixed network: Sauer et al. 2021 (arXiv 2111.01007).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from studio.api.training import Judge
from studio.nn.layered.pictures_vae import PicturesConfig, PicturesVAE
from studio.nn.pyramid import pyramid_errors

from ...shared.model.vae import kl_divergence, reparametrise
from .data import VaePictureBatches


@dataclass(frozen=True)
class PicturesLoss:
    """Weights of the parts of the loss; the mean absolute error of the pixels has weight 1.

    Attributes:
        pyramid: of the mean absolute errors of the Laplacian pyramid.
        seen: of the differences of the judge's maps.
        labels: of the nats by which the labels cannot be read off the place by a linear map.
        rate: of the nats that a place carries.
        n_rate_steps: the rate rises over so many steps.
        rival: of the term that makes drawings of unknown places look real to the rival.
        rival_start: the step from which it counts.
    """

    pyramid: float = 1.0
    seen: float = 0.2
    labels: float = 0.004
    rate: float = 0.001
    n_rate_steps: int = 500
    rival: float = 0.0
    rival_start: int = 0


class PictureDiscriminator(nn.Module):
    """Says of each place on a judge's maps whether it looks real, (B, 1, H', W') per map."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.heads = nn.ModuleList([_discriminator_head(width) for width in widths])

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        return [head(map) for head, map in zip(self.heads, maps, strict=True)]


def _discriminator_head(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, 64, 3, padding=1), nn.GroupNorm(8, 64), nn.LeakyReLU(0.2), nn.Conv2d(64, 1, 3, padding=1)
    )


class PicturesLearner(nn.Module):
    """The network with what only its training needs: a linear reader of labels and a rival."""

    def __init__(self, config: PicturesConfig, n_classes: int, rival_widths: Sequence[int] = ()) -> None:
        super().__init__()
        self.vae = PicturesVAE(config)
        self.reader = nn.Linear(config.n_latent, max(1, n_classes))
        self.rival = PictureDiscriminator(rival_widths)


@dataclass(frozen=True)
class RedrawnPictures:
    """Pictures redrawn (B, 3, H, W) from places (B, Z), and the loss of that with its parts."""

    drawn: Tensor
    z: Tensor
    loss: Tensor
    parts: dict[str, Tensor]


def redrawn_pictures(
    vae: PicturesVAE, pictures: Tensor, noise: Tensor, weights: PicturesLoss, step: int
) -> RedrawnPictures:
    """Redraw pictures (B, 3, H, W) with noise (B, Z) ~ N(0, I)."""
    mean, log_variance = vae.encode(pictures)
    z = reparametrise(mean, log_variance, noise)
    drawn = vae.decode(z)
    kl = kl_divergence(mean, log_variance).mean()
    pixels = (drawn - pictures).abs().mean()
    rate = weights.rate * min(1.0, (step + 1) / max(1, weights.n_rate_steps))
    loss = pixels + weights.pyramid * pyramid_errors(drawn, pictures) + rate * kl
    return RedrawnPictures(drawn, z, loss, {"pixels": pixels, "kl": kl})


@dataclass(frozen=True)
class PicturesObjective:
    """Draws the batch of a step and returns its loss; what a Training calls.

    Attributes:
        judge: whose maps are compared; None for pictures that no judge knows.
        n_kinds: how many classes each label has.
    """

    batches: VaePictureBatches
    weights: PicturesLoss
    judge: Judge | None = None
    n_kinds: tuple[int, ...] = ()

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, PicturesLearner)
        batch, weights = self.batches.draw(step, micro), self.weights
        redrawn = redrawn_pictures(model.vae, batch.pictures, batch.noise, weights, step)
        loss, parts, drawn, z = redrawn.loss, redrawn.parts, redrawn.drawn, redrawn.z
        if self.n_kinds:
            parts["labels"] = self._label_nats(model, z, batch.labels)
            loss = loss + weights.labels * parts["labels"]
        if self.judge is not None:
            real = [map.detach() for map in self.judge.maps(batch.pictures)]
            parts["seen"] = torch.stack(
                [(a - b).abs().mean() for a, b in zip(self.judge.maps(drawn), real, strict=True)]
            ).sum()
            loss = loss + weights.seen * parts["seen"]
            if weights.rival and step >= weights.rival_start:
                fooling, telling = self._rivalry(model, self.judge, batch.places, real)
                parts |= {"fooling": fooling, "telling": telling}
                loss = loss + weights.rival * fooling + telling
        return loss, parts

    def _label_nats(self, model: PicturesLearner, z: Tensor, labels: Tensor) -> Tensor:
        logits = model.reader(z).float().split(self.n_kinds, dim=1)
        losses = [F.cross_entropy(part, wanted) for part, wanted in zip(logits, labels.T, strict=True)]
        return torch.stack(losses).sum()

    def _rivalry(
        self, model: PicturesLearner, judge: Judge, places: Tensor, real: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """What the network pays for drawings that the rival finds out, and what the rival pays for not telling them."""
        fake = judge.maps(model.vae.decode(places))
        fixed = {name: value.detach() for name, value in model.rival.named_parameters()}
        fooling = -torch.stack([part.float().mean() for part in functional_call(model.rival, fixed, (fake,))]).mean()
        on_real, on_fake = model.rival(real), model.rival([map.detach() for map in fake])
        telling = [
            F.relu(1 - yes.float()).mean() + F.relu(1 + no.float()).mean()
            for yes, no in zip(on_real, on_fake, strict=True)
        ]
        return fooling, torch.stack(telling).mean()
