"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .infill.training.recipe import TEXT_XLNET
from .music.training.recipe import CHORALES
from .pixels.training.recipes import DIGITS, DIGITS_RNN, GLYPHS, PICTURES
from .series.training.own_recipe import TABLES
from .series.training.recipe import FORECAST
from .sound.training.notes_recipe import NOTES
from .sound.training.own_recipe import SOUNDS
from .sound.training.speech_recipe import SPEECH
from .text.training.recipe import TEXT_XL, TEXTS

_ALL: Final[tuple[Any, ...]] = (
    DIGITS,
    DIGITS_RNN,
    GLYPHS,
    PICTURES,
    FORECAST,
    TABLES,
    CHORALES,
    TEXT_XL,
    TEXT_XLNET,
    TEXTS,
    NOTES,
    SPEECH,
    SOUNDS,
)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
