"""What every recipe says about itself, so that a dialog can offer it in plain words."""

import pytest

from studio.core.param import changed_params, param_specs
from studio.metrics.recipe import RECIPES as METRIC_RECIPES

KNOWN_KINDS = {"int", "float", "bool", "str", "choice"}


@pytest.fixture
def recipes(found, catalog):
    recipes, failures = catalog.recipes_and_failures(found.id)
    assert failures == []
    return recipes


def check(recipe, recipe_id, owner):
    assert recipe.id == recipe_id
    assert recipe.id.partition("/")[0] == owner
    assert recipe.title
    assert recipe.summary.endswith(".")
    assert 0 < recipe.minutes <= 600
    assert recipe.settings.n_steps >= 1
    specs = param_specs(type(recipe.settings))
    assert specs
    assert recipe.needs_folder == ("data" in specs)
    for spec in specs.values():
        assert spec.kind in KNOWN_KINDS
        assert spec.label
        assert spec.help.endswith(".")


def test_every_recipe_can_be_shown(found, recipes):
    for recipe_id, recipe in recipes.items():
        check(recipe, recipe_id, found.id)


def test_every_recipe_of_a_judge_can_be_shown():
    for recipe_id, recipe in METRIC_RECIPES.items():
        check(recipe, recipe_id, "metrics")


def test_what_a_recipe_starts_with_is_within_its_own_bounds(recipes):
    for recipe in recipes.values():
        specs = param_specs(type(recipe.settings))
        values = {name: str(getattr(recipe.settings, name)) for name in specs}
        assert changed_params(recipe.settings, values) == recipe.settings
