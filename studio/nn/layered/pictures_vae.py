"""A variational autoencoder of coloured pictures, 64 x 64 pixels.

Kingma and Welling 2014 (arXiv 1312.6114). Conditioning by scale and shift: FiLM, Perez et al. 2018 (arXiv 1709.07871).
Shape letters: B batch, C channels, H W pixels, Z latent numbers.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DETAIL_GAIN = 8.0


@dataclass(frozen=True)
class PicturesConfig:
    """Sizes: pictures of size_px x size_px in three colours, a latent of n_latent numbers.

    The widths are the channels of the decoder at 4, 8, 16 and 32 px; encoder_widths those at 32, 16, 8 and 4 px.
    """

    size_px: int = 64
    n_latent: int = 48
    condition_width: int = 192
    seed_width: int = 64
    widths: tuple[int, int, int, int] = (192, 128, 64, 32)
    encoder_widths: tuple[int, int, int, int] = (32, 64, 128, 128)


class FilmConv(nn.Module):
    """A 3 x 3 convolution, normalised, whose channels a condition scales and shifts; residual where widths agree."""

    def __init__(self, n_in: int, n_out: int, condition_width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, 3, padding=1)
        self.norm = nn.GroupNorm(4, n_out)
        self.film = nn.Linear(condition_width, 2 * n_out)
        self.is_residual = n_in == n_out
        nn.init.normal_(self.film.weight, std=0.3 / math.sqrt(condition_width))
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Maps (B, C, H, W) under a condition (B, condition)."""
        scale, shift = self.film(condition)[:, :, None, None].chunk(2, dim=1)  # (B, C, 1, 1) each
        y = F.silu(self.norm(self.conv(x)) * (1 + scale) + shift)  # (B, C, H, W)
        return (x + y) * math.sqrt(0.5) if self.is_residual else y


class PictureEncoder(nn.Module):
    """Pictures to the mean and log-variance of their places; faint lines are amplified in channels of their own."""

    def __init__(self, config: PicturesConfig) -> None:
        super().__init__()
        w32, w16, w8, w4 = config.encoder_widths
        self.conv32 = nn.Conv2d(24, w32, 3, padding=1)
        self.conv16 = nn.Conv2d(w32, w16, 3, stride=2, padding=1)
        self.norm16 = nn.GroupNorm(8, w16)
        self.conv8 = nn.Conv2d(w16, w8, 3, stride=2, padding=1)
        self.norm8 = nn.GroupNorm(8, w8)
        self.same8 = nn.Conv2d(w8, w8, 3, padding=1)
        self.conv4 = nn.Conv2d(w8, w4, 3, stride=2, padding=1)
        side = config.size_px // 16
        self.narrow = nn.Conv2d(w4, w4 // 4, 1)
        self.hidden = nn.Linear(w4 // 4 * side * side, 256)
        self.head = nn.Linear(256, 2 * config.n_latent)

    def forward(self, x: Tensor) -> Tensor:
        """Means and log-variances (B, 2 Z), one after the other, of pictures (B, 3, 64, 64) in [0, 1]."""
        around = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)  # (B, 3, 64, 64)
        x = torch.cat([2 * x - 1, torch.tanh(DETAIL_GAIN * (x - around))], 1)  # (B, 6, 64, 64)
        x = F.pixel_unshuffle(x, 2)  # (B, 24, 32, 32)
        x = F.silu(self.conv32(x))  # (B, C, 32, 32)
        x = F.silu(self.norm16(self.conv16(x)))  # (B, C, 16, 16)
        x = F.silu(self.norm8(self.conv8(x)))  # (B, C, 8, 8)
        x = (x + F.silu(self.same8(x))) * math.sqrt(0.5)  # (B, C, 8, 8)
        x = F.silu(self.conv4(x))  # (B, C, 4, 4)
        x = F.silu(self.narrow(x)).flatten(1)  # (B, 4 C)
        found: Tensor = self.head(F.silu(self.hidden(x)))  # (B, 2 Z)
        return found


class PictureDecoder(nn.Module):
    """Places to pictures: the place steers every layer, and the width lies at low resolution."""

    def __init__(self, config: PicturesConfig, last_width: int = 0, n_maps: int = 3) -> None:
        """Grow to `n_maps` maps, over `last_width` channels at 32 px where the configuration says other ones."""
        super().__init__()
        self.seed_width, self.side = config.seed_width, config.size_px // 16
        w4, w8, w16, w32 = config.widths
        w32 = last_width or w32
        condition = config.condition_width
        self.condition = nn.Sequential(
            nn.Linear(config.n_latent, 256),
            nn.SiLU(),
            nn.Linear(256, 256),
            nn.SiLU(),
            nn.Linear(256, condition),
            nn.SiLU(),
        )
        self.start = nn.Linear(condition, config.seed_width * self.side**2)
        self.blocks4 = nn.ModuleList([FilmConv(config.seed_width, w4, condition), FilmConv(w4, w4, condition)])
        self.blocks8 = nn.ModuleList([FilmConv(w4, w8, condition), FilmConv(w8, w8, condition)])
        self.blocks16 = nn.ModuleList([FilmConv(w8, w16, condition), FilmConv(w16, w16, condition)])
        self.grow32 = nn.Conv2d(w16, 4 * w32, 3, padding=1)
        self.block32 = FilmConv(w32, w32, condition)
        self.grow64 = nn.Conv2d(w32, 4 * n_maps, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        """Pictures (B, 3, 64, 64) in [0, 1] of places (B, Z)."""
        return torch.sigmoid(self.grown(self.condition(z)).float())  # (B, 3, 64, 64)

    def grown(self, c: Tensor) -> Tensor:
        """Maps (B, C, 64, 64) that grow under a condition (B, condition)."""
        x = self.start(c).view(-1, self.seed_width, self.side, self.side)  # (B, C, 4, 4)
        x = x.contiguous(memory_format=torch.channels_last)
        for block in self.blocks4:
            x = block(x, c)  # (B, C, 4, 4)
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        for block in self.blocks8:
            x = block(x, c)  # (B, C, 8, 8)
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        for block in self.blocks16:
            x = block(x, c)  # (B, C, 16, 16)
        x = F.silu(F.pixel_shuffle(self.grow32(x), 2))  # (B, C, 32, 32)
        x = self.block32(x, c)  # (B, C, 32, 32)
        return F.pixel_shuffle(self.grow64(x), 2)  # (B, C, 64, 64)


class PicturesVAE(nn.Module):
    """Coloured pictures; places are made N(0, I) after the training by an affine map, as in the letterforms.

    inner place = centre + spread @ z, z = gather @ (inner place - centre).
    """

    centre: Tensor
    spread: Tensor
    gather: Tensor

    def __init__(self, config: PicturesConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = PictureEncoder(config)
        self.decoder = PictureDecoder(config)
        self.register_buffer("centre", torch.zeros(config.n_latent))
        self.register_buffer("spread", torch.eye(config.n_latent))
        self.register_buffer("gather", torch.eye(config.n_latent))

    @torch.no_grad()
    def settle_prior(self, means: Tensor, log_variances: Tensor) -> None:
        """Give known pictures, q(z | x) with means and log-variances (N, Z), places of mean 0 and covariance I."""
        centre = means.mean(0)  # (Z,)
        offsets = (means - centre).double()
        covariance = offsets.T @ offsets / len(means) + log_variances.exp().mean(0).double().diag()  # (Z, Z)
        variances, axes = torch.linalg.eigh(covariance)
        deviations, axes = variances.flip(0).clamp_min(1e-8).sqrt(), axes.flip(1)
        self.centre = self.centre + self.spread @ centre
        self.spread = self.spread @ (axes * deviations).float()
        self.gather = (axes / deviations).float().T @ self.gather

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z | x), (B, Z) each, of pictures (B, 3, 64, 64) in [0, 1]."""
        mean, log_variance = self.encoder(x).float().chunk(2, dim=1)  # (B, Z) each
        variance = log_variance.exp() @ self.gather.square().T  # (B, Z) of the posterior's own axes
        return (mean - self.centre) @ self.gather.T, variance.log()

    def decode(self, z: Tensor) -> Tensor:
        """Pictures (B, 3, 64, 64) in [0, 1] of places (B, Z)."""
        picture: Tensor = self.decoder(self.inner(z))
        return picture

    def inner(self, z: Tensor) -> Tensor:
        """Places (B, Z) as the decoder learnt them."""
        return self.centre + z @ self.spread.T
