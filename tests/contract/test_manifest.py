"""What every family says about itself before anything of it is loaded."""

import numpy as np
import pytest
from PIL import Image

from studio.core.error import UserError

MAX_THUMBNAIL_BYTES = 150 * 1024


def test_the_manifest_loads_and_says_what_home_shows(found):
    assert found.error is None, found.details
    family = found.manifest
    assert family.title
    assert family.subtitle
    assert family.summary.endswith(".")
    assert len(family.summary) <= 90


def test_the_thumbnail_lives_and_is_small(found):
    path = found.file(found.manifest.thumbnail)
    assert path is not None
    assert path.stat().st_size <= MAX_THUMBNAIL_BYTES
    with Image.open(path) as picture:
        assert picture.format == "WEBP"
        assert getattr(picture, "n_frames", 1) > 1


def test_all_models_are_listed_and_the_default_is_one_of_them(found, catalog):
    models = catalog.list_models(found.id)
    assert found.manifest.default_model in [model.id for model in models]
    cards = list((found.folder / "models").glob("*.json"))
    assert len(models) == len(cards)
    for model in models:
        assert model.card.licence
        assert model.card.data
        assert model.card.figures
        assert model.card.n_params > 0
        assert "seed" in model.card.trained


def test_recipes_are_named_after_the_family(found, catalog):
    if not found.manifest.recipes:
        pytest.skip("this family is not trained here")
    recipes = found.load(found.manifest.recipes)
    for recipe_id, recipe in recipes.items():
        assert recipe.id == recipe_id
        assert recipe_id.startswith(f"{found.id}/")
        assert recipe.title
    assert {model.id for model in catalog.list_models(found.id)} <= set(recipes)


def test_files_are_handed_to_models_that_are_there(found, catalog):
    for suffix, model_id in found.manifest.takes.items():
        assert suffix[0] == "."
        assert suffix == suffix.lower()
        assert catalog.find_model(model_id).family == found.id


def test_importers_are_valid_and_do_not_claim_noise(found, tmp_path):
    noise = tmp_path / "noise.bin"
    noise.write_bytes(np.random.default_rng(1).bytes(10_000))
    (tmp_path / "empty.bin").touch()
    for name in found.manifest.importers:
        importer = found.load(name)()
        assert importer.title
        assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in importer.suffixes)
        for path in (noise, tmp_path / "empty.bin", tmp_path / "missing.bin", tmp_path):
            assert score_of(importer, path) == 0


def score_of(importer, path):
    try:
        return importer.sniff(path)
    except (UserError, OSError):
        return 0
