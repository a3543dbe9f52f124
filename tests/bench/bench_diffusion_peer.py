"""The same weights in our hands and in those of `diffusers`: one prompt, guided, 50 steps of DDIM."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from studio.compute.device import choose_device
from studio.core.pausing import result_of
from tests.bench.statistic import times_as_fast
from tests.bench.suite import Figure, bench

N_STEPS = 50
GUIDANCE = 7.5
SIDE = 32
WIDTHS = (64, 128, 192)
PROMPT = "a red fox"
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


@bench("diffusion.vs_diffusers", "x", at_least=1.0)
def vs_diffusers() -> Figure:
    """A random U-Net built like Stable Diffusion's, smaller; words to latents, float32, all cores on both sides."""
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        theirs = _pipeline(Path(folder))
        ours = _opened(theirs, Path(folder) / "pipeline")
        noise = torch.randn(1, 4, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
        figure = times_as_fast(lambda: _run(ours, noise), lambda: _pipeline_run(theirs, noise), "its pipeline")
        furthest = float((_run(ours, noise) - _pipeline_run(theirs, noise)).abs().max())
    n_params = sum(one.numel() for one in theirs.unet.parameters()) / 1e6
    about = f"{n_params:.1f} M in the U-Net, {SIDE} x {SIDE}, furthest apart {furthest:.1e}"
    return replace(figure, note=f"{figure.note}, {about}")


def _pipeline(folder: Path) -> Any:
    from diffusers import DDIMScheduler

    from tests.plugins.diffusion.foreign.diffusers.made_pipeline import stable_diffusion
    from tests.plugins.transformer.foreign.made_folder import quiet_transformers

    quiet_transformers()
    scheduler = DDIMScheduler(clip_sample=False, set_alpha_to_one=False, steps_offset=1, **BETAS)
    pipeline = stable_diffusion(
        folder / "words",
        scheduler,
        sample_size=SIDE,
        block_out_channels=WIDTHS,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=8,
        norm_num_groups=32,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _opened(pipeline: Any, folder: Path) -> Any:
    from plugins.diffusion.foreign.diffusers.models import open_pipeline
    from plugins.diffusion.importers import DiffusersImporter

    pipeline.save_pretrained(folder)
    return open_pipeline(result_of(DiffusersImporter().load(folder)), choose_device())


def _pipeline_run(pipeline: Any, noise: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = pipeline(
        PROMPT,
        num_inference_steps=N_STEPS,
        guidance_scale=GUIDANCE,
        latents=noise,
        output_type="latent",
        height=2 * SIDE,
        width=2 * SIDE,
    ).images
    return found


def _run(model: Any, noise: torch.Tensor) -> torch.Tensor:
    from plugins.diffusion.shared.model.denoiser import Guidance
    from plugins.diffusion.shared.model.noise_schedule import lay_grid
    from plugins.diffusion.shared.model.sampler import SamplerInputs, ddim

    denoise = model.denoiser(model.embed(PROMPT), Guidance(GUIDANCE))
    walk = SamplerInputs(denoise, lay_grid(model.schedule, N_STEPS), noise, lambda k: noise)
    *_, last = ddim(walk)
    return last.x
