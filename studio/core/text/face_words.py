"""The words for what a drawn face can be: phrases of captions, and more words that a prompt may use.

A phrase stands for one kind of a label; "{}" is the place of a colour. Labels and kinds are those of AVATAR_LABELS,
written out here so that a panel can read the words without the data set; a test holds both together.
"""

from typing import Final

Phrases = dict[str, dict[str, tuple[str, ...]]]

# What stands after "with": things.
NOUNS: Final[Phrases] = {
    "hair": {
        "bun": ("{} hair in a bun", "a {} bun", "{} hair tied up in a bun", "a bun of {} hair"),
        "sideComed": ("{} side-parted hair", "a {} side parting", "{} hair parted at the side", "side-parted {} hair"),
        "spiky": ("spiky {} hair", "{} spiky hair", "{} hair in spikes", "{} spikes of hair"),
        "undercut": ("a {} undercut", "{} undercut hair", "{} hair in an undercut", "an undercut of {} hair"),
    },
    "rear_hair": {
        "none": ("no long hair", "nothing at the back", "short hair at the back"),
        "longStraight": ("long straight hair", "long straight hair at the back", "straight hair down the back"),
        "longWavy": ("long wavy hair", "long wavy hair at the back", "wavy hair down the back"),
        "neckHigh": ("neck-length hair", "neck-length hair at the back", "hair down to the neck"),
        "shoulderHigh": ("shoulder-length hair", "shoulder-length hair at the back", "hair down to the shoulders"),
    },
    "beard": {
        "none": ("no beard", "a clean-shaven chin", "a shaved chin"),
        "chin": ("a chin beard", "a goatee", "a small beard at the chin"),
        "chinMoustache": ("a chin beard and moustache", "a moustache and chin beard", "a goatee and moustache"),
        "fullBeard": ("a full beard", "a full short beard", "a trimmed full beard"),
        "longBeard": ("a long beard", "a long full beard", "a beard down to the chest"),
        "moustacheTwirl": ("a twirled moustache", "a curled moustache", "a moustache with twirled ends"),
    },
    "mouth": {
        "agape": ("an open round mouth", "a mouth agape", "a surprised mouth"),
        "angry": ("an angry mouth", "bared teeth", "a snarling mouth"),
        "laugh": ("a laughing mouth", "a big laugh", "a laugh"),
        "sad": ("a sad mouth", "a sad frown", "the corners of the mouth down"),
        "smile": ("a smile", "a smiling mouth", "a gentle smile"),
    },
    "eyes": {
        "bow": ("squinting eyes", "eyes squeezed shut", "narrow arched eyes"),
        "happy": ("bright eyes", "happy eyes", "calm open eyes"),
        "humble": ("closed eyes", "humble eyes", "lowered eyelids"),
        "wide": ("wide eyes", "wide open eyes", "big round eyes"),
        "wink": ("a wink", "a winking eye", "one eye closed"),
    },
    "brows": {
        "angry": ("angry brows", "angry eyebrows", "drawn down brows"),
        "happy": ("happy brows", "happy eyebrows", "cheerful brows"),
        "neutral": ("level brows", "neutral eyebrows", "relaxed brows"),
        "raised": ("raised brows", "raised eyebrows", "lifted brows"),
        "sad": ("sad brows", "sad eyebrows", "worried brows"),
    },
    "clothes": {
        "dress": ("a {} dress", "a sleeveless {} dress", "a {} sleeveless top"),
        "openJacket": ("an open {} jacket", "a {} open jacket", "a {} jacket"),
        "shirt": ("a {} shirt", "a {} shirt with a collar", "a {} collared shirt"),
        "tShirt": ("a {} t-shirt", "a plain {} t-shirt", "a {} tee"),
        "turtleNeck": ("a {} turtleneck", "a {} turtleneck sweater", "a {} roll-neck"),
    },
    "skin_colour": {"": ("{} skin", "{} skin tone", "a {} complexion")},
    "hair_colour": {"": ("{} hair",)},
    "clothes_colour": {"": ("{} clothes", "a {} outfit")},
}
# What stands alone between commas, or before the person where it is one word.
TRAITS: Final[Phrases] = {
    "beard": {"none": ("clean-shaven", "beardless"), "fullBeard": ("fully bearded",)},
    "mouth": {
        "agape": ("surprised", "astonished", "mouth agape"),
        "angry": ("angry", "snarling", "baring the teeth"),
        "laugh": ("laughing", "laughing out loud"),
        "sad": ("sad", "frowning", "looking sad"),
        "smile": ("smiling", "smiling gently"),
    },
    "eyes": {
        "bow": ("squinting",),
        "humble": ("eyes closed", "looking down"),
        "wide": ("wide-eyed", "eyes wide open"),
        "wink": ("winking", "winking one eye"),
    },
    "skin_colour": {"": ("{}-skinned",)},
}
# Words of a colour, the one that completions use first; what is one for hair need not be one for clothes.
COLOURS: Final[Phrases] = {
    "hair_colour": {
        "#2c1b18": ("black", "jet black", "raven"),
        "#724133": ("brown", "dark brown", "chestnut"),
        "#a55728": ("red", "ginger", "auburn"),
        "#b58143": ("light brown", "dark blond", "caramel"),
        "#d6b370": ("blond", "light blond", "golden"),
    },
    "skin_colour": {
        "#5c3829": ("dark", "dark brown", "deep brown"),
        "#a36b4f": ("brown", "warm brown"),
        "#b98e6a": ("tan", "olive", "tanned"),
        "#c68e7a": ("rosy", "pinkish", "ruddy"),
        "#f1c3a5": ("light", "pale", "fair"),
    },
    "clothes_colour": {
        "#0b3286": ("blue", "navy", "dark blue"),
        "#147f3c": ("green",),
        "#151613": ("black",),
        "#545454": ("grey", "dark grey"),
        "#731ac3": ("purple", "violet"),
        "#b11f1f": ("red", "dark red"),
        "#e8e9e6": ("white",),
        "#eab308": ("yellow", "golden yellow"),
        "#ec4899": ("pink", "hot pink"),
        "#f97316": ("orange", "bright orange"),
    },
}
# Further words of prompts; several kinds where a word leaves open which.
MORE_WORDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "hair": {
        "top knot": ("bun",),
        "hair up": ("bun",),
        "combed to the side": ("sideComed",),
        "side comb": ("sideComed",),
        "combed hair": ("sideComed",),
        "parted hair": ("sideComed",),
        "side parted": ("sideComed",),
        "parting": ("sideComed",),
        "spiky": ("spiky",),
        "spiked": ("spiky",),
        "spikes": ("spiky",),
        "messy hair": ("spiky",),
        "punk hair": ("spiky",),
        "shaved sides": ("undercut",),
    },
    "rear_hair": {
        "long hair": ("longStraight", "longWavy"),
        "long straight": ("longStraight",),
        "long wavy": ("longWavy",),
        "straight hair": ("longStraight",),
        "wavy hair": ("longWavy",),
        "curly hair": ("longWavy",),
        "wavy": ("longWavy",),
        "shoulder length": ("shoulderHigh",),
        "neck length": ("neckHigh",),
        "medium hair": ("neckHigh", "shoulderHigh"),
        "short hair": ("none",),
        "short": ("none",),
    },
    "beard": {
        "beard": ("chin", "chinMoustache", "fullBeard", "longBeard"),
        "bearded": ("chinMoustache", "fullBeard", "longBeard"),
        "moustache": ("moustacheTwirl", "chinMoustache"),
        "bushy beard": ("fullBeard", "longBeard"),
        "big beard": ("fullBeard", "longBeard"),
        "thick beard": ("fullBeard", "longBeard"),
        "short beard": ("chin", "fullBeard"),
        "goatee with a moustache": ("chinMoustache",),
        "beard and moustache": ("chinMoustache",),
        "moustache and beard": ("chinMoustache",),
        "without a beard": ("none",),
        "without beard": ("none",),
        "no facial hair": ("none",),
        "no moustache": ("none",),
        "shaved": ("none",),
        "shaven": ("none",),
    },
    "mouth": {
        "happy": ("smile", "laugh"),
        "cheerful": ("smile", "laugh"),
        "joyful": ("laugh",),
        "grinning": ("smile", "laugh"),
        "grin": ("smile", "laugh"),
        "smiles": ("smile",),
        "laughs": ("laugh",),
        "furious": ("angry",),
        "grumpy": ("angry", "sad"),
        "shouting": ("angry",),
        "unhappy": ("sad",),
        "crying": ("sad",),
        "frown": ("sad",),
        "surprise": ("agape",),
        "shocked": ("agape",),
        "gasping": ("agape",),
        "singing": ("agape",),
        "open mouth": ("agape", "laugh"),
        "mouth open": ("agape", "laugh"),
    },
    "eyes": {
        "winks": ("wink",),
        "open eyes": ("happy", "wide"),
        "eyes open": ("happy", "wide"),
        "big eyes": ("wide",),
        "round eyes": ("wide",),
        "narrow eyes": ("bow",),
        "sleepy": ("humble",),
        "sleeping": ("humble",),
        "shy": ("humble",),
        "humble": ("humble",),
    },
    "brows": {
        "lowered brows": ("angry",),
        "neutral brows": ("neutral",),
        "straight brows": ("neutral",),
        "high brows": ("raised",),
        "frowning brows": ("angry",),
    },
    "clothes": {
        "coat": ("openJacket",),
        "blazer": ("openJacket",),
        "cardigan": ("openJacket",),
        "blouse": ("shirt",),
        "collar": ("shirt",),
        "jumper": ("turtleNeck",),
        "sweater": ("turtleNeck",),
        "pullover": ("turtleNeck",),
        "polo neck": ("turtleNeck",),
        "turtle neck": ("turtleNeck",),
        "rollneck": ("turtleNeck",),
        "tee shirt": ("tShirt",),
        "tshirt": ("tShirt",),
        "tank top": ("dress",),
        "sleeveless": ("dress",),
        "top": ("dress", "tShirt"),
    },
}
# More words of colours, by what they colour.
MORE_COLOURS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "hair_colour": {
        "blonde": ("#d6b370", "#b58143"),
        "fair": ("#d6b370",),
        "yellow": ("#d6b370",),
        "orange": ("#a55728",),
        "copper": ("#a55728",),
        "dark": ("#2c1b18", "#724133"),
        "light": ("#b58143", "#d6b370"),
        "brunette": ("#724133",),
        "redhead": ("#a55728",),
    },
    "skin_colour": {
        "black": ("#5c3829",),
        "white": ("#f1c3a5",),
        "light brown": ("#b98e6a",),
        "medium": ("#b98e6a", "#c68e7a"),
        "pink": ("#c68e7a",),
    },
    "clothes_colour": {
        "gray": ("#545454",),
        "dark": ("#151613", "#545454", "#0b3286"),
        "bright": ("#eab308", "#ec4899", "#f97316"),
        "lilac": ("#731ac3",),
        "magenta": ("#ec4899",),
        "golden": ("#eab308",),
        "dark green": ("#147f3c",),
        "bright red": ("#b11f1f",),
    },
}
# What a colour beside one of these words belongs to; "" for what has no colour of its own.
HEADS: Final[dict[str, str]] = {
    **dict.fromkeys(("hair", "haired", "beard", "bearded", "moustache", "brows", "eyebrows", "locks"), "hair_colour"),
    **dict.fromkeys(("skin", "skinned", "complexion", "face"), "skin_colour"),
    **dict.fromkeys(("clothes", "outfit", "clothing", "dressed", "wearing", "wears"), "clothes_colour"),
    **dict.fromkeys(("eyes", "eye", "background", "lips", "teeth"), ""),
}
PEOPLE: Final = ("person", "someone", "character", "human", "avatar", "portrait", "cartoon", "drawing", "people")
# The style has neither sex nor age: these words are people, and yet change nothing.
SEXES: Final = ("man", "woman", "boy", "girl", "guy", "lady", "men", "women", "male", "female", "child", "kid", "king")
# fmt: off
FILLERS: Final = frozenset((
    "a", "an", "the", "of", "with", "and", "has", "have", "having", "who", "is", "are", "in", "on", "at", "his",
    "her", "their", "its", "it", "this", "that", "very", "some", "to", "but", "as", "for", "back", "down", "tone",
    "end", "ends", "one", "mouth", "neck", "head", "looking", "plain", "chin", "like", "draw", "drawn", "picture",
    "image", "me", "please",
))
# fmt: on
LEADS: Final = ("a person", "a face", "someone", "a portrait of a person", "a cartoon person", "a drawing of a face")
# Better words for some that no face has anything of.
NEARBY: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(SEXES, ("person",)),
    "ponytail": ("bun",),
    "mohawk": ("spiky hair", "undercut"),
    "dreadlocks": ("long wavy hair",),
    "curls": ("long wavy hair",),
    "stubble": ("full beard",),
    "sideburns": ("full beard",),
    "hoodie": ("turtleneck", "open jacket"),
    "vest": ("open jacket",),
    "scarf": ("turtleneck",),
    "crazy": ("laughing",),
    "tired": ("closed eyes",),
    "scared": ("astonished",),
}
EXAMPLES: Final = (
    "a person with a full beard and a red shirt, smiling",
    "winking, blond hair in a bun, pink dress",
    "an angry face with a twirled moustache",
    "spiky ginger hair, laughing",
    "someone with long wavy hair, eyes closed, in a green turtleneck",
    "sad, black undercut, no beard, grey open jacket",
)
