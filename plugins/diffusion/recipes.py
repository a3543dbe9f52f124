"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .digits_recipe import DigitsRecipe

_ALL: Final[tuple[Any, ...]] = (DigitsRecipe(),)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
