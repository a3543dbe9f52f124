"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .avatars_plain_recipe import COLLAPSED, DCGAN, WGAN
from .avatars_style_recipe import AvatarsStyleRecipe
from .draw_recipe import DrawRecipe
from .enlarge_recipe import ENLARGE
from .playground_recipe import PlaygroundRecipe
from .styles_recipe import StylesRecipe

_ALL: Final[tuple[Any, ...]] = (
    AvatarsStyleRecipe(),
    DCGAN,
    WGAN,
    COLLAPSED,
    DrawRecipe(),
    ENLARGE,
    StylesRecipe(),
    PlaygroundRecipe(),
)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
