"""The recipe of the faces on tiny settings: all stages, stopped and resumed, write one file that opens and draws."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from plugins.diffusion.pictures.face_caption import complete
from plugins.diffusion.pictures.model.autoencoder import Autoencoder, AutoencoderConfig
from plugins.diffusion.pictures.model.denoisers import LatentModel
from plugins.diffusion.pictures.model.unet import UNetConfig
from plugins.diffusion.pictures.training import avatars_evaluation, avatars_recipe
from plugins.diffusion.pictures.training.avatars_evaluation import (
    HELD_OUT,
    NAMED,
    held_out_prompts,
    kinds_of,
    labels_of,
)
from plugins.diffusion.pictures.training.avatars_recipe import AvatarsPixelsRecipe, DiffusionAvatarsRecipe, captions_of
from plugins.diffusion.pictures.training.latent_recipe import AutoencoderStage, DiffusionStage, settled_latents
from plugins.diffusion.pictures.training.steering_evaluation import SteerMeasures
from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.training.card import Defaults
from plugins.diffusion.shared.weights import open_model
from studio.api.engine import ModelSource, TrainOptions
from studio.api.training import AVATAR_LABELS, AVATARS, Avatars, Split, TrainSettings, load_avatars
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.pausing import result_of
from studio.core.text.face_reading import read_prompt

DEVICE = Device("cpu", "float32", 1)
SHORT = TrainSettings(n_steps=2, n_warmup=1, n_decay=1)
TINY = DiffusionAvatarsRecipe(
    eye=replace(AVATARS, widths=(8, 8)),
    eye_settings=SHORT,
    autoencoder=AutoencoderStage(
        AutoencoderConfig(n_latent=4, encoder_width=8, width=8, n_encoder_blocks=1, n_blocks=1, fine_width=8),
        SHORT,
        n_pictures=2,
    ),
    diffusion=DiffusionStage(
        UNetConfig(
            4, 16, widths=(8, 8), n_blocks=(1, 1), self_attention=(0, 0), cross_attention=(0, 1), embedding_width=16
        ),
        SHORT,
        text_width=16,
        n_text_layers=1,
        n_items=2,
    ),
    defaults=Defaults(steps=2),
    n_prompts=5,
    n_likeness=8,
    steering=SteerMeasures(n_pictures=1, n_steps=1),
)


@cache
def few_faces(split: Split) -> Avatars:
    faces = load_avatars(split)
    return replace(faces, pictures=faces.pictures[:60], labels=faces.labels[:60])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (avatars_recipe, avatars_evaluation):
        monkeypatch.setattr(module, "load_avatars", few_faces)
    monkeypatch.setattr(avatars_recipe, "N_VALIDATION", 4)
    monkeypatch.setattr(avatars_recipe, "N_PREVIEW", 2)


def options(out: Path, *, is_resumed: bool = False) -> TrainOptions:
    return TrainOptions(out, DEVICE, is_resumed=is_resumed)


def until(frames: Iterator[Frame], words: str) -> None:
    """Run a training until a frame says so, then stop it as a person does."""
    for frame in frames:
        if words in frame.label:
            break
    frames.close()  # type: ignore[attr-defined]  # a generator


@pytest.mark.long("trains a network")
def test_all_stages_make_one_file_with_its_card(tmp_path: Path) -> None:
    out = tmp_path / "avatars.safetensors"
    frames = list(TINY.train(options(out)))
    steps = [frame.step for frame in frames]
    assert steps == sorted(steps)
    assert {frame.n_steps for frame in frames} == {6}
    assert any("mouth" in name for frame in frames for name in frame.scalars)
    assert any("samples" in frame.views for frame in frames)
    card = read_card(out.with_suffix(".json"))
    assert card.id == "diffusion/avatars"
    assert card.more["completion"] == "faces"
    floors = {check["name"]: check["floor"] for check in card.more["checks"]}
    assert floors["What 5 held-out prompts name, share right, mean"] == 0.85
    assert [floors[f"Named in the prompt, share right, {label}"] for label in NAMED] == [0.7] * len(NAMED)
    model = open_model(ModelSource("diffusion/avatars", out), DEVICE)
    assert isinstance(model, LatentModel)
    condition = model.embed(complete("smiling", 1))
    prediction = model.denoiser(condition, Guidance(2.0), with_attention=True)(torch.randn(1, 4, 16, 16), 500.0)
    assert prediction.attention is not None
    torch.testing.assert_close(prediction.attention.sum(1), torch.ones(1, 8, 8))
    assert model.decode(prediction.x0).shape == (64, 64, 3)


@pytest.mark.long("trains a network")
def test_a_training_that_was_stopped_in_any_stage_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole, parted = tmp_path / "whole.safetensors", tmp_path / "parted.safetensors"
    until(iter(TINY.train(options(whole))), "Measuring what")
    until(iter(TINY.train(options(parted))), "Eye")
    for words in ("Autoencoder", "Latents", "Measuring what"):
        until(iter(TINY.train(options(parted, is_resumed=True))), words)
    one, other = load_file(whole), load_file(parted)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.long("trains a network")
def test_the_peer_is_measured_alike_and_its_figures_come_into_the_card(tmp_path: Path) -> None:
    stage = replace(TINY.diffusion, unet=replace(TINY.diffusion.unet, n_channels=3, size_px=64, fold=4))
    peer = AvatarsPixelsRecipe(stage=stage, defaults=TINY.defaults, n_prompts=5, n_likeness=8)
    out = tmp_path / avatars_recipe.PEER_CARD
    list(peer.train(options(out.with_suffix(".safetensors"))))
    assert avatars_recipe.peer_checks(tmp_path / "none.json") == []
    checks = avatars_recipe.peer_checks(out)
    assert all(check.name.startswith("Plain diffusion of pixels, ") and check.floor is None for check in checks)
    figures = {check.name.rpartition(": ")[2]: check.value for check in checks}
    assert {f"Named in the prompt, share right, {label}" for label in NAMED} | {"KID x 1,000"} <= set(figures)
    assert figures["KID x 1,000"] == read_card(out).figures["KID x 1,000"]
    assert read_card(out).more["architecture"] == "PixelDiffusion"


def test_nothing_to_go_on_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        next(iter(TINY.train(options(tmp_path / "none.safetensors", is_resumed=True))))


def test_settled_latents_have_mean_zero_and_variance_one() -> None:
    autoencoder = Autoencoder(TINY.autoencoder.config)
    latents = result_of(settled_latents(autoencoder, torch.from_numpy(few_faces(Split.TRAIN).pictures))).float()
    assert latents.mean((0, 2, 3)).abs().max() < 1e-2
    assert (latents.transpose(0, 1).flatten(1).std(1) - 1).abs().max() < 1e-2


@pytest.mark.long("computes for long")
def test_prompts_of_the_card_are_held_out_and_name_six_labels_each() -> None:
    faces = load_avatars(Split.TEST)
    prompts = held_out_prompts(100, faces)
    columns = [list(AVATAR_LABELS).index(name) for name in HELD_OUT]
    seen = {tuple(row) for row in load_avatars(Split.TRAIN).labels[:, columns].tolist()}
    assert not seen & {tuple(row) for row in prompts.labels[:, columns].tolist()}
    named = {tuple(read_prompt(prompt).kinds.items()) for prompt in prompts.typed}
    assert len(named) == 100
    for typed, full, labels in zip(prompts.typed, prompts.full, prompts.labels.tolist(), strict=True):
        kinds = kinds_of(labels)
        assert set(read_prompt(typed).kinds) == set(NAMED)
        assert all(read_prompt(typed).kinds[name] == (kinds[name],) for name in NAMED)
        assert labels_of(full) == labels


def test_captions_of_a_face_never_say_what_is_not_there() -> None:
    faces = few_faces(Split.TRAIN)
    caption, random = captions_of(faces), np.random.default_rng(3)
    said = [read_prompt(caption(7, random)).kinds for _ in range(60)]
    kinds = kinds_of(faces.labels[7].tolist())
    assert all(value == (kinds[name],) for one in said for name, value in one.items())
    assert {len(one) for one in said} >= {10, 7}
