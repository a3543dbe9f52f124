"""The autoencoder of a pipeline: pictures to latents and back, and a quick look at latents.

Shape letters: B items, C channels, h w of the latents, H W pixels.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.seed import standard_normal
from studio.core.translation import N_

from ...pictures.model.denoisers import as_pictures
from ...shared.model.denoiser import FloatArray
from .described import PipelineFolder
from .loading import load_component
from .memory import TILE_PX

TILED_FROM_PX: Final = 768
_FIT_SIDES: Final = 16
_N_FITS: Final = 6


class Latents:
    """Attributes: vae: the network."""

    def __init__(self, pipeline: PipelineFolder, dtype: torch.dtype, device: torch.device) -> None:
        component = pipeline.components["vae"]
        self.vae: Any = load_component(component, dtype, device).to(memory_format=torch.channels_last)
        self._dtype, self._device = dtype, device
        self._n_channels, self._stride = pipeline.shape[0], pipeline.stride
        self._scale, self._shift = _latent_scale(component.config, self._n_channels)
        if max(pipeline.size) >= TILED_FROM_PX and component.class_name == "AutoencoderKL":
            self.vae.enable_tiling()
            self.vae.tile_sample_min_size = TILE_PX
            self.vae.tile_latent_min_size = TILE_PX // self._stride
        self._preview: list[Tensor] = []

    @torch.inference_mode()
    def encode(self, clean: FloatArray) -> Tensor:
        """A picture (H, W, 3) in 0..1 as latents (1, C, h, w): the mean of what the autoencoder says."""
        picture = (2 * as_batch(clean) - 1).to(self._device, self._dtype)
        said = self.vae.encode(picture)
        latents: Tensor = said.latents if hasattr(said, "latents") else said.latent_dist.mode()
        return (latents.float().cpu() - self._shift) / self._scale

    @torch.inference_mode()
    def decode(self, x0: Tensor) -> FloatArray:
        """The picture (H, W, 3) in 0..1 of latents (1, C, h, w); large ones in tiles."""
        return as_pictures(self._decoded(x0[:1]) / 2 + 0.5)[0]

    def _decoded(self, latents: Tensor) -> Tensor:
        scaled = latents.float().cpu() * self._scale + self._shift
        layout = scaled.to(self._device, self._dtype).contiguous(memory_format=torch.channels_last)
        picture: Tensor = self.vae.decode(layout, return_dict=False)[0].float().cpu()
        return picture

    @torch.inference_mode()
    def preview(self, x: Tensor) -> FloatArray:
        """Pictures (B, h, w, 3) in 0..1 by a linear map of the latents, fitted by least squares to a few small decodes.

        What is decoded for that are soft random latents of the spread that clean ones have; made at the first call.
        """
        if not self._preview:
            self._preview.append(self._fitted())
        latents = x.float().cpu().movedim(1, 3)  # (B, H, W, C)
        colours = torch.cat([latents, torch.ones_like(latents[..., :1])], 3) @ self._preview[0]  # (B, H, W, 3)
        return as_pictures(colours.movedim(3, 1) / 2 + 0.5)

    def _fitted(self) -> Tensor:
        """(C + 1, 3): from a latent and 1 to the mean colour of the pixels that it stands for, -1..1."""
        channels = self._n_channels
        seen = torch.from_numpy(standard_normal((_N_FITS, channels, _FIT_SIDES, _FIT_SIDES), 0, "preview"))
        soft = torch.nn.functional.avg_pool2d(seen, 5, 1, 2, count_include_pad=False)
        latents = soft / soft.std((2, 3), keepdim=True)
        pictures = torch.cat([self._decoded(one[None]) for one in latents])  # (n, 3, S side, S side)
        wanted = torch.nn.functional.avg_pool2d(pictures, self._stride).movedim(1, 3).reshape(-1, 3)
        rows = latents.movedim(1, 3).reshape(-1, channels)
        rows = torch.cat([rows, torch.ones_like(rows[:, :1])], 1)
        return torch.linalg.lstsq(rows, wanted).solution


def _latent_scale(config: Mapping[str, Any], n_channels: int) -> tuple[Tensor, Tensor]:
    """By what latents are multiplied, and what is added, before they are decoded: (1, C, 1, 1) each."""
    factor, shift = config.get("scaling_factor", 0.18215), config.get("shift_factor") or 0.0
    mean, std = config.get("latents_mean"), config.get("latents_std")
    try:
        spread = np.array(std if mean is not None and std is not None else [1.0] * n_channels, float)
        middle = np.array(mean if mean is not None and std is not None else [0.0] * n_channels, float)
        scale, offset = spread / float(factor), middle + float(shift)
        if scale.shape != (n_channels,) or offset.shape != scale.shape or not (abs(scale) > 0).all():
            raise ValueError("not one number for each channel")
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise UserError(N_("The settings of the autoencoder do not say how its latents are scaled.")) from error
    return _per_channel(scale), _per_channel(offset)


def _per_channel(values: Any) -> Tensor:
    return torch.tensor(values, dtype=torch.float32).reshape(1, -1, 1, 1)


def as_batch(clean: FloatArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(clean, np.float32)).movedim(2, 0)[None]
