"""Pictures to small latents and back, and a linear look at latents that costs next to nothing.

KL-regularised autoencoder: Rombach et al. 2022 (arXiv 2112.10752); pixel shuffle: Shi et al. 2016 (arXiv 1609.05158).
Shape letters: B batch, C channels, Z latent channels, H W pixels, h w cells of fold x fold pixels.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .unet import N_GROUPS, zeroed

DETAIL_GAIN = 8.0
LOG_VARIANCE_LIMITS = (-20.0, 4.0)


@dataclass(frozen=True)
class AutoencoderConfig:
    """Sizes: pictures of size_px x size_px in three colours, latents of n_latent channels on cells of 4 x 4 pixels.

    Attributes:
        encoder_width, width: channels at the cells' size on the way in and out.
        n_encoder_blocks, n_blocks: residual blocks there.
        fine_width, finest_width: channels at half the pictures' size, and at their own.
    """

    size_px: int = 64
    n_latent: int = 8
    encoder_width: int = 80
    width: int = 104
    n_encoder_blocks: int = 2
    n_blocks: int = 3
    fine_width: int = 32
    finest_width: int = 12


FOLD = 4


class PlainBlock(nn.Module):
    """Two 3 x 3 convolutions beside the straight way; begins as if it were not there."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(N_GROUPS, width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.norm2 = nn.GroupNorm(N_GROUPS, width)
        self.conv2 = zeroed(nn.Conv2d(width, width, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv1(F.silu(self.norm1(x)))
        out: Tensor = x + self.conv2(F.silu(self.norm2(inner)))
        return out


class LatentEncoder(nn.Module):
    """Pictures to mean and log-variance of latents; faint lines are amplified in channels of their own."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        width = config.encoder_width
        self.enter = nn.Conv2d(6 * FOLD**2, width, 3, padding=1)
        self.blocks = nn.Sequential(*[PlainBlock(width) for _ in range(config.n_encoder_blocks)])
        self.norm = nn.GroupNorm(N_GROUPS, width)
        self.leave = nn.Conv2d(width, 2 * config.n_latent, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        around = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)  # (B, 3, H, W)
        x = torch.cat([2 * x - 1, torch.tanh(DETAIL_GAIN * (x - around))], 1)  # (B, 6, H, W)
        x = self.blocks(self.enter(F.pixel_unshuffle(x, FOLD)))  # (B, C, h, w)
        found: Tensor = self.leave(F.silu(self.norm(x)))
        return found  # (B, 2 Z, h, w)


class LatentDecoder(nn.Module):
    """Latents to pictures: the work is done on cells, two light layers draw the edges."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        width, fine, finest = config.width, config.fine_width, config.finest_width
        self.enter = nn.Conv2d(config.n_latent, width, 3, padding=1)
        self.blocks = nn.Sequential(*[PlainBlock(width) for _ in range(config.n_blocks)])
        self.norm = nn.GroupNorm(N_GROUPS, width)
        self.grow = nn.Conv2d(width, 4 * fine, 3, padding=1)
        self.fine = nn.Conv2d(fine, fine, 3, padding=1)
        self.grow_again = nn.Conv2d(fine, 4 * finest, 3, padding=1)
        self.leave = nn.Conv2d(finest, 3, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        x = self.blocks(self.enter(z))  # (B, C, h, w)
        x = F.silu(F.pixel_shuffle(self.grow(F.silu(self.norm(x))), 2))  # (B, fine, 2 h, 2 w)
        x = x + F.silu(self.fine(x))
        x = F.silu(F.pixel_shuffle(self.grow_again(x), 2))  # (B, finest, H, W)
        return 0.5 + 0.5 * self.leave(x).float()  # (B, 3, H, W)


class Autoencoder(nn.Module):
    """Coloured pictures; after the training, `settle` gives the latents of known pictures mean 0 and variance 1."""

    centre: Tensor
    spread: Tensor

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = LatentEncoder(config)
        self.decoder = LatentDecoder(config)
        self.register_buffer("centre", torch.zeros(config.n_latent, 1, 1))
        self.register_buffer("spread", torch.ones(config.n_latent, 1, 1))

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """(Z, h, w) of one picture's latent."""
        side = self.config.size_px // FOLD
        return self.config.n_latent, side, side

    def posterior(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance (B, Z, h, w) of q(z | x), before settling, of pictures (B, 3, H, W) in [0, 1]."""
        mean, log_variance = self.encoder(pictures).float().chunk(2, dim=1)
        return mean, log_variance.clamp(*LOG_VARIANCE_LIMITS)

    def draw(self, z: Tensor) -> Tensor:
        """Pictures (B, 3, H, W), about in [0, 1] but not clipped, of latents as `posterior` gives them."""
        picture: Tensor = self.decoder(z)
        return picture

    @torch.no_grad()
    def settle(self, means: Tensor) -> None:
        """Take centre and spread from posterior means (N, Z, h, w)."""
        self.centre = means.mean((0, 2, 3))[:, None, None]
        self.spread = means.transpose(0, 1).flatten(1).std(1).clamp_min(1e-6)[:, None, None]

    def encode(self, pictures: Tensor) -> Tensor:
        """Settled latents (B, Z, h, w) of pictures (B, 3, H, W) in [0, 1]."""
        return (self.posterior(pictures)[0] - self.centre) / self.spread

    def decode(self, latents: Tensor) -> Tensor:
        """Pictures (B, 3, H, W) in [0, 1] of settled latents (B, Z, h, w)."""
        return self.draw(self.centre + latents * self.spread).clamp(0, 1)


class LatentPreview(nn.Module):
    """A linear map from settled latents to pictures: one 3 x 3 convolution, about a million products a picture."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.map = nn.Conv2d(config.n_latent, 3 * FOLD**2, 3, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        """Rough pictures (B, 3, H, W) in [0, 1] of latents (B, Z, h, w)."""
        return F.pixel_shuffle(self.map(latents), FOLD).clamp(0, 1)

    @torch.no_grad()
    def fit(self, latents: Tensor, pictures: Tensor, ridge: float = 1e-3) -> None:
        """Take the weights of least squared error from latents (N, Z, h, w) and their pictures (N, 3, H, W)."""
        patches = F.unfold(latents, 3, padding=1)  # (N, 9 Z, h w)
        rows = torch.cat([patches, torch.ones_like(patches[:, :1])], 1).transpose(1, 2).flatten(0, 1).double()
        wanted = F.pixel_unshuffle(pictures, FOLD).flatten(2).transpose(1, 2).flatten(0, 1).double()  # (N h w, 48)
        square = rows.T @ rows + ridge * len(rows) * torch.eye(rows.shape[1], dtype=torch.float64, device=rows.device)
        solved = torch.linalg.solve(square, rows.T @ wanted).float()  # (9 Z + 1, 48)
        self.map.weight.copy_(solved[:-1].T.reshape(self.map.weight.shape))
        assert self.map.bias is not None
        self.map.bias.copy_(solved[-1])
