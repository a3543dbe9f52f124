"""Captions: read back by a parser of the test they say what the scene shows, and nothing else."""

import re
from itertools import pairwise

import numpy as np

from studio.datasets.emoji.caption import EXAMPLES, NEARBY, PLACE_PHRASES, SIZE_WORDS, caption_of, vocabulary
from studio.datasets.emoji.drawing import COLOURS, PLACES, SIZES
from studio.datasets.emoji.icons import ACCESSORIES, OBJECTS
from studio.datasets.emoji.scenes import compose

SCENES = compose(11, np.arange(1500))
WORDS = {word for phrases in vocabulary().values() for phrase in phrases for word in phrase.split()}


def read(caption):
    """What a caption says: {object: (accessory, size, place)} with None for what it leaves out, and the background."""
    background = re.search(rf"({'|'.join(COLOURS)})( background)?(,|$)", caption)
    text = caption.replace("top hat", "top_hat")
    names = "|".join(name.replace(" ", "_") for name in OBJECTS)
    starts = list(re.finditer(rf"(?<![a-z_])({names})(?![a-z_])", text))
    things = {}
    for found, following in zip(starts, [*starts[1:], None], strict=True):
        before = text[: found.start()].split()
        after = text[found.end() : following.start() if following else None]
        size = next((size for size, words in SIZE_WORDS.items() if before and before[-1] in words), None)
        worn = next((name for name in ACCESSORIES if re.search(rf"\b{name.replace(' ', '_')}\b", after)), None)
        places = [
            (len(phrase), place) for place, phrases in PLACE_PHRASES.items() for phrase in phrases if phrase in after
        ]
        things[found[1]] = (worn, size, max(places)[1] if places else None)
    return things, background[1] if background else None


def truth(row):
    things = {}
    for slot in range(3):
        if SCENES.objects[row, slot] >= 0:
            worn = SCENES.accessories[row, slot]
            things[OBJECTS[SCENES.objects[row, slot]]] = (
                ACCESSORIES[worn] if worn >= 0 else None,
                SIZES[SCENES.sizes[row, slot]],
                PLACES[SCENES.places[row, slot]],
            )
    return things, list(COLOURS)[SCENES.backgrounds[row]]


def test_captions_name_every_object_and_what_it_wears_and_say_nothing_wrong():
    random = np.random.default_rng(1)
    n_sizes = n_places = n_backgrounds = n_things = 0
    for row in range(len(SCENES)):
        caption = caption_of(SCENES, row, random)
        (said, background), (things, colour) = read(caption), truth(row)
        assert set(said) == set(things), caption
        for name, (worn, size, place) in said.items():
            assert worn == things[name][0], caption
            assert size in (None, things[name][1]), caption
            assert place in (None, things[name][2]), caption
            n_sizes, n_places, n_things = n_sizes + (size is not None), n_places + (place is not None), n_things + 1
        assert background in (None, colour), caption
        n_backgrounds += background is not None
    assert 0.45 < n_sizes / n_things < 0.65
    assert 0.5 < n_places / n_things < 0.7
    assert 0.75 < n_backgrounds / len(SCENES) < 0.85


def test_the_background_is_named_where_it_is_asked_for():
    random = np.random.default_rng(2)
    for row in range(300):
        assert list(COLOURS)[SCENES.backgrounds[row]] in caption_of(SCENES, row, random, names_background=True)


def test_captions_are_worded_in_many_ways_from_known_words_with_the_right_articles():
    random = np.random.default_rng(3)
    ways = {caption_of(SCENES, 7, random) for _ in range(200)}
    assert len(ways) > 40
    for row in range(600):
        words = caption_of(SCENES, row, random).replace(",", " ").split()
        assert set(words) <= WORDS
        for article, following in pairwise(words):
            if article in ("a", "an"):
                assert (article == "an") == (following[0] in "aeio")
                assert following != "grapes"
    assert any("wearing" in way for row in range(40) for way in [caption_of(SCENES, row, random)])


def test_examples_and_better_words_are_made_of_known_words():
    for example in EXAMPLES:
        assert set(example.replace(",", " ").split()) <= WORDS
        assert read(example)[1] in COLOURS
    for word, better in NEARBY.items():
        assert word not in WORDS
        assert {part for phrase in better for part in phrase.split()} <= WORDS
