"""The recipes of pictures from data to card, and what they are measured by."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Picture

from plugins.autoregressive.pixels.model.config import PixelNetworkConfig
from plugins.autoregressive.pixels.model.pixelcnn import GatedPixelCNN, MaskedPixelCNN, n_seen_weights
from plugins.autoregressive.pixels.model.sampling import PixelRequest, sampler_of
from plugins.autoregressive.pixels.model.weights import load_pixels, save_pixels
from plugins.autoregressive.pixels.training.data import (
    LabelledPictures,
    PixelBatches,
    digit_pictures,
    glyph_pictures,
    judged_glyphs,
)
from plugins.autoregressive.pixels.training.evaluation import agreement, equal_config, usual_range
from plugins.autoregressive.pixels.training.objective import NextPixel, bits, bits_per_dimension, picture_bits
from plugins.autoregressive.pixels.training.recipes import DIGITS, GLYPHS, PICTURES
from studio.api.engine import TrainOptions
from studio.api.own_folder import PictureFolderSettings
from studio.api.training import FolderPictures, Split, Training, TrainSettings, load_judge, look_alike_groups
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.registry.catalog import Catalog
from tests.plugins.autoregressive.pixels.pixel_made import LOGISTIC, NETWORKS, made_network, tiny_config

CPU = torch.device("cpu")
OF_SETS = ("autoregressive/digits", "autoregressive/digits-rnn", "autoregressive/glyphs")


@pytest.fixture
def few(monkeypatch):
    """Few pictures to learn from, measure and judge."""
    for name, side, n_levels, n_classes in (("digit", 28, 256, 10), ("glyph", 32, 16, 62)):
        random = np.random.default_rng(3)
        values = random.integers(0, n_levels, (24, side, side)).astype(np.uint8)
        pictures = LabelledPictures(values, random.integers(0, n_classes, 24), False)
        module = "plugins.autoregressive.pixels.training.recipes"
        monkeypatch.setattr(f"{module}.{name}_pictures", lambda split, pictures=pictures: pictures)
        monkeypatch.setattr(f"{module}.N_{name.upper()}_SAMPLES", 12)


def test_every_recipe_is_found_by_the_id_of_its_model():
    assert all(recipe.id == name for name, recipe in Catalog().recipes("autoregressive").items())
    for name in (*OF_SETS, "autoregressive/pictures"):
        recipe: Any = Catalog().find_recipe(name)
        assert len(recipe.labels) == recipe.config.n_classes
        assert max(recipe.preview_labels) < recipe.config.n_classes


@pytest.mark.long("trains a network")
@pytest.mark.parametrize("recipe_id", OF_SETS)
@pytest.mark.usefixtures("few")
def test_a_recipe_writes_a_model_with_its_card(recipe_id, tmp_path):
    recipe: Any = Catalog().find_recipe(recipe_id)
    small = replace(recipe.config, n_layers=2, width=4, head_width=8, first_reach_px=1)
    short = TrainSettings(n_steps=2, n_micro=1, n_warmup=1, n_decay=1)
    options = TrainOptions(tmp_path / "made.safetensors", Device("cpu", "float32", 1))
    (tmp_path / "made.peer.checkpoint").write_bytes(b"an earlier training's")
    frames = list(replace(recipe, config=small, settings=short, n_pictures=2).train(options))
    assert frames[-1].n_steps == 2
    first = next(frame for frame in frames if frame.views)
    assert first.views["picture"].pixels.shape == (small.size_px, 8 * small.size_px)
    card = read_card(options.out.with_suffix(".json"))
    assert card.id == recipe_id
    assert card.more["kind"] == "pixels"
    assert card.more["usual_bits"]["low"] < card.more["usual_bits"]["high"]
    assert card.more["labels"] == list(recipe.labels)
    assert card.more["defaults"].get("guidance", 0) == getattr(recipe, "guidance", 0)
    first = card.more["checks"][0]
    assert first["value"] == pytest.approx(np.log2(recipe.config.n_levels), rel=0.1)  # nothing was learnt
    assert (first["floor"] is not None) == recipe.has_peer
    network = load_pixels(options.out)
    assert type(network) is recipe.network
    assert network.config == small


def test_a_folder_of_own_pictures_is_learnt_in_grey(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    for number in range(24):
        Picture.fromarray(np.full((40, 50, 3), (250, 10 * number, 0), np.uint8)).save(folder / f"{number}.png")
    (folder / "notes.txt").write_text("no picture")
    config = replace(PICTURES.config, n_layers=2, width=4, head_width=8, first_reach_px=1)
    short = PictureFolderSettings(n_steps=2, n_micro=1, n_warmup=1, n_decay=1, data=str(folder))
    options = TrainOptions(tmp_path / "made.safetensors", Device("cpu", "float32", 1))
    list(replace(PICTURES, config=config, settings=short, n_pictures=2).train(options))
    card = read_card(options.out.with_suffix(".json"))
    assert "24 pictures" in card.data
    assert str(folder) not in options.out.with_suffix(".json").read_text("utf-8")
    assert card.more["checks"][0]["name"] == "Bits per dimension on test pictures"
    assert load_pixels(options.out).config == config


def test_own_pictures_are_weighed_as_eyes_do():
    colours = np.array([[255, 255, 255], [0, 0, 0], [0, 255, 0]], np.uint8)
    pictures = np.tile(colours[:, None, None], (1, 32, 32, 1))
    folder = FolderPictures(pictures, np.array(["train"] * 3))
    values = replace(PICTURES, folder=folder).data(Split.TRAIN).values
    assert values[:, 0, 0].tolist() == [31, 0, round(0.587 * 31)]


@pytest.mark.long("trains a network")
@pytest.mark.usefixtures("few")
def test_a_stopped_training_goes_on(tmp_path):
    small = replace(DIGITS.config, n_layers=1, width=4, head_width=8, first_reach_px=1)
    short = TrainSettings(n_steps=4, n_micro=1, n_warmup=1, n_decay=1)
    recipe = replace(DIGITS, config=small, settings=short, n_pictures=2)
    options = TrainOptions(tmp_path / "made.safetensors", Device("cpu", "float32", 1))
    frames: Any = recipe.train(options)
    while next(frames).step < 2:
        pass
    frames.close()
    resumed = recipe.train(replace(options, is_resumed=True))
    steps = [frame.step for frame in resumed if "loss" in frame.scalars]
    assert steps[-1] == 3


@pytest.mark.long("trains a network")
@pytest.mark.parametrize("kind", NETWORKS)
def test_a_few_pictures_are_learnt_by_heart(kind):
    config = tiny_config(width=16, size_px=28, n_levels=256, n_classes=10, head_width=32)
    torch.manual_seed(2)
    pictures = digit_pictures(Split.TRAIN)
    few = replace(pictures, values=pictures.values[:4], labels=pictures.labels[:4])
    settings = TrainSettings(n_steps=40, learning_rate=1e-2, n_warmup=5, n_decay=5, average_decay=0.0)
    training = Training(kind(config), NextPixel(PixelBatches(few, 4, 1, CPU)), settings, CPU)
    losses = [step.loss for step in training.run()]
    assert losses[0] == pytest.approx(8, abs=0.3)  # bits of 256 levels
    assert losses[-1] < 2.5


def test_bits_are_the_surprise_of_what_was_said():
    network = made_network()
    sampler = sampler_of(network, PixelRequest((0, 1), (1, 2)))
    values = sampler.finish()
    said = sampler.task.said  # (P, B, V)
    expected = -np.take_along_axis(said, values.reshape(2, -1).T[..., None].astype(int), 2)[..., 0] / np.log(2)
    each = bits(network, torch.from_numpy(values).long(), torch.tensor([0, 1])).flatten(1).T
    np.testing.assert_allclose(each, expected, atol=1e-3)


def test_bits_per_dimension_of_samples_come_near_the_entropy():
    """The mean surprise of a model's own samples is its entropy, here that of independent pixels."""
    config = tiny_config(size_px=6, n_layers=1)
    network: Any = GatedPixelCNN(config).requires_grad_(False)
    for weight in network.parameters():
        weight.zero_()
    probabilities = torch.tensor([0.5, 0.2, 0.1, 0.1, 0.05, 0.05])
    network.head.last.bias.copy_(probabilities.log())
    values = sampler_of(network, PixelRequest((0,) * 60, range(60))).finish()
    pictures = replace(digit_pictures(Split.TEST), values=values, labels=np.zeros(60, np.int64))
    measured = result_of(bits_per_dimension(network, pictures, CPU))
    assert measured == pytest.approx(float(-(probabilities * probabilities.log2()).sum()), abs=0.06)


def test_some_pictures_are_of_all_kinds():
    """Digits come in the order of their kinds; figures on the first of them would be on noughts."""
    pictures, seen = digit_pictures(Split.VALIDATION), list[int]()
    network = made_network(n_classes=10, n_levels=256, size_px=28)
    network.register_forward_pre_hook(lambda module, inputs: seen.extend(inputs[1].tolist()))
    assert len(result_of(picture_bits(network, pictures, CPU, 30))) == 30
    assert set(seen) == set(range(10))


@pytest.mark.long("computes for long")
def test_letterforms_can_be_read_by_the_judge():
    pictures = glyph_pictures(Split.TEST)
    assert pictures.values.shape[1:] == (32, 32)
    assert pictures.values.max() == 15
    groups, read = look_alike_groups(), load_judge("glyphs").read(judged_glyphs(torch.from_numpy(pictures.values)))
    right = groups[read] == groups[torch.from_numpy(pictures.labels)]
    assert float(right.float().mean()) > 0.95


def test_agreement_counts_pictures_of_the_kind_asked_for():
    network = made_network(n_classes=4)
    always_two = result_of(agreement(network, lambda pictures: torch.full((len(pictures),), 2), torch.arange(4), 8, 1))
    assert always_two == 0.25
    alike = torch.tensor([0, 0, 2, 2])
    assert result_of(agreement(network, lambda p: torch.full((len(p),), 3), alike, 8, 1)) == 0.5


@pytest.mark.usefixtures("few")
def test_digits_are_judged_as_the_panel_draws_them_and_as_the_bare_network_does(monkeypatch):
    asked = []

    def measured(network, read, groups, n_samples, seed, guidance):
        yield
        asked.append((n_samples, seed, guidance))
        return 0.5 + guidance / 8

    monkeypatch.setattr("plugins.autoregressive.pixels.training.recipes.agreement", measured)
    checks = result_of(replace(DIGITS, guidance=2.0).judged(made_network()))
    assert asked == [(12, DIGITS.seed, 0.0), (12, DIGITS.seed, 2.0)]
    assert [(check.value, check.floor) for check in checks] == [(75.0, 95.0), (50.0, None)]
    assert "guidance 2 " in checks[0].name
    (alone,) = result_of(replace(DIGITS, guidance=0.0).judged(made_network()))
    assert (alone.value, alone.floor) == (50.0, 95.0)


def test_the_usual_range_holds_nine_of_ten():
    usual = usual_range(list(np.linspace(0, 1, 101)))
    assert usual == {"low": pytest.approx(0.05), "high": pytest.approx(0.95)}


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("recipe_id", ["autoregressive/digits", "autoregressive/digits-rnn"])
def test_the_peer_has_as_many_weights(recipe_id):
    recipe: Any = Catalog().find_recipe(recipe_id)
    network = recipe.network(recipe.config)
    peer = MaskedPixelCNN(equal_config(network))
    assert 0.96 < n_seen_weights(peer) / n_seen_weights(network) <= 1


@pytest.mark.parametrize("kind", NETWORKS)
def test_what_is_saved_comes_back_within_rounding(kind, tmp_path):
    network = made_network(kind, LOGISTIC, width=16, skip_width=20)
    save_pixels(tmp_path / "made.safetensors", network)
    loaded = load_pixels(tmp_path / "made.safetensors")
    assert loaded.config == network.config
    values, labels = torch.randint(0, 6, (2, 8, 8)), torch.tensor([0, 1])
    np.testing.assert_allclose(loaded(values, labels), network(values, labels), atol=0.15)


def test_a_file_with_impossible_sizes_is_refused(tmp_path):
    path = tmp_path / "made.safetensors"
    network = made_network()
    network.config = replace(network.config, n_layers=4)
    save_pixels(path, network)
    with pytest.raises(UserError):
        load_pixels(path)
    with pytest.raises(UserError):
        PixelNetworkConfig(size_px=4096, n_levels=256, n_classes=1, n_layers=1, width=4)


def test_cards_are_plain_json(tmp_path):
    assert json.loads(json.dumps(GLYPHS.labels))[0] == GLYPHS.labels[0]
