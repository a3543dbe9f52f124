"""Schedules and times of other people's schedulers are those of their own program."""

from typing import Any

import numpy as np
import pytest

from plugins.diffusion.foreign.diffusers.noise import SchedulerConfig
from plugins.diffusion.foreign.diffusers.scheduler import KNOWN_SCHEDULERS, parse_scheduler
from plugins.diffusion.shared.model.noise_schedule import CLEAN_TIME, NoiseSchedule, lay_grid
from plugins.diffusion.shared.params import SamplerName
from studio.core.container.weights.folder import read_object
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import need_libraries

# The library asks numpy in a way that numpy 2 warns of.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning",
    "ignore:__array_wrap__ must accept context:DeprecationWarning",
)
SAMPLER_OF: dict[str, SamplerName] = {
    "DDIMScheduler": "ddim",
    "DDPMScheduler": "ddpm",
    "EulerDiscreteScheduler": "euler",
    "EulerAncestralDiscreteScheduler": "euler_ancestral",
}
LINEAR = {"beta_start": 1e-4, "beta_end": 0.02, "beta_schedule": "linear"}
SCALED = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
KINDS: dict[str, dict[str, Any]] = {
    "linear": LINEAR,
    "scaled": SCALED,
    "cosine": {"beta_schedule": "squaredcos_cap_v2"},
    "trained": {"trained_betas": [0.01, 0.02, 0.05, 0.2]},
    "short": {**SCALED, "num_train_timesteps": 100},
}


def written_by(class_name, **settings):
    """A scheduler of the library, and what it writes into its file."""
    need_libraries()
    import diffusers

    scheduler = getattr(diffusers, class_name)(**settings)
    return scheduler, parse_scheduler({**dict(scheduler.config), "_class_name": class_name})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("class_name", ["DDPMScheduler", "EulerDiscreteScheduler", "DPMSolverMultistepScheduler"])
def test_the_noise_is_that_of_the_scheduler(class_name, kind):
    scheduler, config = written_by(class_name, **KINDS[kind])
    curve = scheduler.alphas_cumprod.double().numpy()
    assert np.allclose(config.schedule().alphas_cumprod, curve, rtol=1e-5, atol=0)
    assert config.schedule().n_times == len(curve)


def test_noise_stretched_to_nothing_is_that_of_the_scheduler():
    scheduler, config = written_by(
        "DDIMScheduler", rescale_betas_zero_snr=True, prediction_type="v_prediction", **SCALED
    )
    curve = scheduler.alphas_cumprod.double().numpy()
    schedule = config.schedule()
    assert np.allclose(schedule.alphas_cumprod, curve, atol=1e-6)
    assert schedule.alpha_sigma(999) == (pytest.approx(0, abs=1e-5), pytest.approx(1))


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
@pytest.mark.parametrize("class_name", SAMPLER_OF)
@pytest.mark.parametrize("n_steps", [2, 7, 20, 50])
def test_times_are_those_of_the_scheduler(class_name, spacing, n_steps):
    scheduler, config = written_by(class_name, timestep_spacing=spacing, steps_offset=1, **SCALED)
    scheduler.set_timesteps(n_steps)
    theirs = scheduler.timesteps.double().numpy()
    grid = lay_grid(config.schedule(), n_steps, sampler=SAMPLER_OF[class_name])
    assert np.allclose(grid.times[:-1], theirs[:n_steps], atol=1e-3)
    assert grid.times[-1] == CLEAN_TIME


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
def test_one_step_alone_begins_with_noise(spacing):
    """There the library's own would begin at the clean end, and make nothing."""
    config = parse_scheduler({"_class_name": "DDIMScheduler", "timestep_spacing": spacing})
    assert list(lay_grid(config.schedule(), 1).times) == [999, CLEAN_TIME]


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
def test_levels_between_two_times_are_those_of_euler(spacing):
    scheduler, config = written_by("EulerDiscreteScheduler", timestep_spacing=spacing, **SCALED)
    scheduler.set_timesteps(13)
    ratios = [sigma / alpha for alpha, sigma in lay_grid(config.schedule(), 13, sampler="euler").levels]
    assert np.allclose(ratios, scheduler.sigmas.numpy(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("class_name", "settings", "end"),
    [
        ("DDIMScheduler", {"set_alpha_to_one": False}, 0.0),
        ("DDIMScheduler", {}, CLEAN_TIME),
        ("PNDMScheduler", {}, 0.0),
        ("EulerDiscreteScheduler", {}, CLEAN_TIME),
    ],
)
def test_a_run_ends_where_the_scheduler_s_does(class_name, settings, end):
    _, config = written_by(class_name, **settings)
    assert lay_grid(config.schedule(), 10).times[-1] == end
    assert lay_grid(config.schedule(), 10, "karras").times[-1] == CLEAN_TIME


def test_clipping_and_targets_are_taken_over():
    def read(**values):
        return parse_scheduler({"_class_name": "DDIMScheduler", **values})

    assert read().clip == 1.0
    assert read(clip_sample_range=2.0).clip == 2.0
    assert read(clip_sample=False).clip is None
    thresholding = read(thresholding=True, dynamic_thresholding_ratio=0.9, sample_max_value=3.0)
    assert (thresholding.clip, thresholding.threshold, thresholding.threshold_limit) == (None, 0.9, 3.0)
    assert [read(prediction_type=name).target for name in ("epsilon", "sample", "v_prediction")] == [
        "epsilon",
        "x0",
        "v",
    ]
    euler = parse_scheduler({"_class_name": "EulerDiscreteScheduler", "use_karras_sigmas": True, "clip_sample": None})
    assert euler.clip is None
    assert euler.wants_karras
    assert not read(use_karras_sigmas=None).wants_karras


def test_more_steps_than_the_training_had_fall_all_the_same():
    config: SchedulerConfig = parse_scheduler({"_class_name": "DDIMScheduler", "num_train_timesteps": 10})
    times = lay_grid(config.schedule(), 25).times
    assert len(times) == 26
    assert (np.diff(times) < 0).all()
    assert times[0] == 9


def test_our_own_schedules_are_as_before():
    schedule = NoiseSchedule()
    assert schedule.table == ()
    assert schedule.alpha_sigma(500)[0] == pytest.approx(schedule.alphas_cumprod[500] ** 0.5)
    assert lay_grid(schedule, 10).times[-1] == CLEAN_TIME


@pytest.mark.parametrize("class_name", KNOWN_SCHEDULERS)
def test_a_scheduler_is_read_as_diffusers_saves_it_today(tmp_path, class_name):
    """DPM-Solver's file holds `-Infinity`, which Python's programs write and no JSON has."""
    need_libraries()
    import diffusers

    getattr(diffusers, class_name)(num_train_timesteps=50).save_pretrained(tmp_path)
    config = parse_scheduler(read_object(tmp_path / "scheduler_config.json"))
    assert (config.class_name, config.n_times) == (class_name, 50)
