"""Attention over all layers and in a few words, and how high the blocks of the tree are."""

import numpy as np
import pytest

from plugins.transformer.text.interpret.attention_patterns import combined, role_scores, role_words, rollout
from plugins.transformer.text.interpret.continuation_tree import TreeBlock, followed_share, joint_of, path_to, placed


def test_blocks_are_as_high_as_they_are_likely():
    blocks = [TreeBlock(5, -1, 1, 0.2), TreeBlock(6, -1, 1, 0.6), TreeBlock(7, 1, 2, 0.5), TreeBlock(8, 0, 2, 0.1)]
    found = {one.number: pytest.approx((one.top, one.bottom)) for one in placed(blocks)}
    assert found == {1: (0, 0.75), 2: (0, 0.75), 0: (0.75, 1), 3: (0.75, 1)}
    both = [*blocks, TreeBlock(9, 0, 2, 0.3)]
    assert {one.number: pytest.approx((one.top, one.bottom)) for one in placed(both, 0)} == {4: (0, 0.75), 3: (0.75, 1)}
    assert [(one.number, one.top, one.bottom) for one in placed(blocks, 1)] == [(2, 0, 1)]
    assert placed(blocks, 2) == []
    assert [followed_share(blocks, root) for root in (-1, 1, 2)] == pytest.approx([0.8, 0.5, 0])
    assert path_to(blocks, 2) == [6, 7]
    assert joint_of(blocks, 2) == 0.3


def test_rollout_is_the_product_of_half_itself_and_half_the_mean():
    generator = np.random.default_rng(1)
    weights = np.tril(generator.random((3, 2, 5, 5))).astype(np.float32)
    weights /= weights.sum(-1, keepdims=True)
    expected = np.eye(5)
    for layer in weights:
        expected = (0.5 * layer.mean(0) + 0.5 * np.eye(5)) @ expected
    assert np.allclose(rollout(weights), expected, atol=1e-6)
    assert np.array_equal(combined(weights, "max", 1, 0), weights[1].max(0))
    assert np.array_equal(combined(weights, "head", 2, 1), weights[2, 1])


def test_heads_are_told_by_what_they_do():
    ids = [4, 5, 6, 4, 5, 6]
    n_tokens = len(ids)
    weights = np.zeros((4, n_tokens, n_tokens), np.float32)
    for row in range(n_tokens):
        weights[0, row, max(row - 1, 0)] = 1
        weights[1, row, 0] = 1
        weights[2, row, row - 3 if row >= 3 else row] = 1
        weights[3, row, row - 2 if row >= 3 else row] = 1
    scores = role_scores(weights, ids)
    roles = [max((float(values[head]), role) for role, values in scores.items())[1] for head in range(4)]
    assert roles == ["previous", "first", "same", "after_same"]
    assert role_words(scores, 0) == "It looks at the token just before (100 % of its attention)."
