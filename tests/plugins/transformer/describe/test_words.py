"""What is said and asked of faces: sentences say all that they should, and questions mean what they say."""

import itertools

import numpy as np
import pytest

from plugins.transformer.describe.words import (
    KNOWN_TRAITS,
    LABELS,
    OPEN,
    SAID,
    answer_of,
    parts_right,
    phrase,
    read_sentence,
    sentence_of,
)
from studio.datasets.avatars import AVATAR_LABELS

FACE = {
    "hair": "spiky",
    "rear_hair": "longWavy",
    "beard": "fullBeard",
    "mouth": "smile",
    "eyes": "wide",
    "brows": "raised",
    "clothes": "openJacket",
    "hair_colour": "#a55728",
    "skin_colour": "#f1c3a5",
    "clothes_colour": "#f97316",
}


def some_faces(n: int, seed: int = 0) -> list[dict[str, str]]:
    random = np.random.default_rng(seed)
    return [{label: str(random.choice(kinds)) for label, kinds in LABELS.items()} for _ in range(n)]


def test_the_labels_are_those_of_the_data_set_in_its_order() -> None:
    assert list(LABELS.items()) == list(AVATAR_LABELS.items())


def test_a_face_in_plain_words() -> None:
    assert sentence_of(FACE) == (
        "A face with spiky red hair, long wavy hair, light skin, wide eyes, raised brows, a full beard and a smile, "
        "in an open orange jacket."
    )
    bald = {**FACE, "beard": "none", "rear_hair": "none", "clothes": "dress"}
    assert sentence_of(bald).endswith("raised brows and a smile, in an orange dress.")


def test_every_wording_of_a_sentence_says_the_face_and_nothing_else() -> None:
    random = np.random.default_rng(1)
    for face in some_faces(300):
        text = sentence_of(face, random)
        assert read_sentence(text) == face
        assert parts_right(text, face) == [True] * len(LABELS)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ("a full beard and a smile", {"beard", "mouth"}),  # both left out
        ("a full beard", {"beard"}),
    ],
)
def test_what_a_sentence_leaves_out_is_not_there(change: str, wrong: set[str]) -> None:
    right = parts_right(sentence_of(FACE).replace(change, ""), FACE)
    assert {label for label, is_right in zip(LABELS, right, strict=True) if not is_right} == wrong


def test_a_sentence_that_contradicts_itself_says_nothing() -> None:
    assert read_sentence("A face with a smile and a laugh, in a red dress.")["mouth"] == ""
    assert read_sentence("")["hair"] == ""


def test_no_two_faces_share_a_name_of_a_part() -> None:
    for name, one in SAID.items():
        assert read_sentence(name)[next(iter(one))] == next(iter(one.values())), name


def test_articles_fit() -> None:
    assert phrase("a {} dress", "orange") == "an orange dress"
    assert phrase("a {} undercut") == "an undercut"
    asked = [one for trait in KNOWN_TRAITS for one in trait.asks]
    assert not [one for one in asked if " a a" in one or " a e" in one or " a o" in one or "  " in one or "{" in one]
    assert all(one.endswith("?") for one in asked)


def test_no_question_stands_for_two_different_things() -> None:
    owners: dict[str, object] = {}
    for trait in KNOWN_TRAITS:
        for one in trait.asks:
            same = owners.setdefault(one, (trait.yes, trait.no))
            assert same == (trait.yes, trait.no), one
    for wordings, others in itertools.combinations(OPEN.values(), 2):
        assert not set(wordings) & set(others)


def test_open_answers_tell_the_kinds_of_a_label_apart() -> None:
    for label, kinds in LABELS.items():
        answers = {answer_of(label, {**FACE, label: kind}) for kind in kinds}
        assert len(answers) == len(kinds)
    assert answer_of("hair_colour", FACE) == "Red."
    assert answer_of("clothes", FACE) == "An open jacket."
