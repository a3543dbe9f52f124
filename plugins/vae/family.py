"""What the studio knows about this family before anything of it is loaded."""

from studio.api.family import Family, Kind
from studio.core.text import N_

FAMILY = Family(
    id="vae",
    title=N_("VAE"),
    subtitle=N_("Variational autoencoder"),
    summary=N_("Squeezes pictures into a few numbers, then back. Drag the numbers."),
    order=10,
    hue="vae",
    thumbnail="models/thumbnail.webp",
    default_model="vae/letterforms",
    kinds={
        "pictures": Kind(
            "engine:VaeEngine", "panel:VaePanel", "params:PictureParams", positions={"z": "spherical"}
        ),
        "letters": Kind(
            "engine:VaeEngine",
            "panel:VaePanel",
            "params:LetterParams",
            known_as=("LetterformsVAE",),
            positions={"z": "spherical"},
        ),
    },
    recipes="recipes:RECIPES",
)
