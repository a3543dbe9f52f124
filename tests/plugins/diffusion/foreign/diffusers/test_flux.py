"""Flux: tokens of four latents, a shift that grows with the picture, guidance told or not, as the library has them."""

import json

import pytest
import torch.nn.functional as F

from plugins.diffusion.foreign.diffusers import described
from plugins.diffusion.foreign.diffusers.scheduler import parse_scheduler
from plugins.diffusion.shared.model.denoiser import Guidance
from studio.core.error import UserError
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import SIDE, flux, need_libraries, write
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import N_STEPS, PROMPT, furthest, noise, opened, walked

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
TOLERANCE = 1e-4
FLOW = "FlowMatchEulerDiscreteScheduler"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(described, "FLUX_SIDE", SIDE)


def made(folder, has_guidance=True, **settings):
    import diffusers

    return flux(folder / "words", diffusers.FlowMatchEulerDiscreteScheduler(**settings), has_guidance)


@pytest.mark.parametrize(
    ("has_guidance", "settings"),
    [
        (True, {"use_dynamic_shifting": True, "shift": 3.0}),
        (True, {"use_dynamic_shifting": True, "base_shift": 0.9, "max_shift": 2.0, "base_image_seq_len": 4}),
        (False, {"shift": 1.0}),
    ],
)
def test_latents_are_those_of_the_pipeline(tmp_path, has_guidance, settings):
    need_libraries()
    pipeline = made(tmp_path, has_guidance, **settings)
    model = opened(write(pipeline, tmp_path / "flux"))
    packed = F.pixel_unshuffle(noise(model), 2).flatten(2).transpose(1, 2)
    theirs = pipeline(
        PROMPT,
        num_inference_steps=N_STEPS,
        guidance_scale=4.0,
        latents=packed,
        output_type="latent",
        height=2 * SIDE,
        width=2 * SIDE,
    ).images
    expected = F.pixel_shuffle(theirs.transpose(1, 2).unflatten(2, (SIDE // 2, SIDE // 2)), 2)
    ours = walked(model, "euler", PROMPT, guidance=Guidance(4.0 if has_guidance else 1.0))[-1].x
    assert furthest(ours, expected) < TOLERANCE
    assert furthest(walked(model, "euler", "c", guidance=Guidance(1.0))[-1].x, expected) > 10 * TOLERANCE
    if has_guidance:
        with pytest.raises(UserError, match="cannot avoid words"):
            model.embed(PROMPT, "b")


@pytest.mark.parametrize(
    ("key", "value"),
    [("time_shift_type", "linear"), ("base_shift", "x"), ("base_shift", float("inf")), ("max_image_seq_len", 10)],
)
def test_shifts_that_cannot_be_are_refused(key, value):
    with pytest.raises(UserError, match=key):
        parse_scheduler({"_class_name": FLOW, "use_dynamic_shifting": True, key: value})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"in_channels": 64}, "another task"),
        ({"num_attention_heads": None}, "how wide it is"),
        ({"in_channels": "x"}, "how large its pictures are"),
    ],
)
def test_hostile_settings_are_refused_in_a_sentence(tmp_path, values, sentence):
    need_libraries()
    path = write(made(tmp_path), tmp_path / "flux")
    file = path / "transformer" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))
    with pytest.raises(UserError, match=sentence):
        opened(path)
