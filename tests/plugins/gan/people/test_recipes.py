"""The recipes of the people from the first step to a model with its card, on few faces and tiny networks."""

import json
from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from plugins.gan.people.engine import PeopleEngine
from plugins.gan.people.model.style_gan import FaceDiscriminatorConfig
from plugins.gan.people.params import PeopleParams
from plugins.gan.people.training import card as people_card
from plugins.gan.people.training import evaluation
from plugins.gan.people.training.dcgan_recipe import COLLAPSED, DCGAN, WGAN
from plugins.gan.people.training.evaluation import coverage, quantiles, worst_frequency
from plugins.gan.people.training.style_objective import StyleLoss
from plugins.gan.people.training.style_recipe import GanAvatarsStyleRecipe
from studio.api.engine import Device, ModelSource, TrainOptions
from studio.api.training import AVATAR_LABELS, AVATARS, random_judge
from studio.core.error import UserError
from tests.plugins.gan.people.people_made import TINY, TINY_PLAIN, pixels_of

CPU = Device("cpu", "float32", 1)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("plugins.gan.people.training.style_recipe.N_MEAN", 64)
    monkeypatch.setattr(people_card, "N_EFFECT", 2)
    monkeypatch.setattr("plugins.gan.people.training.style_recipe.N_VALIDATION", 16)


def made(recipe, tmp_path, **options):
    out = tmp_path / "model.safetensors"
    frames = list(recipe.train(TrainOptions(out, CPU, **options)))
    return out, frames, json.loads(out.with_suffix(".json").read_text("utf-8"))


@pytest.mark.long("trains a network")
def test_the_style_recipe_makes_a_model_that_opens_and_follows_words(tmp_path, quick):
    config = replace(TINY, discriminator=FaceDiscriminatorConfig(widths=(8, 8, 8, 8), map_widths=(64, 96, 128, 128)))
    recipe = replace(GanAvatarsStyleRecipe(), config=config, loss=StyleLoss(n_copying=2), n_items=4, n_measured=24)
    out, frames, card = made(recipe, tmp_path, n_steps=6, settings={"n_micro": "1"})
    losses = [frame for frame in frames if "loss" in frame.scalars]
    assert len(losses) == 6
    assert "told" in losses[0].scalars
    assert {"telling", "telling_seen"} <= set(losses[2].scalars)
    assert any("picture" in frame.views for frame in frames)
    assert card["kind"] == "people"
    assert card["trained"]["n_steps"] == 6
    assert card["frequencies"]["hair"] == pytest.approx([0.25] * 4, abs=0.05)
    assert {len(card["scores"][which]) for which in ("real", "fake")} == {101}
    assert sorted(card["scores"]["real"]) == card["scores"]["real"]
    assert card["figures"]["KID x 1,000"] > 0
    engine = PeopleEngine.open(ModelSource(card["id"], out, card), CPU)
    (bun,) = engine.generate(PeopleParams(seed=1, words="a bun"))
    (spiky,) = engine.generate(PeopleParams(seed=1, words="spiky hair"))
    assert not np.array_equal(pixels_of(bun), pixels_of(spiky))
    assert isinstance(engine, PeopleEngine)
    assert len(engine.about.directions) >= 12


@pytest.mark.long("trains a network")
def test_a_training_that_was_stopped_goes_on_to_the_same_weights(tmp_path, quick):
    recipe = replace(DCGAN, config=TINY_PLAIN, n_items=4, n_measured=16)
    (tmp_path / "whole").mkdir()
    (tmp_path / "parted").mkdir()
    whole, _, _ = made(recipe, tmp_path / "whole", n_steps=4)
    training = recipe.train(TrainOptions(tmp_path / "parted" / "model.safetensors", CPU, n_steps=4))
    for _ in range(2):
        next(training)
    assert isinstance(training, Generator)
    training.close()
    parted, _, _ = made(recipe, tmp_path / "parted", n_steps=4, is_resumed=True)
    found, wanted = load_file(parted), load_file(whole)
    assert set(found) == set(wanted)
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


@pytest.mark.long("trains a network")
@pytest.mark.parametrize("recipe", [WGAN, COLLAPSED])
def test_other_games_make_models_too(recipe, tmp_path, quick):
    tiny = replace(recipe, config=replace(TINY_PLAIN, is_critic=recipe.config.is_critic), n_items=4, n_measured=16)
    _, _, card = made(tiny, tmp_path, n_steps=7)
    assert card["lesson"] == recipe.lesson
    assert card["settings"]["n_forger"] == recipe.game.n_generator
    assert card["figures"]["Combinations of hair, beard and mouth that appear, of 120"] >= 0


def test_an_unknown_setting_is_refused(tmp_path):
    with pytest.raises(UserError, match="speed"):
        next(DCGAN.train(TrainOptions(tmp_path / "m.safetensors", CPU, settings={"speed": "1"})))


def test_coverage_counts_what_is_seen_surely_and_frequencies_the_worst_factor(monkeypatch):
    columns = [list(AVATAR_LABELS).index(name) for name in evaluation.COMBINED]
    classes = torch.zeros(4, len(AVATAR_LABELS), dtype=torch.long)
    classes[1, columns[0]] = 1
    classes[2, columns[1]] = 2
    sureness = torch.ones(4, len(AVATAR_LABELS))
    sureness[2, columns[2]] = 0.5
    monkeypatch.setattr(evaluation, "read_surely", lambda judge, pictures: (classes, sureness))
    judge, pictures = random_judge(AVATARS), torch.empty(0)
    assert coverage(judge, pictures) == (2 / 120, 2)
    labels = np.stack([np.arange(60) % len(kinds) for kinds in AVATAR_LABELS.values()], 1)
    # Of a label with four classes three are never drawn, though a quarter of the data has each.
    rarest_missed = max(1 / len(kinds) for kinds in AVATAR_LABELS.values()) / 1e-4
    assert worst_frequency(judge, pictures, labels) == pytest.approx(rarest_missed)


def test_quantiles_of_known_scores():
    found = quantiles(torch.arange(201).float() / 2)
    assert found == pytest.approx([float(n) for n in range(101)])
