"""The models that the program brings along: what their cards promise, checked again where that is quick."""

from dataclasses import asdict
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.vae.letters.training.direction_search import TITLES, drawn_attributes
from plugins.vae.letters.training.recipe import letter_reader
from plugins.vae.shared.card import read_arrays
from plugins.vae.shared.model.vae import DigitsVAE
from plugins.vae.shared.model.weights import load_model
from plugins.vae.shared.training.evaluation import (
    digits_bounds,
    held_out_overlaps,
    map_classes,
    random_classes,
    random_styles,
)
from studio.core.card import Check, read_card
from studio.core.pausing import result_of
from studio.core.place import asset
from studio.datasets.digits import load_digits
from studio.datasets.glyphs import load_glyphs
from studio.datasets.split import Split
from studio.metrics.judge import load_judge, look_alike_groups
from studio.registry.catalog import Catalog

NAMES = ["digits", "digits-16", "letterforms", "avatars"]


def shipped(name, suffix=".safetensors"):
    with as_file(files("plugins.vae") / "models" / f"{name}{suffix}") as path:
        return Path(path)


@pytest.fixture(scope="module")
def letterforms():
    return load_model(shipped("letterforms"))


@pytest.fixture(scope="module")
def letterforms_card():
    return read_card(shipped("letterforms", ".json"))


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_on_the_card_reaches_its_floor(name):
    card = read_card(shipped(name, ".json"))
    checks = [Check(**values) for values in card.more["checks"]]
    assert len(checks) == len(card.figures) >= 3
    assert all(check.is_reached for check in checks), checks


@pytest.mark.parametrize("name", NAMES)
def test_the_card_and_the_weights_agree_with_the_recipe(name):
    card, model = read_card(shipped(name, ".json")), load_model(shipped(name))
    recipe: Any = Catalog().find_recipe(f"vae/{name}")
    assert card.trained["seed"] == recipe.seed
    assert card.trained["data_set"] == "full"
    assert card.trained["n_steps"] == recipe.settings.n_steps
    assert asdict(recipe.config).items() <= asdict(model.config).items(), "a second decoder may have come later"
    assert card.n_params == sum(weight.numel() for weight in model.parameters())


def test_models_and_training_sets_are_small():
    paths = [shipped(name, suffix) for name in NAMES for suffix in (".safetensors", ".json")]
    training_sets = [asset(f"datasets/{name}.npz") for name in ("digits", "glyphs", "avatars", "avatar-layers")]
    assert sum(path.stat().st_size for path in training_sets) <= 2e6
    assert sum(path.stat().st_size for path in paths + training_sets) <= 8 * 2**20


@pytest.mark.long("computes for long")
@pytest.mark.parametrize(("name", "highest"), [("digits", 155), ("digits-16", 105)])
def test_digits_are_drawn_as_well_as_promised(name, highest):
    model = load_model(shipped(name))
    assert isinstance(model, DigitsVAE)
    pictures = torch.from_numpy(load_digits(Split.TEST).pictures[:100]).float() / 255
    elbo, bound = result_of(digits_bounds(model, pictures, seed=1, n_samples=16))
    assert bound < elbo < highest
    read = load_judge("digits").read
    assert all(map_classes(model, read) if name == "digits" else random_classes(model, read, seed=3))


@pytest.mark.long("computes for long")
def test_the_style_of_held_out_typefaces_is_read(letterforms):
    test = load_glyphs(Split.TEST)
    overlaps = result_of(held_out_overlaps(letterforms, test.fields))
    assert overlaps.shape == (9, 54)
    assert float(overlaps.median()) >= 0.62


@pytest.mark.long("computes for long")
def test_letters_in_random_styles_can_be_read(letterforms):
    readable, _ = result_of(random_styles(letterforms, letter_reader(), look_alike_groups(), 6, seed=3))
    assert readable >= 0.90


def test_typefaces_have_a_place_each(letterforms_card):
    arrays = read_arrays(shipped("letterforms"))
    assert arrays["styles"].shape == (len(letterforms_card.more["typefaces"]), 32)
    flat = arrays["styles"] @ arrays["map_basis"].T
    np.testing.assert_allclose(flat, arrays["map"], atol=1e-2)


@pytest.mark.parametrize("name", NAMES)
def test_sliders_read_back_what_they_set(name):
    arrays = read_arrays(shipped(name))
    values = np.random.default_rng(1).normal(size=len(arrays["directions"]))
    np.testing.assert_allclose(arrays["readings"] @ (values @ arrays["directions"]), values, atol=1e-2)


@pytest.mark.long("computes for long")
def test_each_named_slider_moves_its_own_attribute_steadily_and_more_than_any_other_slider_does(
    letterforms, letterforms_card
):
    """Over +- 2 units around the middle of the latent space; all sliders are tried, the nameless ones too."""
    directions = torch.from_numpy(read_arrays(shipped("letterforms"))["directions"])
    ids = [axis["id"] for axis in letterforms_card.more["axes"]]
    values = torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0])
    places = (values[None, :, None] * directions[:, None]).flatten(0, 1)
    measured = result_of(drawn_attributes(letterforms, places)).unflatten(0, (len(ids), len(values)))  # (A, 5, 6)
    moved = (measured[:, -1] - measured[:, 0]).abs()  # (A, 6)
    for column, attribute in enumerate(TITLES):
        own = ids.index(attribute)
        assert (measured[own].diff(dim=0)[:, column] > 0).all(), attribute
        assert moved[own, column] == moved[:, column].max(), (attribute, moved[:, column])
