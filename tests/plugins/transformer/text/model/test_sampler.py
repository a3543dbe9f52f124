"""The sampler's stages against the plainest code that does the same, over many small vocabularies."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from transformers import RepetitionPenaltyLogitsProcessor

from plugins.transformer.text.model.sampler import (
    STAGES,
    Sampling,
    die_roll,
    drawn,
    drawn_token,
    less_frequent,
    min_p,
    ordered,
    probabilities,
    repeated_less,
    stages,
    top_k,
    top_p,
    typical,
    wished,
)
from plugins.transformer.text.trace import N_TOP, TextTrace, captured_next

CASES = [np.random.default_rng(seed).normal(0, 2, 3 + seed % 20).astype(np.float32) for seed in range(40)]


def floats(values: list[float]) -> Any:
    """Logits as the network gives them."""
    return np.array(values, np.float32)


TIED = floats([1, 2, 2, 0, 2, -1])


def softmax(logits):
    top = max(logits)
    weights = [math.exp(float(value) - float(top)) for value in logits]
    return [weight / sum(weights) for weight in weights]


def kept(logits):
    return {token for token, value in enumerate(logits) if value > -math.inf}


def by_probability(logits):
    return sorted(range(len(logits)), key=lambda token: (-float(logits[token]), token))


@pytest.mark.parametrize("logits", [*CASES, TIED], ids=range(len(CASES) + 1))
def test_stages_keep_what_plain_code_keeps(logits):
    shares, order = softmax(logits), by_probability(logits)
    for k in (1, 2, 5):
        assert kept(top_k(logits, k)) == set(order[:k])
    for p in (0.1, 0.5, 0.9):
        wanted, total = set(), 0.0
        for token in order:
            wanted.add(token)
            total += shares[token]
            if total >= p:
                break
        assert kept(top_p(logits, p)) == wanted
    for share in (0.05, 0.3, 1.0):
        limit = share * max(shares)
        assert kept(min_p(logits, share)) == {token for token, one in enumerate(shares) if one >= limit * (1 - 1e-6)}


@pytest.mark.parametrize("logits", CASES, ids=range(len(CASES)))
def test_typical_keeps_what_is_about_as_surprising_as_usual(logits):
    shares = softmax(logits)
    entropy = -sum(share * math.log(share) for share in shares)
    nearest = sorted(range(len(logits)), key=lambda token: abs(-math.log(shares[token]) - entropy))
    wanted, total = set(), 0.0
    for token in nearest:
        wanted.add(token)
        total += shares[token]
        if total >= 0.6:
            break
    assert kept(typical(logits, 0.6)) == wanted


def test_penalties_follow_their_papers():
    logits = floats([2.0, -2.0, 1.0, 0.5])
    seen, counts = np.array([0, 1]), np.array([3, 1])
    assert repeated_less(logits, seen, 2.0).tolist() == [1.0, -4.0, 1.0, 0.5]
    assert less_frequent(logits, seen, counts, 0.5).tolist() == [0.5, -2.5, 1.0, 0.5]


@pytest.mark.parametrize("penalty", [0.7, 1.05, 1.8])
def test_repetition_is_that_of_transformers_whatever_was_subtracted_before(penalty):
    for seed in range(10):
        random = np.random.default_rng(seed)
        logits, before = random.normal(1, 3, 60).astype(np.float32), random.integers(0, 60, 25).tolist()
        process = RepetitionPenaltyLogitsProcessor(penalty)
        wanted = process(torch.tensor([before]), torch.from_numpy(logits.copy())[None]).softmax(-1)[0].numpy()
        level = float(np.log(np.exp(logits).sum()))
        found = stages(logits - np.float32(level), before, Sampling(repetition=penalty), level)[-1].logits
        assert np.abs(probabilities(found) - wanted).max() < 1e-5
        as_if_logits = stages(logits - np.float32(level), before, Sampling(repetition=penalty))[-1].logits
        assert np.abs(probabilities(as_if_logits) - wanted).max() > 1e-4  # what must not be taken for it


def test_wishes_add_ban_and_force():
    logits = floats([1, 2, 3, 4])
    assert wished(logits, {0: 2.5}, (), None).tolist() == [3.5, 2, 3, 4]
    assert kept(wished(logits, {}, (3,), None)) == {0, 1, 2}
    assert kept(wished(logits, {}, (3,), (2, 3))) == {2}
    assert logits.tolist() == [1, 2, 3, 4]


def test_stages_that_are_off_change_nothing():
    logits = CASES[7]
    found = stages(logits, [1, 1, 2], Sampling())
    assert [stage.name for stage in found] == list(STAGES)
    assert all(stage.logits is logits and not stage.removed.any() for stage in found)


def test_each_stage_says_what_it_removed_itself():
    logits = floats([5, 4, 3, 2, 1, 0])
    found = {stage.name: stage for stage in stages(logits, [], Sampling(top_k=4, top_p=0.9, banned=frozenset({1})))}
    assert np.flatnonzero(found["wishes"].removed).tolist() == [1]
    assert np.flatnonzero(found["top_k"].removed).tolist() == [5]
    assert np.flatnonzero(found["top_p"].removed).tolist() == [3, 4]
    assert not found["min_p"].removed.any()


@pytest.mark.parametrize("logits", [*CASES, TIED], ids=range(len(CASES) + 1))
def test_the_token_is_the_cumulative_inverse_of_the_die(logits):
    order, shares = by_probability(logits), softmax(logits)
    for roll in np.linspace(0, 0.9999, 23):
        total = 0.0
        for token in order:
            total += shares[token]
            if roll < total:
                break
        fell = drawn(logits, float(roll))
        assert fell.token == token
        assert fell.order.tolist() == order
        place = order.index(fell.token)
        assert (fell.cumulative[place - 1] if place else 0.0) <= roll < fell.cumulative[place]
    assert drawn(logits, 0.99, is_greedy=True).token == order[0]


@pytest.mark.parametrize("spread", [0.1, 2.0, 30.0])
def test_a_token_is_drawn_alike_without_ordering_all(spread):
    random = np.random.default_rng(int(10 * spread))
    for n_tokens in (1, 2, 5, 40, 3000):
        logits = random.normal(0, spread, n_tokens).astype(np.float32).round(2)
        logits[1::3] = -np.inf
        order = by_probability(logits)
        cumulative = np.cumsum(probabilities(logits)[order])
        for roll in (0.0, *random.random(40)):
            assert drawn_token(logits, float(roll)) == drawn(logits, float(roll)).token
            assert kept(top_p(logits, float(roll))) == set(order[: int(np.searchsorted(cumulative, roll)) + 1])
        assert drawn_token(logits, 0.5, is_greedy=True) == drawn(logits, 0.5, is_greedy=True).token
    assert 0 <= drawn_token(np.zeros(7, np.float32), 1 - 2**-53) < 7


def test_floats_of_both_sizes_are_ordered_alike():
    for seed in range(20):
        logits = np.random.default_rng(seed).integers(-4, 4, 50).astype(np.float32) * np.float32(0.7)
        logits[::7] = -np.inf
        logits[3] = -0.0
        assert ordered(logits).tolist() == ordered(logits.astype(np.float64)).tolist()
        assert ordered(logits, 5).tolist() == ordered(logits)[:5].tolist()


def test_nothing_can_be_drawn_where_all_is_ruled_out():
    with pytest.raises(ValueError, match="ruled out"):
        drawn(np.full(4, -np.inf, np.float32), 0.5)
    with pytest.raises(ValueError, match="ruled out"):
        drawn_token(np.full(4, -np.inf, np.float32), 0.5)


def test_the_die_depends_on_seed_and_place_alone():
    assert die_roll(3, 10) == die_roll(3, 10)
    rolls = {die_roll(seed, place) for seed in range(20) for place in range(20)}
    assert len(rolls) == 400
    assert 0 <= min(rolls) < max(rolls) < 1
    assert 0.4 < np.mean(list(rolls)) < 0.6


def captured(log_probabilities, sampling):
    row = captured_next(log_probabilities, stages(log_probabilities, [], sampling), np.ones(4, np.float32), (-1.0,) * 4)
    first = np.zeros(1, np.int32)
    rows = {name: getattr(row, name)[None] for name in ("facts", "next_ids", "next_after")}
    return TextTrace({"ids": first, "prompt": first, "window": first, **rows}).next(0)


def large_vocabulary(seed):
    logits = np.random.default_rng(seed).normal(0, 3, 3000)
    return (logits - np.log(np.exp(logits).sum())).astype(np.float32)


@pytest.mark.parametrize("seed", range(4))
def test_what_was_captured_answers_other_settings_without_the_network(seed):
    log_probabilities = large_vocabulary(seed)
    found = captured(log_probabilities, Sampling())
    assert found.ids.tolist() == ordered(log_probabilities, N_TOP).tolist()
    assert found.n_others == 3000 - N_TOP
    assert len(found.sketched()) == 3000
    for sampling in (Sampling(temperature=0.7, top_p=0.9), Sampling(temperature=1.5), Sampling(top_k=20, min_p=0.01)):
        sketch = probabilities(found.tried([], sampling)[-1].logits)[:N_TOP]
        exact = probabilities(stages(log_probabilities, [], sampling)[-1].logits)[found.ids]
        assert np.abs(sketch - exact).max() < 0.01 * exact.max()


def test_what_was_captured_has_the_run_s_own_stages():
    log_probabilities, sampling = large_vocabulary(9), Sampling(temperature=0.8, top_k=30, top_p=0.8)
    found = captured(log_probabilities, sampling)
    for place, stage in enumerate(stages(log_probabilities, [], sampling)):
        exact = probabilities(stage.logits)
        assert np.abs(found.after[place] - exact[found.ids]).max() < 1e-3
        assert found.left[place] == len(kept(stage.logits))
    assert found.raw.sum() + np.exp(np.repeat(found.rest_means, found.rest_counts)).sum() == pytest.approx(1, abs=0.01)
