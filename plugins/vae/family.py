"""What the studio knows about this family before anything of it is loaded."""

from studio.api.family import Example, Family, Kind, Showing
from studio.core.translation import N_

FAMILY = Family(
    id="vae",
    title=N_("VAE"),
    subtitle=N_("Variational autoencoder"),
    summary=N_("Squeezes pictures into a few numbers and back again. Drag the numbers."),
    order=10,
    hue="vae",
    thumbnail="models/thumbnail.webp",
    reference="../../docs/vae.md",
    default_model="vae/letterforms",
    kinds={
        "pictures": Kind(
            "shared.engine:VaeEngine",
            "shared.panel.pictures_panel:VaePicturesPanel",
            "shared.params:PictureParams",
            positions={"z": "spherical"},
            takes_pictures=True,
            showings=(
                Showing(
                    N_("A face made of numbers"),
                    N_("Each slider is a number that the computer knows about faces. Move one, and it draws another."),
                    ("direction_1", "direction_3", "direction_7", "direction_8"),
                    "path_walk",
                    ("vae/avatars",),
                ),
                Showing(
                    N_("A picture made of numbers"),
                    N_("The computer draws this picture from a few numbers. Move one, and it draws another."),
                    ("direction_0", "direction_1", "direction_2", "direction_3", "spread"),
                    "path_walk",
                ),
            ),
        ),
        "balanced": Kind(
            "pictures.balanced_engine:BalancedEngine",
            "pictures.panel.balanced_panel:BalancedPanel",
            "shared.params:BalancedParams",
            known_as=("BetaVAE",),
            positions={"z": "spherical"},
            takes_pictures=True,
            showings=(
                Showing(
                    N_("Copy or order"),
                    N_("The computer draws digits from a few numbers. More order: each number changes one thing."),
                    ("balance", "direction_0", "direction_1", "direction_2", "spread"),
                    "path_walk",
                ),
            ),
        ),
        "letters": Kind(
            "shared.engine:VaeEngine",
            "shared.panel.pictures_panel:VaePicturesPanel",
            "shared.params:LetterParams",
            known_as=("LetterformsVAE",),
            positions={"z": "spherical"},
            takes_pictures=True,
            showings=(
                Showing(
                    N_("A typeface nobody drew"),
                    N_("The computer has seen many typefaces and draws the ones between them. Move a slider."),
                    ("word", "direction_1", "direction_0", "direction_4", "direction_5"),
                    "path_walk",
                ),
            ),
        ),
        "tables": Kind(
            "tables.engine:TableEngine",
            "tables.panel.panel:TablePanel",
            "tables.params:TableParams",
            needs_weights=False,  # every table is learnt on the spot: a card alone is the model
            showings=(
                Showing(
                    N_("A table without gaps"),
                    N_("The computer learns this table and fills in what is missing. The brighter, the surer it is."),
                    ("table_hidden", "table_by", "table_again"),
                    "table_again",
                ),
            ),
        ),
        "molecules": Kind(
            "molecules.engine:MoleculesEngine",
            "molecules.panel.panel:MoleculesPanel",
            "shared.params:PictureParams",
            known_as=("MoleculesVAE",),
            positions={"z": "spherical"},
            showings=(
                Showing(
                    N_("A molecule nobody made"),
                    N_("The computer has read a million molecules and writes the ones between them. Move a slider."),
                    ("direction_0", "direction_1", "direction_2", "spread"),
                    "path_walk",
                ),
            ),
        ),
    },
    models={
        "vae/letterforms": N_("font typeface alphabet write word logo type odd anomaly outlier map"),
        "vae/avatars": N_(
            "face portrait person people hair beard smile melt blend mix morph add arithmetic repair mend odd anomaly "
            "outlier compress pack small map"
        ),
        "vae/molecules": N_("chemistry drug medicine compound structure SMILES logP QED"),
        "vae/digits-16": N_("number handwriting digit repair mend odd anomaly outlier compress pack small map"),
        "vae/digits-beta": N_("number handwriting digit beta order disentangled"),
        "vae/digits": N_("number handwriting digit map"),
        "vae/tables": N_(
            "table csv excel spreadsheet missing values gaps impute repair mend fill odd anomaly outlier data"
        ),
    },
    examples=(
        Example(
            N_("Melt two faces"),
            N_("One drawn face turns into another. Drag the bar below the picture, or press play."),
            "examples/melt.webp",
            "vae/avatars",
            memory="examples/melt.json",
            words=N_("morph blend mix people portrait"),
        ),
    ),
    takes={".mlz": "vae/avatars"},
    recipes="recipes:RECIPES",
)
