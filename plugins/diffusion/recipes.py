"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .arcade.training.recipe import ArcadeRecipe
from .pictures.training.avatars_recipe import AvatarsPixelsRecipe, DiffusionAvatarsRecipe
from .pictures.training.cascade_recipe import CascadeRecipe
from .pictures.training.digits_recipe import DiffusionDigitsRecipe
from .pictures.training.emoji_recipe import EmojiRecipe
from .pictures.training.few_step_recipe import FewStepAvatarsRecipe
from .pictures.training.pictures_recipe import DiffusionPicturesRecipe, StraightPicturesRecipe
from .sound.training.notes_recipe import DiffusionNotesRecipe
from .sound.training.sounds_recipe import DiffusionSoundsRecipe

_ALL: Final[tuple[Any, ...]] = (
    ArcadeRecipe(),
    DiffusionDigitsRecipe(),
    EmojiRecipe(),
    DiffusionAvatarsRecipe(),
    AvatarsPixelsRecipe(),
    FewStepAvatarsRecipe(),
    CascadeRecipe(),
    DiffusionNotesRecipe(),
    DiffusionPicturesRecipe(),
    StraightPicturesRecipe(),
    DiffusionSoundsRecipe(),
)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
