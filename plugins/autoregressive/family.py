"""What the studio knows about this family before anything of it is loaded."""

from typing import Final

from studio.api.family import Family
from studio.core.text import N_

FAMILY: Final = Family(
    id="autoregressive",
    title=N_("Autoregressive"),
    subtitle=N_("Autoregressive model"),
    summary=N_("What comes next? Pictures pixel by pixel, music note by note, series year by year."),
    order=50,
    hue="autoregressive",
    thumbnail="models/thumbnail.webp",
    default_model="autoregressive/digits",
    engine="engine:AutoregressiveEngine",
    panel="panel:open_panel",
    params="params:SampleParams",
    recipes="recipes:RECIPES",
    kernels=("pixel_warm_up", "wave_warm_up"),
    importers=("importers:XLNetImporter", "importers:ChronosImporter", "importers:OtherImporter"),
    takes={
        **dict.fromkeys((".csv", ".tsv", ".parquet", ".pq"), "autoregressive/forecast"),
        **dict.fromkeys((".mid", ".midi"), "autoregressive/chorales"),
        **dict.fromkeys((".wav", ".flac", ".ogg"), "autoregressive/notes"),
    },
)
