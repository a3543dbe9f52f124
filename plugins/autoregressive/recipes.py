"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .chorales_recipe import CHORALES
from .digits_recipe import DIGITS
from .digits_rnn_recipe import DIGITS_RNN
from .forecast_own_recipe import TABLES
from .forecast_recipe import FORECAST
from .glyphs_recipe import GLYPHS
from .notes_recipe import NOTES
from .pictures_recipe import PICTURES
from .sounds_recipe import SOUNDS
from .speech_recipe import SPEECH
from .xl_own_recipe import TEXTS
from .xl_recipe import TEXT_XL
from .xlnet_recipe import TEXT_XLNET

_ALL: Final[tuple[Any, ...]] = (
    DIGITS, DIGITS_RNN, GLYPHS, PICTURES, FORECAST, TABLES, CHORALES, TEXT_XL, TEXT_XLNET, TEXTS, NOTES, SPEECH, SOUNDS,
)  # fmt: skip
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
