"""The trainings that make this family's models: where each one stands, by the id of the model."""

from typing import Final

RECIPES: Final = {
    "gan/avatars-style": "people.training.style_recipe:GanAvatarsStyleRecipe",
    "gan/avatars-layers": "people.training.layers_recipe:GanAvatarsLayersRecipe",
    "gan/avatars-dcgan": "people.training.dcgan_recipe:DCGAN",
    "gan/avatars-wgan": "people.training.dcgan_recipe:WGAN",
    "gan/avatars-collapsed": "people.training.dcgan_recipe:COLLAPSED",
    "gan/outline-to-icon": "sketch.training.recipe:DrawRecipe",
    "gan/enlarge": "enlarge.training.recipe:ENLARGE",
    "gan/emoji-styles": "styles.training.recipe:StylesRecipe",
    "gan/playground": "playground.training.recipe:PlaygroundRecipe",
}
