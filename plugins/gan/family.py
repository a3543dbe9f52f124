"""What the studio knows about this family before anything of it is loaded."""

from studio.api.family import Family
from studio.core.text import N_

FAMILY = Family(
    id="gan",
    title=N_("GAN"),
    subtitle=N_("Generative adversarial network"),
    summary=N_("A forger learns to fool a detective. Steer its people, draw, translate, enlarge."),
    order=20,
    hue="gan",
    thumbnail="models/thumbnail.webp",
    default_model="gan/avatars-style",
    engine="engine:GanEngine",
    panel="panel:open_panel",
    params="params:SampleParams",
    recipes="recipes:RECIPES",
    importers=("importers:StyleGanImporter", "importers:LucidrainsImporter"),
    positions={"w": "linear"},
)
