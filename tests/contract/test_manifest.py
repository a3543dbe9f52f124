"""What every family says about itself before anything of it is loaded."""

import numpy as np
import pytest

from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.registry.catalog import Catalog
from studio.registry.contract import family_problems, kind_problems


def test_home_lists_and_guide_lack_nothing(found, catalog):
    assert found.error is None, found.details
    alone = Catalog(found.folder.parent, catalog.models_folder)
    alone.families = [found]
    assert list(family_problems(found, alone)) == []
    assert len(alone.list_models()) == len(list((found.folder / "models").glob("*.json")))


def test_the_gallery_knows_every_shipped_model_and_no_sentence_twice(found, catalog):
    shipped = [model for model in catalog.list_models(found.id) if not model.is_own]
    tasks = [model.card.task for model in shipped]
    assert len(set(tasks)) == len(tasks)
    broken = [model.id in found.manifest.broken for model in shipped]
    assert broken == sorted(broken)
    if found.manifest.models:
        assert shipped[0].id == next(iter(found.manifest.models))
        assert {model.id for model in shipped} == set(found.manifest.models)
        assert [model.id for model in shipped if model.picture is None] == []
        assert max(model.picture.stat().st_size for model in shipped) <= 10_000
        assert found.manifest.examples


def test_examples_ask_for_what_their_models_know(found, catalog):
    for example in found.manifest.examples:
        params_class = catalog.params_class(catalog.find_model(example.model).source)
        known = params_to_json(saved_params(params_class, example.params))
        assert {name: known.get(name) for name in example.params} == dict(example.params)
        assert example.sentence.endswith(".")


def test_every_kind_loads_and_declares_its_params(found):
    assert list(kind_problems(found)) == []


def test_recipes_are_named_after_the_family(found, catalog):
    if not found.manifest.recipes:
        pytest.skip("this family is not trained here")
    recipes = catalog.recipes(found.id)
    for recipe_id, recipe in recipes.items():
        assert recipe.id == recipe_id
        assert recipe_id.startswith(f"{found.id}/")
        assert recipe.title
    models = [one for one in catalog.list_models(found.id) if found.manifest.kind_of(one.source.card).needs_weights]
    assert {model.id for model in models} <= set(recipes)


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
