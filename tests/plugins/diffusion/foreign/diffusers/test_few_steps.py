"""Latent consistency models: told their guidance as a number, at the times of their training, with fresh noise."""

import numpy as np
import pytest
import torch

from plugins.diffusion.foreign.diffusers.scheduler import parse_scheduler
from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.model.noise_schedule import lay_grid
from plugins.diffusion.shared.params import DiffusionParams
from studio.core.error import UserError
from studio.core.param import first_params
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import (
    need_libraries,
    stable_diffusion,
    stable_diffusion_xl,
    write,
)
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import (
    N_STEPS,
    PROMPT,
    Drawn,
    furthest,
    noise,
    opened,
    walked,
)

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
TOLERANCE = 1e-4


def consistency_pipeline(folder, **settings):
    """A pipeline whose U-Net is told the guidance."""
    import diffusers

    made = stable_diffusion(folder / "words", diffusers.LCMScheduler(steps_offset=1, **settings), time_cond_proj_dim=12)
    parts = {name: part for name, part in made.components.items() if name != "image_encoder"}
    return diffusers.LatentConsistencyModelPipeline(**parts, requires_safety_checker=False)


def theirs(pipeline, model, monkeypatch, guidance):
    draws = Drawn([noise(model, k) for k in range(1, N_STEPS)])
    monkeypatch.setattr("diffusers.schedulers.scheduling_lcm.randn_tensor", draws)
    return pipeline(
        PROMPT,
        num_inference_steps=N_STEPS,
        guidance_scale=guidance,
        latents=noise(model),
        output_type="latent",
        height=16,
        width=16,
    ).images


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"prediction_type": "v_prediction", "original_inference_steps": 30},
        {"thresholding": True},
        {"timestep_scaling": 1.0},
    ],
)
def test_latents_are_those_of_the_pipeline(tmp_path, monkeypatch, settings):
    need_libraries()
    pipeline = consistency_pipeline(tmp_path, **settings)
    model = opened(write(pipeline, tmp_path / "lcm"))
    ours = walked(model, "lcm", PROMPT, guidance=Guidance(8.0))[-1].x
    expected = theirs(pipeline, model, monkeypatch, 8.0)
    assert furthest(ours, expected) < TOLERANCE
    assert furthest(walked(model, "lcm", PROMPT, guidance=Guidance(2.0))[-1].x, expected) > 10 * TOLERANCE
    with pytest.raises(UserError, match="cannot avoid words"):
        model.embed(PROMPT, "b")


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("maker", [stable_diffusion, stable_diffusion_xl])
def test_a_usual_pipeline_with_that_scheduler_is_guided_in_halves(tmp_path, monkeypatch, maker):
    """As one is that has become quick by an adapter."""
    need_libraries()
    import diffusers

    pipeline = maker(tmp_path / "words", diffusers.LCMScheduler(steps_offset=1))
    model = opened(write(pipeline, tmp_path / "folder"))
    ours = walked(model, "lcm", PROMPT, guidance=Guidance(1.5))[-1].x
    assert furthest(ours, theirs(pipeline, model, monkeypatch, 1.5)) < TOLERANCE


@pytest.mark.parametrize("n_taught", [50, 30])
@pytest.mark.parametrize("n_steps", [1, 4, 7, 30])
def test_times_are_those_of_the_library(n_taught, n_steps):
    need_libraries()
    from diffusers import LCMScheduler

    scheduler = LCMScheduler(original_inference_steps=n_taught)
    scheduler.set_timesteps(n_steps)
    schedule = parse_scheduler({**scheduler.config, "_class_name": "LCMScheduler"}).schedule()
    grid = lay_grid(schedule, n_steps, sampler="lcm")
    assert np.array_equal(grid.times[:-1], scheduler.timesteps.numpy())
    many = lay_grid(schedule, 3 * n_taught, sampler="lcm").times
    assert (np.diff(many) < 0).all()


def test_its_card_asks_for_few_steps(tmp_path):
    need_libraries()
    from plugins.diffusion.importers import DiffusersImporter
    from studio.core.pausing import result_of

    source = result_of(DiffusersImporter().load(write(consistency_pipeline(tmp_path), tmp_path / "lcm")))
    params = first_params(DiffusionParams, source.card)
    assert (params.sampler, params.steps, params.guidance) == ("lcm", 4, 8.5)


@pytest.mark.parametrize("value", [0, 5000, "x", float("nan")])
def test_a_number_of_times_that_cannot_be_is_refused(value):
    with pytest.raises(UserError, match="original_inference_steps"):
        parse_scheduler({"_class_name": "LCMScheduler", "original_inference_steps": value})


def test_the_steps_of_a_run_draw_all_noise_anew():
    """With a network that knows the clean x, each level is that x and the noise of its own number."""
    from plugins.diffusion.shared.model.denoiser import Prediction
    from plugins.diffusion.shared.model.noise_schedule import NoiseSchedule
    from plugins.diffusion.shared.model.sampler import SAMPLERS, SamplerInputs

    clean = torch.randn(1, 2, 3, generator=torch.Generator().manual_seed(1))
    grid = lay_grid(NoiseSchedule(), 5)
    noises = [torch.full((1, 2, 3), float(k)) for k in range(6)]
    walk = SamplerInputs(lambda x, t: Prediction(clean, x), grid, noises[0], lambda k: noises[k])
    for step in list(SAMPLERS["lcm"](walk))[1:]:
        alpha, sigma = grid.levels[step.k]
        assert torch.allclose(step.x, alpha * clean + sigma * noises[step.k])
