"""Pipelines of other people as models of this family: their networks and noise, our samplers. Here those of pixels.

Shape letters: B items, C H W of what is denoised.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import torch
from torch import Tensor, nn

from studio.core.error import UserError
from studio.core.translation import N_

from ...pictures.model.denoisers import as_pictures
from ...pictures.model.unet import merged_maps
from ...shared.model.denoiser import Condition, Denoise, FloatArray, Guidance, Prediction
from .described import PipelineFolder
from .latents import Latents, as_batch
from .loading import load_component
from .predicting import guided, maps_of_words, together
from .tokens import Tokenised

Halves = Callable[[Tensor, float, list[Tensor] | None], Tensor]
"""(x (1, C, H, W), time, maps to fill) to what the network says of each half, (B, C, H, W)."""


class PixelPipeline:
    """A DDPM or DDIM pipeline: pixels without words."""

    kind: Literal["pictures", "sound"] = "pictures"
    has_attention = False

    def __init__(self, pipeline: PipelineFolder, dtype: torch.dtype, device: torch.device) -> None:
        self._unet: Any = load_component(pipeline.denoiser, dtype, device)
        self._unet.to(memory_format=torch.channels_last)
        self.networks: tuple[nn.Module, ...] = (self._unet,)
        self._pipeline, self._config = pipeline, pipeline.scheduler
        self._dtype, self._device = dtype, device
        self.shape: tuple[int, ...] = pipeline.shape
        self.size = pipeline.size
        self.schedule = pipeline.scheduler.schedule()

    def embed(self, prompt: str, negative: str = "") -> Condition:
        """See DiffusionModel: there is nothing to ask for."""
        if prompt.strip() or negative.strip():
            raise UserError(N_("This model does not use words."), N_("Leave the prompt empty."))
        return Condition("")

    def denoiser(self, condition: Condition, guidance: Guidance, with_attention: bool = False) -> Denoise:
        """See DiffusionModel."""

        def halves(x: Tensor, time: float, maps: list[Tensor] | None) -> Tensor:
            said: Tensor = self._unet(x, torch.tensor(time, device=x.device), return_dict=False)[0]
            return said

        return self._denoise(halves, guidance, (True, False), None)

    def _denoise(
        self, halves: Halves, guidance: Guidance, needed: tuple[bool, bool], words: Tokenised | None
    ) -> Denoise:
        @torch.inference_mode()
        def one(x: Tensor, time: float) -> Prediction:
            maps: list[Tensor] | None = None if words is None else []
            layout = x.to(self._device, self._dtype).contiguous(memory_format=torch.channels_last)
            said = halves(layout, time, maps).float().to(x.device).contiguous()
            found = guided(x, said, self._config, guidance, needed, time, self.schedule)
            if not maps or words is None:
                return found
            return replace(found, attention=maps_of_words(merged_maps(maps), words).to(x.device))

        return lambda x, time: together([one(x[item : item + 1], time) for item in range(len(x))])

    def encode(self, clean: FloatArray) -> Tensor:
        """See DiffusionModel."""
        picture = 2 * as_batch(clean) - 1
        return picture.mean(1, keepdim=True) if self.shape[0] == 1 else picture

    def decode(self, x0: Tensor) -> FloatArray:
        """See DiffusionModel."""
        return as_pictures(x0[:1].float() / 2 + 0.5)[0]

    def preview(self, x: Tensor) -> FloatArray:
        """See DiffusionModel."""
        return as_pictures(x.float() / 2 + 0.5)


class LatentPipeline(PixelPipeline):
    """One whose x are the latents of an autoencoder."""

    def __init__(self, pipeline: PipelineFolder, dtype: torch.dtype, device: torch.device) -> None:
        super().__init__(pipeline, dtype, device)
        self._latents = Latents(pipeline, dtype, device)
        self.networks += (self._latents.vae,)

    def encode(self, clean: FloatArray) -> Tensor:
        """See DiffusionModel."""
        return self._latents.encode(clean)

    def decode(self, x0: Tensor) -> FloatArray:
        """See DiffusionModel."""
        return self._latents.decode(x0)

    def preview(self, x: Tensor) -> FloatArray:
        """See DiffusionModel."""
        return self._latents.preview(x)
