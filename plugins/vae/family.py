"""What the studio knows about this family before anything of it is loaded."""

from studio.api.family import Family, Kind
from studio.core.translation import N_

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
            "shared.engine:VaeEngine",
            "shared.panel.panel:VaePanel",
            "shared.params:PictureParams",
            positions={"z": "spherical"},
            takes_pictures=True,
        ),
        "letters": Kind(
            "shared.engine:VaeEngine",
            "shared.panel.panel:VaePanel",
            "shared.params:LetterParams",
            known_as=("LetterformsVAE",),
            positions={"z": "spherical"},
            takes_pictures=True,
        ),
    },
    models={
        "vae/letterforms": N_("font typeface alphabet write word logo type"),
        "vae/avatars": N_("face portrait person people hair beard smile melt blend mix morph"),
        "vae/digits-16": N_("number handwriting digit"),
        "vae/digits": N_("number handwriting digit map"),
    },
    recipes="recipes:RECIPES",
)
