"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .avatars_recipe import AvatarsRecipe
from .cascade_recipe import CascadeRecipe
from .digits_recipe import DigitsRecipe
from .emoji_recipe import EmojiRecipe
from .notes_recipe import NotesRecipe
from .pictures_recipe import PicturesRecipe

_ALL: Final[tuple[Any, ...]] = (
    DigitsRecipe(),
    EmojiRecipe(),
    AvatarsRecipe(),
    CascadeRecipe(),
    NotesRecipe(),
    PicturesRecipe(),
)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
