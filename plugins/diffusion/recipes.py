"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .avatars_recipe import AvatarsRecipe
from .cascade_recipe import CascadeRecipe
from .digits_recipe import DigitsRecipe
from .pictures_recipe import PicturesRecipe

_ALL: Final[tuple[Any, ...]] = (
    DigitsRecipe(),
    AvatarsRecipe(),
    CascadeRecipe(),
    PicturesRecipe(),
)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
