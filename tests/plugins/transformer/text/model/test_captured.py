"""One walk over a distribution finds what a dozen plain ones do."""

import numpy as np
import pytest

from plugins.transformer.text.model.kernels.captured import group_rest, likeliest, standing

SIZES = [1, 3, 49, 50, 51, 4000]


def distribution(n_tokens, seed=1, step=0.0):
    """Log-probabilities; with a step many are equally likely."""
    logits = np.random.default_rng(seed).normal(0, 3, n_tokens)
    logits = np.round(logits / step) * step if step else logits
    return (logits - np.log(np.exp(logits).sum())).astype(np.float32)


def top_of(values, n_top=50):
    found = np.empty(n_top, np.int32)
    return found[: likeliest(values, found)]


@pytest.mark.parametrize("step", [0.0, 1.0])
@pytest.mark.parametrize("n_tokens", SIZES)
def test_the_likeliest_come_in_order_and_equal_ones_by_number(n_tokens, step):
    values = distribution(n_tokens, step=step)
    values[::7] = -np.inf
    expected = [token for token in np.argsort(-values, kind="stable") if values[token] > -np.inf][:50]
    assert top_of(values).tolist() == expected


@pytest.mark.parametrize("step", [0.0, 1.0])
@pytest.mark.parametrize("n_tokens", SIZES)
def test_the_rest_is_counted_and_averaged_in_groups(n_tokens, step):
    values = distribution(n_tokens, step=step)
    top = top_of(values)
    counts, means = np.full(8, np.nan, np.float32), np.full(8, np.nan, np.float32)
    group_rest(values, top, 0.5, counts, means)
    groups: list[list[float]] = [[] for _ in range(8)]
    for token in sorted(set(range(n_tokens)) - set(top.tolist())):
        groups[min(int((values[top[-1]] - values[token]) / 0.5), 7)].append(float(values[token]))
    assert counts.tolist() == [len(group) for group in groups]
    assert means == pytest.approx([np.mean(group) if group else 0.0 for group in groups], abs=1e-4)


@pytest.mark.parametrize("n_tokens", SIZES)
def test_surprise_rank_and_entropy_are_those_of_the_formula(n_tokens):
    values = distribution(n_tokens, step=0.5)
    exact = values.astype(np.float64)
    for token in {0, n_tokens // 2, n_tokens - 1}:
        surprise, n_likelier, entropy = standing(values, token)
        assert surprise == pytest.approx(-exact[token] / np.log(2), abs=1e-5)
        assert n_likelier == (exact > exact[token]).sum()
        assert entropy == pytest.approx(-(np.exp(exact) * exact).sum() / np.log(2), abs=1e-4)
