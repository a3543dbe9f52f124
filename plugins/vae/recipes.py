"""The trainings that make this family's models: where each one stands, by the id of the model."""

from typing import Final

RECIPES: Final = {
    "vae/digits": "pictures.training.digits_recipe:VaeDigitsRecipe",
    "vae/digits-16": "pictures.training.digits_recipe:DIGITS_16",
    "vae/digits-beta": "pictures.training.beta_recipe:VaeBetaRecipe",
    "vae/letterforms": "letters.training.recipe:LetterformsRecipe",
    "vae/avatars": "pictures.training.avatars_recipe:VaeAvatarsRecipe",
    "vae/avatars-layers": "pictures.training.layers_recipe:VaeLayersRecipe",
    "vae/pictures": "pictures.training.pictures_recipe:VaePicturesRecipe",
    "vae/flat-pictures": "pictures.training.flat_recipe:VaeFlatRecipe",
    "vae/molecules": "molecules.training.recipe:MoleculesRecipe",
}
