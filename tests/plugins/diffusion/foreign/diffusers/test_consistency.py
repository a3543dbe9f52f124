"""Consistency models: the noise they are told, classes, one step and many, pictures as the library has them."""

import json

import pytest
import torch

from plugins.diffusion.foreign.diffusers.scheduler import parse_scheduler
from plugins.diffusion.importers import DiffusersImporter
from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.model.noise_schedule import lay_grid
from plugins.diffusion.shared.model.sampler import SAMPLERS, SamplerInputs
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import consistency, need_libraries, write
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import Drawn, as_pixels, furthest, noise, opened

TOLERANCE = 1e-4
CM = "CMStochasticIterativeScheduler"


def ours(model, n_steps, prompt=""):
    grid = lay_grid(model.schedule, n_steps, sampler="lcm")
    denoise = model.denoiser(model.embed(prompt), Guidance())
    inputs = SamplerInputs(denoise, grid, noise(model), lambda k: noise(model, k))
    return list(SAMPLERS["lcm"](inputs))[-1].x


@pytest.mark.parametrize("n_steps", [1, 2, 4])
@pytest.mark.parametrize(
    ("scheduler", "n_classes", "unet"),
    [
        ({}, None, {}),
        ({"num_train_timesteps": 18, "sigma_max": 40.0, "rho": 5.0}, 7, {"resnet_time_scale_shift": "scale_shift"}),
        ({"sigma_min": 0.02, "sigma_data": 0.7, "clip_denoised": False}, None, {"downsample_type": "resnet"}),
    ],
)
def test_pictures_are_those_of_the_pipeline(tmp_path, monkeypatch, n_steps, scheduler, n_classes, unet):
    need_libraries()
    pipeline = consistency(n_classes, scheduler, **unet)
    model = opened(write(pipeline, tmp_path / "cm"))
    told = pipeline.scheduler.config
    start = noise(model) * (1 + told.sigma_max**2 - told.sigma_min**2) ** 0.5 / told.sigma_max
    drawn = Drawn([noise(model, k) for k in range(1, n_steps + 1)])
    monkeypatch.setattr("diffusers.schedulers.scheduling_consistency_models.randn_tensor", drawn)
    label = None if n_classes is None else [3]
    images = pipeline(class_labels=label, num_inference_steps=n_steps, latents=start, output_type="np").images
    found = ours(model, n_steps, "" if n_classes is None else "3")
    assert furthest(found.clamp(-1, 1), as_pixels(images)) < TOLERANCE


def test_one_of_classes_is_asked_for_a_class(tmp_path):
    need_libraries()
    path = write(consistency(5), tmp_path / "cm")
    model = opened(path)
    assert model.embed(" 4 ").arrays["asked"][0] == 4
    for text in ("", "5", "cat"):
        with pytest.raises(UserError, match="class"):
            model.embed(text)
    card = result_of(DiffusersImporter().load(path)).card
    assert card["examples"] == ["0", "1", "2"]
    assert card["defaults"]["sampler"] == "lcm"


def test_without_classes_there_is_nothing_to_ask(tmp_path):
    need_libraries()
    card = result_of(DiffusersImporter().load(write(consistency(), tmp_path / "cm"))).card
    assert card["examples"] == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"sigma_max": 1e9}, "sigma_max"),
        ({"sigma_min": 0}, "sigma_min"),
        ({"rho": "seven"}, "rho"),
        ({"s_noise": 1.1}, "s_noise"),
        ({"num_train_timesteps": 10**9}, "num_train_timesteps"),
    ],
)
def test_hostile_noise_is_refused_in_a_sentence(values, sentence):
    with pytest.raises(UserError, match=sentence):
        parse_scheduler({"_class_name": CM, **values})


def test_a_scheduler_of_another_kind_is_refused(tmp_path):
    need_libraries()
    path = write(consistency(), tmp_path / "cm")
    file = path / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps({"_class_name": "DDIMScheduler"}))
    with pytest.raises(UserError, match="another kind of network"):
        opened(path)


def test_its_memory_is_told_beforehand(tmp_path):
    need_libraries()
    pipeline = consistency()
    model = opened(write(pipeline, tmp_path / "cm"))
    assert model._pipeline.n_params == sum(one.numel() for one in pipeline.unet.parameters())
    assert torch.isfinite(ours(model, 1)).all()
