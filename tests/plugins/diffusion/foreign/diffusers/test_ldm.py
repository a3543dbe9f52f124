"""The first latent diffusion models, with words and without: latents and pictures as the library has them."""

import json

import pytest
import torch

from plugins.diffusion.foreign.diffusers.memory import forecast
from plugins.diffusion.foreign.diffusers.vocabulary import read_pieces
from plugins.diffusion.importers import DiffusersImporter
from plugins.diffusion.shared.model.denoiser import Guidance
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.plugins.diffusion.foreign.diffusers.made_pipeline import (
    BETAS,
    codebook,
    latents_of_words,
    need_libraries,
    wordless_latents,
    write,
)
from tests.plugins.diffusion.foreign.diffusers.pipeline_case import N_STEPS, Drawn, furthest, noise, opened, walked

TOLERANCE = 1e-4
PROMPT = "a red foxes"
PLAIN = {**BETAS, "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1}


def ddim(**settings):
    from diffusers import DDIMScheduler

    return DDIMScheduler(**PLAIN | settings)


def noted(pipeline, monkeypatch):
    """What the library's run hands to its decoder."""
    seen, decode = [], pipeline.vqvae.decode

    def decode_and_note(latents):
        seen.append(latents)
        return decode(latents)

    monkeypatch.setattr(pipeline.vqvae, "decode", decode_and_note)
    return seen


@pytest.mark.long("computes for long")
@pytest.mark.parametrize(
    ("vae", "encoder", "scheduler", "guidance"),
    [
        (None, {}, {}, 6.0),
        ({"latent_channels": 4, "vq_embed_dim": 4}, {"encoder_attention_heads": 4}, {}, 1.0),
        (None, {"encoder_layers": 3}, {"timestep_spacing": "trailing", "prediction_type": "v_prediction"}, 3.0),
    ],
)
def test_pictures_of_words_are_those_of_the_pipeline(tmp_path, monkeypatch, vae, encoder, scheduler, guidance):
    need_libraries()
    made = ddim(**scheduler)
    pipeline = latents_of_words(tmp_path / "words", made, None if vae is None else codebook(**vae), **encoder)
    model = opened(write(pipeline, tmp_path / "ldm"))
    seen, sides = noted(pipeline, monkeypatch), {"height": 8 * model.shape[1], "width": 8 * model.shape[2]}
    wanted = {"guidance_scale": guidance, "num_inference_steps": N_STEPS, "output_type": "np", **sides}
    images = pipeline(PROMPT, latents=noise(model), **wanted).images
    found = walked(model, "ddim", PROMPT, guidance=Guidance(guidance))[-1].x
    assert furthest(found, pipeline.vqvae.config.scaling_factor * seen[0]) < TOLERANCE
    assert furthest(torch.from_numpy(model.decode(found)), torch.from_numpy(images[0])) < TOLERANCE
    assert furthest(walked(model, "ddim", "a fox", guidance=Guidance(guidance))[-1].x, found) > 10 * TOLERANCE


@pytest.mark.parametrize(
    ("vae", "scheduler"),
    [({}, {}), ({"num_vq_embeddings": 5}, {"timestep_spacing": "trailing"}), ({"scaling_factor": 0.5}, {})],
)
def test_pictures_of_noise_are_those_of_the_pipeline(tmp_path, monkeypatch, vae, scheduler):
    need_libraries()
    pipeline = wordless_latents(ddim(**scheduler), **vae)
    model = opened(write(pipeline, tmp_path / "ldm"))
    seen, start = noted(pipeline, monkeypatch), Drawn([noise(model)])
    monkeypatch.setattr(f"{type(pipeline).__module__}.randn_tensor", start)
    images = pipeline(num_inference_steps=N_STEPS, output_type="np").images
    found = walked(model, "ddim")[-1].x
    assert furthest(found, pipeline.vqvae.config.scaling_factor * seen[0]) < TOLERANCE
    assert furthest(torch.from_numpy(model.decode(found)), torch.from_numpy(images[0])) < TOLERANCE


def test_words_are_cut_as_bert_cuts_them(tmp_path):
    need_libraries()
    pipeline = latents_of_words(tmp_path / "words", ddim())
    model = opened(write(pipeline, tmp_path / "ldm"))
    asked = model.embed("A red foxes")
    assert asked.pieces == ("A", "red", "foxes")
    assert result_of(DiffusersImporter().load(tmp_path / "ldm")).card["examples"]


@pytest.mark.parametrize(
    ("part", "values", "sentence"),
    [
        ("vqvae", {"num_vq_embeddings": 10**9}, "impossible size|was expected"),
        ("bert", {"d_model": 10**6}, "was expected"),
        ("bert", {"encoder_layers": 9}, "missing"),
        ("vqvae", {"latent_channels": 9}, "was expected"),
    ],
)
def test_hostile_settings_are_refused_in_a_sentence(tmp_path, part, values, sentence):
    need_libraries()
    vae = codebook(latent_channels=4, vq_embed_dim=4)
    path = write(latents_of_words(tmp_path / "words", ddim(), vae), tmp_path / "ldm")
    file = path / part / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))
    with pytest.raises(UserError, match=sentence):
        opened(path)


def test_a_piece_may_look_like_the_end_of_a_line(tmp_path):
    (tmp_path / "vocab.txt").write_bytes("[PAD]\r\n[UNK]\r\n\u2028\r\nfox\r\n".encode())
    assert read_pieces(tmp_path)[0] == {"[PAD]": 0, "[UNK]": 1, "\u2028": 2, "fox": 3}


def test_a_broken_vocabulary_is_refused_in_a_sentence(tmp_path):
    need_libraries()
    path = write(latents_of_words(tmp_path / "words", ddim()), tmp_path / "ldm")
    for file in (path / "tokenizer").glob("*"):
        if file.name in ("vocab.txt", "tokenizer.json"):
            file.write_bytes(b"\xff\x00{[")
    with pytest.raises(UserError):
        opened(path)


def test_its_memory_is_told_beforehand(tmp_path):
    need_libraries()
    pipeline = latents_of_words(tmp_path / "words", ddim())
    told = forecast(opened(write(pipeline, tmp_path / "ldm"))._pipeline, 4)
    live = [part.state_dict() for part in (pipeline.unet, pipeline.vqvae, pipeline.bert)]
    assert told.weights == 4 * sum(values.numel() for part in live for values in part.values())
    assert told.activations > 0
