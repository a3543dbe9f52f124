"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .digits_recipe import DIGITS
from .digits_rnn_recipe import DIGITS_RNN
from .glyphs_recipe import GLYPHS

_ALL: Final[tuple[Any, ...]] = (DIGITS, DIGITS_RNN, GLYPHS)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
