"""What the studio knows about this family before anything of it is loaded."""

from studio.api.family import Family, Kind

FAMILY = Family(
    id="reaction",
    title="Reaction",
    subtitle="Reaction and diffusion (Gray-Scott)",
    summary="Lets two substances react and spread until patterns grow.",
    order=700,
    hue="diffusion",
    thumbnail="models/thumbnail.webp",
    default_model="reaction/spots",
    kinds={
        "gray_scott": Kind(
            engine="engine:ReactionEngine",
            panel="panel:ReactionPanel",
            params="params:ReactionParams",
            needs_weights=False,  # a formula: its card alone is the model
        )
    },
)
