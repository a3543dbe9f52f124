"""Stable Diffusion 3: straight lines between noise and picture give the latents of the library's own pipeline."""

import json

import numpy as np
import pytest
import torch

from plugins.diffusion.foreign.diffusers.memory import forecast
from plugins.diffusion.foreign.diffusers.scheduler import parse_scheduler
from plugins.diffusion.importers import DiffusersImporter
from plugins.diffusion.shared.adapters import Adapter
from plugins.diffusion.shared.engine import DiffusionEngine
from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.model.flow_time import length_of, level_of, shifted
from plugins.diffusion.shared.model.noise_schedule import lay_grid
from plugins.diffusion.shared.model.prediction import eps_of, noised, target_of, x0_of
from plugins.diffusion.shared.params import DiffusionParams
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.view import Image
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import need_libraries, stable_diffusion_3, write
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import (
    CPU,
    PROMPT,
    furthest,
    latents_of,
    noise,
    opened,
    walked,
)

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
TOLERANCE = 1e-4


def made(folder, has_t5=False, shift=3.0, **settings):
    import diffusers

    scheduler = diffusers.FlowMatchEulerDiscreteScheduler(shift=shift)
    return stable_diffusion_3(folder / "words", scheduler, has_t5, **settings)


@pytest.mark.long("computes for long")
@pytest.mark.parametrize(
    ("has_t5", "shift", "settings"),
    [(False, 3.0, {}), (True, 3.0, {}), (True, 1.0, {"qk_norm": "rms_norm", "dual_attention_layers": (0,)})],
)
def test_latents_are_those_of_the_pipeline(tmp_path, has_t5, shift, settings):
    need_libraries()
    pipeline = made(tmp_path, has_t5, shift, **settings)
    model = opened(write(pipeline, tmp_path / "sd3"))
    for prompt, negative, guidance in ((PROMPT, "b", 4.0), (PROMPT, "", 1.0)):
        ours = walked(model, "euler", prompt, negative, Guidance(guidance))[-1].x
        assert furthest(ours, latents_of(pipeline, noise(model), guidance, negative)) < TOLERANCE
    assert furthest(walked(model, "euler", "c", guidance=Guidance(4.0))[-1].x, ours) > 10 * TOLERANCE


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    need_libraries()
    folder = tmp_path_factory.mktemp("sd3")
    pipeline = made(folder)
    path = write(pipeline, folder / "sd3")
    return pipeline, path, opened(path)


def test_pictures_go_in_and_out_as_with_the_pipeline(case):
    pipeline, _, model = case
    picture = np.random.default_rng(1).random((16, 16, 3), np.float32)
    config, latents = pipeline.vae.config, model.encode(picture)
    with torch.no_grad():
        batch = 2 * torch.from_numpy(picture).movedim(2, 0)[None] - 1
        expected = (pipeline.vae.encode(batch).latent_dist.mode() - config.shift_factor) * config.scaling_factor
    assert furthest(latents, expected) < TOLERANCE


def test_it_runs_branches_and_tells_its_memory(case):
    _, path, model = case
    engine = DiffusionEngine.open(result_of(DiffusersImporter().load(path)), CPU)
    params = DiffusionParams(prompt=PROMPT, steps=4, guidance=3.0, sampler="dpmpp_2m")
    frames = list(engine.generate(params))
    branch = list(engine.generate(params, frames[2].state))
    whole, again = frames[-1].main_view, branch[-1].main_view
    assert isinstance(whole, Image)
    assert isinstance(again, Image)
    assert np.array_equal(whole.pixels, again.pixels)
    assert "attention" not in frames[1].views
    assert engine.source.card["defaults"]["sampler"] == "euler"
    told = forecast(model._pipeline, 4)
    assert told.weights == 4 * sum(one.numel() for network in model.networks for one in network.state_dict().values())
    assert told.activations > 0


def test_an_adapter_for_its_transformer_is_worn(case, tmp_path):
    from safetensors.torch import save_file

    _, _, model = case
    halves = {"A": (2, 32), "B": (32, 2)}
    name = "transformer.transformer_blocks.0.attn.to_q.lora_{}.weight"
    save_file({name.format(half): torch.ones(shape) for half, shape in halves.items()}, tmp_path / "a.safetensors")
    worn = model.wearing((Adapter(tmp_path / "a.safetensors"),))
    plain, changed = (walked(one, "euler", PROMPT)[-1].x for one in (model, worn))
    assert furthest(plain, changed) > TOLERANCE
    assert torch.equal(walked(model, "euler", PROMPT)[-1].x, plain)


@pytest.mark.parametrize("n_steps", [1, 4, 28])
@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_times_are_those_of_the_library(shift, n_steps):
    need_libraries()
    from diffusers import FlowMatchEulerDiscreteScheduler

    scheduler = FlowMatchEulerDiscreteScheduler(shift=shift)
    scheduler.set_timesteps(n_steps)
    schedule = parse_scheduler({"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": shift}).schedule()
    grid = lay_grid(schedule, n_steps)
    assert np.allclose(grid.times[:-1] + 1, scheduler.timesteps, atol=1e-3)
    shares = [sigma / (alpha + sigma) for alpha, sigma in grid.levels]
    assert np.allclose(shares, scheduler.sigmas, atol=2e-6)


def test_a_flow_is_the_way_between_clean_and_noise():
    """In closed form: scaled to unit variance it is this family's x, and what is said leads to both ends."""
    made = torch.Generator().manual_seed(1)
    x0, eps = (torch.randn(1, 3, 4, generator=made, dtype=torch.float64) for _ in range(2))
    for share in (0.001, 0.3, 0.5, 0.9):
        level = level_of(share)
        x = noised(x0, eps, *level)
        assert torch.allclose(length_of(share) * x, (1 - share) * x0 + share * eps)
        said = target_of("flow", x0, eps, *level)
        assert torch.allclose(x0_of(said, "flow", x, *level), x0)
        assert torch.allclose(eps_of(said, "flow", x, *level), eps)
    assert shifted(np.array([0.0, 0.5, 1.0]), 3.0) == pytest.approx([0.0, 0.75, 1.0])


@pytest.mark.parametrize(("key", "value"), [("shift", 0.5), ("shift", "x"), ("invert_sigmas", True)])
def test_flows_that_are_laid_otherwise_are_refused(key, value):
    with pytest.raises(UserError, match=key):
        parse_scheduler({"_class_name": "FlowMatchEulerDiscreteScheduler", key: value})


def changed(path, file, **values):
    settings = json.loads((path / file).read_text())
    (path / file).write_text(json.dumps(settings | values))


@pytest.mark.parametrize(
    ("file", "values", "sentence"),
    [
        ("transformer/config.json", {"patch_size": 0}, "how wide it is"),
        ("transformer/config.json", {"num_layers": 99}, "impossible size"),
        ("transformer/config.json", {"in_channels": 9}, "another task"),
        ("transformer/config.json", {"joint_attention_dim": 24}, "shape|transformer"),
        ("scheduler/scheduler_config.json", {"_class_name": "DDIMScheduler"}, "another kind of network"),
        ("scheduler/scheduler_config.json", {"use_dynamic_shifting": True}, "another kind of network"),
        ("model_index.json", {"text_encoder_3": ["transformers", "T5EncoderModel"]}, r"config\.json"),
        ("model_index.json", {"text_encoder_2": [None, None]}, "text_encoder_2"),
    ],
)
def test_hostile_settings_are_refused_in_a_sentence(case, tmp_path, file, values, sentence):
    import shutil

    copy = shutil.copytree(case[1], tmp_path / "copy")
    changed(copy, file, **values)
    with pytest.raises(UserError, match=sentence):
        opened(copy)


def test_a_third_tokenizer_that_is_none_gets_a_sentence(tmp_path):
    from plugins.diffusion.foreign.diffusers.t5_text import T5Encoder

    with pytest.raises(UserError, match=r"tokenizer\.json"):
        T5Encoder(tmp_path, None)
    for text in ("{}", '{"model": 3}', "no json"):
        (tmp_path / "tokenizer.json").write_text(text)
        with pytest.raises(UserError):
            T5Encoder(tmp_path, None)
