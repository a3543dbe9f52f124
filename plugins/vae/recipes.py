"""The trainings that make this family's models, by the id of the model."""

from typing import Final

from .avatars_recipe import AvatarsRecipe
from .digits_recipe import DIGITS_16, DigitsRecipe
from .letterforms_recipe import LetterformsRecipe

RECIPES: Final = {recipe.id: recipe for recipe in (DigitsRecipe(), DIGITS_16, LetterformsRecipe(), AvatarsRecipe())}
