"""The recipes, shortened: they write models that open and cards that the registry reads, and refuse wrong settings."""

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.vae.letters.training import direction_search as slider
from plugins.vae.letters.training import recipe as letterforms_recipe
from plugins.vae.pictures.training import avatars_recipe, digits_recipe, direction_search
from plugins.vae.pictures.training.avatars_recipe import VaeAvatarsRecipe
from plugins.vae.pictures.training.objective import PicturesLoss
from plugins.vae.shared import engine as reading
from plugins.vae.shared.atlas import build_atlas
from plugins.vae.shared.card import read_arrays
from plugins.vae.shared.model.weights import load_model
from plugins.vae.shared.training import known
from studio.api.engine import TrainOptions
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.view import Image
from studio.datasets.avatars import load_avatars
from studio.datasets.glyphs import load_glyphs
from studio.datasets.split import Split
from studio.registry.catalog import Catalog
from tests.plugins.vae.pictures.test_model import SMALL


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Few samples, few typefaces: that the figures are right is tested with the formulas."""
    monkeypatch.setattr(known, "N_KNOWN", 2)
    monkeypatch.setattr(reading, "N_REFINE", 2)
    monkeypatch.setattr(digits_recipe, "N_IMPORTANCE_SAMPLES", 2)
    monkeypatch.setattr(digits_recipe, "N_VALIDATION", 20)
    monkeypatch.setattr(letterforms_recipe, "load_glyphs", lambda _: load_glyphs(Split.VALIDATION))
    monkeypatch.setattr(letterforms_recipe, "N_PRIOR_STYLES", 3)
    monkeypatch.setattr(letterforms_recipe, "N_VALIDATION", 1)
    monkeypatch.setattr(slider, "N_RANDOM_PLACES", 48)
    monkeypatch.setattr(slider, "N_EFFECT_PLACES", 1)
    monkeypatch.setattr(avatars_recipe, "load_avatars", few_faces)
    monkeypatch.setattr(avatars_recipe, "N_SAMPLES", 40)
    monkeypatch.setattr(direction_search, "N_RANDOM_PLACES", 64)
    monkeypatch.setattr(direction_search, "N_TRIALS", 2)
    monkeypatch.setattr(direction_search, "N_EFFECT_PLACES", 1)


def few_faces(split):
    faces = load_avatars(split)
    return replace(faces, pictures=faces.pictures[:80], labels=faces.labels[:80])


def options(path, **more):
    return TrainOptions(path, Device("cpu", "float32", 1), **more)


@pytest.mark.long("trains a network")
def test_digits_are_trained_written_and_described(tmp_path):
    out = tmp_path / "digits.safetensors"
    frames = list(Catalog().find_recipe("vae/digits").train(options(out, n_steps=2)))
    learning = [frame for frame in frames if not frame.label]
    assert [(frame.step, frame.n_steps) for frame in learning] == [(0, 2), (0, 2), (1, 2), (1, 2)]
    assert len(frames) > len(learning)
    assert {"loss", "kl"} <= set(frames[0].scalars)
    card, arrays = read_card(out.with_suffix(".json")), read_arrays(out)
    assert card.id == "vae/digits"
    assert card.trained["data_set"] == "small"
    assert arrays["places"].shape == (len(arrays["labels"]), 2)
    assert len(card.more["axes"]) == 2
    assert load_model(out).config.n_latent == 2


@pytest.mark.long("trains a network")
def test_sixteen_numbers_have_sixteen_sliders_and_a_plane_for_the_map(tmp_path):
    out = tmp_path / "digits-16.safetensors"
    list(Catalog().find_recipe("vae/digits-16").train(options(out, n_steps=1)))
    card, arrays = read_card(out.with_suffix(".json")), read_arrays(out)
    assert card.id == "vae/digits-16"
    assert len(card.more["axes"]) == 16
    effects = [axis["effect"] for axis in card.more["axes"]]
    assert effects == sorted(effects, reverse=True)
    basis, directions = arrays["map_basis"], arrays["directions"]
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=2e-3)
    np.testing.assert_allclose(directions @ directions.T, np.eye(16), atol=2e-3)
    build_atlas(card.more, arrays, 16)


@pytest.mark.long("trains a network")
def test_faces_are_trained_written_and_described(tmp_path):
    out = tmp_path / "avatars.safetensors"
    recipe = VaeAvatarsRecipe(config=SMALL, n_pictures=2, loss=PicturesLoss(rival=0.1, rival_start=1))
    frames = list(recipe.train(options(out, n_steps=2)))
    pictures = [view.pixels for frame in frames for view in frame.views.values() if isinstance(view, Image)]
    assert [frame.step for frame in frames if frame.views] == [0, 1]
    assert pictures[0].shape == (256, 256, 3)
    assert not np.array_equal(pictures[0], pictures[1])
    scalars = [frame.scalars for frame in frames]
    assert {"pixels", "kl", "labels", "seen"} <= set(scalars[0])
    assert [frame.step for frame in frames if "fooling" in frame.scalars] == [1, 1]
    assert any("held-out mouth right" in names for names in scalars)
    card, arrays = read_card(out.with_suffix(".json")), read_arrays(out)
    assert card.trained["data_set"] == "small"
    assert len(card.more["axes"]) == recipe.config.n_latent
    assert len(card.figures) == len(card.more["checks"]) == 22
    atlas = build_atlas(card.more, arrays, recipe.config.n_latent)
    assert set(atlas.names) <= {"bun", "side parting", "spiky", "undercut"}
    product = torch.from_numpy(arrays["readings"]) @ torch.from_numpy(arrays["directions"]).T
    torch.testing.assert_close(product, torch.eye(12), atol=2e-2, rtol=0)
    assert not any("rival" in name or "reader" in name for name in load_model(out).state_dict())


@pytest.mark.long("trains a network")
def test_letterforms_are_trained_written_and_described(tmp_path):
    out = tmp_path / "letterforms.safetensors"
    list(Catalog().find_recipe("vae/letterforms").train(options(out, n_steps=1)))
    card, arrays = read_card(out.with_suffix(".json")), read_arrays(out)
    assert card.trained["data_set"] == "small"
    axes = card.more["axes"]
    assert {axis["id"] for axis in axes[:6]} == {"weight", "width", "slant", "serif", "contrast", "roundness"}
    assert [axis["title"] for axis in axes[6:8]] == ["Shape 7", "Shape 8"]
    for group in (axes[:6], axes[6:]):
        effects = [axis["effect"] for axis in group]
        assert effects == sorted(effects, reverse=True)
    assert arrays["styles"].shape == (len(card.more["typefaces"]), 32)
    product = torch.from_numpy(arrays["readings"]) @ torch.from_numpy(arrays["directions"]).T
    torch.testing.assert_close(product, torch.eye(32), atol=1e-2, rtol=0)


@pytest.mark.long("trains a network")
def test_a_training_that_is_closed_can_be_resumed(tmp_path):
    out = tmp_path / "digits.safetensors"
    steps = Catalog().find_recipe("vae/digits").train(options(out, n_steps=3))
    assert isinstance(steps, Generator)
    next(steps), next(steps)  # both micro-batches of the first step
    steps.close()
    assert not out.exists()
    rest = list(Catalog().find_recipe("vae/digits").train(options(out, n_steps=3, is_resumed=True)))
    assert {frame.step for frame in rest if not frame.label} == {1, 2}
    assert out.exists()


@pytest.mark.parametrize(
    "wrong", [{"magic": "1"}, {"learning_rate": "fast"}, {"learning_rate": "-1"}, {"n_micro": "nan"}, {"n_micro": "0"}]
)
def test_wrong_settings_are_refused_in_a_sentence(tmp_path, wrong):
    for recipe in Catalog().recipes("vae").values():
        with pytest.raises(UserError):
            next(recipe.train(options(tmp_path / "x", settings=wrong)))
