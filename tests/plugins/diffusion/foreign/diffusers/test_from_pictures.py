"""Pipelines that begin with a picture, or paint over a part of one, give what their own program gives."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.diffusion.foreign.diffusers.pixels import PixelPipeline
from plugins.diffusion.shared.model.denoiser import Condition, Guidance
from plugins.diffusion.shared.model.noise_schedule import lay_grid
from plugins.diffusion.shared.model.run import run_steps
from plugins.diffusion.shared.model.sampler import SAMPLERS, SamplerInputs
from plugins.diffusion.shared.params import DiffusionParams
from studio.core.error import UserError
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import (
    BETAS,
    autoencoder,
    need_libraries,
    stable_diffusion,
    text_encoder,
    tokenizer,
    words_unet,
    write,
)
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import (
    N_STEPS,
    PROMPT,
    SEED,
    Drawn,
    furthest,
    noise,
    opened,
    walked,
)

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
TOLERANCE = 1e-4
PLAIN: dict[str, Any] = {
    "clip_sample": False,
    "set_alpha_to_one": False,
    "timestep_spacing": "leading",
    "steps_offset": 1,
    **BETAS,
}
PICTURE = np.random.default_rng(3).random((16, 16, 3), np.float32)
MASK = np.zeros((16, 16), np.float32)
MASK[4:10, 2:12] = 1


@pytest.fixture(autouse=True)
def _means(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures go in by their mean, as here, and not by a draw."""
    need_libraries()
    name = "diffusers.models.autoencoders.vae.DiagonalGaussianDistribution"
    monkeypatch.setattr(f"{name}.sample", lambda self, generator=None: self.mean)


def batch(picture: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(picture).movedim(2, 0)[None]


def second_stage(folder: Path, scheduler: Any, hears_score: bool = True) -> Any:
    """Like the refiner of Stable Diffusion XL: it hears with the second of two encoders, and a score."""
    from diffusers import StableDiffusionXLImg2ImgPipeline

    words = tokenizer(folder)
    unet = words_unet(
        24,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=(5 if hears_score else 6) * 8 + 24,
        use_linear_projection=True,
    )
    return StableDiffusionXLImg2ImgPipeline(
        vae=autoencoder(),
        text_encoder=None,
        tokenizer=None,
        text_encoder_2=text_encoder(words, 24, "CLIPTextModelWithProjection"),
        tokenizer_2=words,
        unet=unet,
        scheduler=scheduler,
        requires_aesthetics_score=hears_score,
        force_zeros_for_empty_prompt=False,
    )


def of_pictures(name: str, folder: Path, **settings: Any) -> Any:
    """A pipeline of Stable Diffusion of that name."""
    import diffusers

    parts = stable_diffusion(folder, diffusers.DDIMScheduler(**PLAIN), **settings).components
    return getattr(diffusers, name)(**parts, requires_safety_checker=False)


def from_picture(model: PixelPipeline, strength: float) -> torch.Tensor:
    params = DiffusionParams(seed=SEED, sampler="ddim", steps=N_STEPS, guidance=4.0)
    start = {"picture": PICTURE, "strength": np.array(strength)}
    *_, last = run_steps(model, model.embed(PROMPT), params, start)
    return last.x


@pytest.mark.parametrize("strength", [0.5, 0.8])
@pytest.mark.parametrize("version", ["1", "second stage", "second stage without a score"])
def test_a_picture_made_different_is_that_of_the_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, strength: float
) -> None:
    import diffusers

    if version == "1":
        pipeline, module = of_pictures("StableDiffusionImg2ImgPipeline", tmp_path / "words"), "stable_diffusion"
    else:
        scheduler = diffusers.DDIMScheduler(**PLAIN)
        pipeline = second_stage(tmp_path / "words", scheduler, version == "second stage")
        module = "stable_diffusion_xl"
    model = opened(write(pipeline, tmp_path / "folder"))
    drawn = Drawn([noise(model)])
    monkeypatch.setattr(f"diffusers.pipelines.{module}.pipeline_{module}_img2img.randn_tensor", drawn)
    theirs = pipeline(
        PROMPT,
        image=batch(PICTURE),
        strength=strength,
        num_inference_steps=N_STEPS,
        guidance_scale=4.0,
        output_type="latent",
    ).images
    assert furthest(from_picture(model, strength), theirs) < TOLERANCE
    assert furthest(from_picture(model, strength - 0.1), theirs) > 10 * TOLERANCE


def repainted(model: PixelPipeline, condition: Condition) -> torch.Tensor:
    """The last latents of a run whose U-Net alone knows what stays."""
    denoise = model.denoiser(condition, Guidance(4.0))
    grid = lay_grid(model.schedule, N_STEPS)
    *_, last = SAMPLERS["ddim"](SamplerInputs(denoise, grid, noise(model), lambda k: noise(model, k)))
    return last.x


@pytest.mark.long("computes for long")
def test_a_u_net_that_sees_what_stays_paints_as_in_its_pipeline(tmp_path: Path) -> None:
    pipeline = of_pictures("StableDiffusionInpaintPipeline", tmp_path / "words", in_channels=9)
    model: Any = opened(write(pipeline, tmp_path / "folder"))
    assert model.shape == (4, 8, 8)

    def theirs(picture: np.ndarray, mask: np.ndarray) -> torch.Tensor:
        found: torch.Tensor = pipeline(
            PROMPT,
            image=batch(picture),
            mask_image=torch.from_numpy(mask)[None, None],
            latents=noise(model),
            num_inference_steps=N_STEPS,
            guidance_scale=4.0,
            output_type="latent",
            height=16,
            width=16,
        ).images
        return found

    known = model.with_known(model.embed(PROMPT), PICTURE, MASK)
    assert furthest(repainted(model, known), theirs(PICTURE, MASK)) < TOLERANCE
    nothing = theirs(np.full_like(PICTURE, 0.5), np.ones_like(MASK))
    assert furthest(walked(model, "ddim", PROMPT, guidance=Guidance(4.0))[-1].x, nothing) < TOLERANCE
    assert furthest(nothing, theirs(PICTURE, MASK)) > 10 * TOLERANCE


def test_a_run_with_a_mask_lets_the_network_see_what_stays(tmp_path: Path) -> None:
    pipeline = of_pictures("StableDiffusionInpaintPipeline", tmp_path / "words", in_channels=9)
    model: Any = opened(write(pipeline, tmp_path / "folder"))
    params = DiffusionParams(seed=SEED, sampler="ddim", steps=N_STEPS, guidance=4.0)
    first = next(run_steps(model, model.embed(PROMPT), params, {"picture": PICTURE, "mask": MASK}))
    known = model.with_known(model.embed(PROMPT), PICTURE, MASK)
    said = model.denoiser(known, Guidance(4.0))(first.x, first.time)
    assert first.prediction is not None
    assert torch.equal(first.prediction.x0, said.x0)


def test_a_u_net_of_another_number_of_facts_is_refused(tmp_path: Path) -> None:
    import diffusers

    pipeline = second_stage(tmp_path / "words", diffusers.DDIMScheduler(**PLAIN), hears_score=False)
    pipeline.register_to_config(requires_aesthetics_score=True)
    model = opened(write(pipeline, tmp_path / "folder"))
    with pytest.raises(UserError, match="projection_class_embeddings_input_dim"):
        model.denoiser(model.embed(PROMPT), Guidance(4.0))


def steps_to_the_next_time(scheduler: Any) -> None:
    """Let a DDIM of the library step to the time that it asks at next.

    It goes a whole stride down instead, which is another time where its times are laid from end to end: there its own
    run asks the network of a noise that is not in x.
    """
    step = scheduler.step

    def to_the_next(said: torch.Tensor, time: torch.Tensor, *given: Any, **named: Any) -> Any:
        times = scheduler.timesteps.tolist()
        following = [*times, times[-1] - 1][times.index(int(time)) + 1]
        scheduler.register_to_config(num_train_timesteps=(int(time) - following) * N_STEPS)
        return step(said, time, *given, **named)

    scheduler.step = to_the_next


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
def test_another_sampler_takes_the_times_that_the_library_gives_it(tmp_path: Path, spacing: str) -> None:
    """DDIM asks at whole times, also in a folder whose own sampler asks between them."""
    import diffusers

    settings = {"timestep_spacing": spacing, "steps_offset": 1, **BETAS}
    euler = diffusers.EulerAncestralDiscreteScheduler(**settings)
    pipeline = stable_diffusion(tmp_path / "words", euler)
    model = opened(write(pipeline, tmp_path / "folder"))
    pipeline.scheduler = diffusers.DDIMScheduler.from_config(euler.config, clip_sample=False)
    if spacing == "linspace":
        steps_to_the_next_time(pipeline.scheduler)
    theirs = pipeline(
        PROMPT,
        latents=noise(model),
        num_inference_steps=N_STEPS,
        guidance_scale=4.0,
        output_type="latent",
        height=16,
        width=16,
    ).images
    assert furthest(walked(model, "ddim", PROMPT, guidance=Guidance(4.0))[-1].x, theirs) < TOLERANCE
