"""One run of ours and one of the pipeline that wrote the folder, from the same noise."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from plugins.diffusion.foreign.diffusers.models import open_pipeline
from plugins.diffusion.foreign.diffusers.pixels import PixelPipeline
from plugins.diffusion.importers import DiffusersImporter
from plugins.diffusion.shared.model.denoiser import DiffusionStep, Guidance
from plugins.diffusion.shared.model.noise_schedule import lay_grid
from plugins.diffusion.shared.model.position import noise_of
from plugins.diffusion.shared.model.sampler import SAMPLERS, SamplerInputs
from plugins.diffusion.shared.params import SamplerName
from studio.compute.device import Device
from studio.core.pausing import result_of

CPU = Device("cpu", "float32", 1)
SEED = 5
N_STEPS = 10
PROMPT = "a red fox"


def opened(folder: Path) -> PixelPipeline:
    return open_pipeline(result_of(DiffusersImporter().load(folder)), CPU)


def noise(model: PixelPipeline, k: int = 0) -> Tensor:
    return noise_of([SEED], k, model.shape)


def walked(
    model: PixelPipeline,
    sampler: SamplerName = "ddim",
    prompt: str = "",
    negative: str = "",
    guidance: Guidance = Guidance(),  # noqa: B008 - frozen
    with_attention: bool = False,
    eta: float = 0.0,
) -> list[DiffusionStep]:
    """Every step of our run with ten steps."""
    denoise = model.denoiser(model.embed(prompt, negative), guidance, with_attention)
    grid = lay_grid(model.schedule, N_STEPS, sampler=sampler)
    return list(SAMPLERS[sampler](SamplerInputs(denoise, grid, noise(model), lambda k: noise(model, k), eta=eta)))


def latents_of(pipeline: Any, start: Tensor, guidance: float, negative: str | None = None) -> Tensor:
    """What the library's own run with ten steps ends with; `start` is x as VP has it, at the first level."""
    pipeline.scheduler.set_timesteps(N_STEPS)
    if hasattr(pipeline.scheduler, "init_noise_sigma") and "Euler" in type(pipeline.scheduler).__name__:
        # which multiplies by this; where it counts x / alpha, by sigma only
        ratio = float(pipeline.scheduler.sigmas[0])
        start = start * (ratio**2 + 1) ** 0.5 / float(pipeline.scheduler.init_noise_sigma)
    found: Tensor = pipeline(
        PROMPT,
        negative_prompt=negative,
        num_inference_steps=N_STEPS,
        guidance_scale=guidance,
        latents=start,
        output_type="latent",
        height=16,
        width=16,
    ).images
    return found


class Drawn:
    """Stands in for the library's noise: hands out given tensors, one at a call."""

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._left = list(tensors)

    def __call__(self, *_: Any, **__: Any) -> Tensor:
        return self._left.pop(0).clone()


def furthest(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max())


def as_pixels(images: Any) -> Tensor:
    """The library's pictures (B, H, W, 3) in 0..1 as x0 (B, 3, H, W)."""
    return 2 * torch.from_numpy(images).movedim(3, 1) - 1
