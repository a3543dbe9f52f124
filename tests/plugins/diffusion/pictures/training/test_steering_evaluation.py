"""How far pairs steer, by judges that are known: signs, ranks, what is left out; both true judges read every pair."""

import pytest
import torch

from plugins.diffusion.pictures.training.steering_evaluation import (
    FACE_PAIRS,
    SCENE_PAIRS,
    SteerMeasures,
    face_odds,
    measured_pairs,
    scene_odds,
)
from plugins.diffusion.shared.steer_pairs import LEAST_EFFECT
from studio.core.pausing import result_of
from tests.plugins.diffusion.tiny_model import TinyModel

MEASURES = SteerMeasures(n_pictures=2, n_steps=2)
PROMPTS = ["a house", "a tree", "never drawn"]


def test_pairs_are_ranked_by_what_the_judge_sees_of_them():
    model = TinyModel()
    asked = []

    def odds(pictures, text):
        asked.append((len(pictures), text))
        return pictures.mean((1, 2, 3)) if text == "day" else torch.zeros(len(pictures))

    both = (("day", "night"), ("night", "day"), ("red", "blue"))
    ranked = result_of(measured_pairs(model, both, PROMPTS, odds, 1.0, MEASURES))
    assert {n for n, _ in asked} == {MEASURES.n_pictures}
    assert [pair["effect"] for pair in ranked] == sorted((pair["effect"] for pair in ranked), reverse=True)
    assert all(pair["effect"] >= LEAST_EFFECT for pair in ranked)
    assert ("red", "blue") not in {(pair["toward"], pair["away"]) for pair in ranked}


def test_a_pair_that_swaps_the_picture_counts_one():
    answers = iter((1.0, 0.0, 0.0, 1.0))  # toward and away at either end of the slider

    def odds(pictures, _text):
        return torch.full((len(pictures),), next(answers))

    (pair,) = result_of(measured_pairs(TinyModel(), [("day", "night")], PROMPTS, odds, 1.0, MEASURES))
    assert pair == {"toward": "day", "away": "night", "effect": 1.0}


@pytest.mark.parametrize(("pairs", "make_odds"), [(FACE_PAIRS, face_odds), (SCENE_PAIRS, scene_odds)])
def test_the_judge_reads_every_end(pairs, make_odds):
    odds, pictures = make_odds(), torch.rand(2, 3, 64, 64)
    for text in {end for pair in pairs for end in pair}:
        shares = odds(pictures, text)
        assert shares.shape == (2,)
        assert ((shares >= 0) & (shares <= 1)).all()
