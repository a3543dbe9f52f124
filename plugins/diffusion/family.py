"""What the studio knows about this family before anything of it is loaded."""

from studio.api.family import Example, Family, Kind, Showing, Tab
from studio.core.translation import N_

FAMILY = Family(
    id="diffusion",
    title=N_("Diffusion"),
    subtitle=N_("Denoising diffusion model"),
    summary=N_("Makes pictures and sounds out of noise, step by step. Scrub, branch, repaint."),
    order=30,
    hue="diffusion",
    thumbnail="models/thumbnail.webp",
    reference="../../docs/diffusion.md",
    default_model="diffusion/arcade",
    kinds={
        "arcade": Kind(
            "arcade.engine:ArcadeEngine",
            "arcade.panel.panel:ArcadePanel",
            "arcade.params:ArcadeParams",
            tabs=(Tab(N_("Arcade"), N_("A game played inside a network (world model)"), ("diffusion/arcade",)),),
            first_number=0,
            showings=(
                Showing(
                    N_("A game that nobody programmed"),
                    N_("The computer has watched a small game. Now it makes up every picture while you play."),
                    ("arcade_left", "arcade_right", "diffusion.arcade_new", "arcade_steps"),
                    "diffusion.arcade_new",
                ),
            ),
        ),
        "pictures": Kind(
            "shared.engine:DiffusionEngine",
            "shared.panel.panel:DiffusionPanel",
            "shared.params:DiffusionParams",
            tabs=(
                Tab(
                    N_("Emoji"),
                    N_("Scenes of emoji from a prompt (latent diffusion; in two stages: cascaded diffusion)"),
                    ("diffusion/emoji", "diffusion/cascade"),
                ),
                Tab(N_("Faces"), N_("Faces from a prompt (latent diffusion)"), ("diffusion/avatars",)),
                Tab(N_("Digits"), N_("Handwritten digits (class-conditional DDPM)"), ("diffusion/digits",)),
            ),
            positions={"words": "linear", "noise": "spherical"},
            first_number=0,
            takes_pictures=True,
            showings=(
                Showing(
                    N_("A picture out of noise"),
                    N_("The computer begins with noise and takes a little away at each step, until a picture is left."),
                    ("classes", "guidance", "steps", "batch", "sampler"),
                    "diffusion.surprise",
                ),
            ),
        ),
        "sound": Kind(
            "shared.engine:DiffusionEngine",
            "shared.panel.panel:DiffusionPanel",
            "shared.params:DiffusionParams",
            tabs=(Tab(N_("Sound"), N_("Notes played on instruments (DiffWave)"), ("diffusion/notes",)),),
            positions={"words": "linear", "noise": "spherical"},
            first_number=0,
            showings=(
                Showing(
                    N_("A note out of noise"),
                    N_("The computer begins with noise and takes a little away at each step, until a note is left."),
                    ("instruments", "loudness", "guidance", "steps"),
                    "diffusion.surprise",
                ),
            ),
        ),
    },
    default_kind="pictures",
    models={
        "diffusion/arcade": N_("game play arrow keys ball paddle world dream interactive"),
        "diffusion/emoji": N_("picture prompt describe text draw animal scene repaint"),
        "diffusion/avatars": N_("face portrait person describe prompt text picture"),
        "diffusion/cascade": N_("picture prompt describe text draw scene large"),
        "diffusion/notes": N_("sound music instrument play hear audio"),
        "diffusion/digits": N_("number handwriting digit noise"),
    },
    examples=(
        Example(
            N_("Play inside a network"),
            N_("Press an arrow key: the next picture is dreamt, not programmed. Go back and play it otherwise."),
            "models/arcade.webp",
            "diffusion/arcade",
            words=N_("game play arcade keys ball paddle world dream"),
        ),
        Example(
            N_("Describe a picture"),
            N_("Write what you want to see, and watch it come out of the noise, step by step."),
            "models/emoji.webp",
            "diffusion/emoji",
            words=N_("draw make picture image prompt text animal"),
        ),
    ),
    recipes="recipes:RECIPES",
    importers=("importers:DiffusersImporter", "importers:LoraImporter"),
)
