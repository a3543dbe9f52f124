"""The trainings that make this family's models: where each one stands, by the id of the model."""

from typing import Final

RECIPES: Final = {
    "nerf/glossy": "field.training.our_scenes:GLOSSY",
    "nerf/animated": "field.training.our_scenes:ANIMATED",
    "nerf/relit": "field.training.our_scenes:RELIT",
    "nerf/photos": "field.training.photos_recipe:PhotosRecipe",
    "nerf/glossy-splats": "splats.training.splats_recipe:GLOSSY_SPLATS",
    "nerf/photos-splats": "splats.training.splats_recipe:PhotoSplatsRecipe",
}
