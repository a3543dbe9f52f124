"""Pipelines of other people give what their own program gives, and do what every model of this family does."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from plugins.diffusion.foreign.diffusers.models import open_pipeline
from plugins.diffusion.foreign.diffusers.words import TextPipeline
from plugins.diffusion.importers import DiffusersImporter
from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.params import SamplerName
from studio.core import pausing
from studio.core.error import UserError
from studio.core.pausing import Turns, result_of
from studio.nn.pausing_layers import pause_between_layers
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import (
    BETAS,
    need_libraries,
    pixel_pipeline,
    stable_diffusion,
    stable_diffusion_xl,
    write,
)
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import (
    CPU,
    N_STEPS,
    PROMPT,
    Drawn,
    as_pixels,
    furthest,
    latents_of,
    noise,
    opened,
    walked,
)

# The library asks numpy in a way that numpy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
TOLERANCE = 1e-4
LEADING = {"timestep_spacing": "leading", "steps_offset": 1, **BETAS}
PLAIN = {"clip_sample": False, "set_alpha_to_one": False, **LEADING}
V_FROM_NOTHING = {
    "clip_sample": False,
    "timestep_spacing": "trailing",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "steps_offset": 1,
    **BETAS,
}
SCHEDULERS = {
    "ddim": ("DDIMScheduler", PLAIN),
    "ddim of v from pure noise": ("DDIMScheduler", V_FROM_NOTHING),
    "euler": ("EulerDiscreteScheduler", LEADING),
    "euler with fractions": ("EulerDiscreteScheduler", {"timestep_spacing": "linspace", "steps_offset": 1, **BETAS}),
    "euler of v": ("EulerDiscreteScheduler", {"prediction_type": "v_prediction", **LEADING}),
}
MAKERS = {"1": stable_diffusion, "xl": stable_diffusion_xl}


@pytest.fixture(scope="module")
def words_case(tmp_path_factory):
    """A pipeline like Stable Diffusion 1 and our model of its folder."""
    need_libraries()
    import diffusers

    folder = tmp_path_factory.mktemp("words")
    pipeline = stable_diffusion(folder / "tokenizer", diffusers.DDIMScheduler(**PLAIN))
    return pipeline, opened(write(pipeline, folder / "sd"))


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("version", MAKERS)
@pytest.mark.parametrize("name", SCHEDULERS)
def test_latents_are_those_of_the_pipeline(tmp_path, name, version):
    need_libraries()
    import diffusers

    class_name, settings = SCHEDULERS[name]
    pipeline = MAKERS[version](tmp_path / "words", getattr(diffusers, class_name)(**settings))
    model = opened(write(pipeline, tmp_path / "folder"))
    sampler: SamplerName = "euler" if "Euler" in class_name else "ddim"
    steps = walked(model, sampler, PROMPT, guidance=Guidance(4.0))
    theirs = latents_of(pipeline, noise(model), 4.0)
    assert furthest(steps[-1].x, theirs) < TOLERANCE
    assert furthest(walked(model, sampler, "b", guidance=Guidance(4.0))[-1].x, theirs) > 100 * TOLERANCE


@pytest.mark.long("computes for long")
def test_a_negative_prompt_and_no_guidance_are_those_of_the_pipeline(words_case):
    pipeline, model = words_case
    avoided = walked(model, "ddim", PROMPT, "b c", Guidance(6.0))[-1].x
    assert furthest(avoided, latents_of(pipeline, noise(model), 6.0, "b c")) < TOLERANCE
    plain = walked(model, "ddim", PROMPT, guidance=Guidance(1.0))[-1].x
    assert furthest(plain, latents_of(pipeline, noise(model), 1.0)) < TOLERANCE
    assert furthest(plain, avoided) > 100 * TOLERANCE


@pytest.mark.parametrize(
    ("settings", "eta"), [({"clip_sample": False}, 0.0), ({}, 0.0), ({}, 0.7), ({"thresholding": True}, 0.0)]
)
def test_ddim_of_pixels_is_that_of_the_pipeline(tmp_path, monkeypatch, settings, eta):
    need_libraries()
    pipeline = pixel_pipeline("DDIM", **settings)
    model = opened(write(pipeline, tmp_path))
    monkeypatch.setattr("diffusers.pipelines.ddim.pipeline_ddim.randn_tensor", Drawn([noise(model)]))
    draws = Drawn([noise(model, k) for k in range(1, N_STEPS + 1)])
    monkeypatch.setattr("diffusers.schedulers.scheduling_ddim.randn_tensor", draws)
    images = pipeline(num_inference_steps=N_STEPS, eta=eta, use_clipped_model_output=True, output_type="np").images
    ours = walked(model, eta=eta)[-1].x
    assert furthest(ours.clamp(-1, 1), as_pixels(images)) < TOLERANCE
    assert np.allclose(model.decode(ours), images[0], atol=TOLERANCE)


def test_ddpm_of_pixels_is_that_of_the_pipeline(tmp_path, monkeypatch):
    need_libraries()
    pipeline = pixel_pipeline("DDPM")
    model = opened(write(pipeline, tmp_path))
    monkeypatch.setattr("diffusers.pipelines.ddpm.pipeline_ddpm.randn_tensor", Drawn([noise(model)]))
    draws = Drawn([noise(model, k) for k in range(1, N_STEPS + 1)])
    monkeypatch.setattr("diffusers.schedulers.scheduling_ddpm.randn_tensor", draws)
    images = pipeline(num_inference_steps=N_STEPS, output_type="np").images
    assert furthest(walked(model, "ddpm")[-1].x.clamp(-1, 1), as_pixels(images)) < TOLERANCE


def test_a_pixel_pipeline_takes_no_words(tmp_path):
    need_libraries()
    model = opened(write(pixel_pipeline(), tmp_path))
    with pytest.raises(UserError, match="does not use words"):
        model.embed("a fox")
    assert model.embed(" ").pieces == ()


@pytest.mark.parametrize("n_items", [1, 3])
def test_attention_says_where_each_word_was_seen(words_case, n_items):
    _, model = words_case
    condition = model.embed(PROMPT)
    denoise = model.denoiser(condition, Guidance(3.0), with_attention=True)
    maps = denoise(noise(model).expand(n_items, -1, -1, -1), 500.0).attention
    assert condition.pieces == ("a", "red", "fox")
    assert maps.shape == (n_items, 3, *model.shape[1:])
    assert torch.allclose(maps.sum(1), torch.ones(n_items, *model.shape[1:]), atol=1e-5)
    assert maps.std((2, 3)).min() > 0
    assert model.denoiser(condition, Guidance(3.0))(noise(model), 500.0).attention is None
    assert model.denoiser(model.embed(""), Guidance(3.0), True)(noise(model), 500.0).attention is None


def test_the_maps_are_those_of_the_library_s_own_attention(words_case):
    """What the library's modules compute, caught from their queries and keys and worked out in full."""
    pipeline, model = words_case
    seen = []

    def keep(module, _, output):
        seen.append(output)

    cross = [module for name, module in pipeline.unet.named_modules() if name.endswith("attn2")]
    handles = [layer.register_forward_hook(keep) for attn in cross for layer in (attn.to_q, attn.to_k)]
    context = torch.from_numpy(model.embed(PROMPT).arrays["context"])[None]
    with torch.no_grad():
        pipeline.unet(noise(model), 500, encoder_hidden_states=context)
    for handle in handles:
        handle.remove()
    found = []
    for query, key in zip(seen[::2], seen[1::2], strict=True):
        heads = [one[0].unflatten(1, (2, -1)).transpose(0, 1).double() for one in (query, key)]
        shares = (heads[0] @ heads[1].transpose(1, 2) / heads[0].shape[2] ** 0.5).softmax(2).mean(0)  # (N, L_p)
        side = round(len(shares) ** 0.5)
        picture = shares.T.reshape(1, -1, side, side)
        found.append(torch.nn.functional.interpolate(picture, (8, 8), mode="bilinear"))
    words = torch.stack(found).mean(0)[:, 1:4]  # after the start: one token a word
    maps = model.denoiser(model.embed(PROMPT), Guidance(3.0), True)(noise(model), 500.0).attention
    assert torch.allclose(maps.double(), words / words.sum(1, keepdim=True), atol=1e-5)


def test_an_item_of_a_batch_is_bit_for_bit_what_it_is_alone(words_case):
    _, model = words_case
    denoise = model.denoiser(model.embed(PROMPT), Guidance(3.0))
    both = torch.cat([noise(model, 0), noise(model, 1)])
    whole = denoise(both, 400.0)
    for item in range(2):
        alone = denoise(both[item : item + 1], 400.0)
        assert torch.equal(alone.x0[0], whole.x0[item])
        assert torch.equal(alone.eps[0], whole.eps[item])


@pytest.mark.parametrize("guidance", [Guidance(3.0), Guidance(3.0, rescale=0.7), Guidance(3.0, threshold=0.95)])
def test_x_is_made_of_what_is_predicted(words_case, guidance):
    _, model = words_case
    x = noise(model)
    said = model.denoiser(model.embed(PROMPT), guidance)(x, 700.0)
    alpha, sigma = model.schedule.alpha_sigma(700.0)
    assert torch.allclose(alpha * said.x0 + sigma * said.eps, x, atol=1e-4)


def test_rescaling_brings_the_spread_back(words_case):
    _, model = words_case
    condition, x = model.embed(PROMPT), noise(model)
    spread = {
        name: float(model.denoiser(condition, guidance)(x, 700.0).x0.std(correction=0))
        for name, guidance in {"plain": Guidance(1.0), "full": Guidance(9.0, rescale=1.0)}.items()
    }
    assert spread["full"] == pytest.approx(spread["plain"], rel=1e-4)


def test_pictures_go_in_and_out_as_with_the_pipeline(words_case):
    pipeline, model = words_case
    picture = np.random.default_rng(1).random((16, 16, 3), np.float32)
    latents = model.encode(picture)
    with torch.no_grad():
        batch = 2 * torch.from_numpy(picture).movedim(2, 0)[None] - 1
        theirs = pipeline.vae.encode(batch).latent_dist.mode() * pipeline.vae.config.scaling_factor
        decoded = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample
    assert furthest(latents, theirs) < TOLERANCE
    assert np.allclose(model.decode(latents), (decoded[0] / 2 + 0.5).clamp(0, 1).movedim(0, 2), atol=TOLERANCE)


def test_the_preview_finds_the_colours_that_latents_stand_for(tmp_path, monkeypatch, words_case):
    """Where the decoder is a linear map and a nearest enlargement, the fit finds it exactly."""
    words_case[0].save_pretrained(tmp_path)
    model = opened(tmp_path)
    assert isinstance(model, TextPipeline)
    mixing = 0.1 * torch.randn(3, 4, generator=torch.Generator().manual_seed(1))

    def decoded(latents):
        colours = torch.einsum("oc,bchw->bohw", mixing, latents) + 0.2
        return torch.nn.functional.interpolate(colours, scale_factor=2)

    monkeypatch.setattr(model._latents, "_decoded", decoded)
    x = 0.3 * noise(model)
    rough, other = model.preview(torch.cat([x, -x]))
    assert rough.shape == (8, 8, 3)
    assert np.allclose(rough, model.decode(x)[::2, ::2], atol=1e-4)
    assert np.allclose(other, model.decode(-x)[::2, ::2], atol=1e-4)
    assert rough.std() > 0.01


def test_large_pictures_are_decoded_in_tiles(words_case, monkeypatch, tmp_path):
    """A decoder in tiles sees no more than a tile at once, and its picture is about the same."""
    pipeline, model = words_case
    whole = model.decode(noise(model))
    pipeline.save_pretrained(tmp_path)
    monkeypatch.setattr("plugins.diffusion.foreign.diffusers.latents.TILED_FROM_PX", 16)
    monkeypatch.setattr("plugins.diffusion.foreign.diffusers.latents.TILE_PX", 8)
    tiled = opened(tmp_path)
    assert isinstance(tiled, TextPipeline)
    seen = []
    tiled._latents.vae.decoder.register_forward_hook(lambda _, given, __: seen.append(given[0].shape[-1]))
    picture = tiled.decode(noise(model))
    assert picture.shape == whole.shape == (16, 16, 3)
    assert max(seen) == 4
    assert len(seen) > 1
    assert np.corrcoef(picture.ravel(), whole.ravel())[0, 1] > 0.5


def rename(path, new_name):
    """Give the arrays of a file other names, and those that old programs wrote besides."""
    arrays = {new_name(name): values for name, values in load_file(path).items()}
    more = {"text_model.embeddings.position_ids": torch.arange(4)[None]} if "text_encoder" in path.parts else {}
    save_file(arrays | more, path)


def old_attention(name):
    """As they were called before diffusers 0.14."""
    if ".attentions." not in name:
        return name
    for new, old in {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}.items():
        name = name.replace(f".{new}.", f".{old}.")
    return name


def test_folders_of_old_programs_open_too(words_case, tmp_path):
    """As those of Stable Diffusion 1.5 are: other names of attention, a prefix for the words, positions stored."""
    pipeline, model = words_case
    pipeline.save_pretrained(tmp_path)
    rename(tmp_path / "vae" / "diffusion_pytorch_model.safetensors", old_attention)
    rename(tmp_path / "text_encoder" / "model.safetensors", lambda name: f"text_model.{name}")
    old = opened(tmp_path)
    assert np.array_equal(old.decode(noise(model)), model.decode(noise(model)))
    arrays = old.embed(PROMPT).arrays
    assert all(np.array_equal(arrays[name], value) for name, value in model.embed(PROMPT).arrays.items())


def test_too_little_memory_is_told_before_loading(words_case, monkeypatch, tmp_path):
    pipeline, _ = words_case
    pipeline.save_pretrained(tmp_path)
    source = result_of(DiffusersImporter().load(tmp_path))

    class Memory:
        available = 300 << 20

    monkeypatch.setattr("psutil.virtual_memory", Memory)
    monkeypatch.setattr("plugins.diffusion.foreign.diffusers.pixels.load_component", None)
    with pytest.raises(UserError, match=r"needs about \d+ MB.*300 MB of memory are free"):
        open_pipeline(source, CPU)


def test_sixteen_bits_are_taken_where_only_they_fit(words_case, monkeypatch):
    from plugins.diffusion.foreign.diffusers import memory

    pipeline = words_case[1]._pipeline
    needed = {n: memory.forecast(pipeline, n).total for n in (2, 4)}
    assert needed[2] < needed[4]

    class Memory:
        available = needed[2]

    monkeypatch.setattr("psutil.virtual_memory", Memory)
    monkeypatch.setattr("studio.compute.machine.processor_features", lambda: {"avx512_bf16": True})
    assert memory.choose_dtype(pipeline, CPU) == torch.bfloat16
    monkeypatch.setattr("studio.compute.machine.processor_features", dict)
    with pytest.raises(UserError, match="memory"):
        memory.choose_dtype(pipeline, CPU)


def test_a_model_in_sixteen_bits_runs(words_case, tmp_path, monkeypatch):
    pipeline, model = words_case
    pipeline.save_pretrained(tmp_path)
    monkeypatch.setattr("plugins.diffusion.foreign.diffusers.models.choose_dtype", lambda *_: torch.bfloat16)
    half = opened(tmp_path)
    ours, exact = (walked(one, "ddim", PROMPT, guidance=Guidance(3.0))[-1].x for one in (half, model))
    assert ours.dtype == torch.float32
    assert furthest(ours, exact) < 0.1 * float(exact.abs().max())


def test_without_the_libraries_a_sentence_says_what_to_install(words_case, monkeypatch, tmp_path):
    pipeline, _ = words_case
    pipeline.save_pretrained(tmp_path)
    source = result_of(DiffusersImporter().load(tmp_path))
    monkeypatch.setattr("plugins.diffusion.foreign.diffusers.loading.importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        UserError, match=r"diffusers and transformers must be installed.*pip install diffusers transformers"
    ):
        open_pipeline(source, CPU)


def test_a_large_pipeline_pauses_between_its_layers_and_gives_the_same_bits(words_case, monkeypatch):
    _, model = words_case
    plain = walked(model, "ddim", PROMPT)[-1].x
    monkeypatch.setattr(pausing, "LONGEST_S", 0.0)
    assert pause_between_layers(*model.networks, large=0)
    found = []
    n_pauses = sum(1 for _ in Turns().call(lambda: found.append(walked(model, "ddim", PROMPT)[-1].x)))
    assert torch.equal(found[0], plain)
    assert n_pauses > N_STEPS * sum(isinstance(layer, torch.nn.Conv2d) for layer in model.networks[0].modules())
