"""The trainings that make this family's models, by the id of the model."""

from typing import Final

from .field.training.our_scenes import ANIMATED, GLOSSY, RELIT
from .field.training.photos_recipe import PhotosRecipe
from .splats.training.splats_recipe import GLOSSY_SPLATS, PhotoSplatsRecipe

_ALL: Final = (GLOSSY, ANIMATED, RELIT, PhotosRecipe(), GLOSSY_SPLATS, PhotoSplatsRecipe())
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
