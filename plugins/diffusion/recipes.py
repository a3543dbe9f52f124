"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .avatars_pixels_recipe import AvatarsPixelsRecipe
from .avatars_recipe import AvatarsRecipe
from .cascade_recipe import CascadeRecipe
from .digits_recipe import DigitsRecipe
from .emoji_recipe import EmojiRecipe
from .notes_recipe import NotesRecipe
from .pictures_recipe import PicturesRecipe
from .sounds_recipe import SoundsRecipe

_ALL: Final[tuple[Any, ...]] = (
    DigitsRecipe(),
    EmojiRecipe(),
    AvatarsRecipe(),
    AvatarsPixelsRecipe(),
    CascadeRecipe(),
    NotesRecipe(),
    PicturesRecipe(),
    SoundsRecipe(),
)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
