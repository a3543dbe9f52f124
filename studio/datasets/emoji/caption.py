"""Says in words what a scene shows: never wrong, in many phrasings, and not always everything.

All objects and what they wear are always named; sizes, places and the background are left out now and then.
"""

from typing import Any, Final

import numpy as np

from studio.core.seed import generator
from studio.core.translation import N_
from studio.datasets.emoji.drawing import COLOURS, PLACES, SIZES
from studio.datasets.emoji.icons import ACCESSORIES, OBJECTS
from studio.datasets.emoji.scenes import Scenes

SIZE_WORDS: Final = {"big": ("big", "large"), "small": ("small", "little")}
PLACE_PHRASES: Final = {
    "top left": ("at the top left", "in the top left corner"),
    "top": ("at the top",),
    "top right": ("at the top right", "in the top right corner"),
    "left": ("on the left",),
    "middle": ("in the middle", "in the centre"),
    "right": ("on the right",),
    "bottom left": ("at the bottom left", "in the bottom left corner"),
    "bottom": ("at the bottom",),
    "bottom right": ("at the bottom right", "in the bottom right corner"),
}
BACKGROUND_PHRASES: Final = (
    " on a {colour} background",
    " on a {colour} background",
    ", on a {colour} background",
    " against a {colour} background",
    ", {colour} background",
    " on {colour}",
)
SIZE_SHARE, PLACE_SHARE, BACKGROUND_SHARE = 0.55, 0.6, 0.8
TERSE_SHARE, TITLE_SHARE, COLOUR_FIRST_SHARE = 0.12, 0.06, 0.06
PROMPT_SEED: Final = 7
PLURAL: Final = "grapes"  # the one name that has no article
TITLE: Final = "a picture of "
# Words that a person may try, and which of ours come near.
NEARBY: Final = {
    "bunny": ("rabbit",),
    "kitten": ("cat",),
    "puppy": ("dog",),
    "ladybird": ("ladybug",),
    "hamburger": ("burger",),
    "doughnut": ("donut",),
    "soccer": ("football",),
    "ball": ("football",),
    "toadstool": ("mushroom",),
    "present": ("gift",),
    "jewel": ("diamond",),
    "spaceship": ("rocket",),
    "home": ("house",),
    "glasses": ("sunglasses",),
    "ribbon": ("bow",),
    "gray": ("grey",),
    "violet": ("purple",),
    "huge": ("big",),
    "tiny": ("small",),
    "center": ("middle", "centre"),
}
EXAMPLES: Final = (
    "a fox with sunglasses on a blue background",
    "a big owl in a top hat on a purple background",
    "a panda with a flower on a pink background",
    "a big pizza in the middle and a small octopus at the top left, on a yellow background",
    "a rocket and a star on a black background",
    "a penguin wearing a bow on the left and a gift on the right, on a white background",
    "a small robot with a crown at the bottom on an orange background",
    "a cat, a dog and a rabbit on a green background",
)
MEASURED_HOW: Final = (
    N_("Prompts are captions of test scenes that name the background; one sample each, none hand-picked."),
    N_("An object that was not asked for counts against F1, just as a missing one does."),
    N_("The guidance was chosen on validation prompts."),
)
"""What a card says of figures that `read_score` finds."""


def vocabulary() -> dict[str, tuple[str, ...]]:
    """Every word and phrase of the captions by its kind, for completions: what to draw comes first."""
    return {
        "objects": OBJECTS,
        "accessories": ACCESSORIES,
        "colours": tuple(COLOURS),
        "sizes": tuple(word for words in SIZE_WORDS.values() for word in words),
        "places": tuple(phrase for phrases in PLACE_PHRASES.values() for phrase in phrases),
        "words": ("a", "an", "and", "with", "wearing", "in", "on", "against", "background", "picture", "of"),
    }


def scene_facts(n_scenes: int) -> dict[str, Any]:
    """What the card of any model says that has learnt from so many scenes."""
    data = N_("{n:,} scenes of 64 x 64 pixels composed of icons of Noto Emoji (Apache-2.0)")
    words = {kind: list(words) for kind, words in vocabulary().items()}
    return {"data": data.format(n=n_scenes), "examples": list(EXAMPLES), "words": words}


def caption_of(scenes: Scenes, row: int, random: np.random.Generator, names_background: bool = False) -> str:
    """One of the captions of a scene; the background is always named where `names_background` is set."""
    is_terse = random.random() < TERSE_SHARE
    slots = random.permutation([slot for slot in range(scenes.objects.shape[1]) if scenes.objects[row, slot] >= 0])
    things = [_thing(scenes, row, int(slot), random, is_terse) for slot in slots]
    text = _listed(things, random)
    if not is_terse and random.random() < TITLE_SHARE:
        text = TITLE + text
    if not names_background and random.random() >= BACKGROUND_SHARE:
        return text
    colour = list(COLOURS)[scenes.backgrounds[row]]
    if random.random() < COLOUR_FIRST_SHARE:
        return f"on {_with_article(colour)} background, {text}"
    phrase = _pick(BACKGROUND_PHRASES[-2:] if is_terse else BACKGROUND_PHRASES, random)
    return text + phrase.format(colour=colour).replace(" a orange", " an orange")


def held_out_prompts(scenes: Scenes, seed: int = PROMPT_SEED) -> list[str]:
    """One caption of each scene that names its background, the same ones each time."""
    randoms = [generator(seed, "prompt", row) for row in range(len(scenes))]
    return [caption_of(scenes, row, random, names_background=True) for row, random in enumerate(randoms)]


def _thing(scenes: Scenes, row: int, slot: int, random: np.random.Generator, is_terse: bool) -> str:
    words = OBJECTS[scenes.objects[row, slot]]
    if random.random() < SIZE_SHARE:
        words = f"{_pick(SIZE_WORDS[SIZES[scenes.sizes[row, slot]]], random)} {words}"
    words = words if is_terse else _with_article(words)
    if scenes.accessories[row, slot] >= 0:
        words += _worn(ACCESSORIES[scenes.accessories[row, slot]], random, is_terse)
    if random.random() < PLACE_SHARE:
        words += f" {_pick(PLACE_PHRASES[PLACES[scenes.places[row, slot]]], random)}"
    return words


def _worn(accessory: str, random: np.random.Generator, is_terse: bool) -> str:
    word = "wearing" if random.random() < 0.35 else "with"
    if accessory in ("top hat", "cap", "crown") and random.random() < 0.2:
        word = "in"
    return f" {word} {accessory if is_terse or accessory == 'sunglasses' else _with_article(accessory)}"


def _listed(things: list[str], random: np.random.Generator) -> str:
    *first, last = things
    if not first:
        return last
    return f"{', '.join(first)}{' and ' if random.random() < 0.8 else ', '}{last}"


def _with_article(words: str) -> str:
    if words.endswith(PLURAL):
        return words
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"


def _pick(choices: tuple[str, ...], random: np.random.Generator) -> str:
    return choices[int(random.integers(len(choices)))]
