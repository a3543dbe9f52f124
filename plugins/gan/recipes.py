"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .enlarge_recipe import ENLARGE
from .avatars_style_recipe import AvatarsStyleRecipe

_ALL: Final[tuple[Any, ...]] = (ENLARGE, AvatarsStyleRecipe(),)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
