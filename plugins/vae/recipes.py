"""The trainings that make this family's models, by the id of the model."""

from typing import Final

from .letters.training.recipe import LetterformsRecipe
from .molecules.training.recipe import MoleculesRecipe
from .pictures.training.avatars_recipe import VaeAvatarsRecipe
from .pictures.training.beta_recipe import VaeBetaRecipe
from .pictures.training.digits_recipe import DIGITS_16, VaeDigitsRecipe
from .pictures.training.flat_recipe import VaeFlatRecipe
from .pictures.training.layers_recipe import VaeLayersRecipe
from .pictures.training.pictures_recipe import VaePicturesRecipe

_ALL: Final = (
    VaeDigitsRecipe(),
    DIGITS_16,
    VaeBetaRecipe(),
    LetterformsRecipe(),
    VaeAvatarsRecipe(),
    VaeLayersRecipe(),
    VaePicturesRecipe(),
    VaeFlatRecipe(),
    MoleculesRecipe(),
)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
