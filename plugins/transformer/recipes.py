"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

from .describe.training.recipe import DescribeRecipe
from .emoji.training.recipe import EmojiRecipe
from .fill_in.training.recipe import FillInRecipe
from .text.training.code_recipe import CodeRecipe
from .text.training.features_recipe import FeaturesRecipe
from .text.training.shakespeare_recipe import ShakespeareRecipe
from .text.training.texts_recipe import TransformerTextsRecipe
from .text.training.tune_recipe import TransformerTuneRecipe
from .translate.training.recipe import TranslateRecipe

_ALL: Final[tuple[Any, ...]] = (
    ShakespeareRecipe(),
    CodeRecipe(),
    TransformerTextsRecipe(),
    FeaturesRecipe(),
    TransformerTuneRecipe(),
    TranslateRecipe(),
    FillInRecipe(),
    DescribeRecipe(),
    EmojiRecipe(),
)
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
