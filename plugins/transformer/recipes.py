"""The trainings that make this family's models: where each one stands, by the id of the model."""

from typing import Final

RECIPES: Final = {
    "transformer/shakespeare": "text.training.shakespeare_recipe:ShakespeareRecipe",
    "transformer/code": "text.training.code_recipe:CodeRecipe",
    "transformer/texts": "text.training.texts_recipe:TransformerTextsRecipe",
    "transformer/shakespeare-features": "text.training.features_recipe:FeaturesRecipe",
    "transformer/tune": "text.training.tune_recipe:TransformerTuneRecipe",
    "transformer/translate": "translate.training.recipe:TranslateRecipe",
    "transformer/fill-in": "fill_in.training.recipe:FillInRecipe",
    "transformer/caption": "describe.training.recipe:DescribeRecipe",
    "transformer/emoji": "emoji.training.recipe:EmojiRecipe",
}
