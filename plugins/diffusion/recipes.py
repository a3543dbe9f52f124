"""The trainings that make this family's models: where each one stands, by the id of the model."""

from typing import Final

RECIPES: Final = {
    "diffusion/arcade": "arcade.training.recipe:ArcadeRecipe",
    "diffusion/digits": "pictures.training.digits_recipe:DiffusionDigitsRecipe",
    "diffusion/emoji": "pictures.training.emoji_recipe:EmojiRecipe",
    "diffusion/avatars": "pictures.training.avatars_recipe:DiffusionAvatarsRecipe",
    "diffusion/avatars-pixels": "pictures.training.avatars_recipe:AvatarsPixelsRecipe",
    "diffusion/avatars-live": "pictures.training.few_step_recipe:FewStepAvatarsRecipe",
    "diffusion/cascade": "pictures.training.cascade_recipe:CascadeRecipe",
    "diffusion/notes": "sound.training.notes_recipe:DiffusionNotesRecipe",
    "diffusion/pictures": "pictures.training.pictures_recipe:DiffusionPicturesRecipe",
    "diffusion/straight-pictures": "pictures.training.pictures_recipe:StraightPicturesRecipe",
    "diffusion/sounds": "sound.training.sounds_recipe:DiffusionSoundsRecipe",
}
