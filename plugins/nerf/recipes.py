"""The trainings that make this family's models, by the id of the model."""

from typing import Final

from .field.training.animated_recipe import AnimatedRecipe
from .field.training.glossy_recipe import GlossyRecipe
from .field.training.photos_recipe import PhotosRecipe
from .field.training.relit_recipe import RelitRecipe
from .splats.training.photo_splats_recipe import PhotoSplatsRecipe
from .splats.training.splats_recipe import SplatsRecipe

_ALL: Final = (
    GlossyRecipe(),
    AnimatedRecipe(),
    RelitRecipe(),
    PhotosRecipe(),
    SplatsRecipe(),
    PhotoSplatsRecipe(),
)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
