"""Kernel distance and precision and recall against loops over every pair, and cases that can be told by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.metrics.distance import features_of, kernel_distance, precision_recall, random_judge, squared_discrepancy
from studio.metrics.judge import AVATARS, DIGITS


def brute_discrepancy(real, drawn):
    def kernel(x, y):
        return (float(x @ y) / len(x) + 1) ** 3

    n = len(real)
    inside = [
        sum(kernel(s[i], s[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1)) for s in (real, drawn)
    ]
    across = sum(kernel(x, y) for x in real for y in drawn) / n**2
    return sum(inside) - 2 * across


def brute_share(points, centres, k):
    def distance(x, y):
        return float(np.sqrt(((x - y) ** 2).sum()))

    radius = [sorted(distance(c, other) for other in centres)[k] for c in centres]
    return np.mean([any(distance(p, c) <= r for c, r in zip(centres, radius, strict=True)) for p in points])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 12), st.integers(1, 5))
def test_both_agree_with_loops_over_all_pairs(seed, n, width):
    random = np.random.default_rng(seed)
    real, drawn = random.normal(size=(2, n, width))
    ours = squared_discrepancy(torch.from_numpy(real), torch.from_numpy(drawn))
    assert ours == pytest.approx(brute_discrepancy(real, drawn), rel=1e-9, abs=1e-9)
    precision, recall = precision_recall(torch.from_numpy(real), torch.from_numpy(drawn))
    assert precision == pytest.approx(brute_share(drawn, real, 3))
    assert recall == pytest.approx(brute_share(real, drawn, 3))


def test_one_distribution_has_no_distance_and_another_has_its_closed_form():
    """With one feature, x ~ N(0, 1) and y ~ N(m, 1): the cubic kernel compares the first three moments."""
    random = torch.Generator().manual_seed(1)
    real, same, moved = (torch.randn(4000, 1, generator=random) for _ in range(3))
    moved = moved + 1.0
    near = kernel_distance(real, same)
    assert abs(near.mean) < 300
    # E k(x, y) = sum over j of C(3, j) E[x^j] E[y^j]; moments 0, 1, 0 and 1, 2, 4: 3 * 1 + 3 * 1 + 16 = 22.
    far = kernel_distance(real, moved)
    assert far.mean == pytest.approx(22_000, rel=0.1)
    assert far.deviation > 0


def test_subsets_follow_from_the_seed():
    random = torch.Generator().manual_seed(2)
    real, drawn = torch.randn(2, 300, 4, generator=random)
    assert kernel_distance(real, drawn, 3, 50) == kernel_distance(real, drawn, 3, 50)
    assert kernel_distance(real, drawn, 3, 50) != kernel_distance(real, drawn, 3, 50, seed=1)


def test_drawing_one_thing_only_is_precise_and_recalls_little():
    random = torch.Generator().manual_seed(3)
    real = torch.rand(400, 2, generator=random)
    drawn = 0.5 + 0.01 * torch.randn(400, 2, generator=random)
    precision, recall = precision_recall(real, drawn)
    assert precision > 0.95
    assert recall < 0.05
    assert precision_recall(real, drawn + 5) == (0.0, 0.0)
    assert precision_recall(real, real) == (1.0, 1.0)


def test_a_random_judge_follows_from_its_seed_and_leaves_the_generator_alone():
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    one, other = random_judge(DIGITS), random_judge(DIGITS)
    assert torch.equal(torch.rand(3), wanted)
    pictures = torch.rand(2, 28, 28)
    torch.testing.assert_close(features_of(one, pictures), features_of(other, pictures))
    assert not torch.allclose(features_of(one, pictures), features_of(random_judge(DIGITS, 8), pictures))


def test_features_of_many_pictures_are_those_of_each():
    judge = random_judge(AVATARS)
    pictures = torch.rand(5, 3, 64, 64)
    together = features_of(judge, pictures)
    assert together.shape == (5, AVATARS.widths[-1])
    torch.testing.assert_close(together[3:4], features_of(judge, pictures[3:4]), atol=1e-5, rtol=1e-4)
