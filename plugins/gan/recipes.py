"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .enlarge.training.recipe import ENLARGE
from .people.training.dcgan_recipe import COLLAPSED, DCGAN, WGAN
from .people.training.layers_recipe import GanAvatarsLayersRecipe
from .people.training.style_recipe import GanAvatarsStyleRecipe
from .playground.training.recipe import PlaygroundRecipe
from .sketch.training.recipe import DrawRecipe
from .styles.training.recipe import StylesRecipe

_ALL: Final[tuple[Any, ...]] = (
    GanAvatarsStyleRecipe(),
    GanAvatarsLayersRecipe(),
    DCGAN,
    WGAN,
    COLLAPSED,
    DrawRecipe(),
    ENLARGE,
    StylesRecipe(),
    PlaygroundRecipe(),
)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
