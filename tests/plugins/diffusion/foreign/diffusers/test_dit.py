"""DiT: classes by number or name, what follows the noise left out, pictures as the library has them."""

import json

import pytest
import torch

from plugins.diffusion.foreign.diffusers.memory import forecast
from plugins.diffusion.importers import DiffusersImporter
from plugins.diffusion.shared.model.denoiser import Guidance
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import BETAS, classes, need_libraries, write
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import N_STEPS, Drawn, furthest, noise, opened, walked

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
TOLERANCE = 1e-4
PLAIN = {**BETAS, "clip_sample": False}


def made(name="DDIMScheduler", n_classes=1000, scheduler=PLAIN, **settings):
    import diffusers

    return classes(getattr(diffusers, name)(**scheduler), n_classes, **settings)


def named(path, names):
    index = path / "model_index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"id2label": names}))
    return path


@pytest.mark.parametrize(
    ("scheduler", "settings", "n_classes", "guidance"),
    [
        ({}, {}, 1000, 4.0),
        ({"timestep_spacing": "trailing"}, {"out_channels": 4}, 1000, 4.0),
        ({"prediction_type": "v_prediction"}, {"patch_size": 4}, 7, 1.0),
    ],
)
def test_pictures_are_those_of_the_pipeline(tmp_path, monkeypatch, scheduler, settings, n_classes, guidance):
    need_libraries()
    pipeline = made("DDIMScheduler", n_classes, PLAIN | scheduler, **settings)
    model = opened(write(pipeline, tmp_path / "dit"))
    monkeypatch.setattr("diffusers.pipelines.dit.pipeline_dit.randn_tensor", Drawn([noise(model)]))
    seen, decode = [], pipeline.vae.decode

    def noted(latents):
        seen.append(latents)
        return decode(latents)

    monkeypatch.setattr(pipeline.vae, "decode", noted)
    images = pipeline([3], guidance_scale=guidance, num_inference_steps=N_STEPS, output_type="np").images
    ours = walked(model, "ddim", "3", guidance=Guidance(guidance))[-1].x
    assert furthest(ours, 0.5 * seen[0]) < TOLERANCE
    assert furthest(torch.from_numpy(model.decode(ours)), torch.from_numpy(images[0])) < TOLERANCE
    assert furthest(walked(model, "ddim", "4", guidance=Guidance(guidance))[-1].x, 0.5 * seen[0]) > 10 * TOLERANCE


@pytest.mark.parametrize("scheduler", [BETAS, {**BETAS, "timestep_spacing": "leading", "steps_offset": 1}])
@torch.no_grad()
def test_euler_is_the_way_of_the_library_s_scheduler(tmp_path, scheduler):
    """Its pipeline hands the scaled x on to the step, where every other one hands x itself; so it is walked here."""
    need_libraries()
    pipeline = made("EulerDiscreteScheduler", 12, scheduler)
    model = opened(write(pipeline, tmp_path / "dit"))
    theirs = pipeline.scheduler
    theirs.set_timesteps(N_STEPS)
    x = noise(model) * (float(theirs.sigmas[0]) ** 2 + 1) ** 0.5
    for time in theirs.timesteps:
        seen = theirs.scale_model_input(x, time)
        said = pipeline.transformer(seen, timestep=time[None], class_labels=torch.tensor([3])).sample[:, :4]
        x = theirs.step(said, time, x).prev_sample
    assert furthest(walked(model, "euler", "3")[-1].x, x) < TOLERANCE


def test_a_class_is_asked_for_by_any_of_its_names(tmp_path):
    need_libraries()
    path = named(write(made(n_classes=5), tmp_path / "dit"), {"0": "tench, Tinca tinca", "4": "Great white shark"})
    model = opened(path)
    said = {text: model.embed(text).arrays["asked"][0] for text in ("Tinca Tinca", " 4 ", "great white shark", "")}
    assert list(said.values()) == [0, 4, 4, 5]
    for text in ("5", "-1", "²", "cat", "9" * 5000):
        with pytest.raises(UserError, match="does not know the class"):
            model.embed(text)
    card = result_of(DiffusersImporter().load(path)).card
    assert card["examples"] == ["tench", "1", "2"]
    assert not card["takes_adapters"]


@pytest.mark.parametrize("names", ["x", [1], {"a": "b"}, {"5": "b"}, {"0": 3}, {"²": "b"}, {"0": "b" * 5000}])
def test_names_that_are_none_are_a_sentence(tmp_path, names):
    need_libraries()
    path = named(write(made(n_classes=5), tmp_path / "dit"), names)
    assert "cannot be read" in str(DiffusersImporter().describe(path).why_not)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"in_channels": 8}, "another task"),
        ({"out_channels": 5}, "another task"),
        ({"num_embeds_ada_norm": None}, "how wide it is"),
        ({"num_embeds_ada_norm": 10**9}, "impossible size"),
        ({"patch_size": 0}, "how wide it is"),
        ({"sample_size": [8, 8]}, "are not accepted|how large"),
        ({"norm_type": "layer_norm"}, "are not accepted"),
        ({"num_layers": 3}, "missing"),
    ],
)
def test_hostile_settings_are_refused_in_a_sentence(tmp_path, values, sentence):
    need_libraries()
    path = write(made(), tmp_path / "dit")
    file = path / "transformer" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))
    with pytest.raises(UserError, match=sentence):
        opened(path)


def test_its_memory_is_told_beforehand(tmp_path):
    need_libraries()
    pipeline = made()
    model = opened(write(pipeline, tmp_path / "dit"))
    told = forecast(model._pipeline, 4)
    live = {name for part in (pipeline.transformer, pipeline.vae) for name in part.state_dict().items()}
    assert told.weights == 4 * sum(values.numel() for _, values in live)
    assert told.activations > 0
