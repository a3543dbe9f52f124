"""The recipe of the scenes of emoji on tiny settings: written, resumed, measured; and what its prompts are."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.diffusion.pictures.model.autoencoder import AutoencoderConfig
from plugins.diffusion.pictures.model.networks import LatentDiffusion
from plugins.diffusion.pictures.model.unet import UNetConfig
from plugins.diffusion.pictures.training.emoji_recipe import EmojiRecipe, captions_of
from plugins.diffusion.pictures.training.scene_evaluation import (
    SceneMeasures,
    scene_words,
)
from plugins.diffusion.pictures.training.steering_evaluation import SteerMeasures
from plugins.diffusion.shared.vocabulary import WordTokenizer
from plugins.diffusion.shared.weights import load_network
from studio.api.engine import TrainOptions
from studio.api.training import SCENE_EXAMPLES, Split, held_out_prompts, load_scenes, read_score
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError

WIDTHS = {"encoder_width": 8, "width": 8, "fine_width": 8, "finest_width": 8}


def tiny():
    recipe = EmojiRecipe()
    coder, stage = recipe.autoencoder, recipe.diffusion
    sizes = AutoencoderConfig(n_latent=2, n_encoder_blocks=1, n_blocks=1, **WIDTHS)
    unet = UNetConfig(2, 16, widths=(8, 8), n_blocks=(1, 1), cross_attention=(0, 1), embedding_width=8)
    return EmojiRecipe(
        autoencoder=replace(coder, config=sizes, settings=replace(coder.settings, n_steps=2), n_pictures=2),
        diffusion=replace(stage, unet=unet, settings=replace(stage.settings, n_steps=2), text_width=8, n_items=2),
        n_scenes=12,
        n_validation=3,
        n_read=2,
        n_steps=2,
        measures=SceneMeasures(n_prompts=3, n_likeness=5, n_choice=2, strengths=(1.0, 2.0)),
        steering=SteerMeasures(n_pictures=1, n_steps=1),
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    out = tmp_path_factory.mktemp("emoji") / "emoji.safetensors"
    frames = list(tiny().train(TrainOptions(out, Device("cpu", "float32", 1))))
    return out, frames


@pytest.mark.long("trains a network")
def test_all_stages_are_frames_of_one_run(trained):
    _, frames = trained
    assert {frame.n_steps for frame in frames} == {4}
    assert [frame.step for frame in frames] == sorted(frame.step for frame in frames)
    scalars = {name for frame in frames for name in frame.scalars}
    assert {"loss", "held-out error", "held-out objects, F1", "held-out backgrounds"} <= scalars
    assert any("samples" in frame.views for frame in frames)


def test_the_card_says_what_was_measured_with_which_settings(trained):
    out, _ = trained
    card = read_card(out.with_suffix(".json"))
    assert "Objects in 3 held-out prompts, F1" in card.figures
    assert len(card.figures) >= 15
    assert card.more["defaults"]["guidance"] in (1.0, 2.0)
    assert card.more["defaults"]["steps"] == 2
    assert card.more["n_pictures"] == 12
    assert "words" not in card.more["config"]["diffusion"]["text"]
    floors = {check["name"]: check["floor"] for check in card.more["checks"] if check["floor"] is not None}
    assert sorted(floors.values()) == [0.75, 0.9]


def test_one_file_holds_autoencoder_text_encoder_and_network(trained):
    architecture, network = load_network(trained[0])
    assert architecture == "LatentDiffusion"
    assert isinstance(network, LatentDiffusion)
    latents = network.autoencoder.encode(torch.rand(2, 3, 64, 64))
    assert latents.shape == (2, 2, 16, 16)
    assert network.preview(latents).shape == (2, 3, 64, 64)


@pytest.mark.long("computes for long")
def test_a_finished_training_is_not_begun_again(trained, tmp_path):
    out, _ = trained
    for file in out.parent.glob("*.checkpoint"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    again = TrainOptions(tmp_path / out.name, Device("cpu", "float32", 1), is_resumed=True)
    list(tiny().train(again))
    before, after = (load_network(path)[1].state_dict() for path in (out, again.out))
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_without_a_checkpoint_there_is_nothing_to_resume(tmp_path):
    options = TrainOptions(tmp_path / "none.safetensors", Device("cpu", "float32", 1), is_resumed=True)
    with pytest.raises(UserError):
        next(iter(tiny().train(options)))


def test_prompts_hold_known_words_only_and_fit():
    vocabulary = WordTokenizer(scene_words(), EmojiRecipe().diffusion.n_pieces)
    scenes = load_scenes(Split.TEST, 500)
    prompts = held_out_prompts(scenes)
    assert prompts == held_out_prompts(scenes)
    for prompt in [*prompts, *SCENE_EXAMPLES]:
        reading = vocabulary.read(prompt)
        assert not reading.unknown
        assert not reading.n_ignored


def test_captions_are_those_of_the_row():
    scenes = load_scenes(Split.TRAIN, 5)
    assert captions_of(scenes)(3, np.random.default_rng(1)) == captions_of(scenes[3:])(0, np.random.default_rng(1))


def test_real_scenes_are_read_as_what_was_asked():
    scenes = load_scenes(Split.TEST, 40)
    score = read_score(torch.from_numpy(scenes.draw()).movedim(3, 1).float() / 255, scenes)
    assert score.objects > 0.97
    assert score.backgrounds == 1
    shifted = read_score(torch.from_numpy(scenes.draw()).movedim(3, 1).float().roll(1, 0) / 255, scenes)
    assert shifted.objects < 0.3
