"""The trainings that make this family's models, by the id of the model."""

from typing import Final

from .avatars_recipe import AvatarsRecipe
from .digits_recipe import DIGITS_16, DigitsRecipe
from .letterforms_recipe import LetterformsRecipe
from .pictures_recipe import PicturesRecipe

_ALL: Final = (DigitsRecipe(), DIGITS_16, LetterformsRecipe(), AvatarsRecipe(), PicturesRecipe())
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
