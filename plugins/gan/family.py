"""What the studio knows about this family before anything of it is loaded."""

from studio.api.family import Example, Family, Kind, Showing, Tab
from studio.core.translation import N_

FAMILY = Family(
    id="gan",
    title=N_("GAN"),
    subtitle=N_("Generative adversarial network"),
    summary=N_("A forger learns to fool a detective. Explore its faces, draw, translate, enlarge."),
    order=20,
    hue="gan",
    thumbnail="models/thumbnail.webp",
    reference="../../docs/gan.md",
    default_model="gan/avatars-layers",
    kinds={
        "people": Kind(
            "people.engine:PeopleEngine",
            "people.panel.panel:PeoplePanel",
            "people.params:PeopleParams",
            tabs=(
                Tab(
                    N_("People"),
                    N_("Faces of people who do not exist, steered by hand (DCGAN, WGAN-GP, StyleGAN)"),
                    ("gan/avatars-layers",),
                ),
            ),
            positions={"w": "linear"},
            takes_pictures=True,
            showings=(
                Showing(
                    N_("Nobody you know"),
                    N_("A computer invented this face. Move a slider: it invents another one while you watch."),
                    (
                        *("direction_hair_tone", "direction_smile", "direction_beard", "direction_skin"),
                        *("direction_bun", "direction_spiky"),
                    ),
                    "walk",
                ),
            ),
        ),
        "styles": Kind(
            "styles.engine:StylesEngine",
            "styles.panel.panel:StylesPanel",
            "styles.scene:StylesParams",
            tabs=(Tab(N_("Styles"), N_("Emoji from one art style to another (CycleGAN)"), ("gan/emoji-styles",)),),
            takes_pictures=True,
            showings=(
                Showing(
                    N_("The same, in another hand"),
                    N_("The computer redraws each emoji in the other style. Nobody ever showed it a pair of them."),
                    ("way", "shown", "turns", "examples_on"),
                ),
            ),
        ),
        "sketch": Kind(
            "sketch.engine:DrawEngine",
            "sketch.panel.panel:DrawPanel",
            "sketch.scene:SketchParams",
            tabs=(Tab(N_("Draw"), N_("Draw an outline, get an icon (pix2pix)"), ("gan/outline-to-icon",)),),
            known_as=("draw",),
            takes_pictures=True,
            showings=(
                Showing(
                    N_("You draw, it paints"),
                    N_("Draw an outline with a finger. The computer makes a picture of it while you draw."),
                    ("draw_tool", "draw_width", "draw_mirror", "draw_clear", "draw_replay"),
                ),
            ),
        ),
        "enlarge": Kind(
            "enlarge.engine:EnlargeEngine",
            "enlarge.panel.panel:EnlargePanel",
            "enlarge.params:EnlargeParams",
            tabs=(Tab(N_("Enlarge"), N_("Any picture four times as large (SRGAN)"), ("gan/enlarge",)),),
            takes_pictures=True,
            showings=(
                Showing(
                    N_("Sharper than it was"),
                    N_("The computer makes this picture four times as large. What was not there it makes up."),
                    ("vividness", "compared", "gan.enlarge_full", "gan.enlarge_fit"),
                ),
            ),
        ),
        "playground": Kind(
            "playground.engine:PlaygroundEngine",
            "playground.panel.panel:PlaygroundPanel",
            "playground.params:PlaygroundParams",
            tabs=(
                Tab(
                    N_("Play"),
                    N_("Playground: forger and detective learn in two dimensions, before your eyes"),
                    ("gan/playground",),
                ),
            ),
            showings=(
                Showing(
                    N_("The forger and the detective"),
                    N_("One makes false points, the other tells them from real ones. Both get better as you watch."),
                    (
                        *("playground_shape", "playground_learner", "playground_speed"),
                        *("playground_anew", "playground_collapse"),
                    ),
                ),
            ),
        ),
    },
    tabs_title=N_("What to do"),
    models={
        "gan/avatars-layers": N_("face portrait person steer smile hair beard melt blend mix morph avatar"),
        "gan/emoji-styles": N_("style art translate change look picture photo"),
        "gan/outline-to-icon": N_("draw drawing sketch doodle paint finish colour icon"),
        "gan/enlarge": N_("bigger larger sharper upscale photo picture zoom resolution"),
        "gan/playground": N_("learn understand explain watch training simple"),
        "gan/avatars-style": N_("face portrait person"),
        "gan/avatars-wgan": N_("face portrait person"),
        "gan/avatars-dcgan": N_("face portrait person"),
        "gan/avatars-collapsed": N_("mode collapse wrong failure broken face"),
    },
    broken=("gan/avatars-collapsed",),
    examples=(
        Example(
            N_("Turn a doodle into an icon"),
            N_("Draw an outline; the forger paints it, shaded and in colour, while you draw."),
            "models/outline-to-icon.webp",
            "gan/outline-to-icon",
            words=N_("finish my drawing sketch paint colour"),
        ),
        Example(
            N_("Give a stranger a smile"),
            N_("Nobody has this face. Drag sliders to change its smile, its hair and its beard."),
            "examples/smile.webp",
            "gan/avatars-layers",
            params={"seed": 39, "words": "a smile"},
            words=N_("face portrait person change hair beard avatar"),
        ),
    ),
    recipes="recipes:RECIPES",
    importers=("importers:StyleGanImporter", "importers:LucidrainsImporter"),
)
