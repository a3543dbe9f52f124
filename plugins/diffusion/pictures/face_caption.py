"""Captions of drawn faces from their exact labels, and short prompts completed into full captions.

A full caption before a model draws is what DALL-E 3 does (Betker et al. 2023, "Improving image generation with better
captions").
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from studio.core.seed import generator
from studio.core.text.face_reading import COLOUR_LABELS, read_prompt
from studio.core.text.face_words import (
    COLOURS,
    EXAMPLES,
    FILLERS,
    LEADS,
    MORE_COLOURS,
    MORE_WORDS,
    NOUNS,
    PEOPLE,
    TRAITS,
)
from studio.core.translation import N_

from ..shared.vocabulary import known_words

__all__ = [
    "EXAMPLES",
    "KINDS",
    "LABEL_TITLES",
    "VOCABULARY",
    "caption_words",
    "card_words",
    "complete",
    "compose",
    "full_caption",
]

# The parts of a caption, with the label of their colour where they have one.
PARTS: Final = {
    "hair": "hair_colour",
    "rear_hair": "",
    "beard": "",
    "mouth": "",
    "eyes": "",
    "brows": "",
    "clothes": "clothes_colour",
    "skin_colour": "skin_colour",
}
KINDS: Final = {
    label: tuple(COLOURS[label] if label in COLOUR_LABELS else NOUNS[label])
    for label in (*(label for label in PARTS if label != "skin_colour"), "hair_colour", "skin_colour", "clothes_colour")
}
LABEL_TITLES: Final = {
    "hair": N_("hair"),
    "rear_hair": N_("hair at the back"),
    "beard": N_("beard"),
    "mouth": N_("mouth"),
    "eyes": N_("eyes"),
    "brows": N_("brows"),
    "clothes": N_("clothes"),
    "hair_colour": N_("hair colour"),
    "skin_colour": N_("skin colour"),
    "clothes_colour": N_("clothes colour"),
}
NONE_SHARE: Final = 0.5  # of faces in the style that have no beard, or no hair at the back
_GAPS: Final = re.compile(r" +")
_ARTICLE: Final = re.compile(r"\ba(?= [aeiou])")


def compose(kinds: Mapping[str, str], random: np.random.Generator, lead: str | None = None) -> str:
    """A caption in words drawn from `random`, naming exactly the labels in `kinds` (a kind each)."""
    parts = [part for part in PARTS if _is_named(part, kinds)]
    random.shuffle(parts)
    lead = _pick(LEADS, random) if lead is None else lead
    nouns: list[str] = []
    traits: list[str] = []
    for part in parts:
        phrase, is_trait = _phrase(part, kinds, random)
        (traits if is_trait else nouns).append(phrase)
    return _sentence(lead, nouns, traits, random)


def _is_named(part: str, kinds: Mapping[str, str]) -> bool:
    return part in kinds or (PARTS[part] in kinds)


def _phrase(part: str, kinds: Mapping[str, str], random: np.random.Generator) -> tuple[str, bool]:
    """A phrase for a part, with its colour where that is named, and whether it stands alone rather than after with."""
    colour = PARTS[part]
    label, kind = (part, kinds[part]) if part in kinds and part != "skin_colour" else (colour, "")
    nouns, traits = NOUNS[label][kind], TRAITS.get(label, {}).get(kind, ())
    is_trait = bool(traits) and random.random() < 0.5
    text = _pick(traits if is_trait else nouns, random)
    word = _pick(COLOURS[colour][kinds[colour]], random) if colour in kinds else ""
    if part == "clothes" and random.random() < 0.5:
        verb = "dressed in" if kind == "" else _pick(("wearing", "in"), random)
        return _filled(f"{verb} {text}", word), True
    return _filled(text, word), is_trait


def _filled(template: str, colour: str) -> str:
    return _ARTICLE.sub("an", _GAPS.sub(" ", template.format(colour)).strip())


def _sentence(lead: str, nouns: list[str], traits: list[str], random: np.random.Generator) -> str:
    """One of four forms: traits before, behind or apart, or a mere list."""
    form = random.integers(4)
    short = [trait for trait in traits if " " not in trait]
    if form == 0 and short and lead.startswith("a "):
        traits = [trait for trait in traits if trait != short[0]]
        lead = f"a {short[0]} {lead[2:]}"
    if form == 1:
        listed = [*nouns, *traits]
        random.shuffle(listed)
        return ", ".join(listed) or lead
    if form == 2 and traits:
        lead, traits = f"{lead}, {', '.join(traits)},", []
    behind = f"{lead} with {_joined(nouns)}" if nouns else lead.rstrip(",")
    return _ARTICLE.sub("an", ", ".join([behind, *traits]))


def _joined(things: Sequence[str]) -> str:
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"


def _pick(texts: Sequence[str], random: np.random.Generator) -> str:
    return texts[int(random.integers(len(texts)))]


def full_caption(kinds: Mapping[str, str]) -> str:
    """The caption of all labels in the plainest words, always in the same order."""
    colours = {label: COLOURS[label][kinds[label]][0] for label in COLOUR_LABELS}
    named = {
        part: _filled(NOUNS[part][kinds[part]][0], colours.get(PARTS[part], ""))
        for part in PARTS
        if part != "skin_colour"
    }
    skin = _filled(NOUNS["skin_colour"][""][0], colours["skin_colour"])
    return "a person with " + _joined([*named.values(), skin])


def complete(prompt: str, seed: int) -> str:
    """The prompt as a full caption: what it names stays, all else is drawn from hash(seed, label).

    A completed caption stays as it is, whatever the seed.
    """
    known = read_prompt(prompt).kinds
    return full_caption({label: _drawn(known.get(label, kinds), label, seed) for label, kinds in KINDS.items()})


def _drawn(kinds: Sequence[str], label: str, seed: int) -> str:
    random = generator(seed, "caption", label)
    if "none" in kinds and len(kinds) > 1:
        kinds = ("none",) if random.random() < NONE_SHARE else [kind for kind in kinds if kind != "none"]
    return _pick(kinds, random)


def _vocabulary() -> dict[str, tuple[str, ...]]:
    """Words for completions, by the title of their label: plain phrases without a place for a colour, or colours."""
    found = {}
    for label in KINDS:
        texts = [text for several in (COLOURS if label in COLOUR_LABELS else NOUNS)[label].values() for text in several]
        texts += [text for several in TRAITS.get(label, {}).values() for text in several if label not in COLOUR_LABELS]
        found[LABEL_TITLES[label]] = tuple(dict.fromkeys(_filled(text, "") for text in texts))
    found[N_("also understood")] = (*dict.fromkeys(ALSO), *PEOPLE, *sorted(FILLERS))
    return found


ALSO: Final = [text for texts in (*MORE_WORDS.values(), *MORE_COLOURS.values()) for text in texts]


def caption_words() -> tuple[str, ...]:
    """All words of all captions, in alphabetical order."""
    phrases = [
        text
        for several in (NOUNS, TRAITS, COLOURS)
        for kinds in several.values()
        for texts in kinds.values()
        for text in texts
    ]
    plain = [phrase.format("") for phrase in phrases]
    return known_words([*plain, *LEADS, "an, and with dressed in wearing a portrait of a face"])


VOCABULARY: Final[Mapping[str, tuple[str, ...]]] = _vocabulary()


def card_words() -> dict[str, list[str]]:
    """What a card lists: beside the vocabulary the single words of captions, none of which is unknown."""
    words = {title: list(phrases) for title, phrases in VOCABULARY.items()}
    return {**words, N_("in captions"): [word for word in caption_words() if word.isalpha()]}
