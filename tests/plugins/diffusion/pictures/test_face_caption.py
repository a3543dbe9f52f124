"""Captions of faces say exactly what their labels are, and short prompts are completed without losing a word."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.diffusion.pictures.face_caption import (
    EXAMPLES,
    KINDS,
    LABEL_TITLES,
    VOCABULARY,
    caption_words,
    card_words,
    complete,
    compose,
    full_caption,
)
from plugins.diffusion.shared.vocabulary import Vocabulary, WordTokenizer
from studio.api.training import AVATAR_LABELS
from studio.core.text.face_reading import read_prompt
from studio.core.text.face_words import COLOURS, NEARBY, NOUNS, TRAITS

SOME_KINDS = st.fixed_dictionaries({}, optional={label: st.sampled_from(kinds) for label, kinds in KINDS.items()})
ALL_KINDS = st.fixed_dictionaries({label: st.sampled_from(kinds) for label, kinds in KINDS.items()})
SEEDS = st.integers(0, 2**31 - 1)


def exactly(kinds: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {label: (kind,) for label, kind in kinds.items()}


def test_words_stand_for_the_labels_of_the_data_set() -> None:
    assert dict(KINDS) == dict(AVATAR_LABELS)
    assert set(LABEL_TITLES) == set(AVATAR_LABELS)


@pytest.mark.long("computes for long")
@given(kinds=SOME_KINDS, seed=SEEDS)
@settings(max_examples=400, deadline=None)
def test_a_caption_reads_back_as_its_labels_and_no_others(kinds: dict[str, str], seed: int) -> None:
    reading = read_prompt(compose(kinds, np.random.default_rng(seed)))
    assert dict(reading.kinds) == exactly(kinds)
    assert reading.unknown == ()


@pytest.mark.parametrize("words", [NOUNS, TRAITS], ids=["nouns", "traits"])
def test_every_phrase_in_every_colour_reads_back(words: dict[str, dict[str, tuple[str, ...]]]) -> None:
    colour_of = {"hair": "hair_colour", "clothes": "clothes_colour"}
    for label, phrases in words.items():
        coloured = label if label.endswith("_colour") else colour_of.get(label, "")
        colours = [(kind, text) for kind, texts in COLOURS.get(coloured, {}).items() for text in texts] or [("", "")]
        for (kind, texts), (colour_kind, colour) in product(phrases.items(), colours):
            wanted = exactly({name: value for name, value in ((label, kind), (coloured, colour_kind)) if value})
            for text in texts:
                reading = read_prompt(f"a person with {text.format(colour)}")
                assert dict(reading.kinds) == wanted, text.format(colour)
                assert not reading.unknown


def test_captions_of_one_face_are_worded_in_many_ways() -> None:
    kinds = {label: kinds[1] for label, kinds in KINDS.items()}
    random = np.random.default_rng(0)
    assert len({compose(kinds, random) for _ in range(300)}) > 290


@given(kinds=ALL_KINDS, seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_a_full_caption_stays_as_it_is_whatever_the_seed(kinds: dict[str, str], seed: int) -> None:
    caption = full_caption(kinds)
    assert dict(read_prompt(caption).kinds) == exactly(kinds)
    assert complete(caption, seed) == caption


@given(kinds=SOME_KINDS, seed=SEEDS)
@settings(max_examples=100, deadline=None)
def test_a_completion_keeps_what_is_named_and_names_the_rest(kinds: dict[str, str], seed: int) -> None:
    completed = read_prompt(complete(compose(kinds, np.random.default_rng(seed)), seed)).kinds
    assert set(completed) == set(KINDS)
    assert {label: completed[label] for label in kinds} == exactly(kinds)


def test_what_one_word_adds_changes_nothing_else() -> None:
    plain, bearded = (read_prompt(complete(prompt, 5)).kinds for prompt in ("a person", "a person with a full beard"))
    changed = {label for label in KINDS if plain[label] != bearded[label]}
    assert changed <= {"beard"}


def test_seeds_draw_all_kinds_and_half_of_the_chins_are_shaved() -> None:
    readings = [read_prompt(complete("", seed)).kinds for seed in range(400)]
    for label, kinds in KINDS.items():
        assert {reading[label][0] for reading in readings} == set(kinds)
    assert 0.4 < sum(reading["beard"] == ("none",) for reading in readings) / 400 < 0.6


@pytest.mark.parametrize(
    ("prompt", "kinds", "unknown"),
    [
        ("a happy man with a hat", {"mouth": ("smile", "laugh")}, ("man", "hat")),
        ("Blonde!", {"hair_colour": ("#d6b370",)}, ()),
        ("bald, with green eyes", {}, ("bald", "green")),
        ("big brown eyes", {"eyes": ("wide",)}, ("brown",)),
        ("a grey beard", {"beard": ("chin", "chinMoustache", "fullBeard", "longBeard")}, ("grey",)),
        ("a long black beard", {"beard": ("longBeard",), "hair_colour": ("#2c1b18",)}, ()),
        ("short red hair", {"rear_hair": ("none",), "hair_colour": ("#a55728",)}, ()),
        (
            "red hair, red shirt",
            {"hair_colour": ("#a55728",), "clothes": ("shirt",), "clothes_colour": ("#b11f1f",)},
            (),
        ),
        ("a person in red", {"clothes_colour": ("#b11f1f",)}, ()),
        ("a mustache, but no long hair", {"beard": ("moustacheTwirl", "chinMoustache"), "rear_hair": ("none",)}, ()),
        ("dark skin", {"skin_colour": ("#5c3829",)}, ()),
        ("a sad person, smiling", {"mouth": ("sad",)}, ()),
        ("happy, laughing", {"mouth": ("laugh",)}, ()),
        ("\N{FOX FACE} \u0645\u0631\u062d\u0628\u0627", {}, ("\u0645\u0631\u062d\u0628\u0627",)),
    ],
)
def test_prompts_of_people(prompt: str, kinds: dict[str, tuple[str, ...]], unknown: tuple[str, ...]) -> None:
    reading = read_prompt(prompt)
    assert dict(reading.kinds) == kinds
    assert reading.unknown == unknown


@given(text=st.text(max_size=200), seed=SEEDS)
@settings(max_examples=100, deadline=None)
def test_any_text_is_completed(text: str, seed: int) -> None:
    assert set(read_prompt(complete(text, seed)).kinds) == set(KINDS)


def test_better_words_are_known_and_those_that_they_stand_for_are_not() -> None:
    for word, better in NEARBY.items():
        assert read_prompt(word).unknown == (word,)
        assert all(not read_prompt(one).unknown for one in better)


def test_examples_and_completions_are_known_words() -> None:
    assert all(not read_prompt(example).unknown and len(read_prompt(example).kinds) >= 2 for example in EXAMPLES)
    for title, phrases in VOCABULARY.items():
        assert len(phrases) == len(set(phrases)) > 0
        assert all(not read_prompt(phrase).unknown for phrase in phrases), title


@pytest.mark.long("computes for long")
@given(kinds=SOME_KINDS, seed=SEEDS)
@settings(max_examples=200, deadline=None)
def test_the_words_of_all_captions_are_known_to_the_text_encoder(kinds: dict[str, str], seed: int) -> None:
    tokenizer = WordTokenizer(caption_words(), 64)
    for caption in (
        compose(kinds, np.random.default_rng(seed)),
        complete(compose(kinds, np.random.default_rng(1)), seed),
    ):
        reading = tokenizer.read(caption)
        assert not reading.unknown
        assert not reading.n_ignored


def test_no_word_of_a_completed_caption_is_called_unknown() -> None:
    vocabulary = Vocabulary(word for words in card_words().values() for word in words)
    for seed in range(200):
        assert list(vocabulary.unknown(complete("", seed))) == []
