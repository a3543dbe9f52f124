"""What the studio knows about this family before anything of it is loaded."""

from studio.api.family import Family
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
    engine="engine:VaeEngine",
    panel="panel:VaePanel",
    params="params:SampleParams",
    recipes="recipes:RECIPES",
    positions={"z": "spherical"},
)
