"""What the studio knows about this family before anything of it is loaded."""

from studio.api.family import Example, Family, Kind, Showing
from studio.core.translation import N_

FAMILY = Family(
    id="nerf",
    title=N_("NeRF"),
    subtitle=N_("Neural radiance field"),
    summary=N_("Learns a scene from photos, then shows it from any side. Walk around it."),
    order=60,
    hue="nerf",
    thumbnail="models/thumbnail.webp",
    reference="../../docs/nerf.md",
    default_model="nerf/glossy",
    kinds={
        "field": Kind(
            "field.engine:FieldEngine",
            "field.panel.panel:FieldPanel",
            "field.params:FieldParams",
            positions={"rotation": "rotation", "pivot": "linear", "distance": "logarithmic", "fov": "logarithmic"},
            kernels="field.warm_up",
            showings=(
                Showing(
                    N_("Behind the photos"),
                    N_("The computer learnt this scene from photos. Drag it with a finger to see it from any side."),
                    ("nerf.turntable", "background", "fov", "exposure", "nerf.view_depth"),
                    "nerf.turntable",
                ),
            ),
        ),
        "splats": Kind(
            "splats.engine:SplatsEngine",
            "splats.panel.panel:SplatsPanel",
            "splats.params:SplatParams",
            positions={"rotation": "rotation", "pivot": "linear", "distance": "logarithmic", "fov": "logarithmic"},
            kernels="splats.warm_up",
            showings=(
                Showing(
                    N_("A cloud of coloured spots"),
                    N_("This scene is made of soft coloured spots. Drag it, and make the spots small."),
                    ("nerf.turntable", "background", "fov", "size", "faintest"),
                    "nerf.turntable",
                ),
            ),
        ),
    },
    models={
        "nerf/glossy": N_("3d three dimensional scene room kitchen walk camera orbit object photo scan"),
        "nerf/animated": N_("scene that moves time plane biplane flying video dynamic 4d orbit"),
        "nerf/glossy-splats": N_("gaussian splats spots points kitchen orbit edit clean"),
        "nerf/relit": N_("light relight sun night day bear ball weather people in the wild"),
    },
    examples=(
        Example(
            N_("Walk around a kitchen"),
            N_("A scene that a network learnt from photos. Drag to go around it, scroll to come closer."),
            "models/glossy.webp",
            "nerf/glossy",
            words=N_("3d room camera orbit turn object"),
        ),
    ),
    recipes="recipes:RECIPES",
    shows_trainings=True,
    importers=(
        "importers:NgpImporter",
        "importers:CheckpointImporter",
        "importers:NerfactoImporter",
        "importers:OtherSceneImporter",
        "importers:SplatsImporter",
    ),
)
