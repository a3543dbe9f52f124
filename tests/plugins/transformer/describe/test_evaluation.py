"""What is measured: shares of what is right, by network and by hand, and what does not look like a face."""

from collections.abc import Generator
from typing import Any

import numpy as np
import torch

from plugins.transformer.describe.model.captioner import Captioner, picture_reader
from plugins.transformer.describe.training.evaluation import (
    answers,
    learn_familiar,
    parts_and_whole,
    sentences,
    share_odd,
    share_right,
    yes_or_no,
)
from plugins.transformer.describe.training.lessons import as_pictures
from plugins.transformer.describe.training.questions import PART, PARTS, WHAT, Asked, face_of
from plugins.transformer.describe.training.recipe import places_of_parts
from plugins.transformer.describe.words import LABELS, sentence_of
from plugins.transformer.text.model.tokenizer import TextTokenizer
from plugins.transformer.translate.model.beam import Beam
from studio.api.training import Split, load_avatar_layers
from studio.core.text.byte_tokens import END_ID


def result(work: Generator[Any, None, Any]) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def test_sentences_are_those_of_a_search_with_one_lane(
    network: Captioner, tokenizer: TextTokenizer, faces: np.ndarray
) -> None:
    said = result(sentences(network, tokenizer, faces))
    for text, picture in zip(said, faces, strict=True):
        memory = network.encode(as_pictures(picture[None], torch.device("cpu")))
        *_, lanes = Beam(picture_reader(network, memory), 1, 0.0, 71, END_ID).steps()
        ids = [one for one in lanes[0].ids if one != END_ID]
        assert text == tokenizer.decode(ids)


def test_answers_come_in_the_order_of_the_questions(
    network: Captioner, tokenizer: TextTokenizer, faces: np.ndarray
) -> None:
    questions = ("Is this person smiling?", "Is this?", "Is this person smiling?", "smiling?")
    asked = [Asked(row, PART, text, "Yes.") for row, text in enumerate(questions)]
    together = result(answers(network, tokenizer, faces, asked))
    alone = [result(answers(network, tokenizer, faces, [one]))[0] for one in asked]
    assert together == alone


def test_shares_are_counted_by_kind() -> None:
    asked = [
        Asked(0, PART, "?", "Yes."),
        Asked(0, PART, "?", "No."),
        Asked(0, PARTS, "?", "No."),
        Asked(0, WHAT, "?", "Red."),
    ]
    said = ["Yes.", "Yes.", "No.", "Blue."]
    assert share_right(asked, said, (PART,)) == 0.5
    assert share_right(asked, said, (PART, PARTS)) == 2 / 3
    assert share_right(asked, said, (PART, PARTS, WHAT)) == 0.5
    assert [one.kind for one in yes_or_no(asked)] == [PART, PART, PARTS]


def test_a_network_that_says_the_same_whatever_it_sees_is_right_half_of_the_time(
    network: Captioner, tokenizer: TextTokenizer
) -> None:
    """Both faces of a pair are asked the same, and the answer is yes for one of them."""
    blank = np.full((2, 64, 64, 3), 255, np.uint8)
    asked = [Asked(row, PART, "Is this person smiling?", answer) for row, answer in enumerate(("Yes.", "No."))]
    said = result(answers(network, tokenizer, blank, asked))
    assert said[0] == said[1]


def test_parts_and_whole_sentences() -> None:
    labels = np.array([[1, 2, 3, 4, 0, 1, 2, 3, 4, 5], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]], np.uint8)
    said = [sentence_of(face_of(row)) for row in labels]
    assert parts_and_whole(said, labels) == (1.0, 1.0)
    assert parts_and_whole([said[0], said[1].replace("squinting", "wide")], labels) == (19 / 20, 0.5)


def test_what_lies_far_from_known_pictures_is_odd(network: Captioner) -> None:
    random = np.random.default_rng(0)
    known = random.integers(100, 130, (200, 64, 64, 3), np.uint8)
    result(learn_familiar(network, known))
    try:
        assert result(share_odd(network, known)) <= 0.01
        flat = np.full((4, 64, 64, 3), 255, np.uint8)
        flat[:, 32:] = 0
        assert result(share_odd(network, flat)) == 1.0
    finally:
        network.familiar_centre.zero_()
        network.familiar_spread.copy_(torch.eye(16))
        network.familiar_limit.fill_(1e6)


def test_parts_lie_where_they_are_drawn() -> None:
    places = dict(zip(LABELS, places_of_parts(load_avatar_layers(Split.TRAIN), 8).reshape(-1, 8, 8), strict=True))
    rows = {label: float((place.sum(1) * np.arange(8)).sum()) for label, place in places.items()}
    assert rows["hair"] < rows["brows"] < rows["eyes"] < rows["mouth"] < rows["clothes"]
    assert rows["mouth"] - 0.8 < rows["beard"] < rows["clothes"]
    assert all(abs(float(place.sum()) - 1) < 1e-5 for place in places.values())
