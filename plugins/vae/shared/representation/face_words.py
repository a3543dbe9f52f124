"""What the labels of drawn faces and their kinds are called, in the order of the data set's numbers."""

from typing import Final

from studio.core.translation import N_

HAIR_COLOURS: Final = (N_("black"), N_("dark brown"), N_("auburn"), N_("dark blond"), N_("blond"))
SKIN_COLOURS: Final = (N_("dark"), N_("brown"), N_("tan"), N_("rosy"), N_("light"))
CLOTHES_COLOURS: Final = (
    *(N_("blue"), N_("green"), N_("black"), N_("grey"), N_("purple")),
    *(N_("red"), N_("white"), N_("yellow"), N_("pink"), N_("orange")),
)
FACE_LABELS: Final = {
    "hair": (N_("Hair"), (N_("bun"), N_("side parting"), N_("spiky hair"), N_("undercut"))),
    "rear_hair": (
        N_("Long hair"),
        (N_("none"), N_("long, straight"), N_("long, wavy"), N_("to the neck"), N_("to the shoulders")),
    ),
    "beard": (
        N_("Beard"),
        (
            *(N_("no beard"), N_("chin beard"), N_("chin beard and moustache")),
            *(N_("full beard"), N_("long beard"), N_("twirled moustache")),
        ),
    ),
    "mouth": (N_("Mouth"), (N_("open mouth"), N_("angry mouth"), N_("laugh"), N_("sad mouth"), N_("smile"))),
    "eyes": (N_("Eyes"), (N_("curved eyes"), N_("happy eyes"), N_("calm eyes"), N_("wide eyes"), N_("wink"))),
    "brows": (
        N_("Brows"),
        (N_("angry brows"), N_("happy brows"), N_("level brows"), N_("raised brows"), N_("sad brows")),
    ),
    "clothes": (N_("Clothes"), (N_("dress"), N_("open jacket"), N_("shirt"), N_("T-shirt"), N_("polo neck"))),
    "hair_colour": (N_("Hair colour"), HAIR_COLOURS),
    "skin_colour": (N_("Skin colour"), SKIN_COLOURS),
    "clothes_colour": (N_("Clothes colour"), CLOTHES_COLOURS),
}
