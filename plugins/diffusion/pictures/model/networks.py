"""The networks that a file of this family holds: a U-Net with its reader of prompts, alone, on latents, or two of them.

Latent diffusion: Rombach et al. 2022 (arXiv 2112.10752); cascades: Ho et al. 2021 (arXiv 2106.15282). Shape letters as
in unet.py.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ...shared.model.noise_schedule import NoiseSchedule
from .autoencoder import Autoencoder, AutoencoderConfig, LatentPreview
from .text_encoder import TextConfig, TextEncoder
from .unet import Conditioning, UNet, UNetConfig


@dataclass(frozen=True)
class PixelDiffusionConfig:
    """A U-Net, the noise it learnt with, and how it is asked: by class names, by words, or not at all."""

    unet: UNetConfig
    schedule: NoiseSchedule = field(default_factory=NoiseSchedule)
    text: TextConfig | None = None
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class LatentDiffusionConfig:
    """The same on the latents of an autoencoder."""

    diffusion: PixelDiffusionConfig
    autoencoder: AutoencoderConfig


@dataclass(frozen=True)
class CascadeConfig:
    """Two of them: the second one makes the first one's picture large."""

    base: PixelDiffusionConfig
    upscaler: PixelDiffusionConfig


class PixelDiffusion(nn.Module):
    """A U-Net with its reader of prompts; of pictures in -1..1, or of latents."""

    def __init__(self, config: PixelDiffusionConfig) -> None:
        super().__init__()
        context_width = config.text.width if config.text else 0
        if config.unet.context_width != context_width or config.unet.n_classes != len(config.class_names):
            raise ValueError("a U-Net that is asked in another way than its configuration says")
        if config.schedule.n_times < 2 or not is_falling(config.schedule.alphas_cumprod):
            raise ValueError("a schedule whose noise does not grow")
        self.config = config
        self.unet = UNet(config.unet)
        self.text = TextEncoder(config.text) if config.text else None

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one x."""
        unet = self.config.unet
        return unet.n_channels, unet.size_px, unet.size_px

    def asked(self, classes: Tensor | None = None, ids: Tensor | None = None) -> Conditioning:
        """What classes (B,) or pieces of prompts (B, L) ask for; nothing where neither is given."""
        if classes is not None:
            return Conditioning(self.unet.class_vector(classes))
        if ids is not None and self.text is not None:
            return self.unet.words(*self.text(ids))
        return Conditioning()

    def forward(
        self,
        x: Tensor,
        time: Tensor,
        *,
        classes: Tensor | None = None,
        ids: Tensor | None = None,
        extra: Tensor | None = None,
        extra_time: Tensor | None = None,
    ) -> Tensor:
        """What the U-Net says, as a training asks it."""
        asked = replace(self.asked(classes, ids), extra=extra, extra_time=extra_time)
        said: Tensor = self.unet(x, time, asked)
        return said


class LatentDiffusion(nn.Module):
    """Diffusion of the settled latents of an autoencoder, and a quick look at them."""

    def __init__(self, config: LatentDiffusionConfig) -> None:
        super().__init__()
        self.config = config
        self.diffusion = PixelDiffusion(config.diffusion)
        self.autoencoder = Autoencoder(config.autoencoder)
        self.preview = LatentPreview(config.autoencoder)
        if self.diffusion.shape != self.autoencoder.latent_shape:
            raise ValueError("a U-Net of other latents than the autoencoder's")


class Cascade(nn.Module):
    """A U-Net of small pictures, and one of large ones that sees the small one."""

    def __init__(self, config: CascadeConfig) -> None:
        super().__init__()
        self.config = config
        self.base = PixelDiffusion(config.base)
        self.upscaler = PixelDiffusion(config.upscaler)
        if config.upscaler.unet.n_extra != config.base.unet.n_channels:
            raise ValueError("a second stage that does not take the first one's pictures")


def is_falling(squared: npt.NDArray[np.float64]) -> bool:
    """Whether alpha² (T,) falls all the way, and always leaves some of the picture and some noise."""
    return bool(((squared > 0) & (squared < 1)).all() and (np.diff(squared) < 0).all())


def n_params(network: nn.Module) -> int:
    """How many numbers it has learnt."""
    return sum(weight.numel() for weight in network.parameters())


def device_of(network: nn.Module) -> torch.device:
    """Where its weights lie."""
    return next(network.parameters()).device
