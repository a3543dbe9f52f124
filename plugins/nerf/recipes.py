"""The trainings that make this family's models, by the id of the model."""

from typing import Final

from .field.training.glossy_recipe import GlossyRecipe
from .field.training.photos_recipe import PhotosRecipe

_ALL: Final = (GlossyRecipe(), PhotosRecipe())
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
