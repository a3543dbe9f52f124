"""What is said and asked of a drawn face: its sentence, questions of many wordings, their answers. No torch.

A face is what each of its labels is, as in `studio.datasets.avatars`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from studio.core.text.face_words import COLOURS, LEADS, NOUNS, TRAITS

Face: TypeAlias = Mapping[str, str]
NONE: Final = "none"
LABELS: Final = {
    **{name: tuple(NOUNS[name]) for name in ("hair", "rear_hair", "beard", "mouth", "eyes", "brows", "clothes")},
    **{name: tuple(COLOURS[name]) for name in ("hair_colour", "skin_colour", "clothes_colour")},
}
"""What each label can be, in the order of the data set."""
PAINTED: Final = {"hair": "hair_colour", "clothes": "clothes_colour"}
"""The labels whose words tell the colour, too."""
ORDER: Final = ("hair", "rear_hair", "skin_colour", "eyes", "brows", "beard", "mouth")
"""What stands after "with", in the order that is said most often; clothes follow."""
AT_THE_BACK: Final = "short hair at the back"
LEAD: Final = "a face"
YES, NO = "Yes.", "No."
HAVE: Final = ("Does this person have {}?", "Does this face have {}?", "Can you see {}?")
THERE: Final = "Is there {}?"
WEAR: Final = ("Is this person wearing {}?", "Does this person wear {}?")
COLOURED: Final = {
    "hair_colour": "Is the hair {}?",
    "skin_colour": "Is the skin {}?",
    "clothes_colour": "Are the clothes {}?",
}
BOTH: Final = ("Does this person have {} and {}?", "Is this someone with {} and {}?", "Can you see {} and {}?")
OPEN: Final = {
    "hair": ("What is the hairstyle?", "What hairstyle does this person have?", "How is the hair done?"),
    "rear_hair": ("What is the hair like at the back?", "How long is the hair?"),
    "beard": ("What kind of beard is it?", "What beard does this person have?"),
    "mouth": ("What is the mouth like?", "What mouth does this person have?"),
    "eyes": ("What are the eyes like?", "What eyes does this person have?"),
    "brows": ("What are the brows like?", "What are the eyebrows like?"),
    "clothes": ("What is this person wearing?", "What does this person wear?"),
    "hair_colour": ("What colour is the hair?", "What color is the hair?"),
    "skin_colour": ("What colour is the skin?", "What color is the skin?"),
    "clothes_colour": ("What colour are the clothes?", "What color are the clothes?"),
}
# Words for several kinds of a label: (label, what has it, what has not); of the others nobody could say.
_GROUPS: Final = (
    (
        "beard",
        ("chin", "chinMoustache", "fullBeard", "longBeard"),
        (NONE, "moustacheTwirl"),
        ("a beard",),
        ("bearded",),
    ),
    ("beard", ("chinMoustache", "moustacheTwirl"), (NONE, "chin"), ("a moustache", "a mustache"), ()),
    ("rear_hair", ("longStraight", "longWavy"), (NONE, "neckHigh"), ("long hair",), ("long-haired",)),
    ("eyes", ("happy", "wide"), ("bow", "humble"), ("open eyes",), ()),
    ("mouth", ("smile", "laugh"), ("sad", "angry"), ("a happy mouth",), ("happy", "cheerful")),
    ("mouth", ("agape", "laugh"), ("smile", "sad"), ("an open mouth",), ()),
)
_FIRST_SHARE, _ORDER_SHARE, _LEAD_SHARE = 0.85, 0.7, 0.7
_ARTICLE: Final = re.compile(r"\ba (?=[aeiou])")


@dataclass(frozen=True)
class Trait:
    """Something that a face has or has not.

    Attributes:
        label: what it is told by. yes, no: the kinds with it and without; of others nobody could say.
        names: things, as after "with". asks: questions whose answer is yes where a face has it.
    """

    label: str
    yes: frozenset[str]
    no: frozenset[str]
    names: tuple[str, ...]
    asks: tuple[str, ...]

    def truth(self, kind: str) -> int:
        """1 with it, -1 without, 0 where nobody could say."""
        return int(kind in self.yes) - int(kind in self.no)


def phrase(text: str, colour: str = "") -> str:
    """A phrase with a colour at its place, or none there, and the right article."""
    return _ARTICLE.sub("an ", " ".join(text.format(colour).split()))


def _trait(label: str, yes: tuple[str, ...], no: tuple[str, ...], names: list[str], more: list[str]) -> Trait:
    templates = WEAR if label == "clothes" else HAVE
    asks = [template.format(name) for name in names for template in templates]
    asks += [THERE.format(name) for name in names if name.startswith(("a ", "an "))]
    return Trait(label, frozenset(yes), frozenset(no), tuple(names), (*asks, *more))


def _traits() -> Iterator[Trait]:
    for label, kinds in LABELS.items():
        for kind in kinds:
            others = tuple(one for one in kinds if one != kind)
            adjectives = TRAITS.get(label, {}).get(kind, ())
            if label in COLOURED:
                words = COLOURS[label][kind]
                names = [phrase(one, word) for word in words for one in NOUNS[label][""] if not one.endswith(" tone")]
                more = [COLOURED[label].format(word) for word in words]
            else:
                plain = [one for one in NOUNS[label][kind] if not one.startswith(("no ", "nothing"))]
                names = list(dict.fromkeys(phrase(one) for one in plain))
                more = _asked(adjectives)
            yield _trait(label, (kind,), others, names, more)
    for label, yes, no, nouns, words in _GROUPS:
        yield _trait(label, yes, no, list(nouns), _asked(words))


def _asked(adjectives: tuple[str, ...]) -> list[str]:
    return [f"Is this person {one}?" for one in adjectives if not one.startswith(("mouth", "eyes"))]


KNOWN_TRAITS: Final = tuple(_traits())


def names_of(label: str, face: Face) -> tuple[str, ...]:
    """What a part of a face may be called in its sentence, the usual name first; nothing for what is not there."""
    if label == "skin_colour":
        return tuple(phrase(NOUNS[label][""][0], word) for word in COLOURS[label][face[label]])
    if face[label] == NONE:
        return ()
    colours = COLOURS[PAINTED[label]][face[PAINTED[label]]][:1] if label in PAINTED else ("",)
    return tuple(dict.fromkeys(phrase(one, colour) for one in NOUNS[label][face[label]] for colour in colours))


def sentence_of(face: Face, random: np.random.Generator | None = None) -> str:
    """A face in a sentence: as it is said most often or, given dice, in any of its wordings and orders."""
    return "".join(text for text, _ in pieces_of(face, random))


def pieces_of(face: Face, random: np.random.Generator | None = None) -> list[tuple[str, str]]:
    """The same in pieces, each with the label that it tells; "" for words between. All but the first begin a word."""
    labels, lead = list(ORDER), LEAD
    if random is not None and random.random() > _ORDER_SHARE:
        random.shuffle(labels)
    if random is not None and random.random() > _LEAD_SHARE:
        lead = LEADS[int(random.integers(len(LEADS)))]
    pieces = [(f"{lead[0].upper()}{lead[1:]} with", "")]
    parts = [(label, _picked(names, random)) for label in labels if (names := names_of(label, face))]
    for place, (label, text) in enumerate(parts):
        between = "" if place == 0 else " and" if place == len(parts) - 1 else ","
        pieces += [*([(between, "")] if between else []), (f" {text}", label)]
    return [*pieces, (", in", ""), (f" {_picked(names_of('clothes', face), random)}", "clothes"), (".", "")]


def _picked(names: tuple[str, ...], random: np.random.Generator | None) -> str:
    if random is None or random.random() < _FIRST_SHARE:
        return names[0]
    return names[int(random.integers(len(names)))]


def answer_of(label: str, face: Face) -> str:
    """What an open question about a label is answered with."""
    kind = face[label]
    if label in COLOURED:
        text = COLOURS[label][kind][0]
    elif label == "rear_hair" and kind == NONE:
        text = AT_THE_BACK
    else:
        text = phrase(NOUNS[label][kind][0])
    return f"{text[0].upper()}{text[1:]}."


def _said() -> dict[str, dict[str, str]]:
    """What each name in a sentence says of the labels."""
    known: dict[str, dict[str, str]] = {}
    for label in (*ORDER, "clothes"):
        paints = LABELS[PAINTED[label]] if label in PAINTED else ("",)
        for kind in LABELS[label]:
            for paint in paints:
                face = {label: kind, **({PAINTED[label]: paint} if paint else {})}
                known |= dict.fromkeys(names_of(label, face), face)
    return known


SAID: Final = _said()
_NAMES: Final = re.compile("|".join(re.escape(name) for name in sorted(SAID, key=len, reverse=True)))


def read_sentence(text: str) -> dict[str, str]:
    """What a sentence says of a face; "" where it contradicts itself. What it does not name is not there."""
    found: dict[str, str] = {}
    for name in _NAMES.findall(text[:1].lower() + text[1:]):
        for label, kind in SAID[name].items():
            found[label] = kind if found.get(label, kind) == kind else ""
    return {label: found.get(label, NONE if NONE in kinds else "") for label, kinds in LABELS.items()}


def parts_right(text: str, face: Face) -> list[bool]:
    """Of each label, whether a sentence says what is so."""
    said = read_sentence(text)
    return [said[label] == face[label] for label in LABELS]
