"""What the studio knows about this family before anything of it is loaded."""

from studio.api.family import Family
from studio.core.text import N_

FAMILY = Family(
    id="diffusion",
    title=N_("Diffusion"),
    subtitle=N_("Denoising diffusion model"),
    summary=N_("Makes pictures and sounds out of noise, step by step. Scrub, branch, repaint."),
    order=30,
    hue="diffusion",
    thumbnail="models/thumbnail.webp",
    default_model="diffusion/emoji",
    engine="engine:DiffusionEngine",
    panel="panel:DiffusionPanel",
    params="params:SampleParams",
    recipes="recipes:RECIPES",
    importers=("importers:DiffusersImporter",),
    positions={"words": "linear", "noise": "spherical"},
)
