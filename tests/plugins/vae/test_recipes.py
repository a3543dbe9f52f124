"""The recipes, shortened: they write models that open and cards that the registry reads, and refuse wrong settings."""

from collections.abc import Generator

import pytest
import torch

from plugins.vae import digits_recipe, letterforms_recipe, slider
from plugins.vae.card import read_arrays
from plugins.vae.recipes import RECIPES
from plugins.vae.weights import load_model
from studio.api.engine import TrainOptions
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.datasets.glyphs import load_glyphs
from studio.datasets.split import Split


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Few samples, few typefaces: that the figures are right is tested with the formulas."""
    monkeypatch.setattr(digits_recipe, "N_IMPORTANCE_SAMPLES", 2)
    monkeypatch.setattr(letterforms_recipe, "load_glyphs", lambda _: load_glyphs(Split.VALIDATION))
    monkeypatch.setattr(letterforms_recipe, "N_PRIOR_STYLES", 3)
    monkeypatch.setattr(slider, "N_RANDOM_PLACES", 48)
    monkeypatch.setattr(slider, "N_EFFECT_PLACES", 1)


def options(path, **more):
    return TrainOptions(path, Device("cpu", "float32", 1), **more)


def test_digits_are_trained_written_and_described(tmp_path):
    out = tmp_path / "digits.safetensors"
    frames = list(RECIPES["vae/digits"].train(options(out, n_steps=2)))
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


def test_letterforms_are_trained_written_and_described(tmp_path):
    out = tmp_path / "letterforms.safetensors"
    list(RECIPES["vae/letterforms"].train(options(out, n_steps=1)))
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


def test_a_training_that_is_closed_can_be_resumed(tmp_path):
    out = tmp_path / "digits.safetensors"
    steps = RECIPES["vae/digits"].train(options(out, n_steps=3))
    assert isinstance(steps, Generator)
    next(steps), next(steps)  # both micro-batches of the first step
    steps.close()
    assert not out.exists()
    rest = list(RECIPES["vae/digits"].train(options(out, n_steps=3, is_resumed=True)))
    assert {frame.step for frame in rest if not frame.label} == {1, 2}
    assert out.exists()


@pytest.mark.parametrize(
    "wrong", [{"magic": "1"}, {"learning_rate": "fast"}, {"learning_rate": "-1"}, {"n_micro": "nan"}, {"n_micro": "0"}]
)
def test_wrong_settings_are_refused_in_a_sentence(tmp_path, wrong):
    for recipe in RECIPES.values():
        with pytest.raises(UserError):
            next(recipe.train(options(tmp_path / "x", settings=wrong)))
