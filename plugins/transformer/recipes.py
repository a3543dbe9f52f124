"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .code_recipe import CodeRecipe
from .shakespeare_recipe import ShakespeareRecipe
from .texts_recipe import TextsRecipe

_ALL: Final[tuple[Any, ...]] = (ShakespeareRecipe(), CodeRecipe(), TextsRecipe())
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
