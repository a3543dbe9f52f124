"""The questions' balance, counted one by one, and that faces of the test share no combination with the others."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from plugins.transformer.describe.training.questions import PART, PARTS, WHAT, Asked, FaceQuestions, face_of
from plugins.transformer.describe.words import KNOWN_TRAITS, LABELS, NO, YES
from studio.datasets.avatars import SPLIT_LABELS
from studio.datasets.small import AVATARS_NAME, read_small


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    random = np.random.default_rng(2)
    return np.stack([random.integers(0, len(kinds), 400) for kinds in LABELS.values()], 1).astype(np.uint8)


@pytest.fixture(scope="module")
def asked(labels: np.ndarray) -> list[Asked]:
    return list(FaceQuestions(labels).balanced(1500, 6, np.random.default_rng(4)))


def test_each_wording_has_yes_as_often_as_no(asked: list[Asked]) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in asked:
        if one.kind != WHAT:
            counts[one.question][one.answer] += 1
    assert len(counts) > 1000
    assert all(count[YES] == count[NO] > 0 for count in counts.values())
    kinds = Counter(one.kind for one in asked)
    assert kinds[PART] == kinds[PARTS] == 3000


def test_answers_are_true_of_the_face(labels: np.ndarray, asked: list[Asked]) -> None:
    known = {question: trait for trait in KNOWN_TRAITS for question in trait.asks}
    names = {name: trait for trait in KNOWN_TRAITS for name in trait.names}
    for one in asked:
        face = face_of(labels[one.row])
        if one.kind == PART:
            truths = [known[one.question].truth(face[known[one.question].label])]
        elif one.kind == PARTS:
            there = [
                name for name in names if f"with {name} and " in one.question or f"have {name} and " in one.question
            ]
            there += [name for name in names if f"see {name} and " in one.question]
            first = max(there, key=len)
            second = one.question.split(f"{first} and ", 1)[1].removesuffix("?")
            if second not in names:  # the first name ends with an “and” of its own
                continue
            truths = [names[name].truth(face[names[name].label]) for name in (first, second)]
        else:
            continue
        assert 0 not in truths
        assert (one.answer == YES) == all(truth == 1 for truth in truths), (one, face)


def test_open_questions_are_asked_for_every_answer_as_often(asked: list[Asked]) -> None:
    counts = Counter(one.answer for one in asked if one.kind == WHAT)
    assert len(counts) >= 40
    assert min(counts.values()) >= 6


def test_faces_that_are_alike_are_asked_nothing() -> None:
    labels = np.zeros((2, len(LABELS)), np.uint8)
    assert FaceQuestions(labels).of_pair(0, 1, np.random.default_rng(0)) == ()


def test_no_combination_of_the_test_was_learnt_from() -> None:
    arrays = read_small(AVATARS_NAME)
    columns = [list(LABELS).index(name) for name in SPLIT_LABELS]
    parts = {
        part: {tuple(row) for row in arrays["labels"][arrays["splits"] == part][:, columns].tolist()}
        for part in ("train", "validation", "test")
    }
    assert not parts["test"] & parts["train"]
    assert not parts["test"] & parts["validation"]
    assert len(parts["test"]) > 40
