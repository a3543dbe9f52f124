"""The two variational autoencoders: digits with a two-dimensional latent, letterforms with a style per typeface.

Kingma and Welling 2014 (arXiv 1312.6114); beta-VAE: Higgins et al. 2017; importance-weighted bound: Burda et al. 2016
(arXiv 1509.00519); FiLM: Perez et al. 2018 (arXiv 1709.07871); pixel shuffle: Shi et al. 2016 (arXiv 1609.05158). Shape
letters: B batch, C channels, H W pixels, Z latent numbers, K importance samples.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.core.character import CHARACTERS
from studio.nn.layered.pictures_vae import FilmConv

STYLE_LETTERS: Final = "HOnoagR5"
N_LETTERS = 62
FIELD_LIMIT_PX = 8.0


def letter_indices(text: str) -> list[int]:
    """Indices into CHARACTERS of the letters of `text` that the model knows, in order; others are left out."""
    return [CHARACTERS.index(letter) for letter in text if letter in CHARACTERS]


@dataclass(frozen=True)
class DigitsConfig:
    """Sizes of the digits model: pictures are size_px x size_px grey values, the latent has n_latent numbers."""

    size_px: int = 28
    n_latent: int = 2
    width: int = 32
    narrow: int = 8
    hidden: int = 128


@dataclass(frozen=True)
class LetterformsConfig:
    """Sizes of the letterforms model: fields are size_px x size_px, the style has n_latent numbers.

    The widths are the channels of the decoder at 4, 8, 16 and 32 px; encoder_widths those at 16, 8 and 4 px.
    """

    size_px: int = 64
    n_latent: int = 32
    letter_width: int = 48
    condition_width: int = 128
    seed_width: int = 64
    widths: tuple[int, int, int, int] = (128, 128, 96, 28)
    encoder_widths: tuple[int, int, int] = (64, 96, 96)


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log_variance)) || N(0, I)) in nats, (B,), for (B, Z) inputs; Kingma and Welling, appendix B."""
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(-1)


def reparametrise(mean: Tensor, log_variance: Tensor, noise: Tensor) -> Tensor:
    """A sample of N(mean, exp(log_variance)) from noise ~ N(0, I), differentiable in both; shapes alike."""
    return mean + (0.5 * log_variance).exp() * noise


def negative_elbo(negative_log_likelihood: Tensor, mean: Tensor, log_variance: Tensor, beta: float = 1.0) -> Tensor:
    """Negative evidence lower bound in nats, (B,), from one sample's -log p(x|z), (B,); beta-VAE where beta != 1."""
    return negative_log_likelihood + beta * kl_divergence(mean, log_variance)


def importance_weighted_bound(
    log_likelihood: Callable[[Tensor], Tensor], mean: Tensor, log_variance: Tensor, noise: Tensor
) -> Tensor:
    """The bound log 1/K sum_k p(x, z_k) / q(z_k | x) of Burda et al., (B,), which rises to log p(x) with K.

    Args:
        log_likelihood: maps z (K, B, Z) to log p(x | z), (K, B).
        mean, log_variance: of q(z | x), (B, Z).
        noise: (K, B, Z) ~ N(0, I).
    """
    z = reparametrise(mean, log_variance, noise)  # (K, B, Z)
    log_prior = -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1)  # (K, B)
    log_posterior = -0.5 * (noise.square() + log_variance + math.log(2 * math.pi)).sum(-1)  # (K, B)
    log_weights = log_likelihood(z) + log_prior - log_posterior  # (K, B)
    return torch.logsumexp(log_weights, 0) - math.log(len(noise))  # (B,)


def bernoulli_log_likelihood(logits: Tensor, pictures: Tensor) -> Tensor:
    """log p(x | z) with each grey value in [0, 1] taken as a Bernoulli's mean; (..., H, W) to (...)."""
    return -F.binary_cross_entropy_with_logits(logits, pictures.expand_as(logits), reduction="none").sum((-2, -1))


class DigitsVAE(nn.Module):
    """A convolutional VAE of small grey pictures with a latent that fits on a map."""

    def __init__(self, config: DigitsConfig) -> None:
        super().__init__()
        self.config = config
        side, width, narrow = config.size_px // 4, config.width, config.narrow
        self.encoder = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(2 * width, narrow, 3, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(narrow * side * side, config.hidden),
            nn.SiLU(),
            nn.Linear(config.hidden, 2 * config.n_latent),
        )
        self.start = nn.Sequential(
            nn.Linear(config.n_latent, config.hidden),
            nn.SiLU(),
            nn.Linear(config.hidden, config.hidden),
            nn.SiLU(),
            nn.Linear(config.hidden, narrow * side * side),
            nn.SiLU(),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(narrow, 2 * width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(2 * width, 4 * width, 3, padding=1),
            nn.PixelShuffle(2),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, 4, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z | x), (B, Z) each, of pictures (B, H, W) in [0, 1]."""
        mean, log_variance = self.encoder(x[:, None]).chunk(2, dim=1)  # (B, Z) each
        return mean, log_variance

    def logits(self, z: Tensor) -> Tensor:
        """Logits of the pixels, (B, H, W), of latents (B, Z)."""
        side = self.config.size_px // 4
        x = self.start(z).view(-1, self.config.narrow, side, side)  # (B, C, H/4, W/4)
        return self.decoder(x)[:, 0]  # (B, H, W)

    def decode(self, z: Tensor) -> Tensor:
        """Grey values in [0, 1], (B, H, W), of latents (B, Z)."""
        return torch.sigmoid(self.logits(z))


class LetterEncoder(nn.Module):
    """Reads the style of a typeface from one glyph, told which letter it is."""

    def __init__(self, config: LetterformsConfig) -> None:
        super().__init__()
        first, second, third = config.encoder_widths
        self.conv16 = nn.Conv2d(16, first, 3, padding=1)
        self.letter16 = nn.Embedding(N_LETTERS, first)
        self.conv8 = nn.Conv2d(first, second, 3, stride=2, padding=1)
        self.letter8 = nn.Embedding(N_LETTERS, second)
        self.same8 = nn.Conv2d(second, second, 3, padding=1)
        self.conv4 = nn.Conv2d(second, third, 3, stride=2, padding=1)
        self.narrow = nn.Conv2d(third, third // 2, 1)
        self.hidden = nn.Linear(third // 2 * 16, 128)
        self.letter_hidden = nn.Embedding(N_LETTERS, 128)
        self.head = nn.Linear(128, 2 * config.n_latent)
        for table in (self.letter16, self.letter8, self.letter_hidden):
            nn.init.normal_(table.weight, std=0.3)

    def forward(self, x: Tensor, letters: Tensor) -> Tensor:
        x = F.pixel_unshuffle(x[:, None] / FIELD_LIMIT_PX, 4)  # (B, 16, 16, 16)
        x = F.silu(self.conv16(x) + self.letter16(letters)[:, :, None, None])  # (B, C, 16, 16)
        x = F.silu(self.conv8(x) + self.letter8(letters)[:, :, None, None])  # (B, C, 8, 8)
        x = (x + F.silu(self.same8(x))) * math.sqrt(0.5)  # (B, C, 8, 8)
        x = F.silu(self.conv4(x))  # (B, C, 4, 4)
        x = F.silu(self.narrow(x)).flatten(1)  # (B, 8 C)
        x = F.silu(self.hidden(x) + self.letter_hidden(letters))  # (B, 128)
        return self.head(x)  # (B, 2 Z)


class LetterDecoder(nn.Module):
    """Draws one letter in a style: letter and style steer every layer, the width lies at low resolution."""

    def __init__(self, config: LetterformsConfig) -> None:
        super().__init__()
        self.seed_width = config.seed_width
        w4, w8, w16, w32 = config.widths
        condition = config.condition_width
        self.letter = nn.Embedding(N_LETTERS, config.letter_width)
        self.condition = nn.Sequential(
            nn.Linear(config.n_latent + config.letter_width, 192), nn.SiLU(), nn.Linear(192, condition), nn.SiLU()
        )
        self.start = nn.Linear(condition, config.seed_width * 16)
        self.blocks4 = nn.ModuleList([FilmConv(config.seed_width, w4, condition), FilmConv(w4, w4, condition)])
        self.blocks8 = nn.ModuleList([FilmConv(w4, w8, condition), FilmConv(w8, w16, condition)])
        self.blocks16 = nn.ModuleList([FilmConv(w16, w16, condition), FilmConv(w16, w16, condition)])
        self.grow32 = nn.Conv2d(w16, 4 * w32, 3, padding=1)
        self.block32 = FilmConv(w32, w32, condition)
        self.grow64 = nn.Conv2d(w32, 4, 3, padding=1)

    def forward(self, z: Tensor, letters: Tensor) -> Tensor:
        c = self.condition(torch.cat([z, self.letter(letters)], 1))  # (B, condition)
        x = self.start(c).view(-1, self.seed_width, 4, 4)  # (B, C, 4, 4)
        x = x.contiguous(memory_format=torch.channels_last)
        for block in self.blocks4:
            x = block(x, c)  # (B, C, 4, 4)
        x = F.interpolate(x, scale_factor=2, mode="nearest")  # (B, C, 8, 8)
        for block in self.blocks8:
            x = block(x, c)  # (B, C, 8, 8)
        x = F.interpolate(x, scale_factor=2, mode="nearest")  # (B, C, 16, 16)
        for block in self.blocks16:
            x = block(x, c)  # (B, C, 16, 16)
        x = F.silu(F.pixel_shuffle(self.grow32(x), 2))  # (B, C, 32, 32)
        x = self.block32(x, c)  # (B, C, 32, 32)
        x = F.pixel_shuffle(self.grow64(x), 2)[:, 0].float()  # (B, 64, 64)
        return (FIELD_LIMIT_PX + 1) * torch.tanh(x)


class SettledPrior(nn.Module):
    """Makes the latents of examples, which training leaves stretched and leaning, N(0, I) afterwards.

    An affine map between the two halves does it: inner = centre + spread @ z, z = gather @ (inner - centre).
    """

    centre: Tensor
    spread: Tensor
    gather: Tensor

    def register_prior(self, n_latent: int) -> None:
        """Begin with no map."""
        self.register_buffer("centre", torch.zeros(n_latent))
        self.register_buffer("spread", torch.eye(n_latent))
        self.register_buffer("gather", torch.eye(n_latent))

    @torch.no_grad()
    def settle_prior(self, latents: Tensor, weights: Tensor) -> None:
        """Make the weighted latents (N, Z) have mean 0 and covariance I, principal components first."""
        share = weights / weights.sum()  # (N,)
        centre = share @ latents  # (Z,)
        offsets = latents - centre  # (N, Z)
        variances, axes = torch.linalg.eigh(((offsets * share[:, None]).T @ offsets).double())  # (Z,), (Z, Z)
        deviations, axes = variances.flip(0).clamp_min(1e-8).sqrt(), axes.flip(1)
        self.centre = self.centre + self.spread @ centre
        self.spread = self.spread @ (axes * deviations).float()
        self.gather = (axes / deviations).float().T @ self.gather

    def settled(self, mean: Tensor, log_variance: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance (B, Z) of latents z, of those of inner ones."""
        variance = log_variance.exp() @ self.gather.square().T  # (B, Z) of the posterior's own axes
        return self.gathered(mean), variance.log()

    def gathered(self, inner: Tensor) -> Tensor:
        """The latents z (B, Z) of inner ones."""
        return (inner - self.centre) @ self.gather.T

    def inner(self, z: Tensor) -> Tensor:
        """The inner latents (B, Z) of z."""
        return self.centre + z @ self.spread.T


class LetterformsVAE(SettledPrior):
    """Letter x style: one style per typeface, read from any of its glyphs, from which every letter is drawn."""

    def __init__(self, config: LetterformsConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = LetterEncoder(config)
        self.decoder = LetterDecoder(config)
        self.register_prior(config.n_latent)

    def encode(self, x: Tensor, letters: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the style, (B, Z) each, as read from each glyph alone.

        The style of several glyphs of one typeface is the mean of their means and of their log-variances.

        Args:
            x: signed distance fields (B, 64, 64) in pixels, positive inside.
            letters: (B,) indices into CHARACTERS.
        """
        return self.settled(*self.encoder(x, letters).float().chunk(2, dim=1))

    def decode(self, z: Tensor, letters: Tensor) -> Tensor:
        """Signed distance fields (B, 64, 64) in pixels, positive inside, of styles (B, Z) and letters (B,)."""
        field: Tensor = self.decoder(self.inner(z), letters)
        return field


def device_of(model: nn.Module) -> torch.device:
    """Where a network lies."""
    return next(model.parameters()).device
