"""Pairs of a card: best first, and what is no pair is left out."""

import pytest

from plugins.diffusion.shared.steer_pairs import MOST_PAIRS, PAIRS_KEY, SteerPair, pair_to_json, pairs_of

GOOD = SteerPair("day", "night", 0.25)


def test_they_come_back_best_first():
    better = SteerPair("red", "blue", 0.5)
    assert pairs_of({PAIRS_KEY: [pair_to_json(GOOD), pair_to_json(better)]}) == (better, GOOD)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        3,
        "pair",
        [],
        {},
        {"toward": "a", "away": "a", "effect": 1},
        {"toward": "a", "away": "b", "effect": "much"},
    ],
)
def test_what_is_no_pair_is_left_out(broken):
    assert pairs_of({PAIRS_KEY: [broken, pair_to_json(GOOD)]}) == (GOOD,)
    assert pairs_of({PAIRS_KEY: broken}) == ()


def test_there_are_never_many():
    assert len(pairs_of({PAIRS_KEY: [pair_to_json(GOOD)] * 1000})) == MOST_PAIRS
